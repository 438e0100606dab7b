//! What the targets share: panics that are not hidden, and a result read in full.

use std::ffi::{CStr, c_char};
use std::sync::Once;

use pictory::ffi::job::*;
use pictory::ffi::result::*;
use pictory::ffi::types::{pictory_code, pictory_status};

/// The library catches its panics and keeps them quiet. A target has to see them.
pub fn show_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Installs the library's own hook, once and for all.
        pictory::ffi::version::pictory_version();
        std::panic::set_hook(Box::new(|info| {
            eprintln!("{info}");
            std::process::abort();
        }));
    });
}

/// A text that the library handed out: it must be UTF-8.
pub fn text<'a>(pointer: *const c_char) -> Option<&'a str> {
    // SAFETY: not null, and the library says that it ends in a NUL; a sanitizer is watching.
    (!pointer.is_null()).then(|| unsafe { CStr::from_ptr(pointer) }.to_str().expect("UTF-8"))
}

/// The bytes of a result's body.
pub fn body<'a>(result: *const pictory_result) -> Option<&'a [u8]> {
    let mut length = usize::MAX;
    let start = pictory_result_body(result, &mut length);
    if start.is_null() {
        assert_eq!(length, 0);
        return None;
    }
    // SAFETY: as above, with a NUL behind the bytes.
    let with_nul = unsafe { std::slice::from_raw_parts(start.cast::<u8>(), length + 1) };
    assert_eq!(with_nul[length], 0);
    Some(&with_nul[..length])
}

/// Reads all that a result tells, and checks what holds for every result; returns its code.
pub fn read(result: *const pictory_result) -> i32 {
    let code = pictory_result_code(result);
    assert_ne!(code, pictory_code::PICTORY_ERROR_INTERNAL as i32);
    let message = text(pictory_result_message(result));
    assert_eq!(message.is_none(), result.is_null());
    let message = message.unwrap_or("-");
    assert!(!message.is_empty() && !message.contains(char::is_control), "{message:?}");
    text(pictory_result_job_id(result));
    text(pictory_result_request_id(result));
    body(result);
    pictory_result_is_retryable(result);
    assert!((0..=999).contains(&pictory_result_http_status(result)));
    assert!(pictory_result_retry_after_ms(result) >= -1);
    assert!(pictory_result_elapsed_ms(result) >= 0);
    assert_eq!(pictory_result_next_poll_ms(result), -1);
    assert!(pictory_result_polls(result) <= 1);
    assert_eq!((pictory_result_tag(result), pictory_result_bytes_written(result)), (0, 0));
    assert_eq!((pictory_result_bytes_done(result), pictory_result_bytes_total(result)), (0, 0));
    assert!(!pictory_result_is_update(result));
    let job = pictory_result_job(result);
    assert_eq!(code == 0, !job.is_null(), "one call, one state");
    read_job(job);
    code
}

fn read_job(job: *const pictory_job) {
    for get in [
        pictory_job_id,
        pictory_job_status_text,
        pictory_job_url,
        pictory_job_duration,
        pictory_job_thumbnail_image_url,
        pictory_job_last_frame_image_url,
        pictory_job_preview_image_url,
        pictory_job_error_code,
        pictory_job_error_message,
    ] {
        text(get(job));
        assert_eq!(get(job), get(job));
    }
    let status = pictory_job_status(job);
    assert!((0..=pictory_status::PICTORY_STATUS_CLEANED as i32).contains(&status));
    pictory_job_width(job);
    pictory_job_height(job);
    for number in [pictory_job_duration_seconds(job), pictory_job_ai_credits_used(job)] {
        assert!(number.is_finite() && (number == -1.0 || number >= 0.0), "{number}");
    }
    let progress = pictory_job_progress(job);
    assert!(progress == -1.0 || (0.0..=100.0).contains(&progress), "{progress}");
}
