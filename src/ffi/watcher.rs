//! `pictory_watcher`.

use std::ffi::{c_char, c_int, c_void};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::boundary::{
    self, Handle, UserData, borrow, borrow_job_id, give, lend, optional, own, take_back, write,
};
use super::client::pictory_client;
use super::download;
use super::download_options::pictory_download_options;
use super::job::pictory_job;
use super::result::pictory_result;
use super::types::{PICTORY_WAIT_FOREVER, code_value, output_value, pictory_ready_callback};
use super::wait_options::pictory_wait_options;
use crate::config::milliseconds;
use crate::error::Error;
use crate::outcome::Outcome;
use crate::panic_guard;
use crate::watcher::{OnDownload, OnPoll, OnReady, Options, Order, Watcher};

/// Waits for many jobs at once, each by the rules of pictory_wait_job(), on a thread of its own
/// that is there while any is unsettled. A watch is known by its job
/// id and tag. A child of fork() cannot use its parent's watcher, but may free it.
///
/// A rate limit holds over all watchers and calls of a client. HTTP 429 pauses all watches of the
/// client until the server's Retry-After is over; without one, for twice the interval of the watch
/// that got it, and longer each time, up to a minute or the interval, until a good reply.
pub struct pictory_watcher {
    _private: (),
}

impl Handle for pictory_watcher {
    type Core = Arc<Watcher>;
}

/// Makes a watcher. It has no thread before a job is added.
///
/// @param client the client, of which the watcher keeps what it needs.
/// @param watcher where the watcher is written to, which must be freed with
/// pictory_watcher_free(); NULL is written on failure.
/// @return PICTORY_OK; PICTORY_ERROR_INVALID_ARGUMENT if one of them is NULL;
/// PICTORY_ERROR_SYSTEM if there is no descriptor left: it takes three.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_new(
    client: *const pictory_client,
    watcher: *mut *mut pictory_watcher,
) -> code_value {
    boundary::code(|| {
        write(watcher, std::ptr::null_mut());
        if watcher.is_null() {
            return Err(Error::argument("watcher is NULL"));
        }
        let made = Watcher::new(borrow(client, "client")?)?;
        write(watcher, own(Arc::new(made)));
        Ok(())
    })
}

/// Frees a watcher: requests in flight and downloads are cut, jobs that are not settled are forgotten, and every
/// pictory_watcher_next() and pictory_watcher_take() in progress returns NULL. No callback runs
/// afterwards.
///
/// @param watcher the watcher; NULL does nothing.
///
/// Blocks while a callback runs on another thread: hold no lock that it takes. Called within a
/// callback of this watcher, it does not wait, and that is the last one.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_free(watcher: *mut pictory_watcher) {
    boundary::value((), || {
        if let Some(watcher) = take_back(watcher) {
            watcher.stop();
        }
    });
}

/// Watches a job. Its first poll is made at once, as far as the rate limit and the number of
/// requests in flight (256) allow; where many are added together, later polls are spread over the
/// interval.
///
/// @param watcher the watcher.
/// @param job_id a hyphenated UUID, the jobId that Pictory's generate-video request returned.
/// @param options how to wait, copied; NULL: the defaults. Its time counts from now. Its callback
/// runs on a thread of the watcher's named pictory-on-poll, never twice at once, with the
/// system's default stack; its user_data must live until pictory_watcher_next() has handed this
/// watch out, or pictory_watcher_remove() or pictory_watcher_free() has returned.
/// @param tag any number, handed back by pictory_result_tag(). A job may be watched several times,
/// under different tags.
/// @return PICTORY_OK; PICTORY_ERROR_ALREADY_WATCHED if this id is watched under this tag and was not
/// handed out yet; PICTORY_ERROR_INVALID_ARGUMENT; PICTORY_ERROR_INVALID_JOB_ID; PICTORY_ERROR_SYSTEM if
/// no thread can be started.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_add(
    watcher: *const pictory_watcher,
    job_id: *const c_char,
    options: *const pictory_wait_options,
    tag: u64,
) -> code_value {
    boundary::code(|| {
        let watcher = Arc::clone(borrow(watcher, "watcher")?);
        let options = optional(options).map(|options| options.values.clone()).unwrap_or_default();
        let updates = options.updates;
        let on_poll = options.on_poll.map(|callback| -> OnPoll {
            Box::new(move |update: &Outcome| callback.poll(lend(update)))
        });
        let options = Options { rules: options.rules, token: options.token, on_poll, updates };
        watcher.add(&borrow_job_id(job_id)?, options, tag)
    })
}

/// Forgets a watch or a download that was not handed out: its request in flight is cut,
/// nothing is reported for it, and its callback runs no more. Its id and tag may be added again.
///
/// @param watcher the watcher.
/// @param job_id the job id, in either case.
/// @param tag the tag that it was added with.
/// @return PICTORY_OK; PICTORY_ERROR_NOT_WATCHED; PICTORY_ERROR_INVALID_ARGUMENT;
/// PICTORY_ERROR_INVALID_JOB_ID.
///
/// Thread-safe. Blocks while the callback of this watch runs on another thread: hold no lock that
/// it takes. Called within that callback, it does not wait, and that is the last one.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_remove(
    watcher: *const pictory_watcher,
    job_id: *const c_char,
    tag: u64,
) -> code_value {
    boundary::code(|| {
        let watcher = Arc::clone(borrow(watcher, "watcher")?);
        watcher.remove(&borrow_job_id(job_id)?, tag)
    })
}

/// Downloads an output of a job as pictory_download() does, on a thread of the watcher's: its result
/// comes out of pictory_watcher_next() and pictory_watcher_take(), with its tag. At most 4 of a watcher
/// run at once; the others wait in the order added, their time-outs not running yet. They hold up no
/// poll.
///
/// @param watcher the watcher.
/// @param job the job, from a result of any call; copied, so that its result may be freed as soon as
/// this has returned.
/// @param output which output.
/// @param path where it is to be, as for pictory_download(); copied. A relative one counts from
/// the folder that this program is in now.
/// @param options how to download, copied; NULL: the defaults. Its callback runs on a thread of the
/// watcher's named pictory-download, with the system's default stack; its user_data must live until the
/// download was handed out, or pictory_watcher_remove() or pictory_watcher_free() has returned.
/// @param tag any number, handed back by pictory_result_tag(); one that no watch of the watcher has tells the
/// results of the two apart, which nothing else does. The download is known by the job's id and its tag, as a
/// watch is: pictory_watcher_remove() cuts and forgets it, and leaves what has come so far
/// for another one to go on with: of this watcher at once, of another or by pictory_download() within
/// 100 ms, when its thread has let go of the path.
/// @return PICTORY_OK: the rest is in the result that comes out. Else nothing was added:
/// PICTORY_ERROR_ALREADY_WATCHED if this id is known under this tag and was not handed out yet;
/// PICTORY_ERROR_OUTPUT_MISSING; PICTORY_ERROR_FILE for what cannot be replaced by a file, such as a
/// folder; PICTORY_ERROR_INVALID_URL, PICTORY_ERROR_INSECURE_URL of the output;
/// PICTORY_ERROR_INVALID_JOB_ID for a job without an id; PICTORY_ERROR_INVALID_ARGUMENT;
/// PICTORY_ERROR_SYSTEM if no thread can be started.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_download(
    watcher: *const pictory_watcher,
    job: *const pictory_job,
    output: output_value,
    path: *const c_char,
    options: *const pictory_download_options,
    tag: u64,
) -> code_value {
    boundary::code(|| {
        let watcher = Arc::clone(borrow(watcher, "watcher")?);
        let (output, path) = (download::output(output)?, download::path(path)?.to_owned());
        let job = borrow(job, "job")?.clone();
        let options = optional(options).map(|options| options.values.clone()).unwrap_or_default();
        let on_progress = options.on_progress.map(|callback| -> OnDownload {
            Box::new(move |done, total| callback.call(done, total))
        });
        let (limits, token, updates) = (options.limits, options.token, options.updates);
        watcher.download(Order { job, output, path, limits, token, on_progress, updates }, tag)
    })
}

/// Polls a job now, whatever its interval: a webhook has said that it is done. The rate limit, and
/// a pause after HTTP 429, still hold.
///
/// @param watcher the watcher.
/// @param job_id the job id, in either case; all its watches are meant.
/// @return PICTORY_OK; PICTORY_ERROR_NOT_WATCHED; PICTORY_ERROR_INVALID_ARGUMENT;
/// PICTORY_ERROR_INVALID_JOB_ID; PICTORY_ERROR_SYSTEM if no thread can be started.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_poke(
    watcher: *const pictory_watcher,
    job_id: *const c_char,
) -> code_value {
    boundary::code(|| {
        let watcher = Arc::clone(borrow(watcher, "watcher")?);
        watcher.poke(&borrow_job_id(job_id)?)
    })
}

/// Hands out a watch that is settled or a download that has ended, the first one first; and updates of
/// those that have them: see pictory_wait_options_set_updates() and
/// pictory_download_options_set_updates().
///
/// @param watcher the watcher.
/// @param timeout_ms how long to wait for one, in milliseconds; 0: only look;
/// PICTORY_WAIT_FOREVER. Above ten years counts as ten years.
/// @return a result as pictory_wait_job() would report it, with pictory_result_tag(), which must be
/// freed with pictory_result_free(). NULL if the time is up, nothing is left
/// (pictory_watcher_pending() is 0), pictory_watcher_wake() was called, the watcher was freed, or
/// an argument is invalid.
///
/// Thread-safe: each result goes to one caller, and others may add meanwhile. Blocks.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_next(
    watcher: *const pictory_watcher,
    timeout_ms: i64,
) -> *mut pictory_result {
    boundary::value(std::ptr::null_mut(), || hand_out(watcher, timeout_ms, Watcher::next))
}

/// Hands out what pictory_watcher_next() does, but waits while nothing is watched, too: for a thread
/// that serves as long as the program runs, while others add.
///
/// @param watcher the watcher.
/// @param timeout_ms how long to wait, in milliseconds; 0: only look; PICTORY_WAIT_FOREVER. Above ten
/// years counts as ten years.
/// @return a result, which must be freed with pictory_result_free(). NULL if the time is up,
/// pictory_watcher_wake() was called, the watcher was freed, or an argument is invalid.
///
/// Thread-safe: each result goes to one caller, and others may add meanwhile. Blocks.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_take(
    watcher: *const pictory_watcher,
    timeout_ms: i64,
) -> *mut pictory_result {
    boundary::value(std::ptr::null_mut(), || hand_out(watcher, timeout_ms, Watcher::take))
}

fn hand_out(
    watcher: *const pictory_watcher,
    timeout_ms: i64,
    take: fn(&Watcher, Option<Instant>) -> Option<Box<Outcome>>,
) -> *mut pictory_result {
    let Some(watcher) = optional(watcher).map(Arc::clone) else {
        return std::ptr::null_mut();
    };
    let timeout = match timeout_ms {
        PICTORY_WAIT_FOREVER => Ok(None),
        0 => Ok(Some(Duration::ZERO)),
        ms => milliseconds("timeout", ms).map(Some),
    };
    let until = timeout.map(|timeout| timeout.map(|timeout| Instant::now() + timeout));
    until.ok().and_then(|until| take(&watcher, until)).map_or(std::ptr::null_mut(), give)
}

/// Sets who is told that there begins to be something to hand out, so that a host wakes its own loop
/// where it cannot wait for a descriptor: PostMessage, g_idle_add, uv_async_send, dispatch_async. It is
/// called once each time that pictory_watcher_next() with 0 ms begins to have something, and at once, on
/// the thread that sets it, if it has already; else on a thread of the watcher's named pictory-on-poll,
/// with the system's default stack, as the callbacks of polls are. One call may stand for several
/// results: take all there are, until pictory_watcher_next() returns NULL.
///
/// @param watcher the watcher.
/// @param callback see pictory_ready_callback; NULL: nobody.
/// @param user_data handed to the callback as it is. It must live until another callback was set or
/// pictory_watcher_free() has returned.
/// @return PICTORY_OK; PICTORY_ERROR_INVALID_ARGUMENT; PICTORY_ERROR_SYSTEM if no thread can be started:
/// then nobody is told.
///
/// Thread-safe. Blocks while the callback set before runs on another thread: hold no lock that it
/// takes. Called within it, it does not wait, and that is the last call of the old one.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_set_on_ready(
    watcher: *const pictory_watcher,
    callback: pictory_ready_callback,
    user_data: *mut c_void,
) -> code_value {
    boundary::code(|| {
        let watcher = Arc::clone(borrow(watcher, "watcher")?);
        let user_data = UserData(user_data);
        watcher.set_on_ready(callback.map(|function| -> OnReady {
            Arc::new(move || {
                let user_data = user_data;
                // SAFETY: the host gave the function for this use and keeps what `user_data` points to
                // until another was set or the watcher is freed, each of which waits for this call.
                panic_guard::outside(|| unsafe { function(user_data.0) });
            })
        }))
    })
}

/// Has one pictory_watcher_next() or pictory_watcher_take(), blocked now or called next, return NULL.
///
/// @param watcher the watcher; NULL does nothing.
///
/// Thread-safe, but not for signal handlers. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_wake(watcher: *const pictory_watcher) {
    boundary::value((), || {
        if let Some(watcher) = optional(watcher) {
            watcher.wake();
        }
    });
}

/// How many watches and downloads were added and neither handed out nor removed.
///
/// @param watcher the watcher; NULL has none.
/// @return their number.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_pending(watcher: *const pictory_watcher) -> usize {
    boundary::value(0, || optional(watcher).map_or(0, |watcher| watcher.pending()))
}

/// A descriptor for the caller's own event loop, by poll, epoll, kqueue, libuv or GLib: readable
/// as long as pictory_watcher_next() would hand out a result at once (level-triggered).
///
/// @param watcher the watcher.
/// @return the descriptor, the same each time, which lives until the watcher is freed: only poll
/// it. -1 where there is none: for NULL, on Windows, or if the system has none left.
///
/// Thread-safe. Does not block.
#[unsafe(no_mangle)]
pub extern "C" fn pictory_watcher_fd(watcher: *const pictory_watcher) -> c_int {
    boundary::value(-1, || optional(watcher).and_then(|watcher| watcher.descriptor()).unwrap_or(-1))
}
