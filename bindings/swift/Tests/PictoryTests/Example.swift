import Pictory

// This one is in the README.
func example(id: String, path: String) async throws {
    let client = try Client()  // PICTORY_API_KEY
    do {
        for try await update in client.updates(of: id) {
            print(update.polls, update.job?.status ?? .unknown)
        }
        let job = try await client.getJob(id)
        try await client.download(job, .video, to: path) { done, total in true }
    } catch let error as PictoryError where error.code == .jobFailed {
        print(error.job?.errorMessage ?? error.message)
    }
}
