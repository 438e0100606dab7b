import Cpictory

/// How a call ended. One that has no name here is kept as its number.
public struct Code: RawRepresentable, Hashable, Codable, Sendable {
    /// The number in the C API.
    public let rawValue: Int32

    /// From the number in the C API.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    static let ok = Code(PICTORY_OK)
    /// A value out of range, or text that C cannot take; the message says which.
    public static let invalidArgument = Code(PICTORY_ERROR_INVALID_ARGUMENT)
    /// The job id is not a hyphenated UUID. No request was sent.
    public static let invalidJobID = Code(PICTORY_ERROR_INVALID_JOB_ID)
    /// The API key is missing or malformed, or was given with "Bearer".
    public static let invalidAPIKey = Code(PICTORY_ERROR_INVALID_API_KEY)
    /// The base URL, the proxy or the URL of an output cannot be parsed, or has a scheme that is not supported.
    public static let invalidURL = Code(PICTORY_ERROR_INVALID_URL)
    /// Plain http to a host that is not loopback.
    public static let insecureURL = Code(PICTORY_ERROR_INSECURE_URL)
    /// The CA file cannot be read or holds no certificate, or the system has none.
    public static let certificates = Code(PICTORY_ERROR_CERTIFICATES)
    /// The system refused a descriptor, a thread or a large block of memory.
    public static let system = Code(PICTORY_ERROR_SYSTEM)
    /// The same wait or download is under way already.
    public static let alreadyWatched = Code(PICTORY_ERROR_ALREADY_WATCHED)
    /// There is no such wait or download.
    public static let notWatched = Code(PICTORY_ERROR_NOT_WATCHED)
    /// The host name could not be resolved.
    public static let resolve = Code(PICTORY_ERROR_RESOLVE)
    /// Nobody answers at that address.
    public static let connect = Code(PICTORY_ERROR_CONNECT)
    /// The TLS handshake or the certificate check failed.
    public static let tls = Code(PICTORY_ERROR_TLS)
    /// The proxy refused or failed.
    public static let proxy = Code(PICTORY_ERROR_PROXY)
    /// One request ran out of its time.
    public static let timeout = Code(PICTORY_ERROR_TIMEOUT)
    /// The connection broke before the reply was whole.
    public static let connectionLost = Code(PICTORY_ERROR_CONNECTION_LOST)
    /// The API key was refused (401).
    public static let unauthorized = Code(PICTORY_ERROR_UNAUTHORIZED)
    /// The edge in front of the API refused (403), which does not prove the key wrong.
    public static let forbidden = Code(PICTORY_ERROR_FORBIDDEN)
    /// There is no such job.
    public static let jobNotFound = Code(PICTORY_ERROR_JOB_NOT_FOUND)
    /// Too many requests (429).
    public static let rateLimited = Code(PICTORY_ERROR_RATE_LIMITED)
    /// The server failed (5xx).
    public static let server = Code(PICTORY_ERROR_SERVER)
    /// A status that the API does not document.
    public static let httpStatus = Code(PICTORY_ERROR_HTTP_STATUS)
    /// The API reported an error; the message has its code and text.
    public static let api = Code(PICTORY_ERROR_API)
    /// The reply is not what the API documents.
    public static let invalidResponse = Code(PICTORY_ERROR_INVALID_RESPONSE)
    /// The job ended as failed: see ``Job/errorMessage``.
    public static let jobFailed = Code(PICTORY_ERROR_JOB_FAILED)
    /// The job's outputs were removed.
    public static let jobCleaned = Code(PICTORY_ERROR_JOB_CLEANED)
    /// Time is up. The job may still be running, and billed.
    public static let waitTimeout = Code(PICTORY_ERROR_WAIT_TIMEOUT)
    /// A closure has stopped the call. A cancelled task throws `CancellationError` instead.
    public static let cancelled = Code(PICTORY_ERROR_CANCELLED)
    /// The job has a status that the library does not know.
    public static let unexpectedStatus = Code(PICTORY_ERROR_UNEXPECTED_STATUS)
    /// The job has no such output.
    public static let outputMissing = Code(PICTORY_ERROR_OUTPUT_MISSING)
    /// The output is no longer there.
    public static let outputExpired = Code(PICTORY_ERROR_OUTPUT_EXPIRED)
    /// The local file could not be written, or another download of it is under way.
    public static let file = Code(PICTORY_ERROR_FILE)
    /// A defect in the library.
    public static let `internal` = Code(PICTORY_ERROR_INTERNAL)
}

extension Code: CustomStringConvertible {
    /// The code's name in the C API, such as "PICTORY_ERROR_TIMEOUT"; "PICTORY_ERROR_UNKNOWN" for a number
    /// that the library does not know.
    public var description: String {
        String(cString: pictory_code_name(rawValue))
    }

    /// The code's meaning and its remedy, in one sentence.
    public var advice: String {
        String(cString: pictory_code_description(rawValue))
    }
}

/// How a job stands. One that has no name here is kept as its number.
public struct Status: RawRepresentable, Hashable, Codable, Sendable {
    /// The number in the C API.
    public let rawValue: Int32

    /// From the number in the C API.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Missing, or one that the library does not know: see ``Job/statusText``.
    public static let unknown = Status(PICTORY_STATUS_UNKNOWN)
    /// It is being worked on.
    public static let inProgress = Status(PICTORY_STATUS_IN_PROGRESS)
    /// It has its outputs.
    public static let completed = Status(PICTORY_STATUS_COMPLETED)
    /// It will have no outputs: see ``Job/errorMessage``.
    public static let failed = Status(PICTORY_STATUS_FAILED)
    /// Its outputs were removed.
    public static let cleaned = Status(PICTORY_STATUS_CLEANED)

    /// Whether a job with this status will not change any more.
    public var isFinal: Bool {
        pictory_status_is_final(rawValue)
    }
}

extension Status: CustomStringConvertible {
    /// "in-progress", "completed", "failed", "cleaned" or "unknown".
    public var description: String {
        String(cString: pictory_status_name(rawValue))
    }
}

/// An output that a job leaves behind.
public struct Output: RawRepresentable, Hashable, Codable, Sendable {
    /// The number in the C API.
    public let rawValue: Int32

    /// From the number in the C API.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// The video (MP4).
    public static let video = Output(PICTORY_OUTPUT_VIDEO)
    /// The thumbnail.
    public static let thumbnail = Output(PICTORY_OUTPUT_THUMBNAIL)
    /// The last frame of the video.
    public static let lastFrame = Output(PICTORY_OUTPUT_LAST_FRAME)
    /// The preview.
    public static let preview = Output(PICTORY_OUTPUT_PREVIEW)
}

extension Output: CustomStringConvertible {
    /// "video", "thumbnail", "last-frame", "preview" or "unknown".
    public var description: String {
        String(cString: pictory_output_name(rawValue))
    }
}

/// How important a line of the log is. A level includes those before it.
public struct LogLevel: RawRepresentable, Hashable, Codable, Sendable {
    /// The number in the C API.
    public let rawValue: Int32

    /// From the number in the C API.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Lines about calls that failed.
    public static let error = LogLevel(PICTORY_LOG_LEVEL_ERROR)
    /// Lines about faults that were overcome, such as a failed poll.
    public static let warn = LogLevel(PICTORY_LOG_LEVEL_WARN)
    /// How calls ended.
    public static let info = LogLevel(PICTORY_LOG_LEVEL_INFO)
    /// Every request.
    public static let debug = LogLevel(PICTORY_LOG_LEVEL_DEBUG)
}

extension LogLevel: Comparable, CustomStringConvertible {
    /// Whether lines of the first level are more important than those of the second.
    public static func < (one: LogLevel, other: LogLevel) -> Bool {
        one.rawValue < other.rawValue
    }

    /// "error", "warn", "info" or "debug".
    public var description: String {
        switch self {
        case .error: "error"
        case .warn: "warn"
        case .info: "info"
        case .debug: "debug"
        default: "level \(rawValue)"
        }
    }
}

extension RawRepresentable where RawValue == Int32 {
    /// From one of the header's enumerators.
    init<Enumerator: RawRepresentable>(_ enumerator: Enumerator)
    where Enumerator.RawValue: BinaryInteger {
        self.init(rawValue: Int32(enumerator.rawValue))!
    }
}
