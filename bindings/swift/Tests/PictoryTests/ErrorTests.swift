import Foundation
import XCTest

@testable import Pictory

final class ErrorTests: EmulatedTestCase {
    func testErrorHasWhatTheServerSaid() async throws {
        let url = try emulate(
            #"""
            {"default": [{"status": 429, "body": "slow",
                "headers": {"Retry-After": "77", "x-amzn-requestid": "request-1"}}]}
            """#)
        let client = try Client(Config(baseURL: url))
        let error = await expectError(.rateLimited) { try await client.getJob(doneJob) }
        XCTAssertEqual(error?.httpStatus, 429)
        XCTAssertEqual(error?.retryAfter, .seconds(77))
        XCTAssertEqual(error?.requestID, "request-1")
        XCTAssertEqual(error?.body, Array("slow".utf8))
        XCTAssertEqual(error?.jobID, doneJob)
        XCTAssertEqual(error?.isRetryable, true)
        XCTAssertEqual(error?.polls, 1)
        XCTAssertNil(error?.job)
    }

    func testIDThatIsNotOneIsRefused() async throws {
        let client = try Client()
        for id in ["", "x", doneJob + "\0", doneJob + "/"] {
            await expectError(.invalidJobID) { try await client.getJob(id) }
            let error = await expectError(.invalidJobID) { try await client.waitJob(id) }
            XCTAssertEqual(error?.jobID, id)
            await expectError(.invalidJobID) { for try await _ in client.updates(of: id) {} }
        }
    }

    func testBodyThatIsNoneIsRefused() async throws {
        for (body, code) in [
            ("", Code.invalidResponse), ("<html>", .invalidResponse), ("{\"data\": {}}\0", .invalidResponse),
            (#"{"success": false}"#, .api), (#"{"success": false, "error_code": "5000"}"#, .jobNotFound),
        ] {
            let error = await expectError(code) { try parseJob(body) }
            XCTAssertNil(error?.httpStatus)
        }
        let job = try parseJob(Data(#"{"success": true, "data": {"status": "dreaming"}}"#.utf8))
        XCTAssertEqual(job.status, .unknown)
        XCTAssertEqual(job.statusText, "dreaming")
        XCTAssertNil(job.id)
        XCTAssertEqual(try parseJob(#"{"data": {"error_message": "é", "width": "7"}}"#).errorMessage, "é")
    }

    func testNumberThatIsNotKnownIsKept() {
        let code = Code(rawValue: 12345)
        XCTAssertEqual(code.rawValue, 12345)
        XCTAssertNotEqual(code, .internal)
        XCTAssertEqual(code.description, "PICTORY_ERROR_UNKNOWN")
        XCTAssertFalse(code.advice.isEmpty)
        XCTAssertEqual(Status(rawValue: 77).description, "unknown")
        XCTAssertFalse(Status(rawValue: 77).isFinal)
        XCTAssertEqual(Status.inProgress.description, "in-progress")
    }

    /// Those of the header, name by name.
    func testEveryCodeHasAName() throws {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let header = try String(
            contentsOf: package.appendingPathComponent("../../include/pictory.h"), encoding: .utf8)
        let source = try String(
            contentsOf: package.appendingPathComponent("Sources/Pictory/Codes.swift"), encoding: .utf8
        ).replacingOccurrences(of: "`", with: "")
        let names = header.matches(of: #/(?m)^  PICTORY_ERROR_([A-Z_]+) = /#).map { String($0.1) }
        XCTAssertGreaterThan(names.count, 29)
        let known = source.matches(of: #/static let (\w+) = Code\(PICTORY_ERROR_([A-Z_]+)\)/#)
        let swift = Dictionary(uniqueKeysWithValues: known.map { (String($0.2), String($0.1)) })
        for name in names {
            XCTAssertEqual(swift[name]?.uppercased(), name.replacingOccurrences(of: "_", with: ""))
        }
    }

    /// A thousand calls fail at once, each for a reason of its own.
    func testErrorsNeverCrossTasks() async throws {
        let jobs = (0..<1000).map { number in
            let status = [400, 401, 403, 404, 422][number % 5]
            let body = #"{"message": "reason-\#(number)."}"#
            return #""\#(jobID(number))": [{"status": \#(status), "body": \#(body)}]"#
        }
        let url = try emulate("{\"jobs\": {\(jobs.joined(separator: ","))}}")
        let client = try Client(Config(baseURL: url))
        let right = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    do {
                        let isGet = number % 10 == 0
                        let id = jobID(number)
                        _ = isGet ? try await client.getJob(id) : try await client.waitJob(id)
                        return false
                    } catch let error as PictoryError {
                        return error.jobID == jobID(number) && error.message.contains("reason-\(number).")
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        XCTAssertEqual(right, 1000)
    }
}
