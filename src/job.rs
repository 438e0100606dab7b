//! A job: its id, its status, and one state of it as the API gave it.

use std::fmt;
use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::reply::Reply;
use crate::text::{Texts, View, quote};

/// The status of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Status {
    /// No status, or one that this version does not know.
    Unknown = 0,
    /// Still being made.
    InProgress = 1,
    /// Done, with outputs.
    Completed = 2,
    /// Ended without a video.
    Failed = 3,
    /// Completed once, but the outputs were removed.
    Cleaned = 4,
}

impl Status {
    /// Every status, in the order of its number.
    pub const ALL: &[Status] =
        &[Status::Unknown, Status::InProgress, Status::Completed, Status::Failed, Status::Cleaned];

    /// The API's spelling, ending in NUL.
    pub const fn name(self) -> &'static str {
        match self {
            Status::Unknown => "unknown\0",
            Status::InProgress => "in-progress\0",
            Status::Completed => "completed\0",
            Status::Failed => "failed\0",
            Status::Cleaned => "cleaned\0",
        }
    }

    /// The status with this number, if this version knows it.
    pub fn from_number(number: i32) -> Option<Status> {
        Status::ALL.iter().copied().find(|status| *status as i32 == number)
    }

    /// Reads the API's spelling, in any case, with `_`, `-` or a blank between the words.
    pub(crate) fn read(text: &str) -> Status {
        let same = |name: &str| {
            let fold = |byte: u8| match byte {
                b'_' | b' ' => b'-',
                other => other.to_ascii_lowercase(),
            };
            text.trim().bytes().map(fold).eq(name.trim_end_matches('\0').bytes())
        };
        let known = Status::ALL.iter().copied().find(|status| same(status.name()));
        known.unwrap_or(Status::Unknown)
    }

    /// Whether the job will not change any more.
    pub fn is_final(self) -> bool {
        matches!(self, Status::Completed | Status::Failed | Status::Cleaned)
    }
}

/// The id of a job: a hyphenated UUID, which is why it cannot change the path of a request.
#[derive(Clone, Copy)]
pub struct JobId([u8; 37]);

impl JobId {
    /// Checks `text`; both cases are accepted and kept.
    pub fn parse(text: &str) -> Result<JobId> {
        let digit_or_hyphen = |(position, byte): (usize, u8)| match position {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        };
        match <[u8; 36]>::try_from(text.as_bytes()) {
            Ok(bytes) if bytes.into_iter().enumerate().all(digit_or_hyphen) => {
                let mut id = [0; 37];
                id.iter_mut().zip(bytes).for_each(|(to, from)| *to = from);
                Ok(JobId(id))
            }
            _ => Err(Error::new(
                Code::InvalidJobId,
                format!(
                    "'{}' is not a job id: it must be a hyphenated UUID such as \
                     4a09edf9-d071-4847-bda5-8dea913d80fe",
                    quote(text)
                ),
            )),
        }
    }

    /// The id as it was given.
    pub fn view(&self) -> View<'_> {
        View::of(&self.0)
    }

    /// The id as it was given.
    pub fn as_str(&self) -> &str {
        self.view().as_str()
    }
}

impl JobId {
    /// The sixteen bytes of the UUID, which do not depend on the case of its digits.
    pub(crate) fn bytes(&self) -> [u8; 16] {
        let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or(0) as u8;
        let digits = self.0.iter().filter(|byte| byte.is_ascii_hexdigit());
        let mut bytes = [0; 16];
        for (position, digit) in digits.enumerate() {
            if let Some(byte) = bytes.get_mut(position / 2) {
                *byte = *byte << 4 | value(*digit);
            }
        }
        bytes
    }
}

impl PartialEq for JobId {
    fn eq(&self, other: &JobId) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for JobId {}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text members of a job, as indices into `Job::texts`.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Field {
    Id,
    StatusText,
    Url,
    Duration,
    ThumbnailImageUrl,
    LastFrameImageUrl,
    PreviewImageUrl,
    ErrorCode,
    ErrorMessage,
}

/// The number of text members of a job.
pub(crate) const FIELDS: usize = 9;

/// A snapshot of a job, as one reply gave it.
#[derive(Debug, Clone)]
pub struct Job {
    pub(crate) status: Status,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) duration_seconds: Option<f64>,
    pub(crate) ai_credits_used: Option<f64>,
    pub(crate) progress: Option<f64>,
    pub(crate) texts: Texts<FIELDS>,
    pub(crate) reply: Arc<Reply>,
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident = $field:ident;)*) => {
        $($(#[$doc])* pub fn $name(&self) -> Option<View<'_>> {
            self.texts.get(Field::$field as usize)
        })*
    };
}

impl Job {
    texts! {
        /// The id that the reply names, else the one asked for.
        id = Id;
        /// The status as the API spelled it.
        status_text = StatusText;
        /// Where the video is.
        url = Url;
        /// How long the video is, as the API spelled it.
        duration = Duration;
        /// Where the thumbnail is.
        thumbnail_image_url = ThumbnailImageUrl;
        /// Where the last frame is, the first of a continuation.
        last_frame_image_url = LastFrameImageUrl;
        /// Where the preview is.
        preview_image_url = PreviewImageUrl;
        /// Why the job failed, for a program.
        error_code = ErrorCode;
        /// Why the job failed, for a person.
        error_message = ErrorMessage;
    }

    /// How the job stands.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Width of the video in pixels, 0 if absent.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height of the video in pixels, 0 if absent.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Length of the video in seconds.
    pub fn duration_seconds(&self) -> Option<f64> {
        self.duration_seconds
    }

    /// AI credits that the job cost.
    pub fn ai_credits_used(&self) -> Option<f64> {
        self.ai_credits_used
    }

    /// How far the job is, in percent.
    pub fn progress(&self) -> Option<f64> {
        self.progress
    }

    /// Any member of `data` by its API name: a string as it is, anything else as JSON.
    pub fn field(&self, name: &str) -> Option<View<'_>> {
        self.reply.member(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_read_in_any_case_with_any_hyphen() {
        for text in ["in-progress", "IN_PROGRESS", "In Progress", " in-progress "] {
            assert_eq!(Status::read(text), Status::InProgress, "{text}");
        }
        assert_eq!(Status::read("Completed"), Status::Completed);
        assert_eq!(Status::read("inprogress"), Status::Unknown);
        assert_eq!(Status::read("queued"), Status::Unknown);
        assert_eq!(Status::read(""), Status::Unknown);
    }

    #[test]
    fn only_a_hyphenated_uuid_is_a_job_id() {
        let id = "4A09edf9-d071-4847-bda5-8dea913d80fe";
        assert_eq!(JobId::parse(id).unwrap().as_str(), id);
        assert_eq!(JobId::parse(id).unwrap(), JobId::parse(&id.to_lowercase()).unwrap());
        let bytes = JobId::parse(id).unwrap().bytes();
        assert_eq!(bytes, JobId::parse(&id.to_lowercase()).unwrap().bytes());
        assert_eq!(bytes[..6], [0x4a, 0x09, 0xed, 0xf9, 0xd0, 0x71]);
        assert_eq!(bytes[14..], [0x80, 0xfe]);
        for bad in [
            "",
            "4a09edf9d0714847bda58dea913d80fe",
            "4a09edf9-d071-4847-bda5-8dea913d80f",
            "4a09edf9-d071-4847-bda5-8dea913d80fe0",
            "4a09edf9-d071-4847-bda5-8dea913d80fg",
            "{4a09edf9-d071-4847-bda5-8dea913d80fe}",
            " 4a09edf9-d071-4847-bda5-8dea913d80fe",
            "../../../../../../../../../../../etc/",
            "4a09edf9-d071-4847-bda5-8dea913d80f/",
            "4a09edf9+d071-4847-bda5-8dea913d80fe",
        ] {
            assert_eq!(JobId::parse(bad).unwrap_err().code, Code::InvalidJobId, "{bad}");
        }
    }
}
