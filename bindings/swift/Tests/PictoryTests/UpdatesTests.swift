import Foundation
import XCTest

@testable import Pictory

final class UpdatesTests: EmulatedTestCase {
    /// Nothing but a poke brings the second poll.
    func testPokeSpeedsUpAWait() async throws {
        let url = try emulate(#"{"default": [{"example": "in-progress"}, \#(completed)]}"#)
        let client = try Client(Config(baseURL: url))
        let (polled, poll) = AsyncStream<Void>.makeStream()
        let task = Task {
            for try await update in client.updates(of: doneJob, options: patient) {
                poll.yield()
                if update.nextPoll == nil {
                    return update.polls
                }
            }
            return 0
        }
        for await _ in polled {
            break
        }
        XCTAssertTrue(try client.poke(doneJob.uppercased()))
        let polls = try await task.value
        XCTAssertEqual(polls, 2)
        XCTAssertFalse(try client.poke(doneJob))
        for id in ["x", doneJob + "\0"] {
            await expectError(.invalidJobID) { try client.poke(id) }
        }
    }

    /// A sequence that nobody iterates over, or asks for an element, polls nothing.
    func testUpdatesPollOnceTheFirstElementIsAskedFor() async throws {
        let client = try Client()
        let updates = client.updates(of: endlessJob)
        var iterator = updates.makeAsyncIterator()
        XCTAssertNil(client.watcher.with { $0 })
        let first = try await iterator.next()
        XCTAssertEqual(first?.polls, 1)
        XCTAssertEqual(try client.usedWatcher().pending, 1)
    }

    /// The loop is held up at the first update until ten more polls were made.
    func testSlowLoopIsToldTheNewest() async throws {
        for (buffering, isNewest) in [
            (Updates.Buffering.bufferingNewest(1), true), (.bufferingNewest(0), true), (.unbounded, false),
        ] {
            let (requests, request) = AsyncStream<Void>.makeStream()
            var config = Config()
            config.logLevel = .debug
            config.log = { _, _ in request.yield() }
            let client = try Client(config)
            var polls: [Int] = []
            let options = WaitOptions(pollInterval: .milliseconds(10))
            for try await update in client.updates(of: endlessJob, options: options, buffering: buffering) {
                polls.append(update.polls)
                if polls.count == 2 {
                    break
                }
                var seen = 0
                for await _ in requests {
                    seen += 1
                    if seen == 11 { break }
                }
            }
            XCTAssertEqual(polls[1] > 5, isNewest, "\(polls)")
        }
    }

    /// Time is up while the loop is in its first turn. At most what was on its way follows, and not all that
    /// it has missed.
    func testUpdatesEndWhenTimeIsUp() async throws {
        for buffering in [Updates.Buffering.bufferingNewest(1), .unbounded] {
            let client = try Client()
            let options = WaitOptions(pollInterval: .milliseconds(10), maxWait: .milliseconds(1000))
            let turns = Locked(0)
            let error = await expectError(.waitTimeout) {
                for try await _ in client.updates(of: endlessJob, options: options, buffering: buffering) {
                    turns.with { $0 += 1 }
                    let watcher = try client.usedWatcher()
                    repeat {
                        try await Task.sleep(for: .milliseconds(10))
                    } while watcher.pending > 0
                }
            }
            let most = buffering == .unbounded ? (error?.polls ?? 0) / 2 : 2
            XCTAssertLessThanOrEqual(turns.with { $0 }, most)
        }
    }

    /// After it has thrown, an iterator has nothing more.
    func testIteratorEndsAfterItsError() async throws {
        var iterator = try Client().updates(of: failedJob).makeAsyncIterator()
        let settled = try await iterator.next()
        XCTAssertEqual(settled?.job?.status, .failed)
        do {
            _ = try await iterator.next()
            XCTFail("no error")
        } catch {
            XCTAssertEqual((error as? PictoryError)?.code, .jobFailed)
        }
        let more = try await iterator.next()
        XCTAssertNil(more)
    }
}
