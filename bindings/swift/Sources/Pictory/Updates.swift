import Cpictory

/// The finding of one poll.
public struct Update: Sendable, Hashable {
    /// The last state that was seen.
    public var job: Job?
    /// Why this poll failed.
    public var error: PictoryError?
    /// How many there were so far.
    public var polls: Int
    /// The time since the wait began.
    public var elapsed: Duration
    /// How long until the next poll; nil if none follows.
    public var nextPoll: Duration?

    /// Makes an update, such as one that a double of a client tells in a test.
    public init(
        job: Job? = nil, error: PictoryError? = nil, polls: Int = 1, elapsed: Duration = .zero,
        nextPoll: Duration? = nil
    ) {
        self.job = job
        self.error = error
        self.polls = polls
        self.elapsed = elapsed
        self.nextPoll = nextPoll
    }

    fileprivate init(_ outcome: Outcome) {
        let failed = outcome.isUpdate && !outcome.isGood
        self = outcome.read { result in
            Update(
                job: Job(result), error: failed ? PictoryError(result) : nil,
                polls: Int(pictory_result_polls(result)),
                elapsed: .milliseconds(pictory_result_elapsed_ms(result)),
                nextPoll: time(pictory_result_next_poll_ms(result)))
        }
    }
}

extension Update: CustomStringConvertible {
    /// The number of the poll, and what it has found.
    public var description: String {
        "poll \(polls): \(error?.description ?? job?.description ?? "nothing")"
    }
}

/// The updates of one wait; each loop over them is a wait of its own.
public struct Updates: AsyncSequence, Sendable {
    /// An update.
    public typealias Element = Update
    /// What is kept for a loop that is slower than the polls.
    public enum Buffering: Sendable, Hashable {
        /// So many of the newest updates; at least one.
        case bufferingNewest(Int)
        /// All of them.
        case unbounded
    }

    let client: Client
    let id: String
    let options: WaitOptions
    let buffering: Buffering

    /// Begins the wait when the first element is asked for.
    public func makeAsyncIterator() -> Iterator {
        Iterator(updates: self)
    }

    /// One loop.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let updates: Updates
        fileprivate var wait: Wait?
        fileprivate var isOver = false

        fileprivate init(updates: Updates) {
            self.updates = updates
        }

        /// Awaits an update; nil after the last one.
        ///
        /// - Throws: what ``Client/waitJob(_:options:)`` would.
        public mutating func next() async throws -> Update? {
            if isOver {
                return nil
            }
            do {
                try Task.checkCancellation()
                var wait = try self.wait ?? updates.begin()
                let update = try await wait.next()
                self.wait = wait
                isOver = update == nil
                return update
            } catch {
                isOver = true
                if (error as? PictoryError)?.code == .cancelled {
                    // The token's end may come before that of the stream.
                    try Task.checkCancellation()
                }
                throw error
            }
        }
    }
}

/// A wait under way, whose updates are read.
private struct Wait {
    var stream: AsyncThrowingStream<Update, any Error>.Iterator
    /// How the wait has ended, if it has not settled the job.
    let failure: Locked<PictoryError?>

    mutating func next() async throws -> Update? {
        // A limit is one for a slow loop too: what it has missed is not made up for.
        if let failure = failure.with({ $0 }) {
            throw failure
        }
        let update = try await stream.next()
        if update == nil {
            // A stream just ends where its task was cancelled.
            try Task.checkCancellation()
        }
        return update
    }
}

extension Updates {
    fileprivate func begin() throws -> Wait {
        typealias Stream = AsyncThrowingStream<Update, any Error>
        let policy: Stream.Continuation.BufferingPolicy =
            switch buffering {
            case .bufferingNewest(let count): .bufferingNewest(Swift.max(count, 1))
            case .unbounded: .unbounded
            }
        let (stream, continuation) = Stream.makeStream(bufferingPolicy: policy)
        let token = Token()
        let failure = Locked<PictoryError?>(nil)
        continuation.onTermination = { _ in token.cancel() }
        try client.wait(for: id, options, token, updates: true) { outcome in
            if outcome.isUpdate {
                continuation.yield(Update(outcome))
                return
            }
            let error = outcome.isGood ? nil : outcome.error()
            if error == nil || error?.code == .jobFailed || error?.code == .jobCleaned {
                continuation.yield(Update(outcome))
            } else {
                failure.with { $0 = error }
            }
            continuation.finish(throwing: error)
        }
        return Wait(stream: stream.makeAsyncIterator(), failure: failure)
    }
}

extension Client {
    /// The findings of each poll of a wait, which begins when the first element is asked for. The last element
    /// is the state that the job has settled in; after it, and where it never settles, the error is thrown
    /// that ``waitJob(_:options:)`` would throw. To leave the loop ends the wait.
    ///
    /// - Parameter buffering: what is kept for a slow loop: the newest, unless told otherwise. When time is
    ///   up, the loop ends, whatever it has missed.
    public func updates(
        of id: String, options: WaitOptions = WaitOptions(),
        buffering: Updates.Buffering = .bufferingNewest(1)
    ) -> Updates {
        Updates(client: self, id: id, options: options, buffering: buffering)
    }
}
