import Foundation
import XCTest

@testable import Pictory

final class TurnsTests: EmulatedTestCase {
    /// A thousand tasks are in `getJob` at once, and the API takes its time: all are answered, by no more
    /// threads than there are turns, and a few.
    func testAThousandGetsTakeTheirTurns() async throws {
        let url = try emulate(#"{"default": [{"example": "in-progress", "delay_ms": 200}]}"#)
        let client = try Client(Config(baseURL: url))
        let before = try threads()
        let most = Locked(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1000 {
                group.addTask {
                    let job = try await client.getJob(jobID(number))
                    let now = try threads()
                    most.with { $0 = max($0, now) }
                    XCTAssertEqual(job.id, jobID(number))
                }
            }
            try await group.waitForAll()
        }
        let more = most.with { $0 } - before
        print("1000 gets: \(more) threads more than before")
        XCTAssertLessThan(more, 200)
        XCTAssertEqual(Turns.ofAll.free, 64)
    }

    /// Every turn is taken by a call that gets no answer.
    func testTaskThatWaitsForItsTurnIsCancelled() async throws {
        let client = try Client(Config(baseURL: emulate(#"{"default": [{"stall_after": 0}]}"#)))
        let busy = (0..<64).map { _ in Task { try await client.getJob(endlessJob) } }
        let deadline = ContinuousClock.now + .seconds(60)
        while Turns.ofAll.free > 0 && ContinuousClock.now < deadline {
            await Task.yield()
        }
        XCTAssertEqual(Turns.ofAll.free, 0)
        let late = (0..<10).map { _ in Task { try await client.getJob(endlessJob) } }
        for task in late {
            task.cancel()
            await expectCancellation(task)
        }
        XCTAssertEqual(Turns.ofAll.free, 0)
        for task in busy {
            task.cancel()
        }
        for task in busy {
            await expectCancellation(task)
        }
        let job = try await Client().getJob(failedJob)
        XCTAssertEqual(job.status, .failed)
        XCTAssertEqual(Turns.ofAll.free, 64)
    }

    /// Turns are given in the order of asking, past those that were cancelled.
    func testTurnsAreGivenInOrder() async throws {
        let turns = Turns(1)
        try await turns.take()
        let order = Locked<[Int]>([])
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<10 {
            tasks.append(
                Task {
                    try await turns.take()
                    order.with { $0.append(number) }
                    turns.giveBack()
                })
            while turns.waiting <= number {
                await Task.yield()
            }
        }
        tasks[3].cancel()
        await expectCancellation(tasks[3])
        turns.giveBack()
        for (number, task) in tasks.enumerated() where number != 3 {
            try await task.value
        }
        XCTAssertEqual(order.with { $0 }, [0, 1, 2, 4, 5, 6, 7, 8, 9])
        XCTAssertEqual(turns.free, 1)
    }
}
