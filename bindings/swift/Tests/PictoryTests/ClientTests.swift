import Foundation
import XCTest

@testable import Pictory

final class ClientTests: EmulatedTestCase {
    func testTheReadmesExampleRuns() async throws {
        setenv("PICTORY_API_BASE_URL", try emulate(examples), 1)
        try await example(id: doneJob, path: path("video.mp4"))
        XCTAssertEqual(try Data(contentsOf: folder.appendingPathComponent("video.mp4")).count, 3_000_000)
        try await example(id: failedJob, path: path("none.mp4"))
    }

    func testGetTellsAllOfAJob() async throws {
        let job = try await Client(Config(baseURL: emulate(examples))).getJob(doneJob)
        XCTAssertEqual(job.id, doneJob)
        XCTAssertEqual(job.status, .completed)
        XCTAssertEqual(job.statusText, "completed")
        XCTAssertEqual(job.url?.hasSuffix("/media/video.mp4"), true)
        XCTAssertEqual(job.duration, "8s")
        XCTAssertEqual(job.durationSeconds, 8)
        XCTAssertEqual(job.width, 720)
        XCTAssertEqual(job.height, 1280)
        XCTAssertEqual(job.aiCreditsUsed, 12.8)
        XCTAssertEqual(job.field("custom"), #"{"a":[1]}"#)
        XCTAssertNil(job.field("missing"))
        XCTAssertNil(job.field("cus\0tom"))
        XCTAssertNil(job.progress)
        XCTAssertNil(job.errorCode)
        XCTAssertNil(job.previewImageURL)
    }

    func testGetOfAFailedJobWorks() async throws {
        let job = try await Client().getJob(failedJob)
        XCTAssertEqual(job.status, .failed)
        XCTAssertTrue(job.status.isFinal)
        XCTAssertEqual(job.errorCode, "5001")
    }

    func testConfigOfNothingIsTheEnvironment() async throws {
        setenv("PICTORY_API_KEY", "", 1)
        await expectError(.invalidAPIKey) { try Client() }
        setenv("PICTORY_API_KEY", "key", 1)
        setenv("PICTORY_API_BASE_URL", "nonsense", 1)
        await expectError(.invalidURL) { try Client() }
        var config = Config()
        config.ignoresEnvironment = true
        await expectError(.invalidAPIKey) { try Client(config) }
        config.apiKey = "key"
        _ = try Client(config)
    }

    func testConfigThatIsRefusedSaysWhy() async {
        let refused: [(Code, String, (inout Config) -> Void)] = [
            (.invalidAPIKey, "Bearer", { $0.apiKey = "Bearer x" }),
            (.invalidAPIKey, "NUL", { $0.apiKey = "a\0b" }),
            (.invalidURL, "http", { $0.baseURL = "ftp://x" }),
            (.insecureURL, "https", { $0.baseURL = "http://example.com" }),
            (.invalidArgument, "ASCII", { $0.userAgent = "\n" }),
            (.invalidArgument, "Host", { $0.headers = ["Host": "x"] }),
            (.invalidArgument, "NUL", { $0.headers = ["X": "\0"] }),
            (.invalidURL, "http://", { $0.proxy = .url("socks5://x") }),
            (.certificates, "missing.pem", { $0.caFile = "missing.pem" }),
            (.invalidArgument, "number", { $0.rateLimit = .nan }),
            (.invalidArgument, "timeout", { $0.requestTimeout = .zero }),
            (.invalidArgument, "timeout", { $0.connectTimeout = .seconds(-1) }),
            (.invalidAPIKey, "PICTORY_API_KEY", { $0.ignoresEnvironment = true }),
        ]
        for (code, word, change) in refused {
            var config = Config()
            change(&config)
            let error = await expectError(code) { try Client(config) }
            XCTAssertEqual(error?.message.contains(word), true, "\(word): \(error?.message ?? "")")
        }
    }

    func testOptionsReachTheClient() async throws {
        var config = Config(apiKey: "key", baseURL: "https://pictory.invalid")
        config.allowHTTP = true
        config.userAgent = "swift test"
        config.headers = ["X-Pictory-User-Id": "me"]
        config.maxRetries = 0
        config.rateLimit = 100
        config.connectTimeout = .seconds(1)
        config.proxy = .url("http://127.0.0.1:1")
        await expectError(.proxy) { try await Client(config).getJob(doneJob) }
        config.proxy = .none
        config.baseURL = try emulate(#"{"default": [{"stall_after": 0}]}"#)
        config.requestTimeout = .nanoseconds(1)
        let error = await expectError(.timeout) { try await Client(config).getJob(doneJob) }
        XCTAssertEqual(error?.isRetryable, true)
    }

    func testKeyIsReplacedOnALiveClient() async throws {
        let url = try emulate(#"{"api_key": "new", "default": [\#(completed)]}"#)
        let client = try Client(Config(apiKey: "old", baseURL: url))
        await expectError(.unauthorized) { try await client.getJob(doneJob) }
        try client.setAPIKey("new")
        for key in ["", "Bearer x", "a\0"] {
            await expectError(.invalidAPIKey) { try client.setAPIKey(key) }
        }
        _ = try await client.getJob(doneJob)
        _ = try await client.waitJob(doneJob)
    }

    func testLogTakesLines() async throws {
        let lines = Locked<[LogLevel: Int]>([:])
        var config = Config()
        config.logLevel = .debug
        config.log = { level, line in
            XCTAssertFalse(line.contains("demo-key"))
            lines.with { $0[level, default: 0] += 1 }
        }
        let client = try Client(config)
        await expectError(.jobNotFound) { try await client.getJob(jobID(1)) }
        XCTAssertNotNil(lines.with { $0[.error] })
        XCTAssertNotNil(lines.with { $0[.debug] })
    }

    /// Each result holds 400 KB in C: 250 that were not freed would be 100 MB.
    func testNoResultIsLeftBehind() async throws {
        let padding = String(repeating: "x", count: 400_000)
        let body = #"{"data": {"status": "in-progress", "text": "\#(padding)"}}"#
        let quoted = String(decoding: try JSONEncoder().encode(body), as: UTF8.self)
        let url = try emulate(
            #"""
            {"jobs": {"\#(failedJob)": [{"status": 404, "body": \#(quoted)}]},
            "default": [{"body": \#(quoted)}]}
            """#)
        let client = try Client(Config(baseURL: url))
        let uses: [String: () async throws -> Void] = [
            "parse": { _ = try parseJob(body) },
            "get": { _ = try await client.getJob(endlessJob) },
            "wait": { _ = try? await client.waitJob(failedJob) },
            "left": { for try await _ in client.updates(of: endlessJob) { break } },
        ]
        for (name, use) in uses {
            try await use()
            let before = try resident()
            for _ in 0..<250 {
                try await use()
            }
            XCTAssertLessThan(try resident() - before, 50 << 20, name)
        }
    }

    /// The client is gone before the library has ended what was cancelled: what a wait holds is let go all the
    /// same.
    func testWaitThatWasLeftIsLetGoAfterItsClient() async throws {
        final class Held: Sendable {}
        for _ in 0..<20 {
            weak var weakly: Held?
            do {
                let client = try Client()
                let held = Held()
                weakly = held
                let token = Token()
                try client.wait(for: endlessJob, WaitOptions(), token, updates: true) { [held] _ in _ = held }
                token.cancel()
            }
            let deadline = ContinuousClock.now + .seconds(20)
            while weakly != nil && ContinuousClock.now < deadline {
                await Task.yield()
            }
            XCTAssertNil(weakly)
            if weakly != nil { return }
        }
    }

    func testClientIsGoneWhenNobodyUsesIt() async throws {
        weak var weakly: Client?
        do {
            let client = try Client()
            weakly = client
            await expectError(.jobFailed) { try await client.waitJob(failedJob) }
        }
        // The thread that has handed out the result is about to see that nobody waits.
        let deadline = ContinuousClock.now + .seconds(60)
        while weakly != nil && ContinuousClock.now < deadline {
            await Task.yield()
        }
        XCTAssertNil(weakly)
    }
}
