//! Progress of downloads: while bytes come, and while nothing does.

use std::fs;
use std::time::{Duration, Instant};

use pictory::error::Code;
use pictory::outcome::Outcome;
use serde_json::{Value, json};

use crate::downloads::*;
use crate::emulator::{Emulator, Script, media_bytes};
use crate::support::*;

const SIZE: u64 = 100_000;

fn shop(steps: Value) -> Shop {
    Shop::new(json!({ "size": SIZE, "steps": steps }))
}

/// What a download told, and how it ended, when `told` has the say after so many calls.
fn progress(shop: &Shop, say: impl Fn(usize) -> bool) -> (Vec<(u64, u64)>, Outcome) {
    let mut calls = Vec::new();
    let client = client(&shop.emulator);
    let mut told = |done, total| {
        calls.push((done, total));
        say(calls.len())
    };
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, retries(1), None, Some(&mut told));
    (calls, outcome)
}

#[test]
fn progress_begins_at_once_rises_and_ends_with_everything() {
    let shop = shop(json!([{ "dribble": { "bytes": 20_000, "every_ms": 150 } }]));
    let (calls, outcome) = progress(&shop, |_| true);
    assert_code(&outcome, Code::Ok);
    assert_eq!((calls[0], *calls.last().unwrap()), ((0, SIZE), (SIZE, SIZE)));
    assert!(calls.is_sorted() && calls.iter().all(|(_, total)| *total == SIZE));
    assert!((3..=8).contains(&calls.len()), "{calls:?}");
}

#[test]
fn progress_of_a_file_without_length_tells_a_total_only_at_the_end() {
    let shop = shop(json!([{ "chunked": true }]));
    let (calls, outcome) = progress(&shop, |_| true);
    assert_code(&outcome, Code::Ok);
    assert_eq!((calls[0], *calls.last().unwrap()), ((0, 0), (SIZE, SIZE)));
    assert!(calls.iter().rev().skip(1).all(|(_, total)| *total == 0));
}

#[test]
fn progress_counts_what_was_there_before() {
    let shop = shop(json!([{ "cut_at_body": 30_000 }, { "cut_at_body": 20_000 }, {}]));
    assert_code(&shop.download(), Code::ConnectionLost);
    let (calls, outcome) = progress(&shop, |_| true);
    assert_code(&outcome, Code::Ok);
    assert_eq!(calls[0], (30_000, SIZE));
    assert!(calls.contains(&(50_000, SIZE)) && calls.last() == Some(&(SIZE, SIZE)));
    assert_eq!(outcome.bytes_written(), 70_000);
}

#[test]
fn a_callback_that_returns_false_cancels_and_the_next_call_goes_on() {
    let shop = shop(json!([{ "dribble": { "bytes": 10_000, "every_ms": 110 } }, {}]));
    let (calls, outcome) = progress(&shop, |count| count < 3);
    assert_code(&outcome, Code::Cancelled);
    assert_eq!((calls.len(), shop.path().exists()), (3, false));
    assert!(outcome.message().as_str().ends_with("call again to go on"));
    let there = calls[2].0;
    assert!(fs::read(shop.part()).unwrap() == media_bytes(NAME, there));
    assert_code(&shop.download(), Code::Ok);
    assert_eq!(shop.ranges()[1], Some(format!("bytes={there}-")));
    shop.assert_whole(SIZE);
}

#[test]
fn a_callback_may_stop_at_the_last_moment() {
    let shop = shop(json!([{}]));
    fs::write(shop.path(), "old").unwrap();
    let mut told = |done, total| done < total;
    let client = client(&shop.emulator);
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, Some(&mut told));
    assert_code(&outcome, Code::Cancelled);
    assert_eq!(shop.read(), b"old");
    assert_code(&shop.download(), Code::Ok);
    shop.assert_whole(SIZE);
}

#[test]
fn a_callback_may_get_and_download_by_the_same_client() {
    let shop = shop(json!([{}]));
    let other = Folder::new();
    let client = client(&shop.emulator);
    let job = shop.job();
    let mut calls = 0;
    let mut told = |_, _| {
        calls += 1;
        let inner = pictory::download::download(
            &client,
            job.job().unwrap(),
            VIDEO,
            &other.0.join(NAME),
            quick(),
            None,
            None,
        );
        assert_code(&inner, Code::Ok);
        assert_code(&get(&client), Code::JobNotFound);
        true
    };
    let outcome = shop.download_by(&client, &job, VIDEO, quick(), None, Some(&mut told));
    assert_code(&outcome, Code::Ok);
    assert!(calls >= 2);
    shop.assert_whole(SIZE);
}

/// How long it took to stop a download at the third call of its callback, of which each came in time.
fn stopped_at_the_third_call(shop: &Shop) -> Duration {
    let begun = Instant::now();
    let (calls, outcome) = progress(shop, |count| count < 3);
    assert_code(&outcome, Code::Cancelled);
    assert!(calls.len() == 3 && !shop.path().exists());
    begun.elapsed()
}

#[test]
fn while_nothing_comes_it_is_told_and_can_stop_the_download() {
    // Each of these goes on for half a minute or more.
    for step in [
        json!({ "delay_ms": 60_000 }),
        json!({ "stall_after": 10 }),
        json!({ "stall_at_body": 0 }),
        json!({ "stall_at_body": 40_000 }),
        json!({ "status": 503, "headers": { "Retry-After": "30" } }),
        // The job is asked for another URL.
        json!({ "status": 404 }),
    ] {
        let shop = Shop::of(json!({
            "media": { NAME: { "size": SIZE, "steps": [step] } },
            "default": [{ "delay_ms": 60_000 }],
        }));
        let took = stopped_at_the_third_call(&shop);
        assert!(took < Duration::from_secs(15), "{step}: {took:?}");
    }
    let script = json!({ "connections": ["stall"], "media": { NAME: { "size": SIZE } } });
    let shop = Shop::on(Emulator::start_tls(Script::from_value(script)));
    let took = stopped_at_the_third_call(&shop);
    assert!(took < Duration::from_secs(8), "the connect time-out is 10 s: {took:?}");
}

#[test]
fn at_least_one_call_comes_each_second() {
    let shop = shop(json!([{ "stall_at_body": 40_000 }]));
    let mut calls = vec![Instant::now()];
    let mut told = |done, total| {
        assert!(done <= 40_000 && (total == SIZE || total == 0));
        calls.push(Instant::now());
        calls.len() < 6
    };
    let client = client(&shop.emulator);
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, Some(&mut told));
    assert_code(&outcome, Code::Cancelled);
    // Half of it on a machine at rest.
    let gaps = calls.windows(2).map(|two| two[1] - two[0]);
    assert!(gaps.min().unwrap() <= Duration::from_millis(600));
    assert!(calls[5] - calls[0] < Duration::from_secs(5));
}

#[test]
fn the_result_tells_what_is_there_and_how_long_the_file_is() {
    let shop = shop(json!([{ "cut_at_body": 40_000 }, { "status": 500 }, {}]));
    let bytes = |outcome: &Outcome| (outcome.bytes_done(), outcome.bytes_total());
    assert_eq!(bytes(&shop.download()), (40_000, SIZE));
    // Nothing came this time.
    let again = shop.download();
    assert_code(&again, Code::Server);
    assert_eq!((bytes(&again), again.bytes_written()), ((40_000, SIZE), 0));
    let whole = shop.download();
    assert_eq!((bytes(&whole), whole.bytes_written()), ((SIZE, SIZE), SIZE - 40_000));
}
