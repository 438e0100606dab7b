//! Enums, constants and callbacks of the header.

use std::ffi::{c_char, c_void};

use super::result::pictory_result;

/// Major version of this header.
pub const PICTORY_VERSION_MAJOR: u32 = 0;
/// Minor version of this header.
pub const PICTORY_VERSION_MINOR: u32 = 1;
/// Patch version of this header.
pub const PICTORY_VERSION_PATCH: u32 = 0;
/// ABI of this header. The library that is loaded tells its own by pictory_abi_version().
pub const PICTORY_ABI_VERSION: u32 = 1;
/// Instead of a time in milliseconds, where the function says so: for ever.
pub const PICTORY_WAIT_FOREVER: i64 = -1;
/// Instead of a count, where the function says so: no limit.
pub const PICTORY_UNLIMITED: u32 = u32::MAX;

/// How a call ended. Codes may be added within an ABI version: every `switch` over them has a
/// `default`. Numbers are never reused.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum pictory_code {
    /// Get: a job state was read, whatever it is. Wait: the job completed. Download: the file is in
    /// its place.
    PICTORY_OK = 0,
    /// NULL, invalid UTF-8, or a value out of range; the message says which.
    PICTORY_ERROR_INVALID_ARGUMENT = 1,
    /// The job id is not a hyphenated UUID. No request was sent.
    PICTORY_ERROR_INVALID_JOB_ID = 2,
    /// The API key is missing, empty, not printable ASCII, or given with a "Bearer " prefix.
    PICTORY_ERROR_INVALID_API_KEY = 3,
    /// The base URL, the proxy or an output's URL cannot be parsed or has an unsupported scheme.
    PICTORY_ERROR_INVALID_URL = 4,
    /// Plain http to a host that is not loopback, which the configuration does not allow, and which
    /// an output is never fetched by.
    PICTORY_ERROR_INSECURE_URL = 5,
    /// The CA file cannot be read or holds no certificate, or the system has none.
    PICTORY_ERROR_CERTIFICATES = 6,
    /// The system refused a descriptor, a thread or memory; the message says which.
    PICTORY_ERROR_SYSTEM = 7,
    /// pictory_watcher_add(): this job id is watched under this tag, and not handed out yet.
    PICTORY_ERROR_ALREADY_WATCHED = 8,
    /// pictory_watcher_remove(), pictory_watcher_poke(): there is no such watch.
    PICTORY_ERROR_NOT_WATCHED = 9,
    /// The host name could not be resolved.
    PICTORY_ERROR_RESOLVE = 100,
    /// Nobody answers at that address.
    PICTORY_ERROR_CONNECT = 101,
    /// The TLS handshake or the certificate check failed.
    PICTORY_ERROR_TLS = 102,
    /// The proxy refused or failed.
    PICTORY_ERROR_PROXY = 103,
    /// One request ran out of its time, or a download out of its own.
    PICTORY_ERROR_TIMEOUT = 104,
    /// The connection broke, or the body ended early.
    PICTORY_ERROR_CONNECTION_LOST = 105,
    /// HTTP 401: the API key was refused.
    PICTORY_ERROR_UNAUTHORIZED = 200,
    /// HTTP 403: the edge in front of the API refused. This does not prove the key wrong.
    PICTORY_ERROR_FORBIDDEN = 201,
    /// HTTP 404, or the API's JOB_NOT_FOUND.
    PICTORY_ERROR_JOB_NOT_FOUND = 202,
    /// HTTP 429.
    PICTORY_ERROR_RATE_LIMITED = 203,
    /// HTTP 5xx.
    PICTORY_ERROR_SERVER = 204,
    /// Any other HTTP status that is not 200, redirects included.
    PICTORY_ERROR_HTTP_STATUS = 205,
    /// The API reported `success: false` without a failed job.
    PICTORY_ERROR_API = 206,
    /// Not JSON, not the documented shape, another job's id, or larger than 1 MiB.
    PICTORY_ERROR_INVALID_RESPONSE = 207,
    /// Wait: the job ended as failed.
    PICTORY_ERROR_JOB_FAILED = 300,
    /// Wait: the job's outputs were removed.
    PICTORY_ERROR_JOB_CLEANED = 301,
    /// Wait: time is up. The job may still be running, and billed.
    PICTORY_ERROR_WAIT_TIMEOUT = 302,
    /// Cancelled by the token or by a callback. The job itself goes on.
    PICTORY_ERROR_CANCELLED = 303,
    /// Wait: a status that this version does not know, when told to stop on it, or still there when
    /// time is up.
    PICTORY_ERROR_UNEXPECTED_STATUS = 304,
    /// The job has no such output.
    PICTORY_ERROR_OUTPUT_MISSING = 400,
    /// HTTP 403, 404 or 410 from the host of the output.
    PICTORY_ERROR_OUTPUT_EXPIRED = 401,
    /// The local file could not be written, or another download of the same path is under way.
    PICTORY_ERROR_FILE = 402,
    /// A defect in this library.
    PICTORY_ERROR_INTERNAL = 900,
}

/// How a job stands. Statuses may be added within an ABI version: every `switch` over them has a
/// `default`.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum pictory_status {
    /// Missing, or one that this version does not know: see pictory_job_status_text().
    PICTORY_STATUS_UNKNOWN = 0,
    /// Still being made.
    PICTORY_STATUS_IN_PROGRESS = 1,
    /// Done, with outputs.
    PICTORY_STATUS_COMPLETED = 2,
    /// Ended without a video: see pictory_job_error_message().
    PICTORY_STATUS_FAILED = 3,
    /// Its outputs were removed.
    PICTORY_STATUS_CLEANED = 4,
}

/// How important a log line is. A level includes those before it.
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum pictory_log_level {
    /// Nothing.
    PICTORY_LOG_LEVEL_OFF = 0,
    /// Failures that end a call.
    PICTORY_LOG_LEVEL_ERROR = 1,
    /// Failures that were overcome, such as a failed poll.
    PICTORY_LOG_LEVEL_WARN = 2,
    /// How calls ended.
    PICTORY_LOG_LEVEL_INFO = 3,
    /// Every request.
    PICTORY_LOG_LEVEL_DEBUG = 4,
}

/// The outputs of a job, for pictory_download().
#[repr(i32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum pictory_output {
    /// The video: pictory_job_url().
    PICTORY_OUTPUT_VIDEO = 0,
    /// A small image: pictory_job_thumbnail_image_url().
    PICTORY_OUTPUT_THUMBNAIL = 1,
    /// The last frame: pictory_job_last_frame_image_url().
    PICTORY_OUTPUT_LAST_FRAME = 2,
    /// An image for a preview: pictory_job_preview_image_url().
    PICTORY_OUTPUT_PREVIEW = 3,
}

/// A `pictory_code` as C passes it: any number.
pub type code_value = i32;
/// A `pictory_status` as C passes it: any number.
pub type status_value = i32;
/// A `pictory_log_level` as C passes it: any number.
pub type log_level_value = i32;
/// A `pictory_output` as C passes it: any number.
pub type output_value = i32;

/// Told after every poll that does not end the wait, on the thread that waits.
///
/// @param update that poll's outcome, with pictory_result_polls(), pictory_result_elapsed_ms() and
/// pictory_result_next_poll_ms(). It lives until the callback returns, and is not freed there.
/// @param user_data what was given with the callback.
/// @return true to go on; false to stop: the call then reports PICTORY_ERROR_CANCELLED.
///
/// It must return: no exception, longjmp or thread exit through it. It may call any function
/// except one that frees what its own call uses.
pub type pictory_poll_callback =
    Option<unsafe extern "C" fn(update: *const pictory_result, user_data: *mut c_void) -> bool>;

/// Told how far a download is, on the thread that downloads: when the reply has begun, then at most
/// every 100 ms while bytes come, and when all of them have come, just before the file is put into
/// its place. While nothing comes, in look-ups, connects, pauses and silences, it is called at least
/// once a second, so that it can stop the download. Where a file that has changed is begun anew,
/// `bytes_done` falls back.
///
/// @param bytes_done what there is of the file, with what an earlier call has left behind.
/// @param bytes_total the length of the whole file; 0 if it is not known. At the end it is
/// `bytes_done`.
/// @param user_data what was given with the callback.
/// @return true to go on; false to stop: the call then reports PICTORY_ERROR_CANCELLED, and another
/// one can go on.
///
/// It must return: no exception, longjmp or thread exit through it. It may call any function
/// except one that frees what its own call uses.
pub type pictory_progress_callback =
    Option<unsafe extern "C" fn(bytes_done: u64, bytes_total: u64, user_data: *mut c_void) -> bool>;

/// Told that a watcher begins to have something to hand out, so that the host wakes its own loop:
/// see pictory_watcher_set_on_ready().
///
/// @param user_data what was given with the callback.
///
/// It ought to return soon, and must return: no exception, longjmp or thread exit through it. It may
/// call any function; but setting itself once more, with something left to take, calls it again at once.
pub type pictory_ready_callback = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// Takes a log line. May run on several threads at once. It must not call this library, and ought to
/// return soon: the polls of a watcher wait for it.
///
/// @param level how important the line is.
/// @param message one line, without a line break at its end and without secrets. It lives until
/// the callback returns.
/// @param user_data what was given with the callback.
pub type pictory_log_callback = Option<
    unsafe extern "C" fn(level: log_level_value, message: *const c_char, user_data: *mut c_void),
>;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::download::Output;
    use crate::error::Code;
    use crate::job::Status;
    use crate::log::Level;

    const HEADER: &str = include_str!("../../include/pictory.h");

    /// The enumerators of the header whose names begin so, with their numbers.
    fn enumerators(prefixes: &[&str]) -> Vec<(String, i32)> {
        let line = |line: &str| {
            let (name, number) = line.trim().trim_end_matches(',').split_once(" = ")?;
            let is_wanted = prefixes.iter().any(|prefix| name.starts_with(prefix));
            is_wanted.then(|| (name.to_owned(), number.parse().unwrap()))
        };
        HEADER.lines().filter_map(line).collect()
    }

    #[test]
    fn the_header_has_the_codes_of_the_table_and_no_others() {
        let name = |code: &Code| code.name().trim_end_matches('\0').to_owned();
        let table: Vec<_> = Code::ALL.iter().map(|code| (name(code), *code as i32)).collect();
        assert_eq!(enumerators(&["PICTORY_OK", "PICTORY_ERROR_"]), table);
    }

    #[test]
    fn the_header_has_the_statuses_and_levels_of_the_core() {
        let upper = |name: &str| name.trim_end_matches('\0').to_uppercase().replace('-', "_");
        let statuses = Status::ALL
            .iter()
            .map(|status| (format!("PICTORY_STATUS_{}", upper(status.name())), *status as i32));
        assert_eq!(enumerators(&["PICTORY_STATUS_"]), statuses.collect::<Vec<_>>());
        let levels = (0..).map_while(Level::from_number).map(|level| {
            (format!("PICTORY_LOG_LEVEL_{}", upper(&format!("{level:?}"))), level as i32)
        });
        assert_eq!(enumerators(&["PICTORY_LOG_LEVEL_"]), levels.collect::<Vec<_>>());
    }

    #[test]
    fn the_header_has_the_outputs_of_the_core() {
        let upper = |output: &Output| match output {
            Output::LastFrame => "LAST_FRAME".to_owned(),
            output => format!("{output:?}").to_uppercase(),
        };
        let outputs =
            Output::ALL.iter().map(|o| (format!("PICTORY_OUTPUT_{}", upper(o)), *o as i32));
        assert_eq!(enumerators(&["PICTORY_OUTPUT_"]), outputs.collect::<Vec<_>>());
    }

    #[test]
    fn the_version_is_that_of_the_package() {
        let version =
            format!("{PICTORY_VERSION_MAJOR}.{PICTORY_VERSION_MINOR}.{PICTORY_VERSION_PATCH}");
        assert_eq!(version, env!("CARGO_PKG_VERSION"));
    }
}
