//! Which outputs a job has, and where each is.

use super::location::Location;
use crate::error::{Code, Error, Result};
use crate::job::Job;
use crate::text::{View, quote};

/// An output that a job leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Output {
    /// The video.
    Video = 0,
    /// A small image of it.
    Thumbnail = 1,
    /// Its last frame, the first of a continuation.
    LastFrame = 2,
    /// An image for a preview.
    Preview = 3,
}

impl Output {
    /// Every output, in the order of its number.
    pub const ALL: &[Output] =
        &[Output::Video, Output::Thumbnail, Output::LastFrame, Output::Preview];

    /// The output with this number, if this version knows it.
    pub fn from_number(number: i32) -> Option<Output> {
        Output::ALL.iter().copied().find(|output| *output as i32 == number)
    }

    /// Its name, ending in NUL.
    pub const fn name(self) -> &'static str {
        match self {
            Output::Video => "video\0",
            Output::Thumbnail => "thumbnail\0",
            Output::LastFrame => "last-frame\0",
            Output::Preview => "preview\0",
        }
    }

    /// Its name in a sentence.
    pub(super) fn noun(self) -> String {
        self.name().trim_end_matches('\0').replace('-', " ")
    }

    /// Its URL in this state of a job.
    pub fn url(self, job: &Job) -> Option<View<'_>> {
        match self {
            Output::Video => job.url(),
            Output::Thumbnail => job.thumbnail_image_url(),
            Output::LastFrame => job.last_frame_image_url(),
            Output::Preview => job.preview_image_url(),
        }
    }

    /// Where the output of this job is.
    pub(super) fn locate(self, job: &Job) -> Result<Location> {
        let missing = || {
            let (name, status) = (self.noun(), job.status());
            let status = job.status_text().map_or_else(
                || status.name().trim_end_matches('\0').to_owned(),
                |text| quote(text.as_str()),
            );
            let remedy = match job.status().is_final() {
                true => "choose another output",
                false => "wait until it has completed, or choose another output",
            };
            let message = format!("the job has no {name} (its status is '{status}'): {remedy}");
            Error::new(Code::OutputMissing, message)
        };
        let url = self.url(job).filter(|url| !url.as_str().is_empty());
        Location::parse(url.ok_or_else(missing)?.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_outputs_are_found_again() {
        for output in Output::ALL {
            assert_eq!(Output::from_number(*output as i32), Some(*output));
        }
        assert_eq!(Output::from_number(4), None);
        assert_eq!(Output::from_number(-1), None);
    }

    fn job(data: &str) -> Job {
        let body = format!(r#"{{"data": {data}}}"#);
        crate::response::parse(body.as_bytes()).1.unwrap()
    }

    #[test]
    fn each_output_has_its_own_url() {
        let job = job(r#"{"url": "https://a/v", "thumbnailImageUrl": "https://a/t",
            "lastFrameImageUrl": "https://a/l", "previewImageUrl": "https://a/p"}"#);
        let paths = Output::ALL.iter().map(|o| o.locate(&job).unwrap().path().to_owned());
        assert_eq!(paths.collect::<Vec<_>>(), ["/v", "/t", "/l", "/p"]);
    }

    #[test]
    fn an_output_that_is_not_there_is_named() {
        for data in [r#"{"status": "in-progress"}"#, r#"{"status": "in-progress", "url": ""}"#] {
            let error = Output::Video.locate(&job(data)).unwrap_err();
            assert_eq!(error.code, Code::OutputMissing);
            let said = "the job has no video (its status is 'in-progress'): ";
            assert!(error.message.starts_with(said), "{error}");
        }
    }
}
