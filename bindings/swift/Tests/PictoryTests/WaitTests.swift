import Foundation
import XCTest

@testable import Pictory

/// Whatever follows the first poll was poked.
let patient = WaitOptions(pollInterval: .seconds(3_000_000), maxWait: WaitOptions.forever)
private let quick = WaitOptions(pollInterval: .milliseconds(10))

final class WaitTests: EmulatedTestCase {
    func testWaitEndsWithTheJob() async throws {
        let url = try emulate(#"{"default": [{"example": "in-progress"}, \#(completed)]}"#)
        let client = try Client(Config(baseURL: url))
        let job = try await client.waitJob(doneJob, options: quick)
        XCTAssertEqual(job.status, .completed)
        XCTAssertEqual(job.width, 720)
        let error = await expectError(.jobFailed) { try await Client().waitJob(failedJob) }
        XCTAssertEqual(error?.job?.status, .failed)
        XCTAssertEqual(error?.isRetryable, false)
    }

    func testUpdatesEndWithTheSettledState() async throws {
        let url = try emulate(
            #"""
            {"default": [{"example": "in-progress"}, {"status": 503}, {"example": "in-progress"},
                \#(completed)]}
            """#)
        let client = try Client(Config(baseURL: url))
        var updates: [Update] = []
        for try await update in client.updates(of: doneJob, options: patient) {
            updates.append(update)
            if updates.count < 4 {
                XCTAssertTrue(try client.poke(doneJob))
            }
        }
        XCTAssertEqual(updates.map(\.polls), [1, 2, 3, 4])
        XCTAssertEqual(updates.map(\.job?.status), [.inProgress, .inProgress, .inProgress, .completed])
        XCTAssertEqual(updates.map(\.error?.code), [nil, .server, nil, nil])
        XCTAssertEqual(updates.map { $0.nextPoll == nil }, [false, false, false, true])
        XCTAssertEqual(updates.last?.job?.field("custom"), #"{"a":[1]}"#)
        XCTAssertEqual(updates.first?.job?.id, doneJob)
    }

    func testUpdatesOfAFailedJobThrowAfterItsState() async throws {
        let client = try Client()
        let statuses = Locked<[Status?]>([])
        await expectError(.jobFailed) {
            for try await update in client.updates(of: failedJob, options: quick) {
                statuses.with { $0.append(update.job?.status) }
            }
        }
        XCTAssertEqual(statuses.with { $0 }, [.failed])
        let none = await expectError(.jobNotFound) {
            for try await update in client.updates(of: jobID(1)) { XCTFail("\(update)") }
        }
        XCTAssertEqual(none?.polls, 1)
    }

    func testToLeaveTheLoopEndsTheWait() async throws {
        let client = try Client()
        for try await update in client.updates(of: endlessJob) {
            XCTAssertEqual(update.job?.status, .inProgress)
            break
        }
        let deadline = ContinuousClock.now + .seconds(60)
        let watcher = try client.usedWatcher()
        while watcher.pending > 0 && ContinuousClock.now < deadline {
            await Task.yield()
        }
        XCTAssertEqual(watcher.pending, 0)
    }

    func testOptionsReachTheWait() async throws {
        let url = try emulate(
            #"""
            {"jobs": {"\#(doneJob)": [{"body": {"data": {"status": "dreaming"}}}],
                "\#(failedJob)": [{"status": 503}],
                "\#(jobID(1))": [{"status": 503, "repeat": 100}, {"example": "completed"}]},
            "default": [{"example": "in-progress"}]}
            """#)
        let client = try Client(Config(baseURL: url))
        func expect(_ code: Code, _ id: String, _ options: WaitOptions) async -> PictoryError? {
            await expectError(code) { try await client.waitJob(id, options: options) }
        }
        let timeout = await expect(.waitTimeout, endlessJob, WaitOptions(maxWait: .milliseconds(100)))
        XCTAssertEqual(timeout?.job?.status, .inProgress)
        var twice = quick
        twice.maxFailures = 2
        let failures = await expect(.server, failedJob, twice)
        XCTAssertEqual(failures?.polls, 2)
        let unknown = await expect(.unexpectedStatus, doneJob, WaitOptions(stopsOnUnknownStatus: true))
        XCTAssertEqual(unknown?.job?.statusText, "dreaming")
        for options in [
            WaitOptions(pollInterval: .milliseconds(9)), WaitOptions(pollInterval: .seconds(-1)),
            WaitOptions(maxWait: .zero), WaitOptions(maxWait: .milliseconds(-1)), WaitOptions(maxFailures: 0),
        ] {
            _ = await expect(.invalidArgument, endlessJob, options)
        }
        let patient = WaitOptions(
            pollInterval: .milliseconds(10), maxWait: WaitOptions.forever, maxFailures: WaitOptions.unlimited)
        let job = try await client.waitJob(jobID(1), options: patient)
        XCTAssertEqual(job.status, .completed)
    }

    func testCancelledTaskThrowsCancellationError() async throws {
        let url = try emulate(#"{"default": [{"stall_after": 0}]}"#)
        let client = try Client(Config(baseURL: url))
        let calls: [@Sendable () async throws -> Void] = [
            { _ = try await client.getJob(endlessJob) },
            { _ = try await client.waitJob(endlessJob) },
            { for try await _ in client.updates(of: endlessJob) {} },
        ]
        for call in calls {
            let task = Task { try await call() }
            await Task.yield()
            task.cancel()
            await expectCancellation(task)
            let before = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await call()
            }
            await expectCancellation(before)
        }
    }

    func testCancelledBetweenPolls() async throws {
        let client = try Client()
        let task = Task {
            for try await _ in client.updates(of: endlessJob) {
                withUnsafeCurrentTask { $0?.cancel() }
            }
        }
        await expectCancellation(task)
    }

    /// After the first try has failed, and been logged.
    func testCancelledBetweenTriesOfAGet() async throws {
        let (lines, line) = AsyncStream<String>.makeStream()
        var config = Config(baseURL: try emulate(#"{"default": [{"status": 503}, {"stall_after": 0}]}"#))
        config.logLevel = .warn
        config.log = { line.yield($1) }
        let client = try Client(config)
        let task = Task { try await client.getJob(endlessJob) }
        for await _ in lines {
            break
        }
        task.cancel()
        await expectCancellation(task)
    }

    /// A thousand tasks wait, every one of which was told of a poll and none of which has returned: they
    /// cost no thread each, nor when all are cancelled at once.
    func testAThousandWaitsTakeFewThreads() async throws {
        let client = try Client()
        let before = try threads()
        let left = Locked(1000)
        let most = Locked(0)
        let tasks = Locked<[Task<Void, any Error>]>([])
        await withCheckedContinuation { allPolled in
            for _ in 0..<1000 {
                let task = Task {
                    for try await update in client.updates(of: endlessJob) where update.polls == 1 {
                        let now = try threads()
                        most.with { $0 = max($0, now) }
                        let isLast = left.with {
                            $0 -= 1
                            return $0 == 0
                        }
                        if isLast {
                            allPolled.resume()
                        }
                    }
                }
                tasks.with { $0.append(task) }
            }
        }
        let all = tasks.with { $0 }
        for task in all {
            task.cancel()
        }
        for task in all {
            await expectCancellation(task)
        }
        let more = most.with { $0 } - before
        print("1000 waits: \(most.with { $0 }) threads, \(more) more than before")
        XCTAssertLessThan(more, 64)
    }
}
