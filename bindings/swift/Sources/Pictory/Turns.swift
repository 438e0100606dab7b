/// Turns of calls that block a thread of the system's each, of which there are not any number.
///
/// Who waits for a turn blocks no thread, gets it in the order of asking, and is let go when its task is
/// cancelled.
final class Turns: Sendable {
    /// Those of the process.
    static let ofAll = Turns(64)

    private struct State {
        var free: Int
        /// The number of the last one to ask, and of the last one to be looked at for a turn.
        var asked = 0
        var served = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    }

    private let state: Locked<State>

    init(_ count: Int) {
        state = Locked(State(free: count))
    }

    /// How many are not taken.
    var free: Int { state.with { $0.free } }

    /// How many wait for one.
    var waiting: Int { state.with { $0.waiting.count } }

    /// Takes a turn, which is to be given back.
    func take() async throws {
        let number = state.with {
            $0.asked += 1
            return $0.asked
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                ask(number, continuation)
            }
        } onCancel: {
            let continuation = state.with { $0.waiting.removeValue(forKey: number) }
            continuation?.resume(throwing: CancellationError())
        }
    }

    private func ask(_ number: Int, _ continuation: CheckedContinuation<Void, any Error>) {
        // Looked at within the lock: a task that is cancelled later finds its continuation waiting.
        let answer: Result<Void, any Error>? = state.with {
            if Task.isCancelled {
                return .failure(CancellationError())
            }
            if $0.free == 0 {
                $0.waiting[number] = continuation
                return nil
            }
            $0.free -= 1
            return .success(())
        }
        if let answer {
            continuation.resume(with: answer)
        }
    }

    /// Gives a turn back, to the one that has waited longest.
    func giveBack() {
        let next: CheckedContinuation<Void, any Error>? = state.with {
            while !$0.waiting.isEmpty {
                $0.served += 1
                if let next = $0.waiting.removeValue(forKey: $0.served) {
                    return next
                }
            }
            $0.free += 1
            return nil
        }
        next?.resume()
    }
}
