//! `pictory_wait_options`.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::boundary::{self, Handle, Refuse, Settable, UserData, optional, own, take_back};
use super::cancel_token::pictory_cancel_token;
use super::result::pictory_result;
use super::types::{PICTORY_UNLIMITED, PICTORY_WAIT_FOREVER, code_value, pictory_poll_callback};
use crate::cancel::CancelToken;
use crate::config::milliseconds;
use crate::error::Error;
use crate::panic_guard;
use crate::schedule::Rules;

/// How to wait. A refused value leaves the old one, and
/// pictory_wait_options_message() says why.
pub struct pictory_wait_options {
    _private: (),
}

/// The options of a wait, behind their handle.
#[derive(Clone, Default)]
pub(super) struct WaitOptions {
    pub(super) rules: Rules,
    pub(super) token: Option<Arc<CancelToken>>,
    pub(super) on_poll: Option<PollCallback>,
    pub(super) updates: bool,
}

impl Handle for pictory_wait_options {
    type Core = Settable<WaitOptions>;
}

impl Refuse for WaitOptions {}

/// The host's callback and its pointer.
#[derive(Clone, Copy)]
pub(super) struct PollCallback {
    function: unsafe extern "C" fn(*const pictory_result, *mut c_void) -> bool,
    user_data: UserData,
}

impl PollCallback {
    pub(super) fn poll(self, update: *const pictory_result) -> bool {
        // SAFETY: the host gave the function for this use and keeps what `user_data` points to
        // until the wait has returned; `update` lives for the call.
        panic_guard::outside(|| unsafe { (self.function)(update, self.user_data.0) })
    }
}

/// Makes options with the defaults: 10 minutes, polled every 15 seconds, 5 failed polls in a row.
///
/// @return the options, which must be freed with pictory_wait_options_free(). Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_new() -> *mut pictory_wait_options {
    boundary::value(std::ptr::null_mut(), || own(Settable::<WaitOptions>::default()))
}

/// Frees options. Waits that were begun with them keep their own copy.
///
/// @param options the options; NULL does nothing.
///
/// Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_free(options: *mut pictory_wait_options) {
    boundary::value((), || drop(take_back(options)));
}

/// How long to wait in all. A hard limit: it cuts the request in flight.
///
/// @param options the options.
/// @param ms milliseconds, at least 1, or PICTORY_WAIT_FOREVER. Default: 600000, which is 10
/// minutes. Above ten years counts as ten years.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_set_max_wait_ms(
    options: *mut pictory_wait_options,
    ms: i64,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.rules.max_wait = match ms {
            PICTORY_WAIT_FOREVER => None,
            ms => Some(milliseconds("max_wait", ms)?),
        };
        Ok(())
    })
}

/// How long to pause between a poll and the next, give or take 10 %.
///
/// @param options the options.
/// @param ms milliseconds, at least 10. Default: 15000. Pictory asks for 10 to 30 seconds: polling
/// more often may be rate limited. Above ten years counts as ten years.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_set_poll_interval_ms(
    options: *mut pictory_wait_options,
    ms: i64,
) -> code_value {
    boundary::set(options, "options", |options| {
        if ms < 10 {
            return Err(Error::argument("poll_interval must be at least 10 ms"));
        }
        options.rules.poll_interval = milliseconds("poll_interval", ms)?;
        Ok(())
    })
}

/// How many polls in a row may fail, for reasons that pass, before the wait ends with the last
/// one's code. A good reply starts the count anew; HTTP 429 does not count.
///
/// @param options the options.
/// @param count at least 1, or PICTORY_UNLIMITED: failures never end the wait. Default: 5.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_set_max_failures(
    options: *mut pictory_wait_options,
    count: u32,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.rules.max_failures = match count {
            0 => return Err(Error::argument("max_failures must be at least 1")),
            PICTORY_UNLIMITED => None,
            count => Some(count),
        };
        Ok(())
    })
}

/// Whether a status that this version does not know ends the wait with
/// PICTORY_ERROR_UNEXPECTED_STATUS, as in Pictory's own samples.
///
/// @param options the options.
/// @param stop true to stop; default: false, since statuses get added: it goes on polling.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `options` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_set_stop_on_unknown_status(
    options: *mut pictory_wait_options,
    stop: bool,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.rules.stop_on_unknown_status = stop;
        Ok(())
    })
}

/// Sets the token that cancels the wait, or the watch.
///
/// @param options the options.
/// @param token the token, of which the options keep what they need; NULL: none.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `options` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_set_cancel_token(
    options: *mut pictory_wait_options,
    token: *const pictory_cancel_token,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.token = optional(token).cloned();
        Ok(())
    })
}

/// Who is told of every poll that does not end the wait.
///
/// @param options the options.
/// @param callback see pictory_poll_callback; NULL: nobody.
/// @param user_data handed to the callback as it is. It must live until the wait has returned.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `options` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_set_on_poll(
    options: *mut pictory_wait_options,
    callback: pictory_poll_callback,
    user_data: *mut c_void,
) -> code_value {
    boundary::set(options, "options", |options| {
        let user_data = UserData(user_data);
        options.on_poll = callback.map(|function| PollCallback { function, user_data });
        Ok(())
    })
}

/// Whether the polls that do not end a watch are handed out by pictory_watcher_next() and
/// pictory_watcher_take() as well: for hosts that cannot be called on a thread of the library's. Such a
/// result is told by pictory_result_is_update(); it is freed as any other, and has its poll's outcome,
/// pictory_result_tag(), pictory_result_polls(), pictory_result_elapsed_ms() and
/// pictory_result_next_poll_ms(). An update that was not taken is replaced by what comes next of the
/// same watch, its end included. It does not count in pictory_watcher_pending(). No update comes after
/// the watch's end, nor after pictory_watcher_remove() has returned.
///
/// @param options the options.
/// @param updates default: false. pictory_wait_job() has no use for it.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `options` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_set_updates(
    options: *mut pictory_wait_options,
    updates: bool,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.updates = updates;
        Ok(())
    })
}

/// Why the last setter on these options refused, in one sentence.
///
/// @param options the options; NULL has none.
/// @return a string that lives until the next setter, so that the two do not go into one expression;
/// NULL if the last one did not refuse.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_wait_options_message(
    options: *const pictory_wait_options,
) -> *const c_char {
    boundary::message(options)
}
