//! A body that the caller holds, through the C functions, against serde_json's own reading of it.
//!
//! The input is the body; or a name to ask for, a NUL, and the body.
#![no_main]

mod common;

use common::{body, read, show_panics, text};
use libfuzzer_sys::fuzz_target;
use pictory::ffi::client::pictory_parse_job;
use pictory::ffi::job::{pictory_job, pictory_job_field, pictory_job_status_text};
use pictory::ffi::result::{pictory_result_free, pictory_result_job};
use pictory::ffi::types::pictory_code::{
    PICTORY_ERROR_API, PICTORY_ERROR_INVALID_RESPONSE, PICTORY_ERROR_JOB_NOT_FOUND, PICTORY_OK,
};
use serde::de::IgnoredAny;
use serde_json::Value;
use std::ffi::CString;

fuzz_target!(|input: &[u8]| {
    show_panics();
    let nul = input.iter().position(|byte| *byte == 0);
    let (name, json) = nul.map_or((&b"status"[..], input), |at| (&input[..at], &input[at + 1..]));
    let result = pictory_parse_job(json.as_ptr().cast(), json.len());
    let code = read(result);
    let codes = [
        PICTORY_OK,
        PICTORY_ERROR_API,
        PICTORY_ERROR_INVALID_RESPONSE,
        PICTORY_ERROR_JOB_NOT_FOUND,
    ];
    assert!(codes.map(|code| code as i32).contains(&code), "{code}");
    assert_eq!(body(result), Some(json));
    let job = pictory_result_job(result);
    field(job, name);
    let json = String::from_utf8_lossy(json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json));
    // serde_json gives a meaning of its own to names like these, where it makes a `Value`.
    if !json.contains("serde_json::") {
        match serde_json::from_str(&json) {
            Ok(value) => compare(Some(value), code, job),
            Err(_) => compare_loosely(&json, code),
        }
    }
    pictory_result_free(result);
    // What came from the result is gone, not its neighbours.
    pictory_result_free(std::ptr::null_mut());
});

fn field<'a>(job: *const pictory_job, name: &[u8]) -> Option<&'a str> {
    let name = CString::new(name).expect("no NUL");
    let found = pictory_job_field(job, name.as_ptr());
    assert_eq!(pictory_job_field(job, name.as_ptr()), found);
    text(found)
}

fn compare(json: Option<Value>, code: i32, job: *const pictory_job) {
    let Some(Value::Object(envelope)) = json else {
        return assert_eq!(code, PICTORY_ERROR_INVALID_RESPONSE as i32);
    };
    let data = match envelope.get("data") {
        Some(Value::Object(data)) => data.clone(),
        Some(Value::Null) | None => serde_json::Map::new(),
        _ => return assert_eq!(code, PICTORY_ERROR_INVALID_RESPONSE as i32),
    };
    assert_ne!(code, PICTORY_ERROR_INVALID_RESPONSE as i32);
    if job.is_null() {
        return assert_eq!(envelope.get("success").map(is_false), Some(true));
    }
    for (name, value) in &data {
        if name.contains('\0') {
            continue;
        }
        let found = field(job, name.as_bytes());
        match value {
            Value::Null => assert_eq!(found, None),
            Value::String(string) => {
                assert_eq!(found, Some(string.replace('\0', "\u{FFFD}").as_str()));
            }
            other => {
                let json: Value = serde_json::from_str(found.expect("it is there")).expect("JSON");
                assert_eq!(&json, other);
            }
        }
    }
    if let Some(Value::String(status)) = data.get("status") {
        let wanted = status.replace('\0', "\u{FFFD}");
        assert_eq!(text(pictory_job_status_text(job)), Some(wanted.as_str()));
    }
}

/// The library takes more than serde_json does: numbers that no double holds, half characters, control
/// characters in strings, and any nesting, where that is not read.
fn compare_loosely(json: &str, code: i32) {
    let is_refused = code == PICTORY_ERROR_INVALID_RESPONSE as i32;
    let is_json = serde_json::from_str::<IgnoredAny>(json).is_ok();
    if is_json && json.trim_start().starts_with('{') {
        assert!(!is_refused || json.contains("data") || json.contains("message"), "{json}");
    } else if !json.contains(char::is_control) {
        assert!(is_refused, "{json}");
    }
}

fn is_false(value: &Value) -> bool {
    *value == Value::Bool(false)
        || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("false"))
}
