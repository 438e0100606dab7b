import Cpictory

/// Keeps connections open between calls: share one between all tasks. It lives as long as any call of
/// it does.
///
/// `@unchecked`, since C's client and watcher are for any number of threads.
public final class Client: @unchecked Sendable {
    let handle: OpaquePointer
    private let log: Log?
    let watching = Locked(Watching())

    /// Makes a client; it opens no connection yet. `Config()` is that of the environment.
    public init(_ config: Config = Config()) throws(PictoryError) {
        let settings = try Settings(config)
        log = config.log.map { Log($0) }
        if let log {
            settings.setLog(config.logLevel, log)
        }
        handle = try settings.makeClient()
    }

    deinit {
        pictory_watcher_free(watching.with { $0.watcher })
        pictory_client_free(handle)
    }

    /// Replaces the API key, for one that expires or is rotated. The next request uses it, in calls that
    /// are under way too. A key that is refused leaves the old one.
    public func setAPIKey(_ key: String) throws(PictoryError) {
        try check(key.withC(.invalidAPIKey) { pictory_client_set_api_key(handle, $0) })
    }

    /// Gets the state of a job, whatever it is: that of a failed one too. It tries again after failures
    /// that pass. It takes a thread while it runs.
    public func getJob(_ id: String) async throws -> Job {
        let token = Token()
        let get: @Sendable () throws(PictoryError) -> Outcome = {
            try id.withC(.invalidJobID) { id in
                Outcome(owning: pictory_get_job(self.handle, id, token.handle))
            }
        }
        return try await blocking(token, get).job()
    }

    /// Puts an output of a job into a file. The path is at any time either the old file or the whole new
    /// one; what has come so far is kept beside it when the download fails, and another call with the same
    /// path goes on there. It takes a thread while it runs.
    ///
    /// - Parameter onProgress: is told how far it is, on that thread: what there is of the file, and its
    ///   length, which is 0 as long as it is not known. Returning false ends the download with
    ///   ``Code/cancelled``.
    /// - Returns: how many bytes this call has written.
    @discardableResult
    public func download(
        _ job: Job, _ output: Output, to path: String, options: DownloadOptions = DownloadOptions(),
        onProgress: (@Sendable (_ done: UInt64, _ total: UInt64) -> Bool)? = nil
    ) async throws -> UInt64 {
        let token = Token()
        let download: @Sendable () throws(PictoryError) -> Outcome = {
            let packed = try PackedDownloadOptions(options, token, onProgress)
            return try path.withC(.invalidArgument) { path in
                withExtendedLifetime(packed) {
                    Outcome(
                        owning: job.read {
                            pictory_download(self.handle, $0, output.rawValue, path, packed.handle)
                        })
                }
            }
        }
        let outcome = try await blocking(token, download)
        if outcome.code != Code(PICTORY_OK) {
            throw outcome.error()
        }
        return outcome.read { pictory_result_bytes_written($0) }
    }

    /// Awaits a call that blocks.
    private func blocking(
        _ token: Token, _ call: @escaping @Sendable () throws(PictoryError) -> Outcome
    ) async throws -> Outcome {
        try await awaiting(token) { settle throws(PictoryError) in
            try onThread { settle(Result(catching: call)) }
        }
    }
}
