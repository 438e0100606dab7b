import Cpictory

/// The settings of a client. What is nil has the default.
public struct Config: Sendable {
    /// Where requests go through.
    public enum Proxy: Sendable, Hashable {
        /// The proxy that the environment names.
        case environment
        /// None, whatever the environment says.
        case none
        /// "http://host:port" or "http://user:password@host:port".
        case url(String)
    }

    /// From https://app.pictory.ai/api-access, without "Bearer"; nil: `PICTORY_API_KEY`.
    public var apiKey: String?
    /// The base URL, before "/v1/jobs/"; nil: `PICTORY_API_BASE_URL`, else Pictory's.
    public var baseURL: String?
    /// Accepts plain http for hosts other than loopback: the key then crosses the network in clear text.
    public var allowHTTP = false
    public var userAgent: String?
    /// Sent to the API with every request, such as X-Pictory-User-Id.
    public var headers: [String: String] = [:]
    public var proxy = Proxy.environment
    /// A PEM file with the certificates to trust in place of the system's.
    public var caFile: String?
    /// For lookup, connect, proxy and TLS handshake; nil: 10 s.
    public var connectTimeout: Duration?
    /// For one request as a whole; nil: 30 s.
    public var requestTimeout: Duration?
    /// How often one ``Client/getJob(_:)`` tries again; nil: 2.
    public var maxRetries: Int?
    /// How many requests all calls together make in a second; nil or 0: no limit.
    public var rateLimit: Double?
    /// Takes lines without line breaks and secrets, on several threads at once. It must not call this
    /// package, and holds up the polls meanwhile.
    public var log: (@Sendable (LogLevel, String) -> Void)?
    /// That of the least important lines that are wanted.
    public var logLevel = LogLevel.info
    /// Leaves the environment unread.
    public var ignoresEnvironment = false

    public init(apiKey: String? = nil, baseURL: String? = nil) {
        self.apiKey = apiKey
        self.baseURL = baseURL
    }
}

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
        let code = pictory_client_new(handle, &client)
        guard let client else {
            throw PictoryError(Code(rawValue: code), reason())
        }
        return client
    }

    /// Why these settings make no client. C tells that to a log alone: it is tried again, for that line.
    private func reason() -> String? {
        let line = Locked<String?>(nil)
        let log = Log { _, text in line.with { $0 = text } }
        setLog(.error, log)
        var client: OpaquePointer?
        pictory_client_new(handle, &client)
        pictory_client_free(client)
        return withExtendedLifetime(log) { line.with { $0 } }
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

/// A number that C bounds at 32 bits.
func count(_ value: Int) -> UInt32 {
    UInt32(clamping: min(max(value, 0), Int(UInt32.max) - 1))
}
