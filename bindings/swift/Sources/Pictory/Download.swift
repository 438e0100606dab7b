import Cpictory

/// How to download. What is nil has the default.
public struct DownloadOptions: Sendable {
    /// For the whole download, retries included; nil: no limit.
    public var timeout: Duration?
    /// How long the host may send nothing; nil: 30 s.
    public var idleTimeout: Duration?
    /// How often it is tried again in all, each time from where it broke off; nil: 5.
    public var maxRetries: Int?

    public init(timeout: Duration? = nil, idleTimeout: Duration? = nil, maxRetries: Int? = nil) {
        self.timeout = timeout
        self.idleTimeout = idleTimeout
        self.maxRetries = maxRetries
    }
}

typealias OnProgress = @Sendable (_ done: UInt64, _ total: UInt64) -> Bool

/// C's options, while a download runs.
final class PackedDownloadOptions {
    let handle: OpaquePointer = pictory_download_options_new()
    let onProgress: OnProgress?

    init(_ options: DownloadOptions, _ token: Token, _ onProgress: OnProgress?) throws(PictoryError) {
        self.onProgress = onProgress
        pictory_download_options_set_cancel_token(handle, token.handle)
        if let timeout = options.timeout {
            try check(
                pictory_download_options_set_timeout_ms(handle, timeout.milliseconds),
                "the timeout is less than a millisecond")
        }
        if let timeout = options.idleTimeout {
            try check(
                pictory_download_options_set_idle_timeout_ms(handle, timeout.milliseconds),
                "the idle timeout is less than a millisecond")
        }
        if let retries = options.maxRetries {
            try check(pictory_download_options_set_max_retries(handle, count(retries)))
        }
        if onProgress != nil {
            let address = Unmanaged.passUnretained(self).toOpaque()
            pictory_download_options_set_on_progress(handle, tellProgress, address)
        }
    }

    deinit {
        pictory_download_options_free(handle)
    }
}

private let tellProgress: pictory_progress_callback = { done, total, userData in
    guard let userData else { return true }
    let options = Unmanaged<PackedDownloadOptions>.fromOpaque(userData).takeUnretainedValue()
    return options.onProgress?(done, total) ?? true
}
