//! Downloads of C programs, in one process and in several.

use super::Program;
use crate::downloads::{NAME, Shop};
use crate::emulator::{Emulator, Script, media_bytes};
use pictory::error::Code;
use serde_json::{Value, json};
use std::process::Command;

const SIZE: u64 = 1_000_000;

fn program(case: &'static str, shop: &Shop) -> Program {
    program_of("download", case, shop)
}

fn program_of(source: &'static str, case: &'static str, shop: &Shop) -> Program {
    Program::new(source, case)
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

fn ends(shop: &Shop, url: &str, code: Code, retries: u32) {
    program_of("download_ends", "it_ends_as_told", shop)
        .with("PICTORY_TEST_URL", url)
        .with("PICTORY_TEST_CODE", (code as i32).to_string())
        .with("PICTORY_TEST_RETRIES", retries.to_string())
        .run();
}

#[test]
fn a_link_a_folder_and_another_download_of_the_same_path_are_refused() {
    let shop = shop(json!([{}]));
    program_of("download_ends", "what_stands_in_the_way_is_refused", &shop).run();
    shop.assert_whole(SIZE);
}

#[test]
fn a_file_without_an_etag_is_gone_on_with_by_its_date() {
    let steps = json!([{ "cut_at_body": 400_000 }, {}]);
    let shop = Shop::new(json!({ "size": SIZE, "etag": null, "steps": steps }));
    ends(&shop, &shop.url(NAME), Code::Ok, 1);
    shop.assert_whole(SIZE);
    assert_eq!(shop.ranges()[1], Some("bytes=400000-".into()));
}

#[test]
fn a_download_that_takes_too_long_is_cut() {
    let shop = shop(json!([{ "stall_at_body": 10 }]));
    program_of("download_ends", "it_ends_as_told", &shop)
        .with("PICTORY_TEST_LIMIT_MS", "300")
        .with("PICTORY_TEST_CODE", (Code::Timeout as i32).to_string())
        .with("PICTORY_TEST_RETRIES", "5")
        .run();
}

/// A job that is there again, under another signature.
fn renewed(url: &str) -> Value {
    json!({ "body": { "data": { "status": "completed", "url": format!("{url}2") } } })
}

#[test]
fn broken_and_changed_transfers_end_with_the_file_or_with_a_code() {
    let lost = json!({ "cut_at_body": 400_000 });
    let moved = json!({ "status": 302, "headers": { "Location": "video.mp4?signed=hidden" } });
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
                 HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
    let range = json!({ "Content-Range": "bytes 1-9/10", "ETag": "\"other\"" });
    for (steps, code, retries) in [
        (json!([lost, {}]), Code::Ok, 1),
        (json!([lost, { "reset_at_body": 5 }, {}]), Code::Ok, 2),
        (json!([lost, { "status": 206, "headers": range, "body": "123456789" }, {}]), Code::Ok, 1),
        (json!([lost, { "status": 416 }, {}]), Code::Ok, 1),
        (json!([{ "cut_at_body": -1 }, {}]), Code::Ok, 1),
        (json!([moved, {}]), Code::Ok, 0),
        (json!([{ "chunked": true }]), Code::Ok, 0),
        (json!([{ "status": 503 }, {}]), Code::Ok, 1),
        (json!([lost]), Code::ConnectionLost, 0),
        (json!([{ "no_length": true }]), Code::ConnectionLost, 0),
        (json!([{ "stall_at_body": 10 }]), Code::Timeout, 0),
        (json!([moved]), Code::HttpStatus, 0),
        (json!([{ "status": 302 }]), Code::HttpStatus, 0),
        (json!([{ "status": 401 }]), Code::HttpStatus, 0),
        (json!([{ "status": 500 }]), Code::Server, 1),
        (json!([{ "status": 429, "headers": { "Retry-After": "60" } }]), Code::RateLimited, 5),
        (json!([{ "raw": "nonsense\r\n\r\n" }]), Code::InvalidResponse, 0),
        (json!([{ "headers": { "X-Long": "x".repeat(70_000) } }]), Code::InvalidResponse, 0),
        (json!([{ "raw": hints }]), Code::Server, 0),
        (
            json!([{ "status": 302, "headers": { "Location": "http://cdn.example/" } }]),
            Code::InsecureUrl,
            0,
        ),
        (json!([{ "status": 302, "headers": { "Location": "https://" } }]), Code::InvalidUrl, 0),
    ] {
        let shop = shop(steps);
        ends(&shop, &shop.url(NAME), code, retries);
        if code == Code::Ok {
            shop.assert_whole(SIZE);
        }
    }
}

#[test]
fn an_output_that_expired_is_asked_for_once_more() {
    for (file, job, code) in [
        (json!([{ "status": 403 }, {}]), "completed", Code::Ok),
        (json!([{ "status": 410 }]), "completed", Code::OutputExpired),
        (json!([{ "status": 404 }]), "cleaned", Code::OutputExpired),
        (json!([{ "status": 404 }]), "gone", Code::OutputExpired),
        (json!([{ "status": 404 }]), "busy", Code::Server),
    ] {
        let shop = shop(file.clone());
        let step = match job {
            "completed" => renewed(&shop.url(NAME)),
            "cleaned" => json!({ "body": { "data": { "status": "cleaned" } } }),
            "gone" => json!({ "example": "not-found" }),
            _ => json!({ "status": 500 }),
        };
        let media = json!({ NAME: { "size": SIZE, "steps": file } });
        let script = json!({ "media": media, "default": [step] });
        shop.emulator.set_script(Script::from_value(script));
        ends(&shop, &shop.url(NAME), code, 0);
    }
}

#[test]
fn urls_that_lead_nowhere_are_refused() {
    let shop = shop(json!([{}]));
    for (url, code) in [
        ("http://cdn.example/v?signed=hidden", Code::InsecureUrl),
        ("ftp://cdn.example/v?signed=hidden", Code::InvalidUrl),
        ("https://user:hidden@cdn.example/v", Code::InvalidUrl),
        ("/v?signed=hidden", Code::InvalidUrl),
        ("", Code::OutputMissing),
        ("http://127.0.0.1:1/v?signed=hidden", Code::Connect),
    ] {
        ends(&shop, url, code, 0);
    }
    assert!(shop.emulator.requests().is_empty());
}
