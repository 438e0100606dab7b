import Foundation
import XCTest

@testable import Pictory

final class DownloadTests: EmulatedTestCase {
    private var script = ""

    override func setUpWithError() throws {
        try super.setUpWithError()
        setenv("PICTORY_API_BASE_URL", try emulate(examples), 1)
        script = path("examples.json")
        try Data(examples.utf8).write(to: URL(fileURLWithPath: script))
    }

    /// A job whose video is a file of the script.
    private func job(_ file: String) throws -> Job {
        let base = String(cString: getenv("PICTORY_API_BASE_URL"))
        return try parseJob(#"{"data": {"status": "completed", "url": "\#(base)/media/\#(file)"}}"#)
    }

    private func expectWhole(_ name: String) throws {
        let printing = Process()
        let output = Pipe()
        printing.executableURL = ProcessInfo.processInfo.environment["PICTORY_EMULATOR"].map {
            URL(fileURLWithPath: $0)
        }
        printing.arguments = ["--script", script, "--print", name]
        printing.standardOutput = output
        try printing.run()
        let wanted = output.fileHandleForReading.readDataToEndOfFile()
        printing.waitUntilExit()
        XCTAssertFalse(wanted.isEmpty)
        XCTAssertTrue(try Data(contentsOf: folder.appendingPathComponent(name)) == wanted)
    }

    func testDownloadIsTheFileToTheByte() async throws {
        let client = try Client()
        let told = Locked<[UInt64]>([])
        let job = try await client.getJob(doneJob)
        let bytes = try await client.download(job, .video, to: path("video.mp4")) { done, total in
            told.with { $0.append(done) }
            return total == 3_000_000
        }
        XCTAssertEqual(bytes, 3_000_000)
        XCTAssertEqual(told.with { $0.last }, 3_000_000)
        XCTAssertEqual(told.with { $0.sorted() }, told.with { $0 })
        try expectWhole("video.mp4")
    }

    func testDownloadThatIsCancelledGoesOn() async throws {
        let client = try Client()
        let job = try job("slow.mp4")
        let path = path("slow.mp4")
        let running = Locked<Task<UInt64, any Error>?>(nil)
        // It stalls near its end: only by being cancelled can it end.
        let task = Task {
            try await client.download(job, .video, to: path) { done, _ in
                if done > 0 {
                    running.with { $0?.cancel() }
                }
                return true
            }
        }
        running.with { $0 = task }
        await expectCancellation(task)
        let rest = try await client.download(job, .video, to: path)
        XCTAssertLessThan(rest, 1_000_000)
        try expectWhole("slow.mp4")
    }

    func testClosureEndsADownload() async throws {
        let client = try Client()
        let job = try job("video.mp4")
        let error = await expectError(.cancelled) {
            try await client.download(job, .video, to: path("video.mp4")) { _, _ in false }
        }
        XCTAssertEqual(error?.isRetryable, true)
        let options = DownloadOptions(timeout: .seconds(600), idleTimeout: .seconds(60), maxRetries: 0)
        try await client.download(job, .video, to: path("video.mp4"), options: options)
        try expectWhole("video.mp4")
    }

    /// A thousand tasks are in `download`, of outputs whose host falls silent: four run, none has a thread of
    /// its own, and each is ended by its own cancellation.
    func testManyDownloadsTakeFewThreads() async throws {
        let url = try emulate(#"{"media": {"v.mp4": {"size": 1000, "steps": [{"stall_at_body": 10}]}}}"#)
        let job = try parseJob(#"{"job_id": "\#(doneJob)", "data": {"url": "\#(url)/media/v.mp4"}}"#)
        let client = try Client()
        let before = try threads()
        let (runs, run) = AsyncStream<Int>.makeStream()
        let tasks = (0..<1000).map { number in
            let path = path("\(number)")
            return Task {
                try await client.download(job, .video, to: path) { _, _ in
                    run.yield(number)
                    return true
                }
            }
        }
        var running: Set<Int> = []
        for await number in runs {
            running.insert(number)
            if running.count == 4 { break }
        }
        let deadline = ContinuousClock.now + .seconds(60)
        while try client.usedWatcher().pending < 1000, ContinuousClock.now < deadline {
            await Task.yield()
        }
        let waits = try XCTUnwrap(tasks.indices.first { !running.contains($0) })
        tasks[waits].cancel()
        await expectCancellation(tasks[waits])
        XCTAssertLessThan(try threads() - before, 64)
        for task in tasks {
            task.cancel()
        }
        for task in tasks {
            await expectCancellation(task)
        }
    }

    func testDownloadFailsByItsCode() async throws {
        let client = try Client()
        let gone = try job("gone.mp4")
        await expectError(.outputExpired) { try await client.download(gone, .video, to: path("x")) }
        await expectError(.outputMissing) { try await client.download(gone, .preview, to: path("x")) }
        await expectError(.invalidArgument) {
            try await client.download(gone, Output(rawValue: 99), to: path("x"))
        }
        await expectError(.file) { try await client.download(gone, .video, to: folder.path) }
        await expectError(.invalidArgument) { try await client.download(gone, .video, to: "a\0b") }
        let web = try XCTUnwrap(URL(string: "https://a/b"))
        await expectError(.file) { try await client.download(gone, .video, to: web) }
        await expectError(.invalidArgument) {
            try await client.download(
                gone, .video, to: path("x"), options: DownloadOptions(timeout: .zero))
        }
    }
}
