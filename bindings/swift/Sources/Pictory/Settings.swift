import Cpictory

/// C's configuration, while a client is made.
final class Settings {
    let handle: OpaquePointer

    init(_ config: Config) throws(PictoryError) {
        handle = config.ignoresEnvironment ? pictory_config_new_empty() : pictory_config_new()
        try set(config.apiKey, .invalidAPIKey, pictory_config_set_api_key)
        try set(config.baseURL, .invalidURL, pictory_config_set_base_url)
        try set(config.userAgent, .invalidArgument, pictory_config_set_user_agent)
        try set(config.caFile, .invalidArgument, pictory_config_set_ca_file)
        switch config.proxy {
        case .environment: break
        case .none: try accept(pictory_config_set_proxy(handle, nil))
        case .url(let url): try set(url, .invalidURL, pictory_config_set_proxy)
        }
        for (name, value) in config.headers {
            let code = try name.withC(.invalidArgument) { name in
                Result { () throws(PictoryError) in
                    try value.withC(.invalidArgument) { pictory_config_set_header(handle, name, $0) }
                }
            }
            try accept(code.get())
        }
        try setNumbers(config)
    }

    deinit {
        pictory_config_free(handle)
    }

    private func setNumbers(_ config: Config) throws(PictoryError) {
        try accept(pictory_config_set_allow_http(handle, config.allowHTTP))
        if let timeout = config.connectTimeout {
            try accept(pictory_config_set_connect_timeout_ms(handle, timeout.milliseconds))
        }
        if let timeout = config.requestTimeout {
            try accept(pictory_config_set_request_timeout_ms(handle, timeout.milliseconds))
        }
        if let retries = config.maxRetries {
            try accept(pictory_config_set_max_retries(handle, count(retries)))
        }
        if let limit = config.rateLimit {
            try accept(pictory_config_set_rate_limit(handle, limit))
        }
    }

    private func set(
        _ value: String?, _ inCaseOfNUL: Code,
        _ setter: (OpaquePointer?, UnsafePointer<CChar>?) -> Int32
    ) throws(PictoryError) {
        if let value {
            try accept(value.withC(inCaseOfNUL) { setter(handle, $0) })
        }
    }

    private func accept(_ code: Int32) throws(PictoryError) {
        try check(code, text(pictory_config_message(handle)))
    }

    func setLog(_ level: LogLevel, _ log: Log) {
        pictory_config_set_log(handle, level.rawValue, takeLine, log.address)
    }

    func makeClient() throws(PictoryError) -> OpaquePointer {
        var client: OpaquePointer?
        try accept(pictory_client_new(handle, &client))
        guard let client else {
            throw PictoryError(code: .internal)
        }
        return client
    }
}

/// The log handler that C is given. It lives as long as the clients that do.
final class Log: Sendable {
    let take: @Sendable (LogLevel, String) -> Void

    init(_ take: @escaping @Sendable (LogLevel, String) -> Void) {
        self.take = take
    }

    var address: UnsafeMutableRawPointer {
        Unmanaged.passUnretained(self).toOpaque()
    }
}

private let takeLine: pictory_log_callback = { level, message, userData in
    guard let userData, let message else { return }
    let log = Unmanaged<Log>.fromOpaque(userData).takeUnretainedValue()
    log.take(LogLevel(rawValue: level), String(cString: message))
}
