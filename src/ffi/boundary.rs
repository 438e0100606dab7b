//! Where C ends: the one place that dereferences, and the one that catches panics.

use std::ffi::{CStr, c_char, c_void};

use super::client::pictory_client;
use super::result::pictory_result;
use super::types::code_value;
use crate::error::{Code, Error, Result};
use crate::job::JobId;
use crate::outcome::Outcome;
use crate::panic_guard;
use crate::redaction::redact;
use crate::text::{Text, View};

/// A type of the header and what stands behind it.
pub(super) trait Handle {
    type Core;
}

/// The boundary itself: `None` if `work` panicked.
fn enter<T>(work: impl FnOnce() -> T) -> Option<T> {
    panic_guard::install();
    panic_guard::inside(work)
}

/// Runs `work`; `fallback` is the answer if it panics.
pub(super) fn value<T>(fallback: T, work: impl FnOnce() -> T) -> T {
    enter(work).unwrap_or(fallback)
}

/// Runs what answers with a code.
pub(super) fn code(work: impl FnOnce() -> Result<()>) -> code_value {
    value(Code::Internal as code_value, || match work() {
        Ok(()) => Code::Ok as code_value,
        Err(error) => error.code as code_value,
    })
}

/// Values that setters change, with why the last of them refused.
#[derive(Default)]
pub(super) struct Settable<T> {
    pub(super) values: T,
    refusal: Option<Text>,
}

impl<T> Settable<T> {
    pub(super) fn new(values: T) -> Settable<T> {
        Settable { values, refusal: None }
    }
}

/// Values that can put a refusal into words.
pub(super) trait Refuse {
    /// The reason of a refusal, without what is secret in these values.
    fn refusal(&self, error: &Error) -> Text {
        Text::new(&redact(&error.message, [].iter()))
    }
}

/// Runs one setter, and keeps why it refused.
pub(super) fn set<T: Refuse, H: Handle<Core = Settable<T>>>(
    handle: *mut H,
    name: &str,
    change: impl FnOnce(&mut T) -> Result<()>,
) -> code_value {
    code(|| {
        let settable = borrow_mut(handle, name)?;
        let result = change(&mut settable.values);
        settable.refusal = result.as_ref().err().map(|error| settable.values.refusal(error));
        result
    })
}

/// Runs what keeps its refusal like a setter; without a handle, on `default`.
pub(super) fn set_or<T: Refuse, H: Handle<Core = Settable<T>>>(
    handle: *mut H,
    name: &str,
    default: impl FnOnce() -> T,
    change: impl FnOnce(&mut T) -> Result<()>,
) -> code_value {
    match handle.is_null() {
        true => code(|| change(&mut default())),
        false => set(handle, name, change),
    }
}

/// Why the last setter refused; null if it did not.
pub(super) fn message<T: Refuse, H: Handle<Core = Settable<T>>>(handle: *const H) -> *const c_char {
    value(std::ptr::null(), || {
        pointer(optional(handle).and_then(|settable| settable.refusal.as_ref()).map(Text::view))
    })
}

/// Runs what answers with a result handle, which is never null.
pub(super) fn result(work: impl FnOnce() -> Outcome) -> *mut pictory_result {
    let panicked = || Box::new(Outcome::refused(Error::panicked(), None));
    give(enter(|| Box::new(work())).unwrap_or_else(panicked))
}

/// Runs a client's call about a job. A refusal names what was given as its id.
pub(super) fn result_for(
    client: *const pictory_client,
    job_id: *const c_char,
    work: impl FnOnce(JobId) -> Result<Outcome>,
) -> *mut pictory_result {
    result(|| {
        let given = text(job_id, "job_id");
        let outcome = given.clone().and_then(JobId::parse).and_then(work);
        outcome.unwrap_or_else(|error| refused(client, error, given.ok()))
    })
}

/// The outcome of a client's call that was refused before it began.
pub(super) fn refused(client: *const pictory_client, error: Error, given: Option<&str>) -> Outcome {
    match optional(client) {
        Some(client) => client.refuse(error, given),
        None => Outcome::refused(error, given),
    }
}

/// Hands an object over to the caller, who frees it.
pub(super) fn own<H: Handle>(core: H::Core) -> *mut H {
    give(Box::new(core))
}

/// Hands over an object that stands in a box of its own already.
pub(super) fn give<H: Handle>(core: Box<H::Core>) -> *mut H {
    Box::into_raw(core).cast()
}

/// Takes an object back. Null is nothing.
pub(super) fn take_back<H: Handle>(handle: *mut H) -> Option<Box<H::Core>> {
    // SAFETY: a handle that is not null came out of `own` for the same type, since the types of the
    // header differ, and is given back once: that is what its documentation asks for.
    (!handle.is_null()).then(|| unsafe { Box::from_raw(handle.cast::<H::Core>()) })
}

/// Looks at an object that the caller owns. Null is nothing.
pub(super) fn optional<'a, H: Handle>(handle: *const H) -> Option<&'a H::Core> {
    // SAFETY: a handle that is not null came out of `own` or `lend` and was not given back yet. It
    // is only changed through `borrow_mut`, for which the caller keeps other threads away.
    unsafe { handle.cast::<H::Core>().as_ref() }
}

/// Looks at an object that the caller owns; null is refused.
pub(super) fn borrow<'a, H: Handle>(handle: *const H, name: &str) -> Result<&'a H::Core> {
    optional(handle).ok_or_else(|| null(name))
}

/// Looks at an object in order to change it.
pub(super) fn borrow_mut<'a, H: Handle>(handle: *mut H, name: &str) -> Result<&'a mut H::Core> {
    // SAFETY: as `optional`; a function that takes `T *` is documented to be called from one thread
    // at a time, so that this is the only reference.
    unsafe { handle.cast::<H::Core>().as_mut() }.ok_or_else(|| null(name))
}

/// A pointer for C to an object that lives elsewhere.
pub(super) fn lend<H: Handle>(core: &H::Core) -> *const H {
    std::ptr::from_ref(core).cast()
}

/// Writes to where the caller wants it. Null is nowhere.
pub(super) fn write<T: Copy>(place: *mut T, value: T) {
    if !place.is_null() {
        // SAFETY: not null, and documented to point to a value of this type that can be written.
        unsafe { place.write(value) };
    }
}

/// Text coming in. It is copied before the call returns, wherever it is kept.
pub(super) fn text<'a>(text: *const c_char, name: &str) -> Result<&'a str> {
    optional_text(text, name)?.ok_or_else(|| null(name))
}

/// Text coming in, where null has a meaning.
pub(super) fn optional_text<'a>(text: *const c_char, name: &str) -> Result<Option<&'a str>> {
    let not_utf8 = |_| Error::argument(format!("{name} is not UTF-8"));
    optional_bytes(text).map(std::str::from_utf8).transpose().map_err(not_utf8)
}

/// A job id coming in.
pub(super) fn borrow_job_id(job_id: *const c_char) -> Result<JobId> {
    JobId::parse(text(job_id, "job_id")?)
}

/// Bytes up to a NUL, such as a path.
pub(super) fn optional_bytes<'a>(text: *const c_char) -> Option<&'a [u8]> {
    // SAFETY: not null, and documented to end in a NUL and to stay as it is during the call.
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_bytes())
}

/// Bytes of a given length.
pub(super) fn bytes<'a>(start: *const c_char, length: usize, name: &str) -> Result<&'a [u8]> {
    if start.is_null() {
        return Err(null(name));
    }
    if isize::try_from(length).is_err() {
        return Err(Error::argument(format!(
            "length is larger than the memory that {name} can have"
        )));
    }
    // SAFETY: not null, at most `isize::MAX` long, and documented to be readable for that length.
    Ok(unsafe { std::slice::from_raw_parts(start.cast(), length) })
}

/// Text going out: borrowed from the handle that it came from.
pub(super) fn pointer(view: Option<View<'_>>) -> *const c_char {
    view.map_or(std::ptr::null(), |view| view.bytes().as_ptr().cast())
}

/// The host's own pointer, carried along with its callback.
#[derive(Clone, Copy)]
pub(super) struct UserData(pub(super) *mut c_void);

// SAFETY: the library never looks at what it points to; the documentation of each setter says on
// which threads the callback that gets it may run.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

fn null(name: &str) -> Error {
    Error::argument(format!("{name} is NULL"))
}
