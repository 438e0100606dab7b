import Cpictory
import Foundation

/// How to download. What is nil has the default.
public struct DownloadOptions: Sendable, Hashable, Codable {
    /// For the whole download, retries included; nil: no limit.
    public var timeout: Duration?
    /// How long the host may send nothing; nil: 30 s.
    public var idleTimeout: Duration?
    /// How often it is tried again in all, each time from where it broke off; nil: 5.
    public var maxRetries: Int?

    /// Options that say what is given, and nil for the rest.
    public init(timeout: Duration? = nil, idleTimeout: Duration? = nil, maxRetries: Int? = nil) {
        self.timeout = timeout
        self.idleTimeout = idleTimeout
        self.maxRetries = maxRetries
    }
}

/// C's options, while a download is added.
private final class PackedDownloadOptions {
    let handle: OpaquePointer = pictory_download_options_new()

    init(_ options: DownloadOptions, _ token: Token, updates: Bool) throws(PictoryError) {
        pictory_download_options_set_cancel_token(handle, token.handle)
        pictory_download_options_set_updates(handle, updates)
        if let timeout = options.timeout {
            try accept(pictory_download_options_set_timeout_ms(handle, timeout.milliseconds))
        }
        if let timeout = options.idleTimeout {
            try accept(pictory_download_options_set_idle_timeout_ms(handle, timeout.milliseconds))
        }
        if let retries = options.maxRetries {
            try accept(pictory_download_options_set_max_retries(handle, count(retries)))
        }
    }

    private func accept(_ code: Int32) throws(PictoryError) {
        try check(code, text(pictory_download_options_message(handle)))
    }

    deinit {
        pictory_download_options_free(handle)
    }
}

extension Client {
    /// How far a download is: what there is of the file, and its length, which is 0 as long as it is not
    /// known. Returning false ends the download.
    public typealias OnProgress = @Sendable (_ done: UInt64, _ total: UInt64) -> Bool

    /// Puts an output of a job into a file. The path is at any time either the old file or the whole new
    /// one; what has come so far is kept beside it when the download fails, and another call with the same
    /// path goes on there.
    ///
    /// A download takes no thread. At most four of a client run at once: others wait for their turn, or for the
    /// end of their task; their timeout counts from then on.
    ///
    /// - Parameter onProgress: is told how far it is, on a thread of Swift's pool; at most every 100 ms, at
    ///   least every second, and at the end. Returning false ends the download with ``Code/cancelled``.
    /// - Returns: how many bytes this call has written.
    /// - Throws: a ``PictoryError``, or `CancellationError` in a cancelled task.
    @discardableResult
    public func download(
        _ job: Job, _ output: Output, to path: String, options: DownloadOptions = DownloadOptions(),
        onProgress: OnProgress? = nil
    ) async throws -> UInt64 {
        try Task.checkCancellation()
        let token = Token()
        let packed = try PackedDownloadOptions(options, token, updates: onProgress != nil)
        let stream = try begin(job, output, path, packed)
        // A task of its own is not cancelled with this one: the end of the download is awaited then, too.
        let transfer = Task { await Transfer(token: token, onProgress: onProgress).follow(stream) }
        let (outcome, isStopped) = await withTaskCancellationHandler {
            await transfer.value
        } onCancel: {
            token.cancel()
        }
        return try written(outcome, isStopped, job.id)
    }

    /// Has the watcher download, and tell how far it is; the last outcome is the end.
    private func begin(
        _ job: Job, _ output: Output, _ path: String, _ options: PackedDownloadOptions
    ) throws(PictoryError) -> AsyncStream<Outcome> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Outcome.self, bufferingPolicy: .bufferingNewest(1))
        let watch = Watch { outcome in
            continuation.yield(outcome)
            if !outcome.isUpdate {
                continuation.finish()
            }
        }
        do throws(PictoryError) {
            let watcher = try usedWatcher()
            let code = try path.withC(.invalidArgument) { path in
                watcher.add(watch) { watcher, tag in
                    job.reply().read {
                        pictory_watcher_download(
                            watcher, pictory_result_job($0), output.rawValue, path, options.handle, tag)
                    }
                }
            }
            try check(code)
        } catch {
            throw error.of(job.id)
        }
        return stream
    }

    /// The same for a file URL.
    ///
    /// - Throws: a ``PictoryError``, or `CancellationError` in a cancelled task.
    @discardableResult
    public func download(
        _ job: Job, _ output: Output, to file: URL, options: DownloadOptions = DownloadOptions(),
        onProgress: OnProgress? = nil
    ) async throws -> UInt64 {
        guard file.isFileURL else {
            throw PictoryError(code: .file, message: "the URL is not one of a file", jobID: job.id)
        }
        return try await download(job, output, to: file.path, options: options, onProgress: onProgress)
    }
}

/// What a download that has come to its end returns.
private func written(_ outcome: Outcome?, _ isStopped: Bool, _ id: String?) throws -> UInt64 {
    guard let outcome else {
        throw PictoryError(code: .internal, jobID: id)
    }
    if outcome.code == .cancelled {
        try Task.checkCancellation()
    }
    guard outcome.isGood else {
        throw outcome.error().of(id)
    }
    if isStopped {
        // Whoever has stopped it is told so, even if the download was as fast.
        throw PictoryError(
            code: .cancelled, message: "onProgress has stopped the download", jobID: id, isRetryable: true)
    }
    return outcome.read { pictory_result_bytes_written($0) }
}

/// A download under way.
private struct Transfer {
    let token: Token
    let onProgress: Client.OnProgress?

    /// Tells of each update, and at last of the end, which stands for those that it has overtaken.
    func follow(_ stream: AsyncStream<Outcome>) async -> (end: Outcome?, isStopped: Bool) {
        var isStopped = false
        for await outcome in stream {
            if let onProgress, !isStopped, outcome.isUpdate || outcome.isGood {
                let (done, total) = outcome.read {
                    (pictory_result_bytes_done($0), pictory_result_bytes_total($0))
                }
                if !onProgress(done, total) {
                    isStopped = true
                    token.cancel()
                }
            }
            if !outcome.isUpdate {
                return (outcome, isStopped)
            }
        }
        return (nil, isStopped)
    }
}
