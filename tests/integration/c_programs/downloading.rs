//! Downloads of C programs, in one process and in several.

use super::Program;
use crate::downloads::{NAME, Shop};
use crate::emulator::{Emulator, Script, media_bytes};
use serde_json::{Value, json};
use std::process::Command;

const SIZE: u64 = 1_000_000;

fn program(case: &'static str, shop: &Shop) -> Program {
    Program::new("download", case)
        .against(&shop.emulator)
        .with("PICTORY_TEST_URL", shop.url(NAME))
        .with("PICTORY_TEST_PATH", shop.path())
}

/// A file that goes through these steps.
fn shop(steps: Value) -> Shop {
    Shop::new(json!({ "size": SIZE, "steps": steps }))
}

#[test]
fn a_download_tells_how_far_it_is_and_its_result_what_was_written() {
    let shop = shop(json!([{}]));
    program("a_download_tells_and_is_told_of", &shop).run();
    shop.assert_whole(SIZE);
    assert_eq!(shop.emulator.requests()[0].header("Authorization"), None);
}

#[test]
fn a_callback_that_returns_false_cancels_a_download() {
    let shop = shop(json!([{}]));
    program("a_callback_that_returns_false_cancels", &shop).run();
    shop.assert_whole(SIZE);
}

#[test]
fn a_token_that_was_taken_away_does_not_cancel_a_download() {
    let shop = shop(json!([{}]));
    program("a_token_that_was_taken_away_does_not_cancel", &shop).run();
    assert_eq!(shop.ranges().len(), 1);
}

#[test]
fn a_download_that_was_killed_is_gone_on_with_by_the_next_call() {
    for stall in [600_000, 800_000, 999_999] {
        let shop = shop(json!([{ "stall_at_body": stall }, {}]));
        program("a_killed_download_is_gone_on_with", &shop)
            .with("PICTORY_TEST_STALL", stall.to_string())
            // It does not write out a part of a child's memory either.
            .exempt_from_valgrind()
            .run();
        shop.assert_whole(SIZE);
        assert!(shop.ranges()[1].is_some());
    }
}

#[test]
fn processes_that_download_to_the_same_path_never_mix_a_file() {
    // Each version is one letter, many times.
    let version = |letter: char, fault: Value| {
        let mut step = fault;
        step["body"] = json!(letter.to_string().repeat(SIZE as usize));
        step["headers"] = json!({ "ETag": format!("\"{letter}\"") });
        step
    };
    let steps: Vec<_> = (0..120)
        .map(|index| {
            let letter = char::from(b'a' + index % 5);
            let fault = if index % 3 == 0 { json!({ "cut_at_body": 300_000 }) } else { json!({}) };
            version(letter, fault)
        })
        .chain([version('z', json!({}))])
        .collect();
    let shop = shop(json!(steps));
    program("processes_never_mix_a_file", &shop).run();
    assert_eq!(shop.names(), [NAME]);
}

#[test]
fn files_of_a_download_are_close_on_exec_and_never_standard_descriptors() {
    let shop = shop(json!([{}]));
    program("descriptors_are_close_on_exec_and_never_standard_ones", &shop)
        // It keeps files of its own open where the host has closed them.
        .exempt_from_valgrind()
        .run();
    shop.assert_whole(SIZE);
}

#[test]
fn files_of_a_download_over_tls_are_close_on_exec_and_never_standard_descriptors() {
    let script = Script::from_value(json!({ "media": { NAME: { "size": SIZE } } }));
    let shop = Shop::on(Emulator::start_tls(script));
    Program::new("download", "descriptors_are_close_on_exec_and_never_standard_ones")
        .against_tls(&shop.emulator)
        .with("PICTORY_TEST_URL", shop.url(NAME))
        .with("PICTORY_TEST_PATH", shop.path())
        .exempt_from_valgrind()
        .run();
    shop.assert_whole(SIZE);
}

#[test]
fn a_child_that_was_forked_during_a_download_does_not_hold_up_the_next() {
    let shop = shop(json!([{ "cut_at_body": 400_000 }, {}]));
    program("a_child_forked_meanwhile_holds_nobody_up", &shop).run();
    shop.assert_whole(SIZE);
}

#[test]
fn a_file_that_may_not_grow_leaves_the_old_one() {
    let shop = shop(json!([{}]));
    program("a_file_that_may_not_grow_leaves_the_old_one", &shop).run();
    shop.assert_whole(SIZE);
}

#[test]
fn a_full_disk_leaves_the_old_file() {
    let shop = shop(json!([{}]));
    let folder = &shop.folder.0;
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=500k", "pictory-test"])
        .arg(folder)
        .output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        println!("skipped: needs to mount a file system");
        return;
    }
    /// Takes it away again, whatever becomes of the test.
    struct Unmount<'a>(&'a std::path::Path);
    impl Drop for Unmount<'_> {
        fn drop(&mut self) {
            let _ = Command::new("umount").arg(self.0).status();
        }
    }
    let _unmount = Unmount(folder);
    program("a_full_disk_leaves_the_old_file", &shop).run();
    // What fitted is kept.
    assert_eq!(shop.names(), [NAME, "video.mp4.part", "video.mp4.part.info"]);
    let part = std::fs::read(shop.part()).expect("the part");
    assert!(!part.is_empty() && part == media_bytes(NAME, part.len() as u64));
}

#[test]
fn an_unwritable_folder_leaves_the_old_file() {
    let shop = shop(json!([{}]));
    program("an_unwritable_folder_leaves_the_old_file", &shop).run();
    assert_eq!(shop.emulator.connections(), 0);
}

#[test]
fn a_download_refuses_what_it_cannot_use_and_sends_nothing() {
    let shop = shop(json!([{}]));
    program("calls_refuse_what_they_cannot_use", &shop).run();
    assert_eq!(shop.emulator.connections(), 0);
}

#[test]
fn download_options_refuse_what_is_out_of_range() {
    let shop = shop(json!([{}]));
    program("options_refuse_what_is_out_of_range", &shop).run();
    assert_eq!(shop.ranges().len(), 2);
}
