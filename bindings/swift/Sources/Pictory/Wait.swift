import Cpictory

/// How to wait. What is nil has the default.
public struct WaitOptions: Sendable, Hashable, Codable {
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

    /// Options that say what is given, and nil for the rest.
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

    init(_ options: WaitOptions, _ token: Token, updates: Bool) throws(PictoryError) {
        pictory_wait_options_set_cancel_token(handle, token.handle)
        pictory_wait_options_set_updates(handle, updates)
        pictory_wait_options_set_stop_on_unknown_status(handle, options.stopsOnUnknownStatus)
        if let interval = options.pollInterval {
            try accept(pictory_wait_options_set_poll_interval_ms(handle, interval.milliseconds))
        }
        if let wait = options.maxWait {
            let isForever = wait >= WaitOptions.forever
            let milliseconds = isForever ? Int64(PICTORY_WAIT_FOREVER) : wait.milliseconds
            // -1 would be for ever.
            try accept(pictory_wait_options_set_max_wait_ms(handle, wait < .zero ? 0 : milliseconds))
        }
        if let failures = options.maxFailures {
            let isUnlimited = failures == WaitOptions.unlimited
            try accept(pictory_wait_options_set_max_failures(handle, isUnlimited ? .max : count(failures)))
        }
    }

    private func accept(_ code: Int32) throws(PictoryError) {
        try check(code, text(pictory_wait_options_message(handle)))
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
    ///
    /// - Throws: a ``PictoryError``, or `CancellationError` in a cancelled task.
    public func waitJob(_ id: String, options: WaitOptions = WaitOptions()) async throws -> Job {
        try Task.checkCancellation()
        let token = Token()
        return try await awaiting(token) { settle in
            do throws(PictoryError) {
                try wait(for: id, options, token, updates: false) { settle(.success($0)) }
            } catch {
                settle(.failure(error))
            }
        }.job()
    }

    /// Has the watcher wait for a job, and tell what it finds.
    func wait(
        for id: String, _ options: WaitOptions, _ token: Token, updates: Bool,
        _ found: @escaping @Sendable (Outcome) -> Void
    ) throws(PictoryError) {
        do throws(PictoryError) {
            let packed = try PackedWaitOptions(options, token, updates: updates)
            let watcher = try usedWatcher()
            let code = try id.withC(.invalidJobID) { id in
                watcher.add(Watch(found)) { pictory_watcher_add($0, id, packed.handle, $1) }
            }
            try check(code)
        } catch {
            throw error.of(id)
        }
    }
}
