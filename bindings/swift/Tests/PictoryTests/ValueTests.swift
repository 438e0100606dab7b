import Foundation
import XCTest

@testable import Pictory

final class ValueTests: XCTestCase {
    private let job = try! parseJob(
        #"""
        {"job_id": "4a09edf9-d071-4847-bda5-8dea913d80fe", "data": {"status": "completed", "width": 720,
            "url": "https://a/v.mp4", "previewImageUrl": "https://a/p.jpg", "custom": "secret"}}
        """#)

    func testJobComesBackFromJSON() throws {
        let back = try JSONDecoder().decode(Job.self, from: JSONEncoder().encode(job))
        XCTAssertEqual(back, job)
        XCTAssertEqual(Set([back, job]).count, 1)
        XCTAssertEqual(back.field("custom"), "secret")
        XCTAssertNotEqual(try parseJob(#"{"data": {"status": "completed"}}"#), job)
    }

    func testOutputsAreURLs() {
        XCTAssertEqual(job.outputURL(.video), URL(string: "https://a/v.mp4"))
        XCTAssertEqual(job.outputURL(.preview)?.path, "/p.jpg")
        XCTAssertNil(job.outputURL(.thumbnail))
        XCTAssertNil(job.outputURL(Output(rawValue: 77)))
    }

    func testOptionsAndNumbersAreValues() throws {
        let options = WaitOptions(maxWait: WaitOptions.forever, maxFailures: WaitOptions.unlimited)
        XCTAssertEqual(
            try JSONDecoder().decode(WaitOptions.self, from: JSONEncoder().encode(options)), options)
        XCTAssertNotEqual(DownloadOptions(maxRetries: 1), DownloadOptions())
        XCTAssertEqual(
            try JSONDecoder().decode([Code].self, from: Data("[302,77]".utf8)),
            [.waitTimeout, Code(rawValue: 77)])
        XCTAssertLessThan(LogLevel.error, .debug)
        XCTAssertEqual(
            [LogLevel.debug, .error, .info].sorted().map(\.description), ["error", "info", "debug"])
        XCTAssertEqual(Output.lastFrame.description, "last-frame")
        XCTAssertEqual(LogLevel(rawValue: 77).description, "level 77")
    }

    /// What an alert and `NSError` make of an error.
    func testErrorIsShownAsItsSentence() {
        let error: any Error = PictoryError(code: .jobFailed, message: "The video failed.")
        XCTAssertEqual(error.localizedDescription, "The video failed.")
        XCTAssertEqual((error as NSError).localizedDescription, "The video failed.")
        XCTAssertEqual((error as NSError).code, 300)
        XCTAssertEqual((error as NSError).domain, "Pictory")
        XCTAssertEqual((error as NSError).localizedRecoverySuggestion, Code.jobFailed.advice)
        XCTAssertEqual("\(error)", "The video failed.")
        XCTAssertEqual(PictoryError(code: .waitTimeout).message, Code.waitTimeout.advice)
    }

    /// A double of a client fails and tells as the real one does.
    func testErrorsAndUpdatesAreMadeByHand() {
        let error = PictoryError(code: .server, job: job, httpStatus: 503, isRetryable: true, body: [1])
        XCTAssertEqual(
            error, PictoryError(code: .server, job: job, httpStatus: 503, isRetryable: true, body: [1]))
        XCTAssertNotEqual(error, PictoryError(code: .server))
        let update = Update(job: job, error: error, polls: 2, nextPoll: .seconds(1))
        XCTAssertEqual(update, Update(job: job, error: error, polls: 2, nextPoll: .seconds(1)))
        XCTAssertEqual(
            Update(job: job).description, "poll 1: job 4a09edf9-d071-4847-bda5-8dea913d80fe: completed")
    }

    func testNothingPrintsSecretsOrBodies() {
        var config = Config(apiKey: "pictai_secret", baseURL: URL(string: "https://u:secret@host/path")!)
        config.headers = ["X-Token": "secret"]
        config.proxy = .url("http://u:p@secret@proxy:80")
        config.userAgent = "agent"
        let values: [Any] = [
            config, config.proxy, job, Update(job: job), PictoryError(code: .api, body: Array("secret".utf8)),
        ]
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), "\([value])", dumped] {
                XCTAssertFalse(text.contains("secret"), text)
                XCTAssertFalse(text.contains("pictai"), text)
            }
        }
        for rest in ["agent", "@host/path", "@proxy:80", "X-Token"] {
            XCTAssertTrue("\(config)".contains(rest), "\(config)")
        }
    }

    func testNoMessageNamesAFunctionOfC() async {
        for number in 0..<1000 {
            XCTAssertFalse(Code(rawValue: Int32(number)).advice.contains("pictory_"))
        }
        var config = Config(baseURL: "http://example.com")
        config.ignoresEnvironment = true
        for apiKey in [nil, "key"] {
            config.apiKey = apiKey
            let config = config
            let code = apiKey == nil ? Code.invalidAPIKey : .insecureURL
            let error = await expectError(code) { try Client(config) }
            XCTAssertEqual(error?.message.contains("pictory_"), false, error?.message ?? "")
        }
    }
}
