//! Version, codes, statuses, outputs and job ids.

use std::ffi::c_char;

use super::boundary::{self, text};
use super::types::{PICTORY_ABI_VERSION, code_value, output_value, status_value};
use crate::download::Output;
use crate::error::Code;
use crate::job::{JobId, Status};

/// The version of the library that is loaded, such as "0.1.0".
///
/// @return a static string. Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_version() -> *const c_char {
    boundary::value(std::ptr::null(), || concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast())
}

/// The ABI of the library that is loaded: PICTORY_ABI_VERSION when it was built. A program that
/// loads the library at run time compares it with the PICTORY_ABI_VERSION of its own header.
///
/// @return the number of the ABI.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_abi_version() -> u32 {
    boundary::value(PICTORY_ABI_VERSION, || PICTORY_ABI_VERSION)
}

/// The name of a code as it stands in this header, such as "PICTORY_ERROR_TIMEOUT".
///
/// @param code any number.
/// @return a static string; "PICTORY_ERROR_UNKNOWN" for a number that this version does not know.
/// Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_code_name(code: code_value) -> *const c_char {
    boundary::value(std::ptr::null(), || {
        let name = Code::from_number(code).map_or("PICTORY_ERROR_UNKNOWN\0", Code::name);
        name.as_ptr().cast()
    })
}

/// Returns the meaning of a code, and what to do about it, in one sentence. pictory_result_message() says more
/// about the call at hand.
///
/// @param code any number.
/// @return a static string. Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_code_description(code: code_value) -> *const c_char {
    boundary::value(std::ptr::null(), || {
        let unknown = "a code that this version does not know: update the library\0";
        Code::from_number(code).map_or(unknown, Code::description).as_ptr().cast()
    })
}

/// The name of a job's status: "in-progress", "completed", "failed", "cleaned" or "unknown".
///
/// @param status any number.
/// @return a static string; "unknown" for a number that this version does not know. Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_status_name(status: status_value) -> *const c_char {
    boundary::value(std::ptr::null(), || {
        Status::from_number(status).unwrap_or(Status::Unknown).name().as_ptr().cast()
    })
}

/// Whether a job with this status will not change any more: completed, failed or cleaned.
///
/// @param status any number.
/// @return false for a number that this version does not know.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_status_is_final(status: status_value) -> bool {
    boundary::value(false, || Status::from_number(status).is_some_and(Status::is_final))
}

/// The name of an output: "video", "thumbnail", "last-frame" or "preview".
///
/// @param output any number.
/// @return a static string; "unknown" for a number that this version does not know. Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_output_name(output: output_value) -> *const c_char {
    boundary::value(std::ptr::null(), || {
        Output::from_number(output).map_or("unknown\0", Output::name).as_ptr().cast()
    })
}

/// Whether a text can be the id of a job: a hyphenated UUID, in either case. Whether there is such a
/// job, the API alone knows.
///
/// @param job_id the text; NULL is none.
/// @return true for one that the calls about a job accept.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_job_id_is_valid(job_id: *const c_char) -> bool {
    boundary::value(false, || text(job_id, "job_id").and_then(JobId::parse).is_ok())
}
