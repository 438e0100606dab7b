import Foundation
import XCTest

@testable import Pictory

/// A service as programs have it: 2,000 tasks wait for a job each, and hear of its end by webhooks that
/// poke; 200 outputs are downloaded, the key is rotated, some tasks are cancelled, and the shutdown cancels
/// the rest.
final class ServiceTests: EmulatedTestCase {
    private static let jobs = 2000
    private static let downloads = 200

    private enum Fate {
        case downloaded, completed, cancelled, shutDown

        init(_ number: Int) {
            switch number {
            case ..<ServiceTests.downloads: self = .downloaded
            case ..<1800: self = .completed
            case ..<1900: self = .cancelled
            default: self = .shutDown
            }
        }
    }

    func testService() async throws {
        let url = try emulate(
            #"""
            {"api_key": "new", "media": {"v.mp4": {"size": 100000}}, "default": [{"example": "in-progress"},
                {"body": {"data": {"status": "completed", "url": "{base}/media/v.mp4"}}}]}
            """#)
        weak var weakly: Client?
        // Its thread holds it.
        weak var watcher: Watcher?
        do {
            let client = try Client(Config(apiKey: "old", baseURL: url))
            weakly = client
            await expectError(.unauthorized) { try await client.getJob(jobID(0)) }
            try client.setAPIKey("new")
            watcher = try client.usedWatcher()
            try await serve(client)
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while try weakly != nil || watcher != nil || !libraryThreads().isEmpty, ContinuousClock.now < deadline
        {
            try await Task.sleep(for: .milliseconds(1))
        }
        XCTAssertNil(weakly)
        XCTAssertNil(watcher)
        XCTAssertEqual(try libraryThreads(), [])
    }

    private func serve(_ client: Client) async throws {
        let (webhooks, webhook) = AsyncStream<Int>.makeStream()
        let (firstPolls, polled) = AsyncStream<Int>.makeStream()
        let tasks = (0..<Self.jobs).map { number in
            let path = path("\(number)")
            return Task {
                try await Self.job(client, number, path) { isFirst in
                    if isFirst {
                        polled.yield(number)
                    }
                    if [.downloaded, .completed].contains(Fate(number)) {
                        webhook.yield(number)
                    }
                }
            }
        }
        let hearing = Task {
            for await number in webhooks {
                XCTAssertTrue(try client.poke(jobID(number)))
                if number % 100 == 0 {
                    try client.setAPIKey("new")
                }
            }
        }
        var told: Set<Int> = []
        for await number in firstPolls {
            XCTAssertTrue(told.insert(number).inserted, "\(number) was polled first twice")
            if told.count == Self.jobs { break }
        }
        var bytes: UInt64 = 0
        for fate in [Fate.cancelled, .downloaded, .completed, .shutDown] {
            for (number, task) in tasks.enumerated() where Fate(number) == fate {
                if fate == .cancelled || fate == .shutDown {
                    task.cancel()
                    await expectCancellation(task)
                } else {
                    bytes += try await task.value
                }
            }
        }
        webhook.finish()
        try await hearing.value
        XCTAssertEqual(bytes, UInt64(Self.downloads) * 100_000)
        for number in 0..<Self.downloads {
            XCTAssertEqual(try Data(contentsOf: URL(fileURLWithPath: path("\(number)"))).count, 100_000)
        }
    }

    /// What one task does; it returns how many bytes it has downloaded.
    private static func job(
        _ client: Client, _ number: Int, _ path: String, _ polled: @Sendable (Bool) -> Void
    ) async throws -> UInt64 {
        var last: Update?
        for try await update in client.updates(of: jobID(number), options: patient) {
            if !update.isLast {
                polled(last == nil)
            }
            last = update
        }
        guard let job = last?.job, job.status == .completed, job.id == jobID(number), last?.polls ?? 0 >= 2
        else {
            XCTFail("job \(number): \(last?.description ?? "nothing")")
            return 0
        }
        if Fate(number) != .downloaded {
            return 0
        }
        return try await client.download(job, .video, to: URL(fileURLWithPath: path))
    }
}

extension Update {
    /// Whether the job has settled.
    fileprivate var isLast: Bool { job?.status.isFinal == true }
}

/// The names of the library's threads.
func libraryThreads() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap {
        try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)
    }.filter { $0.hasPrefix("pictory-") }
}
