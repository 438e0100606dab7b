import Cpictory
import Foundation

/// How a call failed, with all that came on the way.
public struct PictoryError: Error, Sendable, Hashable {
    /// What went wrong, for a program.
    public var code: Code
    /// A sentence for a person or a log. It never holds the API key.
    public var message: String
    /// The last state of the job that was seen.
    public var job: Job?
    /// The id that was asked for.
    public var jobID: String?
    /// That of the last reply; nil if none came.
    public var httpStatus: Int?
    /// Whether the same call may succeed later, as it is.
    public var isRetryable: Bool
    /// How long the server asked to wait.
    public var retryAfter: Duration?
    /// How many requests were answered or failed.
    public var polls: Int
    /// How long the call took.
    public var elapsed: Duration
    /// The server's id of the last exchange, for a question to Pictory's support.
    public var requestID: String?
    /// The last reply's, byte for byte; nil if none came.
    public var body: [UInt8]?

    /// Makes an error, such as one that a double of a client fails with in a test.
    ///
    /// - Parameter message: nil is the code's own sentence.
    public init(
        code: Code, message: String? = nil, job: Job? = nil, jobID: String? = nil, httpStatus: Int? = nil,
        isRetryable: Bool = false, retryAfter: Duration? = nil, polls: Int = 0, elapsed: Duration = .zero,
        requestID: String? = nil, body: [UInt8]? = nil
    ) {
        self.code = code
        self.message = message ?? code.advice
        self.job = job
        self.jobID = jobID
        self.httpStatus = httpStatus
        self.isRetryable = isRetryable
        self.retryAfter = retryAfter
        self.polls = polls
        self.elapsed = elapsed
        self.requestID = requestID
        self.body = body
    }

    init(_ result: OpaquePointer) {
        let status = pictory_result_http_status(result)
        self.init(
            code: Code(rawValue: pictory_result_code(result)),
            message: text(pictory_result_message(result)),
            job: Job(result),
            jobID: text(pictory_result_job_id(result)),
            httpStatus: status == 0 ? nil : Int(status),
            isRetryable: pictory_result_is_retryable(result),
            retryAfter: time(pictory_result_retry_after_ms(result)),
            polls: Int(pictory_result_polls(result)),
            elapsed: .milliseconds(pictory_result_elapsed_ms(result)),
            requestID: text(pictory_result_request_id(result)),
            body: bytes(of: result).map { Array($0) })
    }

    /// The same of the job that this id is for.
    func of(_ id: String?) -> PictoryError {
        var error = self
        error.jobID = id
        return error
    }
}

extension PictoryError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}

extension PictoryError: LocalizedError {
    /// The message, for an alert.
    public var errorDescription: String? { message }
    /// The code's meaning and its remedy.
    public var recoverySuggestion: String? { code.advice }
}

extension PictoryError: CustomNSError {
    /// "Pictory".
    public static var errorDomain: String { "Pictory" }
    /// The code's number.
    public var errorCode: Int { Int(code.rawValue) }
    /// The message, which is otherwise lost on Linux where an error has a domain of its own.
    public var errorUserInfo: [String: Any] {
        [NSLocalizedDescriptionKey: message, NSLocalizedRecoverySuggestionErrorKey: code.advice]
    }
}
