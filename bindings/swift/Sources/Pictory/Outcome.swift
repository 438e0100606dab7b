import Cpictory

/// A result of C's. It does not change any more: any number of threads may read it.
final class Outcome: @unchecked Sendable {
    private let handle: OpaquePointer

    /// Takes over what C has returned.
    init(owning handle: OpaquePointer) {
        self.handle = handle
    }

    init(parsing body: UnsafeBufferPointer<UInt8>) {
        // An empty buffer may have no address, which C takes for a mistake.
        var nothing: CChar = 0
        handle = body.withMemoryRebound(to: CChar.self) { body in
            withUnsafePointer(to: &nothing) { pictory_parse_job(body.baseAddress ?? $0, body.count) }
        }
    }

    deinit {
        pictory_result_free(handle)
    }

    var code: Code {
        Code(rawValue: pictory_result_code(handle))
    }

    var isGood: Bool {
        code == .ok
    }

    /// Whether the wait or the download goes on.
    var isUpdate: Bool {
        pictory_result_is_update(handle)
    }

    /// The job that the call was good for, or its error.
    func job() throws(PictoryError) -> Job {
        guard isGood, let job = read({ Job($0) }) else {
            throw error()
        }
        return job
    }

    func error() -> PictoryError {
        read { PictoryError($0) }
    }

    func read<Value>(_ body: (OpaquePointer) -> Value) -> Value {
        withExtendedLifetime(self) { body(handle) }
    }
}

/// Text of C's; nil where there is none.
func text(_ string: UnsafePointer<CChar>?) -> String? {
    string.map { String(cString: $0) }
}

/// A number of C's, whose absence is negative.
func number(_ value: Double) -> Double? {
    value < 0 ? nil : value
}

/// A time of C's, whose absence is negative.
func time(_ milliseconds: Int64) -> Duration? {
    milliseconds < 0 ? nil : .milliseconds(milliseconds)
}

/// A number that C bounds at 32 bits.
func count(_ value: Int) -> UInt32 {
    UInt32(clamping: min(max(value, 0), Int(UInt32.max) - 1))
}

/// A body, as long as its result is there.
func bytes(of result: OpaquePointer) -> UnsafeRawBufferPointer? {
    var length = 0
    return pictory_result_body(result, &length).map { UnsafeRawBufferPointer(start: $0, count: length) }
}

/// Throws for a code that is not good; the reason is the code's where there is no other.
func check(_ code: Int32, _ message: @autoclosure () -> String? = nil) throws(PictoryError) {
    if code != Code.ok.rawValue {
        throw PictoryError(code: Code(rawValue: code), message: message())
    }
}

extension String {
    /// Hands the text to C, which takes a NUL for its end: such a text is refused by this code.
    func withC<Value>(
        _ code: Code, _ body: (UnsafePointer<CChar>) -> Value
    ) throws(PictoryError) -> Value {
        if utf8.contains(0) {
            throw PictoryError(code: code, message: "a text has a NUL in it")
        }
        return withCString(body)
    }
}

extension Duration {
    /// The span in C's milliseconds, rounded up; for ever if it is more than C can count.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooMuch) = seconds.multipliedReportingOverflow(by: 1000)
        if isTooMuch {
            return seconds < 0 ? .min : .max
        }
        let part = attoseconds / 1_000_000_000_000_000
        let isCut = attoseconds % 1_000_000_000_000_000 > 0
        return whole.addingReportingOverflow(part + (isCut ? 1 : 0)).partialValue
    }
}
