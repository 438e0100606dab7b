import Foundation

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
    /// What the client calls itself; nil: the library and its version.
    public var userAgent: String?
    /// Sent to the API with every request, such as X-Pictory-User-Id.
    public var headers: [String: String] = [:]
    /// Where requests go through.
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

    /// Everything that is not given is the environment's, or has the default.
    public init(apiKey: String? = nil, baseURL: String? = nil) {
        self.apiKey = apiKey
        self.baseURL = baseURL
    }

    /// The same for a base URL that is one.
    public init(apiKey: String? = nil, baseURL: URL) {
        self.init(apiKey: apiKey, baseURL: baseURL.absoluteString)
    }
}

extension Config: CustomStringConvertible, CustomReflectable {
    /// The settings without their secrets: the key, the values of headers, and a user's name and password in
    /// URLs.
    public var description: String {
        let settings = customMirror.children.map { "\($0.label ?? ""): \($0.value)" }
        return "Config(\(settings.joined(separator: ", ")))"
    }

    /// The same settings, for a debugger or `dump`.
    public var customMirror: Mirror {
        let all: KeyValuePairs<String, Any?> = [
            "apiKey": apiKey.map { _ in hidden },
            "baseURL": baseURL.map(withoutUser),
            "allowHTTP": allowHTTP,
            "userAgent": userAgent,
            "headers": headers.keys.sorted(),
            "proxy": proxy.description,
            "caFile": caFile,
            "connectTimeout": connectTimeout,
            "requestTimeout": requestTimeout,
            "maxRetries": maxRetries,
            "rateLimit": rateLimit,
            "logLevel": logLevel,
            "ignoresEnvironment": ignoresEnvironment,
        ]
        return Mirror(self, children: all.compactMap { pair in pair.value.map { (pair.key, $0) } })
    }
}

extension Config.Proxy: CustomStringConvertible, CustomReflectable {
    /// "environment", "none" or the URL, without a user's name and password.
    public var description: String {
        switch self {
        case .environment: "environment"
        case .none: "none"
        case .url(let url): withoutUser(url)
        }
    }

    /// The same, for a debugger or `dump`.
    public var customMirror: Mirror {
        Mirror(self, children: ["url": description])
    }
}

/// The stand-in for a secret in what is printed; C has the same in its messages.
private let hidden = "[key]"

private func withoutUser(_ url: String) -> String {
    guard let at = url.lastIndex(of: "@") else { return url }
    let scheme = url[..<at].range(of: "://").map { url[..<$0.upperBound] } ?? ""
    return scheme + hidden + url[at...]
}
