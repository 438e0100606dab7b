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

    /// The job that the call was good for, or its error.
    func job() throws(PictoryError) -> Job {
        guard code == Code(PICTORY_OK), let job = Job(self) else {
            throw error()
        }
        return job
    }

    func error() -> PictoryError {
        read { PictoryError($0, job: Job(self)) }
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
