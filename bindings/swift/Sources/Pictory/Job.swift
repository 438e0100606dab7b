import Cpictory

/// One state of a job, as one reply gave it. It stays as it is, however long it is kept.
public struct Job: Sendable {
    let outcome: Outcome
    /// The job's id: the one that the reply names, else the one asked for.
    public let id: String?

    /// nil if no state was seen.
    init?(_ outcome: Outcome, id: String? = nil) {
        self.outcome = outcome
        guard outcome.read({ pictory_result_job($0) }) != nil else {
            return nil
        }
        self.id = id ?? outcome.read { text(pictory_job_id(pictory_result_job($0))) }
    }

    public var status: Status { read { Status(rawValue: pictory_job_status($0)) } }
    /// The status as the API spelled it.
    public var statusText: String? { read { text(pictory_job_status_text($0)) } }
    /// Where the video is (MP4). It is fetched without the API key, and may expire.
    public var url: String? { read { text(pictory_job_url($0)) } }
    /// The length of the video as the API spelled it, such as "8s".
    public var duration: String? { read { text(pictory_job_duration($0)) } }
    public var durationSeconds: Double? { read { number(pictory_job_duration_seconds($0)) } }
    /// In pixels.
    public var width: Int? { read { pixels(pictory_job_width($0)) } }
    /// In pixels.
    public var height: Int? { read { pixels(pictory_job_height($0)) } }
    public var thumbnailImageURL: String? { read { text(pictory_job_thumbnail_image_url($0)) } }
    /// The URL can be the `firstFrameImageUrl` of a next generate-video request, which then continues the
    /// video.
    public var lastFrameImageURL: String? { read { text(pictory_job_last_frame_image_url($0)) } }
    public var previewImageURL: String? { read { text(pictory_job_preview_image_url($0)) } }
    public var aiCreditsUsed: Double? { read { number(pictory_job_ai_credits_used($0)) } }
    /// In percent, where the API tells.
    public var progress: Double? { read { number(pictory_job_progress($0)) } }
    /// Why the job failed, for a program.
    public var errorCode: String? { read { text(pictory_job_error_code($0)) } }
    /// Why the job failed, for a person.
    public var errorMessage: String? { read { text(pictory_job_error_message($0)) } }

    /// Any member of the reply's `data` by its API name: a string as it is, anything else as JSON.
    public func field(_ name: String) -> String? {
        read { job in try? name.withC(.invalidArgument) { text(pictory_job_field(job, $0)) } }
    }

    func read<Value>(_ body: (OpaquePointer?) -> Value) -> Value {
        outcome.read { body(pictory_result_job($0)) }
    }
}

private func pixels(_ value: UInt32) -> Int? {
    value == 0 ? nil : Int(value)
}

/// Reads the body of a reply that the caller holds already, such as a webhook's. Nothing is sent: what
/// came from elsewhere proves nothing until ``Client/getJob(_:)`` has confirmed it.
public func parseJob(_ body: some Sequence<UInt8>) throws(PictoryError) -> Job {
    try ContiguousArray(body).withUnsafeBufferPointer { Outcome(parsing: $0) }.job()
}

/// Reads the body of a reply that the caller holds already, as text.
public func parseJob(_ body: String) throws(PictoryError) -> Job {
    try parseJob(body.utf8)
}
