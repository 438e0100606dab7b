//! `pictory_cancel_token`.

use std::sync::Arc;

use super::boundary::{self, Handle, optional, own, take_back};
use crate::cancel::CancelToken;

/// Cancels the calls that use it, for good: from any thread, and from a signal handler. One token
/// may serve any number of calls at once. It takes a descriptor only once a blocking call uses it.
/// A child of fork() cannot use its parent's token, but may free it.
pub struct pictory_cancel_token {
    _private: (),
}

impl Handle for pictory_cancel_token {
    type Core = Arc<CancelToken>;
}

/// Makes a token that is not cancelled.
///
/// @return the token, which must be freed with pictory_cancel_token_free(). Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_cancel_token_new() -> *mut pictory_cancel_token {
    boundary::value(std::ptr::null_mut(), || own(Arc::new(CancelToken::new())))
}

/// Frees a token. Calls that use it keep what they need, but nobody can cancel them by it any
/// more: a signal handler must have been told before.
///
/// @param token the token; NULL does nothing.
///
/// Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_cancel_token_free(token: *mut pictory_cancel_token) {
    boundary::value((), || {
        if let Some(token) = optional(token) {
            token.await_cancels();
        }
        drop(take_back(token));
    });
}

/// Cancels: every call that uses the token ends with PICTORY_ERROR_CANCELLED, within 50 ms where it
/// sleeps and within 100 ms where a request is under way, and every later one at once. The job
/// itself goes on.
///
/// @param token the token; NULL does nothing.
///
/// Async-signal-safe: it may be called in a signal handler, and leaves errno as it was.
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_cancel_token_cancel(token: *const pictory_cancel_token) {
    // Outside the boundary, which a signal handler must not enter: it touches thread-local storage.
    if let Some(token) = optional(token) {
        token.cancel();
    }
}

/// Whether the token was cancelled.
///
/// @param token the token; NULL is not cancelled.
/// @return true once pictory_cancel_token_cancel() was called.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_cancel_token_is_cancelled(token: *const pictory_cancel_token) -> bool {
    boundary::value(false, || optional(token).is_some_and(|token| token.is_cancelled()))
}
