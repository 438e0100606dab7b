//! `pictory_job`.

use std::ffi::c_char;

use super::boundary::{self, Handle, optional, pointer, text};
use super::types::{output_value, status_value};
use crate::download::Output;
use crate::job::Job;

/// One state of a job, as one reply gave it. It lives inside a result, and is never freed by the
/// caller. Strings are borrowed: UTF-8, valid until the result is freed, NULL where absent. A NUL
/// inside a JSON string became U+FFFD.
pub struct pictory_job {
    _private: (),
}

impl Handle for pictory_job {
    type Core = Job;
}

/// The job's id: the one that the reply names, else the one asked for.
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL if there is none.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_id(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::id)))
}

/// How the job stands.
///
/// @param job the job; NULL has none.
/// @return the status; PICTORY_STATUS_UNKNOWN for one that is missing or that this version does
/// not know.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_status(job: *const pictory_job) -> status_value {
    boundary::value(0, || optional(job).map_or(0, |job| job.status() as status_value))
}

/// The status as the API spelled it, such as "in-progress".
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL if the reply had none.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_status_text(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::status_text)))
}

/// Where the video is (MP4). It is fetched without the API key, and may expire.
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL until the job has completed.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_url(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::url)))
}

/// The length of the video as the API spelled it, such as "8s".
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL if absent.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_duration(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::duration)))
}

/// The length of the video in seconds, such as 8.0.
///
/// @param job the job; NULL has none.
/// @return the seconds; -1 if absent or not understood.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_duration_seconds(job: *const pictory_job) -> f64 {
    boundary::value(-1.0, || optional(job).and_then(Job::duration_seconds).unwrap_or(-1.0))
}

/// The width of the video in pixels.
///
/// @param job the job; NULL has none.
/// @return the pixels; 0 if absent.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_width(job: *const pictory_job) -> u32 {
    boundary::value(0, || optional(job).map_or(0, Job::width))
}

/// The height of the video in pixels.
///
/// @param job the job; NULL has none.
/// @return the pixels; 0 if absent.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_height(job: *const pictory_job) -> u32 {
    boundary::value(0, || optional(job).map_or(0, Job::height))
}

/// Where the thumbnail is (JPG).
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL if absent.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_thumbnail_image_url(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::thumbnail_image_url)))
}

/// Where the last frame of the video is (PNG). It can be the `firstFrameImageUrl` of a next
/// generate-video request, which then continues the video without a seam.
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL if absent.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_last_frame_image_url(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::last_frame_image_url)))
}

/// Where the preview image is (JPG).
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL if absent.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_preview_image_url(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::preview_image_url)))
}

/// Where an output is: the one of the four URLs above that pictory_download() fetches.
///
/// @param job the job; NULL has none.
/// @param output which output.
/// @return a string that lives as long as the result; NULL if absent, and for a number that this version
/// does not know.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_output_url(
    job: *const pictory_job,
    output: output_value,
) -> *const c_char {
    boundary::value(std::ptr::null(), || {
        let output = Output::from_number(output);
        pointer(optional(job).zip(output).and_then(|(job, output)| output.url(job)))
    })
}

/// How many AI credits the job cost.
///
/// @param job the job; NULL has none.
/// @return the credits; -1 if absent.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_ai_credits_used(job: *const pictory_job) -> f64 {
    boundary::value(-1.0, || optional(job).and_then(Job::ai_credits_used).unwrap_or(-1.0))
}

/// How far the job is, in percent, where the API tells: render jobs do.
///
/// @param job the job; NULL has none.
/// @return 0 to 100; -1 if absent.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_progress(job: *const pictory_job) -> f64 {
    boundary::value(-1.0, || optional(job).and_then(Job::progress).unwrap_or(-1.0))
}

/// Why the job failed, for a program, such as "5001".
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL if the reply had none.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_error_code(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::error_code)))
}

/// Why the job failed, for a person.
///
/// @param job the job; NULL has none.
/// @return a string that lives as long as the result; NULL if the reply had none.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_error_message(job: *const pictory_job) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(job).and_then(Job::error_message)))
}

/// Any member of the reply's `data` by its API name, for what has no function of its own.
///
/// @param job the job; NULL has none.
/// @param name the name as the API spells it, such as "videoShareURL".
/// @return a string as it is, anything else as JSON; the same pointer each time; NULL if absent or
/// `null`, or if `name` is NULL or not UTF-8.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_field(job: *const pictory_job, name: *const c_char) -> *const c_char {
    boundary::value(std::ptr::null(), || {
        let (Some(job), Ok(name)) = (optional(job), text(name, "name")) else {
            return std::ptr::null();
        };
        pointer(job.field(name))
    })
}
