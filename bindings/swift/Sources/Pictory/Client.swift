import Cpictory

/// Keeps connections open between calls: share one between all tasks. It lives as long as any call of
/// it does.
///
/// `@unchecked`, since C's client and watcher are for any number of threads.
public final class Client: @unchecked Sendable {
    let handle: OpaquePointer
    private let log: Log?
    /// nil before the first wait or download.
    let watcher = Locked<Watcher?>(nil)

    /// Makes a client; it opens no connection yet. `Config()` is that of the environment.
    ///
    /// - Throws: a ``PictoryError`` that says which setting is refused, and why.
    public init(_ config: Config = Config()) throws {
        let settings = try Settings(config)
        log = config.log.map { Log($0) }
        if let log {
            settings.setLog(config.logLevel, log)
        }
        handle = try settings.makeClient()
    }

    deinit {
        watcher.with { $0?.end() }
        pictory_client_free(handle)
    }

    /// Replaces the API key, for one that expires or is rotated. The next request uses it, in calls that
    /// are under way too. A key that is refused leaves the old one.
    ///
    /// - Throws: a ``PictoryError`` if the key is refused.
    public func setAPIKey(_ key: String) throws {
        try check(key.withC(.invalidAPIKey) { pictory_client_set_api_key(handle, $0) })
    }

    /// Gets the state of a job, whatever it is: that of a failed one too. It tries again after failures
    /// that pass.
    ///
    /// It takes a thread while it runs. At most 64 such calls are made at once, in a process: others wait for
    /// their turn, or for the end of their task.
    ///
    /// - Throws: a ``PictoryError``, or `CancellationError` in a cancelled task.
    public func getJob(_ id: String) async throws -> Job {
        let token = Token()
        try await Turns.ofAll.take()
        let get: @Sendable () throws(PictoryError) -> Outcome = {
            try id.withC(.invalidJobID) { id in
                Outcome(owning: pictory_get_job(self.handle, id, token.handle))
            }
        }
        return try await awaiting(token) { settle in
            do throws(PictoryError) {
                try onThread {
                    let result = Result(catching: get)
                    Turns.ofAll.giveBack()
                    settle(result)
                }
            } catch {
                Turns.ofAll.giveBack()
                settle(.failure(error))
            }
        }.job()
    }

    /// Polls a job now that somebody waits for, whatever the poll interval: a webhook has said that it is
    /// done. The rate limit still holds.
    ///
    /// - Returns: whether anybody waits for the job through this client.
    /// - Throws: a ``PictoryError`` if the id is none.
    @discardableResult
    public func poke(_ id: String) throws -> Bool {
        let watcher = try usedWatcher()
        let code = Code(rawValue: try id.withC(.invalidJobID) { watcher.poke($0) })
        if code == .notWatched {
            return false
        }
        try check(code.rawValue)
        return true
    }

    /// The watcher, which the first to use it makes.
    func usedWatcher() throws(PictoryError) -> Watcher {
        let used: Result<Watcher, PictoryError> = watcher.with { watcher in
            Result { () throws(PictoryError) in
                if let watcher {
                    return watcher
                }
                let made = try Watcher(client: handle)
                watcher = made
                return made
            }
        }
        return try used.get()
    }
}
