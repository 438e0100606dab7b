//! Calls of the watcher and of downloads in any order, with any arguments, over handles that live
//! and over NULL. Nobody answers where the requests go: a port of loopback that is closed.
#![no_main]

#[allow(dead_code, reason = "the calls of the other target")]
mod calls;
#[allow(dead_code, reason = "the checks of the other targets")]
mod common;

use arbitrary::Arbitrary;
use calls::{Copied, Text};
use common::{show_panics, text};
use libfuzzer_sys::fuzz_target;
use pictory::ffi::client::*;
use pictory::ffi::config::*;
use pictory::ffi::download::pictory_download;
use pictory::ffi::download_options::*;
use pictory::ffi::result::*;
use pictory::ffi::types::pictory_code::*;
use pictory::ffi::wait_options::*;
use pictory::ffi::watcher::*;
use std::collections::HashSet;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug, Arbitrary)]
enum Id {
    /// One of a few, so that they meet again.
    Known(u8),
    Any(Text),
}

#[derive(Debug, Arbitrary)]
enum Call {
    New {
        is_null: bool,
    },
    Free,
    Add {
        id: Id,
        options: bool,
        tag: u8,
    },
    Remove {
        id: Id,
        tag: u8,
    },
    Poke(Id),
    Next(i64),
    Take(i64),
    OnReady {
        is_null: bool,
    },
    Wake,
    Pending,
    Fd,
    MaxWait(i64),
    PollInterval(i64),
    MaxFailures(u32),
    OnPoll {
        goes_on: bool,
    },
    Updates(bool),
    DownloadUpdates(bool),
    /// By the watcher, of a job that is known, to an address where nobody answers.
    WatchDownload {
        id: u8,
        tag: u8,
        options: bool,
    },
    Download {
        body: Text,
        output: i32,
        path: bool,
    },
    DownloadRetries,
    DownloadTimeouts(i64, i64),
}

/// What holds of every result; those of one request are read in full by other targets.
fn read(result: *const pictory_result) {
    assert_ne!(pictory_result_code(result), PICTORY_ERROR_INTERNAL as i32);
    assert!(text(pictory_result_message(result)).is_some_and(|message| !message.is_empty()));
    assert!(pictory_result_elapsed_ms(result) >= 0);
}

extern "C" fn go_on(update: *const pictory_result, goes_on: *mut c_void) -> bool {
    read(update);
    !goes_on.is_null()
}

/// Takes what there is, as a host's loop would.
extern "C" fn on_ready(calls: *mut c_void) {
    // SAFETY: it was given with this function, and outlives the watcher.
    unsafe { &*calls.cast::<AtomicU32>() }.fetch_add(1, Ordering::Relaxed);
}

struct World {
    calls: Box<AtomicU32>,
    client: *mut pictory_client,
    watcher: *mut pictory_watcher,
    options: *mut pictory_wait_options,
    downloads: *mut pictory_download_options,
    watched: HashSet<(u8, u8)>,
}

fn id(id: &Id) -> Copied {
    match id {
        Id::Known(number) => {
            let id = format!("4a09edf9-d071-4847-bda5-{:012x}", number % 8);
            Copied::new(Some(id.into_bytes()))
        }
        // One that is valid by chance could not be told from those.
        Id::Any(text) => Copied::new(text.clone().filter(|text| text.len() != 36)),
    }
}

fn is_one_of(code: i32, codes: &[pictory::ffi::types::pictory_code]) {
    assert!(codes.iter().any(|one| *one as i32 == code), "{code}");
}

impl World {
    fn new() -> World {
        let config = pictory_config_new_empty();
        assert_eq!(pictory_config_set_api_key(config, c"key".as_ptr()), 0);
        assert_eq!(pictory_config_set_base_url(config, c"http://127.0.0.1:1".as_ptr()), 0);
        assert_eq!(pictory_config_set_max_retries(config, 0), 0);
        let mut client = ptr::null_mut();
        assert_eq!(pictory_client_new(config, &mut client), 0);
        pictory_config_free(config);
        World {
            calls: Box::default(),
            client,
            watcher: ptr::null_mut(),
            options: pictory_wait_options_new(),
            downloads: pictory_download_options_new(),
            watched: HashSet::new(),
        }
    }

    fn call(&mut self, call: Call) {
        let refusals = [
            PICTORY_OK,
            PICTORY_ERROR_INVALID_ARGUMENT,
            PICTORY_ERROR_INVALID_JOB_ID,
            PICTORY_ERROR_ALREADY_WATCHED,
            PICTORY_ERROR_NOT_WATCHED,
        ];
        match call {
            Call::New { is_null } => self.make(is_null),
            Call::Free => self.free(),
            Call::Add { id: given, options, tag } => {
                let options = if options { self.options } else { ptr::null_mut() };
                let code =
                    pictory_watcher_add(self.watcher, id(&given).pointer(), options, tag.into());
                is_one_of(code, &refusals);
                if let (0, Id::Known(number)) = (code, given) {
                    assert!(self.watched.insert((number % 8, tag)), "watched twice");
                }
            }
            Call::Remove { id: given, tag } => {
                let code = pictory_watcher_remove(self.watcher, id(&given).pointer(), tag.into());
                is_one_of(code, &refusals);
                if let Id::Known(number) = given {
                    assert_eq!(self.watched.remove(&(number % 8, tag)), code == 0);
                }
            }
            Call::Poke(given) => {
                is_one_of(pictory_watcher_poke(self.watcher, id(&given).pointer()), &refusals);
            }
            Call::Next(ms) => self.next(pictory_watcher_next, ms.min(2)),
            Call::Take(ms) => self.next(pictory_watcher_take, ms.min(2)),
            Call::OnReady { is_null } => {
                let callback = (!is_null).then_some(on_ready as _);
                let data = (&raw const *self.calls).cast_mut().cast();
                let code = pictory_watcher_set_on_ready(self.watcher, callback, data);
                is_one_of(code, &refusals);
            }
            Call::WatchDownload { id, tag, options } => self.watch_download(id % 8, tag, options),
            Call::Wake => pictory_watcher_wake(self.watcher),
            Call::Pending => {
                assert_eq!(pictory_watcher_pending(self.watcher), self.watched.len());
            }
            Call::Fd => assert_eq!(pictory_watcher_fd(self.watcher) < 0, self.watcher.is_null()),
            other => self.set(other),
        }
    }

    fn set(&mut self, call: Call) {
        let codes = [PICTORY_OK, PICTORY_ERROR_INVALID_ARGUMENT];
        let code = match call {
            Call::MaxWait(ms) => pictory_wait_options_set_max_wait_ms(self.options, ms),
            Call::PollInterval(ms) => pictory_wait_options_set_poll_interval_ms(self.options, ms),
            Call::MaxFailures(count) => pictory_wait_options_set_max_failures(self.options, count),
            Call::OnPoll { goes_on } => {
                let data = if goes_on { ptr::dangling_mut() } else { ptr::null_mut() };
                pictory_wait_options_set_on_poll(self.options, Some(go_on), data)
            }
            Call::Updates(updates) => pictory_wait_options_set_updates(self.options, updates),
            Call::DownloadUpdates(updates) => {
                pictory_download_options_set_updates(self.downloads, updates)
            }
            Call::DownloadRetries => pictory_download_options_set_max_retries(self.downloads, 0),
            Call::DownloadTimeouts(whole, idle) => {
                pictory_download_options_set_timeout_ms(self.downloads, whole);
                pictory_download_options_set_idle_timeout_ms(self.downloads, idle)
            }
            Call::Download { body, output, path } => return self.download(body, output, path),
            other => unreachable!("{other:?}"),
        };
        is_one_of(code, &codes);
    }

    fn make(&mut self, is_null: bool) {
        self.free();
        let client = if is_null { ptr::null_mut() } else { self.client };
        let code = pictory_watcher_new(client, &mut self.watcher);
        assert_eq!((code == 0, self.watcher.is_null()), (!is_null, is_null));
    }

    fn free(&mut self) {
        pictory_watcher_free(std::mem::replace(&mut self.watcher, ptr::null_mut()));
        self.watched.clear();
    }

    fn watch_download(&mut self, number: u8, tag: u8, options: bool) {
        let body = format!(
            r#"{{"job_id":"4a09edf9-d071-4847-bda5-{number:012x}","data":{{"url":"http://127.0.0.1:1/v"}}}}"#
        );
        let parsed = pictory_parse_job(body.as_ptr().cast(), body.len());
        let options = if options { self.downloads } else { ptr::null_mut() };
        let job = pictory_result_job(parsed);
        let path = c"/nonexistent/file".as_ptr();
        let code = pictory_watcher_download(self.watcher, job, 0, path, options, tag.into());
        is_one_of(
            code,
            &[PICTORY_OK, PICTORY_ERROR_INVALID_ARGUMENT, PICTORY_ERROR_ALREADY_WATCHED],
        );
        assert!(code != 0 || self.watched.insert((number, tag)), "watched twice");
        pictory_result_free(parsed);
    }

    /// What is settled was watched, and is not any more; an update is of one that still is.
    fn next(
        &mut self,
        take: extern "C" fn(*const pictory_watcher, i64) -> *mut pictory_result,
        ms: i64,
    ) {
        let ms = if ms == -1 { 1 } else { ms };
        let result = take(self.watcher, ms);
        if result.is_null() {
            return;
        }
        read(result);
        let tag = pictory_result_tag(result) as u8;
        let id = text(pictory_result_job_id(result)).expect("an id").to_owned();
        let number = u8::from_str_radix(&id[id.len() - 2..], 16).expect("a number");
        match pictory_result_is_update(result) {
            true => assert!(self.watched.contains(&(number, tag)), "an update of none"),
            false => assert!(self.watched.remove(&(number, tag)), "it was not watched"),
        }
        pictory_result_free(result);
    }

    /// What goes into a file is tested elsewhere: here nobody sends any.
    fn download(&mut self, body: Text, output: i32, path: bool) {
        let body = body.unwrap_or_default();
        if String::from_utf8_lossy(&body).contains("://") {
            return;
        }
        let parsed = pictory_parse_job(body.as_ptr().cast(), body.len());
        let path = if path { c"/nonexistent/file".as_ptr() } else { ptr::null() };
        pictory_download_options_set_max_retries(self.downloads, 0);
        let job = pictory_result_job(parsed);
        let result = pictory_download(self.client, job, output, path, self.downloads);
        read(result);
        assert_ne!(pictory_result_code(result), 0);
        assert_eq!(pictory_result_bytes_written(result), 0);
        pictory_result_free(result);
        pictory_result_free(parsed);
    }
}

fuzz_target!(|calls: Vec<Call>| {
    show_panics();
    let mut world = World::new();
    calls.into_iter().for_each(|call| world.call(call));
    world.free();
    pictory_wait_options_free(world.options);
    pictory_download_options_free(world.downloads);
    pictory_client_free(world.client);
});
