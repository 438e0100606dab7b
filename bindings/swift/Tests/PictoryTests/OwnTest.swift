import Foundation
import Pictory

/// The test that the emulator's README shows; compiled alone, since the emulator is elsewhere here.
func testOfOnesOwn(id: String) async throws -> Job {
    // From here on it is the README's.
    let emulator = Process()
    let out = Pipe()
    emulator.executableURL = URL(fileURLWithPath: "/usr/local/bin/pictory-emulator")
    emulator.arguments = ["--quiet"]
    emulator.standardOutput = out
    try emulator.run()
    defer { emulator.terminate() }
    let line = String(decoding: out.fileHandleForReading.availableData, as: UTF8.self)
    let url = line.trimmingCharacters(in: .newlines)
    let client = try Client(Config(apiKey: "any", baseURL: url))
    // To here.
    return try await client.getJob(id)
}
