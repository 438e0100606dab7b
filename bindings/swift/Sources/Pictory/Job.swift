import Cpictory
import Foundation

/// One state of a job, as one reply gave it.
///
/// It is a plain value: what is decoded is equal to what was encoded, ``field(_:)`` included.
public struct Job: Sendable, Hashable, Codable {
    /// The job's id: the one that the reply names, else the one asked for.
    public let id: String?
    /// How the job stands.
    public let status: Status
    /// The status as the API spelled it.
    public let statusText: String?
    /// Where the video is (MP4). It is fetched without the API key, and may expire.
    public let url: String?
    /// The length of the video as the API spelled it, such as "8s".
    public let duration: String?
    /// The length of the video in seconds; nil if it is absent or not understood.
    public let durationSeconds: Double?
    /// The width of the video, in pixels.
    public let width: Int?
    /// The height of the video, in pixels.
    public let height: Int?
    /// Where the thumbnail is.
    public let thumbnailImageURL: String?
    /// Where the last frame is. The URL can be the `firstFrameImageUrl` of a next generate-video request,
    /// which then continues the video.
    public let lastFrameImageURL: String?
    /// Where the preview is.
    public let previewImageURL: String?
    /// How many credits the job has cost.
    public let aiCreditsUsed: Double?
    /// In percent, where the API tells.
    public let progress: Double?
    /// Why the job failed, for a program.
    public let errorCode: String?
    /// Why the job failed, for a person.
    public let errorMessage: String?
    /// The reply that it was read from; nil where that was not the last one.
    private let body: Data?

    /// nil if no state was seen.
    init?(_ result: OpaquePointer) {
        guard let job = pictory_result_job(result) else {
            return nil
        }
        id = text(pictory_job_id(job))
        status = Status(rawValue: pictory_job_status(job))
        statusText = text(pictory_job_status_text(job))
        url = text(pictory_job_url(job))
        duration = text(pictory_job_duration(job))
        durationSeconds = number(pictory_job_duration_seconds(job))
        width = pixels(pictory_job_width(job))
        height = pixels(pictory_job_height(job))
        thumbnailImageURL = text(pictory_job_thumbnail_image_url(job))
        lastFrameImageURL = text(pictory_job_last_frame_image_url(job))
        previewImageURL = text(pictory_job_preview_image_url(job))
        aiCreditsUsed = number(pictory_job_ai_credits_used(job))
        progress = number(pictory_job_progress(job))
        errorCode = text(pictory_job_error_code(job))
        errorMessage = text(pictory_job_error_message(job))
        let isOwn = [0, 200].contains(pictory_result_http_status(result))
        body = isOwn ? bytes(of: result).map { Data($0) } : nil
    }

    /// Any member of the reply's `data` by its API name: a string as it is, anything else as JSON.
    public func field(_ name: String) -> String? {
        guard let body else { return nil }
        return body.withContiguousBytes { Outcome(parsing: $0) }.read { result in
            try? name.withC(.invalidArgument) { text(pictory_job_field(pictory_result_job(result), $0)) }
        }
    }

    /// Where an output is; nil if there is none, or what the API has given is no URL.
    public func outputURL(_ output: Output) -> URL? {
        let text: String?
        switch output {
        case .video: text = url
        case .thumbnail: text = thumbnailImageURL
        case .lastFrame: text = lastFrameImageURL
        case .preview: text = previewImageURL
        default: text = nil
        }
        return text.flatMap { URL(string: $0) }
    }

    /// The API's words about the job, as far as a download asks.
    func reply() -> Outcome {
        let data = [
            "status": status.description, "url": url, "thumbnailImageUrl": thumbnailImageURL,
            "lastFrameImageUrl": lastFrameImageURL, "previewImageUrl": previewImageURL,
        ].compactMapValues { $0 }
        // The library downloads for no job without an id; this one is nobody's.
        let id = id ?? "00000000-0000-0000-0000-000000000000"
        let reply: [String: Any] = ["job_id": id, "data": data]
        // Texts alone: there is nothing in there that could not be written.
        let json = try? JSONSerialization.data(withJSONObject: reply)
        return (json ?? Data()).withContiguousBytes { Outcome(parsing: $0) }
    }
}

extension Job: CustomStringConvertible {
    /// The job's id and status.
    public var description: String {
        let status = self.status == .unknown ? statusText ?? self.status.description : self.status.description
        return "job \(id ?? "without an id"): \(status)"
    }
}

extension Data {
    fileprivate func withContiguousBytes<Value>(_ body: (UnsafeBufferPointer<UInt8>) -> Value) -> Value {
        ContiguousArray(self).withUnsafeBufferPointer(body)
    }
}

private func pixels(_ value: UInt32) -> Int? {
    value == 0 ? nil : Int(value)
}

/// Reads the body of a reply that the caller holds already, such as a webhook's. Nothing is sent: what
/// came from elsewhere proves nothing until ``Client/getJob(_:)`` has confirmed it.
///
/// - Throws: a ``PictoryError`` if it is no reply, or one that tells of an error.
public func parseJob(_ body: some Sequence<UInt8>) throws -> Job {
    try ContiguousArray(body).withUnsafeBufferPointer { Outcome(parsing: $0) }.job()
}

/// Reads the body of a reply that the caller holds already, as text.
///
/// - Throws: a ``PictoryError`` if it is no reply, or one that tells of an error.
public func parseJob(_ body: String) throws -> Job {
    try parseJob(body.utf8)
}
