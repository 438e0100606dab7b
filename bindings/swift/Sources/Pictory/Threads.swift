import Cpictory
import Foundation

/// A value that is touched by one thread at a time.
final class Locked<Value>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    func with<Answer>(_ body: (inout Value) throws -> Answer) rethrows -> Answer {
        lock.lock()
        defer { lock.unlock() }
        return try body(&value)
    }
}

/// Cancels the call that was given it, from any thread.
final class Token: @unchecked Sendable {
    let handle: OpaquePointer = pictory_cancel_token_new()

    deinit {
        pictory_cancel_token_free(handle)
    }

    func cancel() {
        pictory_cancel_token_cancel(handle)
    }
}

private final class Work: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) {
        self.run = run
    }
}

/// Does what blocks on a thread of its own: those of Swift's pool are for what does not, and a queue
/// would keep a call from noticing that it was cancelled.
func onThread(_ work: @escaping @Sendable () -> Void) throws(PictoryError) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    #if canImport(Darwin)
        var thread: pthread_t?
    #else
        var thread = pthread_t()
    #endif
    let box = Unmanaged.passRetained(Work(work))
    let refusal = pthread_create(
        &thread, &attributes,
        { argument in
            let box: UnsafeMutableRawPointer? = argument
            box.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().run() }
            return nil
        }, box.toOpaque())
    if refusal != 0 {
        box.release()
        throw PictoryError(
            code: .system, message: "cannot start a thread: \(String(cString: strerror(refusal)))")
    }
}

typealias Settle = @Sendable (Result<Outcome, PictoryError>) -> Void

/// Awaits what a call settles with; a cancelled task cancels it.
func awaiting(_ token: Token, _ start: (@escaping Settle) -> Void) async throws -> Outcome {
    let outcome = try await withTaskCancellationHandler {
        try await withCheckedThrowingContinuation { continuation in
            start { continuation.resume(with: $0) }
        }
    } onCancel: {
        token.cancel()
    }
    if outcome.code == .cancelled {
        try Task.checkCancellation()
    }
    return outcome
}
