import Cpictory

/// How a call failed, with all that came on the way.
public struct PictoryError: Error, Sendable {
    public let code: Code
    /// A sentence for a person or a log. It never holds the API key.
    public let message: String
    /// The last state of the job that was seen.
    public let job: Job?
    /// The id that was asked for.
    public let jobID: String?
    /// That of the last reply; nil if none came.
    public let httpStatus: Int?
    /// Whether the same call may succeed later, as it is.
    public let isRetryable: Bool
    /// How long the server asked to wait.
    public let retryAfter: Duration?
    /// How many requests were answered or failed.
    public let polls: Int
    public let elapsed: Duration
    /// The server's id of the last exchange, for a question to Pictory's support.
    public let requestID: String?
    /// The last reply's, byte for byte; nil if none came.
    public let body: [UInt8]?

    init(_ result: OpaquePointer, job: Job?) {
        code = Code(rawValue: pictory_result_code(result))
        message = text(pictory_result_message(result)) ?? ""
        self.job = job
        jobID = text(pictory_result_job_id(result))
        let status = pictory_result_http_status(result)
        httpStatus = status == 0 ? nil : Int(status)
        isRetryable = pictory_result_is_retryable(result)
        retryAfter = time(pictory_result_retry_after_ms(result))
        polls = Int(pictory_result_polls(result))
        elapsed = .milliseconds(pictory_result_elapsed_ms(result))
        requestID = text(pictory_result_request_id(result))
        body = bytes(of: result).map { Array($0) }
    }

    /// Of what was not even tried.
    init(_ code: Code, _ message: String? = nil, jobID: String? = nil) {
        self.code = code
        self.message = message ?? code.advice
        job = nil
        self.jobID = jobID
        httpStatus = nil
        isRetryable = false
        retryAfter = nil
        polls = 0
        elapsed = .zero
        requestID = nil
        body = nil
    }
}

extension PictoryError: CustomStringConvertible {
    public var description: String { message }
}

/// A body, as long as its result is there.
func bytes(of result: OpaquePointer) -> UnsafeRawBufferPointer? {
    var length = 0
    return pictory_result_body(result, &length).map { UnsafeRawBufferPointer(start: $0, count: length) }
}

/// Throws for a code that is not good.
func check(_ code: Int32, _ message: @autoclosure () -> String? = nil) throws(PictoryError) {
    if code != Code(PICTORY_OK).rawValue {
        throw PictoryError(Code(rawValue: code), message())
    }
}

extension String {
    /// Hands the text to C, which takes a NUL for its end: such a text is refused by this code.
    func withC<Value>(
        _ code: Code, _ body: (UnsafePointer<CChar>) -> Value
    ) throws(PictoryError) -> Value {
        if utf8.contains(0) {
            throw PictoryError(code, "a text has a NUL in it")
        }
        return withCString(body)
    }
}
