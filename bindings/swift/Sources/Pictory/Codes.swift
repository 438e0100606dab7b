import Cpictory

/// How a call ended. One that has no name here is kept as its number.
public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// A value out of range, or text that C cannot take; the message says which.
    public static let invalidArgument = Code(PICTORY_ERROR_INVALID_ARGUMENT)
    /// The job id is not a hyphenated UUID. No request was sent.
    public static let invalidJobID = Code(PICTORY_ERROR_INVALID_JOB_ID)
    public static let invalidAPIKey = Code(PICTORY_ERROR_INVALID_API_KEY)
    public static let invalidURL = Code(PICTORY_ERROR_INVALID_URL)
    public static let insecureURL = Code(PICTORY_ERROR_INSECURE_URL)
    public static let certificates = Code(PICTORY_ERROR_CERTIFICATES)
    public static let system = Code(PICTORY_ERROR_SYSTEM)
    public static let resolve = Code(PICTORY_ERROR_RESOLVE)
    public static let connect = Code(PICTORY_ERROR_CONNECT)
    public static let tls = Code(PICTORY_ERROR_TLS)
    public static let proxy = Code(PICTORY_ERROR_PROXY)
    public static let timeout = Code(PICTORY_ERROR_TIMEOUT)
    public static let connectionLost = Code(PICTORY_ERROR_CONNECTION_LOST)
    public static let unauthorized = Code(PICTORY_ERROR_UNAUTHORIZED)
    public static let forbidden = Code(PICTORY_ERROR_FORBIDDEN)
    public static let jobNotFound = Code(PICTORY_ERROR_JOB_NOT_FOUND)
    public static let rateLimited = Code(PICTORY_ERROR_RATE_LIMITED)
    public static let server = Code(PICTORY_ERROR_SERVER)
    public static let httpStatus = Code(PICTORY_ERROR_HTTP_STATUS)
    public static let api = Code(PICTORY_ERROR_API)
    public static let invalidResponse = Code(PICTORY_ERROR_INVALID_RESPONSE)
    /// The job ended as failed: see ``Job/errorMessage``.
    public static let jobFailed = Code(PICTORY_ERROR_JOB_FAILED)
    public static let jobCleaned = Code(PICTORY_ERROR_JOB_CLEANED)
    /// Time is up. The job may still be running, and billed.
    public static let waitTimeout = Code(PICTORY_ERROR_WAIT_TIMEOUT)
    /// A closure has stopped the call. A cancelled task throws `CancellationError` instead.
    public static let cancelled = Code(PICTORY_ERROR_CANCELLED)
    public static let unexpectedStatus = Code(PICTORY_ERROR_UNEXPECTED_STATUS)
    public static let outputMissing = Code(PICTORY_ERROR_OUTPUT_MISSING)
    public static let outputExpired = Code(PICTORY_ERROR_OUTPUT_EXPIRED)
    public static let file = Code(PICTORY_ERROR_FILE)
    public static let `internal` = Code(PICTORY_ERROR_INTERNAL)
}

extension Code: CustomStringConvertible {
    /// The code's name in the C API, such as "PICTORY_ERROR_TIMEOUT".
    public var description: String {
        String(cString: pictory_code_name(rawValue))
    }

    /// The code's meaning and its remedy, in one sentence.
    public var advice: String {
        String(cString: pictory_code_description(rawValue))
    }
}

/// How a job stands. One that has no name here is kept as its number.
public struct Status: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Missing, or one that the library does not know: see ``Job/statusText``.
    public static let unknown = Status(PICTORY_STATUS_UNKNOWN)
    public static let inProgress = Status(PICTORY_STATUS_IN_PROGRESS)
    public static let completed = Status(PICTORY_STATUS_COMPLETED)
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
public struct Output: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    public static let video = Output(PICTORY_OUTPUT_VIDEO)
    public static let thumbnail = Output(PICTORY_OUTPUT_THUMBNAIL)
    public static let lastFrame = Output(PICTORY_OUTPUT_LAST_FRAME)
    public static let preview = Output(PICTORY_OUTPUT_PREVIEW)
}

/// How important a line of the log is. A level includes those before it.
public struct LogLevel: RawRepresentable, Hashable, Sendable {
    public let rawValue: Int32

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

extension RawRepresentable where RawValue == Int32 {
    /// From one of the header's enumerators.
    init<Enumerator: RawRepresentable>(_ enumerator: Enumerator)
    where Enumerator.RawValue: BinaryInteger {
        self.init(rawValue: Int32(enumerator.rawValue))!
    }
}
