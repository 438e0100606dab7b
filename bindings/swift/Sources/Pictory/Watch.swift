import Cpictory

/// One wait, until C has handed it out.
final class Watch: Sendable {
    let token: Token
    let tell: (@Sendable (Update) -> Void)?
    let settle: @Sendable (Outcome) -> Void
    private let lastJob = Locked<Job?>(nil)

    init(
        _ token: Token, tell: (@Sendable (Update) -> Void)?,
        settle: @escaping @Sendable (Outcome) -> Void
    ) {
        self.token = token
        self.tell = tell
        self.settle = settle
    }

    /// A poll was made. Its result is C's, and gone afterwards.
    func polled(_ result: OpaquePointer) {
        if pictory_result_code(result) == Code(PICTORY_OK).rawValue {
            let job = copy(result)
            lastJob.with { $0 = job }
            tell?(Update(result, job: job, error: nil))
        } else {
            let job = lastJob.with { $0 }
            tell?(Update(result, job: job, error: PictoryError(result, job: job)))
        }
    }

    /// The job of a good poll; its id may be known from the question alone.
    private func copy(_ result: OpaquePointer) -> Job? {
        let id = text(pictory_job_id(pictory_result_job(result)))
        let body = bytes(of: result) ?? UnsafeRawBufferPointer(start: nil, count: 0)
        return Job(body.withMemoryRebound(to: UInt8.self) { Outcome(parsing: $0) }, id: id)
    }
}

/// The watcher that serves all waits of a client.
struct Watching {
    /// nil before the first wait.
    var watcher: OpaquePointer?
    /// Whether there is a thread that hands out what is settled.
    var isHandingOut = false
}

extension Client {
    /// Waits for a job, until the watch is told that it has settled.
    func watch(_ id: String, _ options: WaitOptions, _ watch: Watch) throws(PictoryError) {
        let packed = try PackedWaitOptions(options, watch.token)
        // C has a reference to it, until it hands it out.
        let address = Unmanaged.passRetained(watch).toOpaque()
        if watch.tell != nil {
            pictory_wait_options_set_on_poll(packed.handle, tellPoll, address)
        }
        let code = Result { () throws(PictoryError) in
            try id.withC(.invalidJobID) { id in
                watching.with { add(id, packed, address, &$0) }
            }
        }
        do throws(PictoryError) {
            try check(code.get())
        } catch {
            Unmanaged<Watch>.fromOpaque(address).release()
            throw PictoryError(error.code, error.message, jobID: id)
        }
    }

    private func add(
        _ id: UnsafePointer<CChar>, _ options: PackedWaitOptions, _ address: UnsafeMutableRawPointer,
        _ watching: inout Watching
    ) -> Int32 {
        if watching.watcher == nil {
            let code = pictory_watcher_new(handle, &watching.watcher)
            if code != Code(PICTORY_OK).rawValue {
                return code
            }
        }
        let tag = UInt64(UInt(bitPattern: address))
        let code = pictory_watcher_add(watching.watcher, id, options.handle, tag)
        if code == Code(PICTORY_OK).rawValue && !watching.isHandingOut {
            do throws(PictoryError) {
                try onThread { self.handOut() }
                watching.isHandingOut = true
            } catch {
                pictory_watcher_remove(watching.watcher, id, tag)
                return error.code.rawValue
            }
        }
        return code
    }

    /// The thread: settles watches as long as there are any.
    private func handOut() {
        let watcher = watching.with { $0.watcher }
        while true {
            if let result = pictory_watcher_next(watcher, Int64(PICTORY_WAIT_FOREVER)) {
                let address = UnsafeRawPointer(bitPattern: UInt(pictory_result_tag(result)))
                let outcome = Outcome(owning: result)
                address.map { Unmanaged<Watch>.fromOpaque($0).takeRetainedValue().settle(outcome) }
            } else if isIdle() {
                return
            }
        }
    }

    /// Whether nobody waits; then the next one to do so starts another thread.
    private func isIdle() -> Bool {
        watching.with {
            $0.isHandingOut = pictory_watcher_pending($0.watcher) > 0
            return !$0.isHandingOut
        }
    }
}

private let tellPoll: pictory_poll_callback = { result, userData in
    if let result, let userData {
        Unmanaged<Watch>.fromOpaque(userData).takeUnretainedValue().polled(result)
    }
    return true
}
