//! `pictory_download_options`.

use std::ffi::{c_char, c_void};
use std::sync::Arc;

use super::boundary::{self, Handle, Refuse, Settable, UserData, optional, own, take_back};
use super::cancel_token::pictory_cancel_token;
use super::types::{PICTORY_WAIT_FOREVER, code_value, pictory_progress_callback};
use crate::cancel::CancelToken;
use crate::config::milliseconds;
use crate::download::Limits;
use crate::panic_guard;

/// How to download. A refused value leaves the old one, and
/// pictory_download_options_message() says why.
pub struct pictory_download_options {
    _private: (),
}

/// The options of a download, behind their handle.
#[derive(Clone, Default)]
pub(super) struct DownloadOptions {
    pub(super) limits: Limits,
    pub(super) token: Option<Arc<CancelToken>>,
    pub(super) on_progress: Option<ProgressCallback>,
    pub(super) updates: bool,
}

impl Handle for pictory_download_options {
    type Core = Settable<DownloadOptions>;
}

impl Refuse for DownloadOptions {}

/// The host's callback and its pointer.
#[derive(Clone, Copy)]
pub(super) struct ProgressCallback {
    function: unsafe extern "C" fn(u64, u64, *mut c_void) -> bool,
    user_data: UserData,
}

impl ProgressCallback {
    pub(super) fn call(self, done: u64, total: u64) -> bool {
        // SAFETY: the host gave the function for this use and keeps what `user_data` points to
        // until the download has returned.
        panic_guard::outside(|| unsafe { (self.function)(done, total, self.user_data.0) })
    }
}

/// Makes options with the defaults: no limit for the whole download, 30 seconds without a byte, 5
/// retries.
///
/// @return the options, which must be freed with pictory_download_options_free(). Never NULL.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download_options_new() -> *mut pictory_download_options {
    boundary::value(std::ptr::null_mut(), || own(Settable::<DownloadOptions>::default()))
}

/// Frees options. Downloads that were begun with them keep their own copy.
///
/// @param options the options; NULL does nothing.
///
/// Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download_options_free(options: *mut pictory_download_options) {
    boundary::value((), || drop(take_back(options)));
}

/// How long the whole download may take, retries included. After that it ends with
/// PICTORY_ERROR_TIMEOUT, and another call can go on.
///
/// @param options the options.
/// @param ms milliseconds, at least 1, or PICTORY_WAIT_FOREVER. Default: PICTORY_WAIT_FOREVER.
/// Above ten years counts as ten years.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download_options_set_timeout_ms(
    options: *mut pictory_download_options,
    ms: i64,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.limits.timeout = match ms {
            PICTORY_WAIT_FOREVER => None,
            ms => Some(milliseconds("timeout", ms)?),
        };
        Ok(())
    })
}

/// How long the host of the output may send nothing. After that the transfer is taken for broken,
/// and tried again. Making a connection is bounded by pictory_config_set_connect_timeout_ms().
///
/// @param options the options.
/// @param ms milliseconds, at least 1. Default: 30000. Above ten years counts as ten years.
/// @return PICTORY_OK or PICTORY_ERROR_INVALID_ARGUMENT.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download_options_set_idle_timeout_ms(
    options: *mut pictory_download_options,
    ms: i64,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.limits.idle_timeout = milliseconds("idle_timeout", ms)?;
        Ok(())
    })
}

/// How often a download is tried again after failures that pass, counted anew once a try has brought
/// 64 KiB (see pictory_download()). Each try goes on where the last one broke off, after a pause of 0.5 s,
/// 1 s, 2 s and so on, or of the server's Retry-After up to 30 s.
///
/// @param options the options.
/// @param retries any number; 0: never. Default: 5.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `options` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download_options_set_max_retries(
    options: *mut pictory_download_options,
    retries: u32,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.limits.max_retries = retries;
        Ok(())
    })
}

/// Sets the token that cancels the download.
///
/// @param options the options.
/// @param token the token, of which the options keep what they need; NULL: none.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `options` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download_options_set_cancel_token(
    options: *mut pictory_download_options,
    token: *const pictory_cancel_token,
) -> code_value {
    boundary::set(options, "options", |options| {
        options.token = optional(token).cloned();
        Ok(())
    })
}

/// Who is told how far the download is, at least once a second as long as it lasts.
///
/// @param options the options.
/// @param callback see pictory_progress_callback; NULL: nobody.
/// @param user_data handed to the callback as it is. It must live until the download has returned.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `options` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download_options_set_on_progress(
    options: *mut pictory_download_options,
    callback: pictory_progress_callback,
    user_data: *mut c_void,
) -> code_value {
    boundary::set(options, "options", |options| {
        let user_data = UserData(user_data);
        options.on_progress = callback.map(|function| ProgressCallback { function, user_data });
        Ok(())
    })
}

/// Whether the progress of a watcher's download is handed out by pictory_watcher_next() and
/// pictory_watcher_take() as well, at most ten times a second, for hosts that cannot be called on a
/// thread of the library's: a result with pictory_result_is_update(), pictory_result_tag(),
/// pictory_result_bytes_done() and pictory_result_bytes_total(). One that was not taken is replaced by
/// what comes next of the same download, its end included; none comes after that.
///
/// @param options the options.
/// @param updates default: false. pictory_download() has no use for it.
/// @return PICTORY_OK, or PICTORY_ERROR_INVALID_ARGUMENT if `options` is NULL.
///
/// Not thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_download_options_set_updates(
    options: *mut pictory_download_options,
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
pub extern "C" fn pictory_download_options_message(
    options: *const pictory_download_options,
) -> *const c_char {
    boundary::message(options)
}
