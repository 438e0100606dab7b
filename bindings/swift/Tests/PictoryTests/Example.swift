import Pictory

// This one is in the README.
func example(id: String, path: String) async throws {
    let client = try Client()  // PICTORY_API_KEY
    do {
        let job = try await client.waitJob(id, options: WaitOptions(maxWait: .seconds(1200)))
        let bytes = try await client.download(job, .video, to: path) { done, total in true }
        print(bytes, "bytes,", job.durationSeconds ?? 0, "seconds")
    } catch let error as PictoryError where error.code == .jobFailed {
        print(error.job?.errorMessage ?? error.message)
    }
}
