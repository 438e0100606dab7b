import Cpictory

/// How to wait. What is nil has the default.
public struct WaitOptions: Sendable {
    /// For ``maxWait``.
    public static let forever = Duration.seconds(Int64.max)
    /// For ``maxFailures``.
    public static let unlimited = Int.max

    /// The pause between polls, give or take 10 %; nil: 15 s. Pictory asks for 10 to 30 seconds.
    public var pollInterval: Duration?
    /// A hard limit; nil: 10 minutes.
    public var maxWait: Duration?
    /// How many failed polls in a row end the wait; nil: 5.
    public var maxFailures: Int?
    /// Whether a status that the library does not know ends the wait.
    public var stopsOnUnknownStatus: Bool

    public init(
        pollInterval: Duration? = nil, maxWait: Duration? = nil, maxFailures: Int? = nil,
        stopsOnUnknownStatus: Bool = false
    ) {
        self.pollInterval = pollInterval
        self.maxWait = maxWait
        self.maxFailures = maxFailures
        self.stopsOnUnknownStatus = stopsOnUnknownStatus
    }
}

/// C's options, while a watch is added.
final class PackedWaitOptions {
    let handle: OpaquePointer = pictory_wait_options_new()

    init(_ options: WaitOptions, _ token: Token) throws(PictoryError) {
        pictory_wait_options_set_cancel_token(handle, token.handle)
        pictory_wait_options_set_stop_on_unknown_status(handle, options.stopsOnUnknownStatus)
        if let interval = options.pollInterval {
            try check(
                pictory_wait_options_set_poll_interval_ms(handle, interval.milliseconds),
                "the poll interval is less than 10 ms")
        }
        if let wait = options.maxWait {
            let isForever = wait >= WaitOptions.forever
            let milliseconds = isForever ? Int64(PICTORY_WAIT_FOREVER) : wait.milliseconds
            try check(
                // -1 would be for ever.
                pictory_wait_options_set_max_wait_ms(handle, wait < .zero ? 0 : milliseconds),
                "the time to wait is less than a millisecond")
        }
        if let failures = options.maxFailures {
            let isUnlimited = failures == WaitOptions.unlimited
            try check(
                pictory_wait_options_set_max_failures(handle, isUnlimited ? .max : count(failures)),
                "the number of failures is less than 1")
        }
    }

    deinit {
        pictory_wait_options_free(handle)
    }
}

extension Client {
    /// Waits until a job has completed: polls it at once, then every poll interval. A job that failed is
    /// ``Code/jobFailed``, one that was cleaned ``Code/jobCleaned``; if time is up,
    /// ``Code/waitTimeout``. The error has the last state that was seen.
    ///
    /// A wait takes no thread: any number of tasks may wait at once, all served by the same few.
    public func waitJob(_ id: String, options: WaitOptions = WaitOptions()) async throws -> Job {
        let token = Token()
        return try await awaiting(token) { settle throws(PictoryError) in
            try watch(id, options, Watch(token, tell: nil) { settle(.success($0)) })
        }.job()
    }

    /// The findings of each poll of a wait. The last element is the state that the job has settled in;
    /// after it, and where it never settles, the error is thrown that ``waitJob(_:options:)`` would throw.
    /// A slow loop gets afterwards what it has missed. To leave the loop ends the wait.
    public func updates(of id: String, options: WaitOptions = WaitOptions()) -> Updates {
        Updates(client: self, id: id, options: options)
    }
}

/// The finding of one poll.
public struct Update: Sendable {
    /// The last state that was seen.
    public let job: Job?
    /// Why this poll failed.
    public let error: PictoryError?
    /// How many there were so far.
    public let polls: Int
    /// The time since the wait began.
    public let elapsed: Duration
    /// How long until the next poll; nil if none follows.
    public let nextPoll: Duration?

    init(_ result: OpaquePointer, job: Job?, error: PictoryError?) {
        self.job = job
        self.error = error
        polls = Int(pictory_result_polls(result))
        elapsed = .milliseconds(pictory_result_elapsed_ms(result))
        nextPoll = time(pictory_result_next_poll_ms(result))
    }
}

/// The updates of one wait; each loop over them is a wait of its own.
public struct Updates: AsyncSequence, Sendable {
    public typealias Element = Update

    let client: Client
    let id: String
    let options: WaitOptions

    public struct Iterator: AsyncIteratorProtocol {
        var base: AsyncThrowingStream<Update, any Error>.Iterator

        public mutating func next() async throws -> Update? {
            if let update = try await base.next() {
                return update
            }
            // A stream just ends where its task was cancelled.
            try Task.checkCancellation()
            return nil
        }
    }

    public func makeAsyncIterator() -> Iterator {
        let stream = AsyncThrowingStream<Update, any Error> { continuation in
            let token = Token()
            continuation.onTermination = { _ in token.cancel() }
            let watch = Watch(token, tell: { continuation.yield($0) }) { outcome in
                continuation.settle(outcome)
            }
            do throws(PictoryError) {
                try client.watch(id, options, watch)
            } catch {
                continuation.finish(throwing: error)
            }
        }
        return Iterator(base: stream.makeAsyncIterator())
    }
}

extension AsyncThrowingStream<Update, any Error>.Continuation {
    fileprivate func settle(_ outcome: Outcome) {
        let isGood = outcome.code == Code(PICTORY_OK)
        if isGood || outcome.code == .jobFailed || outcome.code == .jobCleaned {
            yield(outcome.read { Update($0, job: Job(outcome), error: nil) })
        }
        finish(throwing: isGood ? nil : outcome.error())
    }
}
