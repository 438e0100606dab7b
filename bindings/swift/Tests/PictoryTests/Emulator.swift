import Foundation
import XCTest

@testable import Pictory

let doneJob = "4a09edf9-d071-4847-bda5-8dea913d80fe"
let failedJob = "fa11ed00-0000-4000-8000-000000000000"
let endlessJob = "00000000-0000-4000-8000-000000000000"

/// A job id for each number.
func jobID(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits + "-0000-4000-8000-00000000000a"
}

let completed = #"""
    {"body": {"job_id": "4a09edf9-d071-4847-bda5-8dea913d80fe", "success": true, "data": {
        "status": "completed", "duration": "8s", "width": 720, "height": 1280, "aiCreditsUsed": 12.8,
        "url": "{base}/media/video.mp4", "custom": {"a": [1]}}}}
    """#

/// The done job of the examples, but at once.
let examples = #"""
    {"jobs": {"4a09edf9-d071-4847-bda5-8dea913d80fe": [\#(completed)],
        "fa11ed00-0000-4000-8000-000000000000": [{"example": "failed"}],
        "00000000-0000-4000-8000-000000000000": [{"example": "in-progress"}]},
    "media": {"video.mp4": {"size": 3000000}, "gone.mp4": {"size": 10, "steps": [{"status": 410}]},
        "slow.mp4": {"size": 1000000,
            "steps": [{"stall_at_body": 900000, "dribble": {"bytes": 50000, "every_ms": 60}}, {}]}}}
    """#

/// A test that has an emulator, and a folder to write to.
class EmulatedTestCase: XCTestCase {
    private var emulators: [Process] = []
    private(set) var folder = URL(fileURLWithPath: "/")

    override func setUpWithError() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        if let url = ProcessInfo.processInfo.environment["PICTORY_EMULATOR_URL"] {
            setenv("PICTORY_API_BASE_URL", url, 1)
        } else {
            setenv("PICTORY_API_BASE_URL", try emulate(examples), 1)
        }
        setenv("PICTORY_API_KEY", "demo-key", 1)
    }

    override func tearDownWithError() throws {
        for emulator in emulators {
            emulator.terminate()
            emulator.waitUntilExit()
        }
        try FileManager.default.removeItem(at: folder)
    }

    /// The URL of an emulator of the test's own.
    func emulate(_ script: String) throws -> String {
        guard let program = ProcessInfo.processInfo.environment["PICTORY_EMULATOR"] else {
            throw XCTSkip("needs PICTORY_EMULATOR")
        }
        let file = folder.appendingPathComponent("script-\(emulators.count).json")
        let log = folder.appendingPathComponent("log-\(emulators.count)")
        try Data(script.utf8).write(to: file)
        try Data().write(to: log)
        let emulator = Process()
        emulator.executableURL = URL(fileURLWithPath: program)
        emulator.arguments = ["--script", file.path]
        emulator.standardOutput = try FileHandle(forWritingTo: log)
        try emulator.run()
        emulators.append(emulator)
        // Its first line is its base URL.
        while emulator.isRunning {
            let lines = try String(contentsOf: log, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            if lines.count > 1 {
                return String(lines[0])
            }
        }
        throw CocoaError(.executableLoad)
    }

    func path(_ name: String) -> String {
        folder.appendingPathComponent(name).path
    }
}

/// Expects an error of the library, and hands it on.
@discardableResult
func expectError<Value>(
    _ code: Code, file: StaticString = #filePath, line: UInt = #line,
    _ body: () async throws -> Value
) async -> PictoryError? {
    do {
        let value = try await body()
        XCTFail("no error, but \(value)", file: file, line: line)
    } catch let error as PictoryError {
        XCTAssertEqual(error.code, code, error.message, file: file, line: line)
        return error
    } catch {
        XCTFail("another error: \(error)", file: file, line: line)
    }
    return nil
}

/// Expects what a cancelled task throws.
func expectCancellation<Value: Sendable>(
    _ task: Task<Value, any Error>, file: StaticString = #filePath, line: UInt = #line
) async {
    switch await task.result {
    case .success(let value): XCTFail("no error, but \(value)", file: file, line: line)
    case .failure(let error):
        XCTAssertTrue(error is CancellationError, "\(error)", file: file, line: line)
    }
}

/// How many threads this process has.
func threads() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
}

/// What this process has in memory, in bytes.
func resident() throws -> Int {
    let statm = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return Int(statm.split(separator: " ")[1])! * sysconf(Int32(_SC_PAGESIZE))
}
