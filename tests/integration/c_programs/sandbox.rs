//! Sandboxes that refuse a system call, and hosts that close what is not their own.

use super::{Program, in_progress};
use crate::downloads::{NAME, Shop};
use serde_json::json;

/// A case where this call is refused, with the words that are said of it.
fn refused(case: &'static str, call: &str, error: i32, words: &str) {
    let emulator = in_progress();
    // valgrind makes system calls of its own.
    Program::new("sandbox", case)
        .against(&emulator)
        .with("PICTORY_TEST_CALL", call)
        .with("PICTORY_TEST_ERRNO", error.to_string())
        .with("PICTORY_TEST_WORDS", words)
        .exempt_from_valgrind()
        .run();
}

#[test]
fn a_get_and_a_wait_name_the_system_call_that_is_refused() {
    for error in [libc::EPERM, libc::ENOSYS] {
        for call in ["socket", "connect", "ppoll", "setsockopt"] {
            refused("get_and_wait_name_the_call", call, error, call);
        }
        for call in ["sendto", "recvfrom"] {
            refused("get_and_wait_name_the_call", call, error, "send or recv");
        }
    }
    refused("get_and_wait_name_the_call", "socket", libc::EACCES, "socket");
}

#[test]
fn a_watch_names_the_system_call_that_is_refused_and_does_not_spin() {
    for call in ["socket", "epoll_wait", "epoll_ctl"] {
        refused("watch_names_the_call", call, libc::EPERM, call);
    }
}

#[test]
fn a_watcher_whose_thread_nobody_can_wake_is_not_late() {
    refused("what_is_asked_of_a_deaf_watcher_happens", "epoll_ctl", libc::EPERM, "");
}

#[test]
fn no_watcher_is_made_where_epoll_is_refused() {
    refused("no_watcher_is_made", "epoll_create1", libc::EPERM, "");
}

#[test]
fn a_pipe_takes_the_place_of_an_eventfd_that_is_refused() {
    Program::new("sandbox", "a_pipe_is_as_good")
        .against(&in_progress())
        .exempt_from_valgrind()
        .run();
}

#[test]
fn a_tokens_descriptor_that_the_host_has_replaced_cancels_nothing() {
    Program::new("sandbox", "the_flag_decides_not_the_descriptor").against(&in_progress()).run();
}

/// A download where this call of the file system fails with this error.
fn download(call: &str, error: i32, code: &str) -> Shop {
    let data = json!({ "status": "completed", "url": format!("{{base}}/media/{NAME}") });
    let shop = Shop::of(json!({
        "default": [{ "body": { "data": data } }],
        "media": { NAME: { "size": 300_000 } },
    }));
    Program::new("sandbox", "download_ends_as_told")
        .against(&shop.emulator)
        .with("PICTORY_TEST_CALL", call)
        .with("PICTORY_TEST_ERRNO", error.to_string())
        .with("PICTORY_TEST_PATH", shop.path())
        .with("PICTORY_TEST_CODE", code)
        .exempt_from_valgrind()
        .run();
    shop
}

#[test]
fn a_file_system_without_locks_or_without_fsync_is_worked_on_without() {
    for (call, errors) in [
        ("flock", &[libc::ENOSYS, libc::ENOLCK, libc::EOPNOTSUPP][..]),
        ("fsync", &[libc::EINVAL, libc::ENOSYS, libc::EOPNOTSUPP]),
    ] {
        for error in errors {
            let shop = download(call, *error, "PICTORY_OK");
            shop.assert_whole(300_000);
            assert_eq!(shop.names(), [NAME]);
        }
    }
}

#[test]
fn a_disk_that_fails_is_a_file_error() {
    for error in [libc::EIO, libc::ENOSPC, libc::EDQUOT] {
        let shop = download("fsync", error, "PICTORY_ERROR_FILE");
        assert!(!shop.path().exists());
    }
}
