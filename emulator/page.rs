//! The five replies printed on the API's page, byte for byte.

use serde::Deserialize;

/// The job id the page uses; its replies carry the id asked for in its place.
pub const JOB_ID: &str = "4a09edf9-d071-4847-bda5-8dea913d80fe";

/// One of the page's replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Example {
    InProgress,
    Completed,
    Failed,
    NotFound,
    Unauthorized,
}

impl Example {
    /// The name of a status in the page's prose, and in the steps of a script.
    pub fn name(self) -> &'static str {
        match self {
            Example::InProgress => "in-progress",
            Example::Completed => "completed",
            Example::Failed => "failed",
            Example::NotFound => "not-found",
            Example::Unauthorized => "unauthorized",
        }
    }

    /// The HTTP status the page prints above it.
    pub fn status(self) -> u16 {
        if self == Example::Unauthorized { 401 } else { 200 }
    }

    /// The body, about the job `id`.
    pub fn body(self, id: &str) -> String {
        let body = match self {
            Example::InProgress => IN_PROGRESS,
            Example::Completed => COMPLETED,
            Example::Failed => FAILED,
            Example::NotFound => NOT_FOUND,
            Example::Unauthorized => UNAUTHORIZED,
        };
        body.replace(JOB_ID, id)
    }
}

const IN_PROGRESS: &str = r#"{
    "job_id": "4a09edf9-d071-4847-bda5-8dea913d80fe",
    "success": true,
    "data": {
        "status": "in-progress"
    }
}"#;

const COMPLETED: &str = r#"{
    "job_id": "4a09edf9-d071-4847-bda5-8dea913d80fe",
    "success": true,
    "data": {
        "duration": "8s",
        "thumbnailImageUrl": "https://example.cloudfront.net/videos/user/a1b2c3d4-e5f6-7890-abcd-ef1234567890/d7c6b5a4-e3f2-1098-dcba-fedcba987654_thumbnail.jpg",
        "lastFrameImageUrl": "https://example.cloudfront.net/videos/user/a1b2c3d4-e5f6-7890-abcd-ef1234567890/d7c6b5a4-e3f2-1098-dcba-fedcba987654_last_frame.png",
        "previewImageUrl": "https://example.cloudfront.net/videos/user/a1b2c3d4-e5f6-7890-abcd-ef1234567890/d7c6b5a4-e3f2-1098-dcba-fedcba987654_preview.jpg",
        "width": 720,
        "aiCreditsUsed": 12.8,
        "height": 1280,
        "url": "https://example.cloudfront.net/videos/user/a1b2c3d4-e5f6-7890-abcd-ef1234567890/d7c6b5a4-e3f2-1098-dcba-fedcba987654.mp4",
        "status": "completed"
    }
}"#;

const FAILED: &str = r#"{
    "job_id": "4a09edf9-d071-4847-bda5-8dea913d80fe",
    "success": false,
    "data": {
        "status": "failed",
        "error_code": "5001",
        "error_message": "Video generation failed due to an internal error."
    }
}"#;

const NOT_FOUND: &str = r#"{
    "id": "4a09edf9-d071-4847-bda5-8dea913d80fe",
    "success": false,
    "data": {
        "error_code": "5000",
        "error_message": "JOB_NOT_FOUND"
    }
}"#;

const UNAUTHORIZED: &str = r#"{
    "message": "Unauthorized"
}"#;
