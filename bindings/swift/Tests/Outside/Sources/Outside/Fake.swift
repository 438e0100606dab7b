import Pictory

/// The calls that a program makes, so that a test can answer them.
protocol Jobs: Sendable {
    func waitJob(_ id: String, options: WaitOptions) async throws -> Job
}

extension Client: Jobs {}

/// A double of a client: it fails as the real one does.
struct FailingJobs: Jobs {
    func waitJob(_ id: String, options: WaitOptions) async throws -> Job {
        throw PictoryError(code: .jobFailed, job: try parseJob(#"{"data": {"status": "failed"}}"#), jobID: id)
    }
}
