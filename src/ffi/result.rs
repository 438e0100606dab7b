//! `pictory_result`.

use std::ffi::c_char;
use std::time::Duration;

use super::boundary::{self, Handle, borrow, lend, optional, pointer, take_back};
use super::job::pictory_job;
use super::types::code_value;
use crate::error::Code;
use crate::outcome::Outcome;
use crate::reply::Reply;

/// How a call ended, with all that came on the way: the last state of the job, the last reply, the
/// requests made. It does not change any more, so that any number of threads may read it. Strings
/// are borrowed: UTF-8, valid until the result is freed, NULL where absent.
pub struct pictory_result {
    _private: (),
}

impl Handle for pictory_result {
    type Core = Outcome;
}

/// Milliseconds for C; -1 for nothing.
fn milliseconds(span: Option<Duration>) -> i64 {
    span.map_or(-1, |span| span.as_millis().try_into().unwrap_or(i64::MAX))
}

/// Frees a result, with its job and all strings that came from it.
///
/// @param result the result; NULL does nothing.
///
/// Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_free(result: *mut pictory_result) {
    boundary::value((), || drop(take_back(result)));
}

/// Copies a result, to keep an update that is only lent to a callback, or to give one to another
/// thread.
///
/// @param result the result.
/// @return a result of the caller's own, with all that the other has, which must be freed with
/// pictory_result_free(). Never NULL. Of NULL: one with PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_copy(result: *const pictory_result) -> *mut pictory_result {
    boundary::result(|| match borrow(result, "result") {
        Ok(result) => result.clone(),
        Err(error) => Outcome::refused(error, None),
    })
}

/// How the call ended.
///
/// @param result the result; NULL has none.
/// @return the code; PICTORY_ERROR_INVALID_ARGUMENT for NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_code(result: *const pictory_result) -> code_value {
    boundary::value(Code::Internal as code_value, || {
        optional(result).map_or(Code::InvalidArgument, Outcome::code) as code_value
    })
}

/// Returns what happened, and what to do about it, in one sentence for a person or a log. It never holds
/// the API key.
///
/// @param result the result; NULL has none.
/// @return a string that lives as long as the result; NULL only for NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_message(result: *const pictory_result) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(result).map(Outcome::message)))
}

/// The last state of the job that was seen, in a call that failed or ran out of time too.
///
/// @param result the result; NULL has none.
/// @return a job that lives as long as the result; NULL if no state was seen.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_job(result: *const pictory_result) -> *const pictory_job {
    boundary::value(std::ptr::null(), || {
        optional(result).and_then(Outcome::job).map_or(std::ptr::null(), lend)
    })
}

/// The HTTP status of the last reply.
///
/// @param result the result; NULL has none.
/// @return the status; 0 if no reply came, and for pictory_parse_job().
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_http_status(result: *const pictory_result) -> i32 {
    boundary::value(0, || {
        optional(result).and_then(Outcome::reply).map_or(0, |reply| reply.status().into())
    })
}

/// Whether the same call may succeed later, as it is.
///
/// @param result the result; NULL has none.
/// @return true after what passes: the network, a rate limit, a server that failed, time that was up, a
/// cancelled call, a status that is not known.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_is_retryable(result: *const pictory_result) -> bool {
    boundary::value(false, || optional(result).is_some_and(Outcome::is_retryable))
}

/// How long the server asked to wait before the next request, by Retry-After.
///
/// @param result the result; NULL has none.
/// @return milliseconds; -1 if it asked for nothing.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_retry_after_ms(result: *const pictory_result) -> i64 {
    boundary::value(-1, || milliseconds(optional(result).and_then(Outcome::retry_after)))
}

/// How many requests were answered or failed, retries included.
///
/// @param result the result; NULL has none.
/// @return the count.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_polls(result: *const pictory_result) -> u32 {
    boundary::value(0, || optional(result).map_or(0, Outcome::polls))
}

/// The job id that was asked for, also where it was refused. Of pictory_parse_job(): the body's own.
///
/// @param result the result; NULL has none.
/// @return a string that lives as long as the result; NULL if there was none.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_job_id(result: *const pictory_result) -> *const c_char {
    boundary::value(std::ptr::null(), || pointer(optional(result).and_then(Outcome::job_id)))
}

/// How long the call took.
///
/// @param result the result; NULL has none.
/// @return milliseconds; 0 for pictory_parse_job().
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_elapsed_ms(result: *const pictory_result) -> i64 {
    boundary::value(0, || {
        milliseconds(Some(optional(result).map_or(Duration::ZERO, Outcome::elapsed)))
    })
}

/// Of an update, in a poll callback or from a watcher: how long until the next poll, counted from the
/// end of its own.
///
/// @param result the result; NULL has none.
/// @return milliseconds; -1 if no poll will follow before the time is up, and of anything else.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_next_poll_ms(result: *const pictory_result) -> i64 {
    boundary::value(-1, || milliseconds(optional(result).and_then(Outcome::next_poll)))
}

/// The last reply's body, byte for byte, whatever it is: the API's JSON, or the HTML of a proxy; of a
/// status other than 200 as much as came, up to 1 MiB. Of a download: what the host said where it
/// refused, up to 64 KiB; else it is empty.
///
/// @param result the result; NULL has none.
/// @param length where the length in bytes is written to, 0 if there is no body; may be NULL.
/// @return the bytes and a NUL behind them, which live as long as the result; NULL if no reply
/// came. The body itself may hold NULs.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_body(
    result: *const pictory_result,
    length: *mut usize,
) -> *const c_char {
    boundary::value(std::ptr::null(), || {
        let reply = optional(result).and_then(Outcome::reply);
        boundary::write(length, reply.map_or(0, |reply| reply.body().len()));
        reply.map_or(std::ptr::null(), |reply| reply.body_and_nul().as_ptr().cast())
    })
}

/// Returns the server's name for the last exchange, for a question to Pictory's support: its
/// x-amzn-requestid, x-request-id or cf-ray. A secret in it is masked.
///
/// @param result the result; NULL has none.
/// @return a string that lives as long as the result; NULL if it gave none.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_request_id(result: *const pictory_result) -> *const c_char {
    boundary::value(std::ptr::null(), || {
        pointer(optional(result).and_then(Outcome::reply).and_then(Reply::request_id))
    })
}

/// The tag that a watch or a watcher's download was added with.
///
/// @param result the result; NULL has none.
/// @return the tag; 0 outside a watcher.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_tag(result: *const pictory_result) -> u64 {
    boundary::value(0, || optional(result).map_or(0, Outcome::tag))
}

/// How many bytes a download wrote in this call: not what an earlier one had left behind, but twice
/// what it had to begin anew.
///
/// @param result the result; NULL has none.
/// @return the bytes; 0 for anything but a download.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_bytes_written(result: *const pictory_result) -> u64 {
    boundary::value(0, || optional(result).map_or(0, Outcome::bytes_written))
}

/// How many bytes of a download's file are there: in its place, or beside it, to go on with.
///
/// @param result the result; NULL has none.
/// @return the bytes; 0 for anything but a download.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_bytes_done(result: *const pictory_result) -> u64 {
    boundary::value(0, || optional(result).map_or(0, Outcome::bytes_done))
}

/// How long a download's file is.
///
/// @param result the result; NULL has none.
/// @return the bytes; 0 if the host has not said, and for anything but a download.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_bytes_total(result: *const pictory_result) -> u64 {
    boundary::value(0, || optional(result).map_or(0, Outcome::bytes_total))
}

/// Whether the wait or the download goes on: the result is how it stands, in a poll callback or from a
/// watcher (see pictory_wait_options_set_updates(), pictory_download_options_set_updates()), and not its
/// end.
///
/// @param result the result; NULL is none.
/// @return true for an update.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_result_is_update(result: *const pictory_result) -> bool {
    boundary::value(false, || optional(result).is_some_and(Outcome::is_update))
}
