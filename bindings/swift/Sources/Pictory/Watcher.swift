import Cpictory

/// Receives what the watcher finds out about one wait or download: updates, and then its end.
final class Watch: Sendable {
    let found: @Sendable (Outcome) -> Void

    init(_ found: @escaping @Sendable (Outcome) -> Void) {
        self.found = found
    }
}

/// Serves all waits and downloads of a client, by one thread that hands out what is found.
///
/// `@unchecked`, since C's watcher is for any number of threads.
final class Watcher: @unchecked Sendable {
    private let handle: OpaquePointer
    /// Held while it is woken: it is freed by another thread.
    private let waking = Locked(())

    /// `client` is C's, of which the watcher keeps what it needs.
    init(client: OpaquePointer) throws(PictoryError) {
        var made: OpaquePointer?
        let code = pictory_watcher_new(client, &made)
        guard let made else {
            throw PictoryError(code: Code(rawValue: code))
        }
        handle = made
        do throws(PictoryError) {
            try onThread { self.handOut() }
        } catch {
            pictory_watcher_free(made)
            throw error
        }
    }

    /// Has the thread free the watcher, once what was cancelled has been handed out.
    func end() {
        waking.with { _ in pictory_watcher_wake(handle) }
    }

    /// How many waits and downloads there are.
    var pending: Int {
        pictory_watcher_pending(handle)
    }

    /// Whether somebody waits for the job, which is then polled at once.
    func poke(_ id: UnsafePointer<CChar>) -> Int32 {
        pictory_watcher_poke(handle, id)
    }

    /// Adds a wait or a download by the closure, which is given C's watcher and the tag.
    func add(_ watch: Watch, _ add: (OpaquePointer, UInt64) -> Int32) -> Int32 {
        // C has a reference to it, until the end is handed out.
        let retained = Unmanaged.passRetained(watch)
        let code = add(handle, UInt64(UInt(bitPattern: retained.toOpaque())))
        if code != Code.ok.rawValue {
            retained.release()
        }
        return code
    }

    /// The thread. It holds no client.
    private func handOut() {
        while let result = pictory_watcher_take(handle, Int64(PICTORY_WAIT_FOREVER)) {
            give(result)
        }
        // The client is gone. Its calls have returned, but a loop that was left does not await its end.
        while let result = pictory_watcher_next(handle, Int64(PICTORY_WAIT_FOREVER)) {
            give(result)
        }
        waking.with { _ in pictory_watcher_free(handle) }
    }

    private func give(_ result: OpaquePointer) {
        let outcome = Outcome(owning: result)
        guard let address = UnsafeRawPointer(bitPattern: UInt(pictory_result_tag(result))) else {
            return
        }
        let watch = Unmanaged<Watch>.fromOpaque(address)
        watch.takeUnretainedValue().found(outcome)
        if !outcome.isUpdate {
            watch.release()
        }
    }
}
