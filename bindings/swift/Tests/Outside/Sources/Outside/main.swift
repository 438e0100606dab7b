import Foundation
import Pictory

/// Each way to catch an error compiles, in a function that throws, and catches it.
func refusal(of config: Config) throws -> Code? {
    do {
        _ = try Client(config)
        return nil
    } catch let error as PictoryError {
        return error.code
    }
}

func isRefused(_ config: Config) throws -> Bool {
    do {
        _ = try Client(config)
        return false
    } catch is PictoryError {
        return true
    }
}

func isUnreadable(_ body: String) throws -> Bool {
    do {
        _ = try parseJob(body)
        return false
    } catch let error as PictoryError where error.code == .invalidResponse {
        return true
    }
}

func outcome(of id: String, _ jobs: some Jobs) async throws -> Status? {
    do {
        return try await jobs.waitJob(id, options: WaitOptions()).status
    } catch let error as PictoryError where error.code == .jobFailed {
        return error.job?.status
    }
}

/// What a program does with a client, compiled as a user's: in a task of its own, that is cancelled.
func use(_ client: Client) async throws {
    let task = Task {
        while !Task.isCancelled {
            await Task.yield()
        }
        for try await update in client.updates(of: "x", buffering: .bufferingNewest(2)) {
            print(update)
        }
        return try await client.download(
            client.getJob("x"), .video, to: URL(fileURLWithPath: "x")
        ) { done, total in done < total }
    }
    task.cancel()
    do {
        _ = try await task.value
    } catch is CancellationError {
        return
    }
}

func expect(_ isSo: Bool, line: Int = #line) {
    if !isSo {
        print("line \(line) is not so")
        exit(1)
    }
}

var none = Config(baseURL: URL(string: "https://example.com")!)
none.ignoresEnvironment = true
expect(try refusal(of: none) == .invalidAPIKey)
expect(try isRefused(none))
expect(try isUnreadable("<html>"))
expect(try await outcome(of: "x", FailingJobs()) == .failed)
none.apiKey = "key"
try await use(Client(none))
print("a program outside is as it should be")
