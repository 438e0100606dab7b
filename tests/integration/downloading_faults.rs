//! Downloads that break: each fault at many places.

use std::fs;
use std::time::Duration;

use pictory::download::Limits;
use pictory::error::Code;
use serde_json::{Value, json};

use crate::downloads::*;
use crate::emulator::{Emulator, Script, media_bytes};
use crate::support::*;

const SIZE: u64 = 300_000;

/// A place in the body, and how many of its bytes come before it.
const PLACES: [(i64, u64); 7] = [
    (0, 0),
    (1, 1),
    (2, 2),
    (150_000, 150_000),
    (262_144, 262_144),
    (-1, SIZE - 1),
    (SIZE as i64, SIZE),
];

const FAULTS: [&str; 3] = ["cut_at_body", "reset_at_body", "stall_at_body"];

/// One that is taken for idle soon, though not as soon as a busy machine pauses.
fn impatient(max_retries: u32) -> Limits {
    Limits { idle_timeout: Duration::from_millis(1500), ..retries(max_retries) }
}

fn file(steps: Value) -> Value {
    json!({ "media": { NAME: { "size": SIZE, "steps": steps } } })
}

/// Does `work` with every fault at every place, all at once.
fn everywhere(work: impl Fn(&str, i64, u64) + Sync) {
    let cases = FAULTS.into_iter().flat_map(|fault| PLACES.map(|(at, before)| (fault, at, before)));
    all_at_once(cases, |(fault, place, before)| work(fault, place, before));
}

/// A reply in a transfer coding, whole as far as its framing goes.
fn coded(coding: &str) -> Value {
    json!({ "raw": format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n\r\n2\r\nab\r\n0\r\n\r\n") })
}

/// What the retry asks for; `None`: all of it.
fn range_after(before: u64) -> Option<String> {
    (before > 0).then(|| format!("bytes={before}-"))
}

#[test]
fn a_transfer_that_breaks_goes_on_where_it_broke_off() {
    everywhere(|fault, place, before| {
        let shop = Shop::of(file(json!([{ fault: place }, {}])));
        let outcome = shop.download_with(impatient(5));
        assert_code(&outcome, Code::Ok);
        shop.assert_whole(SIZE);
        assert_eq!(shop.names(), [NAME], "{fault} {place}");
        assert_eq!(outcome.bytes_written(), SIZE, "{fault} {place}");
        let ranges = shop.ranges();
        assert_eq!(ranges[0], None);
        if before < SIZE {
            assert_eq!(ranges[1], range_after(before), "{fault} {place}");
            let if_range = shop.emulator.requests()[1].header("If-Range").map(str::to_owned);
            assert_eq!(if_range.as_deref(), (before > 0).then_some("\"v1\""));
        }
    });
}

#[test]
fn a_transfer_in_chunks_that_breaks_goes_on_too() {
    // Within the last chunk's end, and within the line that announces the first chunk.
    let places = [1, 2, 9, 150_000, -1, -2, -4, -5, -6, -7, -8];
    let faults = ["cut_at_body", "reset_at_body"].into_iter();
    all_at_once(faults.flat_map(|fault| places.map(|place| (fault, place))), |(fault, place)| {
        let shop = Shop::of(file(json!([{ fault: place, "chunked": true }, {}])));
        assert_code(&shop.download_with(retries(1)), Code::Ok);
        shop.assert_whole(SIZE);
        assert!(shop.ranges().len() <= 2);
    });
}

#[test]
fn a_transfer_over_tls_that_breaks_goes_on_too() {
    everywhere(|fault, place, _| {
        let script = Script::from_value(file(json!([{ fault: place }, {}])));
        let shop = Shop::on(Emulator::start_tls(script));
        let client = tls_client(&shop.emulator);
        let outcome = shop.download_by(&client, &shop.job(), VIDEO, impatient(5), None, None);
        assert_code(&outcome, Code::Ok);
        shop.assert_whole(SIZE);
        assert_eq!(outcome.bytes_written(), SIZE, "{fault} {place}");
    });
}

#[test]
fn a_host_that_breaks_off_and_cannot_go_on_is_not_asked_for_ever() {
    let mut steps = vec![json!({ "cut_at_body": -1 }); 20];
    steps.push(json!({}));
    let file = json!({ "size": SIZE, "etag": null, "last_modified": null, "steps": steps });
    let shop = Shop::new(file);
    let outcome = shop.download_with(retries(1));
    assert_code(&outcome, Code::ConnectionLost);
    assert_eq!(shop.ranges(), vec![None; 10]);
    assert_eq!(outcome.bytes_written(), 10 * (SIZE - 1));
}

#[test]
fn a_file_that_has_changed_far_on_gets_on_from_its_first_bytes() {
    const LARGE: u64 = 1_000_000;
    let changed = json!({ "media": "second", "cut_at_body": 70_000 });
    let steps = json!([{ "cut_at_body": 950_000 }, changed, changed, { "media": "second" }]);
    let shop = Shop::of(json!({ "media": {
        NAME: { "size": LARGE, "steps": steps }, "second": { "size": LARGE, "etag": "\"v2\"" },
    } }));
    assert_code(&shop.download_with(retries(1)), Code::Ok);
    assert!(shop.read() == media_bytes("second", LARGE), "the file is another");
}

#[test]
fn what_broke_leaves_the_old_file_and_goes_on_at_the_next_call() {
    everywhere(|fault, place, before| {
        let shop = Shop::of(file(json!([{ fault: place }, {}])));
        fs::write(shop.path(), "old").unwrap();
        let outcome = shop.download_with(impatient(0));
        if before == SIZE {
            return assert_code(&outcome, Code::Ok);
        }
        let stalls = fault.starts_with("stall");
        assert_code(&outcome, if stalls { Code::Timeout } else { Code::ConnectionLost });
        assert!(outcome.is_retryable());
        assert_eq!(outcome.bytes_written(), before);
        assert_eq!(shop.read(), b"old", "{fault} {place}");
        if before == 0 {
            assert_eq!(shop.names(), [NAME]);
        } else {
            let part = fs::read(shop.part()).unwrap();
            assert!(part == media_bytes(NAME, before), "{fault} {place}: {} bytes", part.len());
        }
        let outcome = shop.download();
        assert_code(&outcome, Code::Ok);
        shop.assert_whole(SIZE);
        assert_eq!(outcome.bytes_written(), SIZE - before);
        assert_eq!(shop.ranges().last().unwrap(), &range_after(before));
        assert_eq!(shop.names(), [NAME]);
    });
}

#[test]
fn a_reply_that_breaks_before_its_body_is_tried_again() {
    let steps = [
        json!({ "cut_after": 0 }),
        json!({ "cut_after": 1 }),
        json!({ "cut_after": 60 }),
        json!({ "reset_after": 20 }),
        json!({ "status": 500 }),
        json!({ "status": 503, "headers": { "Retry-After": "1" } }),
        json!({ "status": 429 }),
        json!({ "status": 408 }),
        json!({ "status": 425 }),
    ];
    all_at_once(steps, |step| {
        let shop = Shop::of(file(json!([step, {}])));
        let outcome = shop.download_with(retries(1));
        assert_code(&outcome, Code::Ok);
        assert_eq!((outcome.polls(), outcome.bytes_written()), (2, SIZE), "{step}");
        shop.assert_whole(SIZE);
    });
}

#[test]
fn everything_else_is_final_and_leaves_nothing() {
    for (step, code) in [
        (json!({ "status": 400 }), Code::HttpStatus),
        (json!({ "status": 401 }), Code::HttpStatus),
        (json!({ "status": 204 }), Code::HttpStatus),
        (json!({ "status": 304 }), Code::HttpStatus),
        (json!({ "status": 302 }), Code::HttpStatus),
        (json!({ "status": 416 }), Code::HttpStatus),
        (json!({ "status": 206, "body": "x" }), Code::HttpStatus),
    ] {
        let shop = Shop::of(file(json!([step, {}])));
        let outcome = shop.download_with(retries(5));
        assert_code(&outcome, code);
        assert_eq!(shop.ranges().len(), 1, "{step}");
        assert!(shop.names().is_empty() && !outcome.is_retryable(), "{step}");
    }
}

/// Replies that are no output, whatever their status.
fn impostors() -> Vec<Value> {
    let headers = |name: &str, value: &str| json!({ "headers": { name: value } });
    vec![
        json!({ "raw": "SSH-2.0-x\r\n\r\n" }),
        headers("Content-Encoding", "gzip"),
        headers("Content-Type", "text/html"),
        headers("Content-Type", "Text/HTML; charset=utf-8"),
        coded("gzip"),
        coded("gzip, chunked"),
        coded("chunked; q=1"),
        coded("\"chunked\""),
        json!({ "status": 200, "body": "" }),
        json!({ "status": 200, "body": "", "chunked": true }),
    ]
}

#[test]
fn what_is_no_output_is_never_put_into_place_and_costs_no_part() {
    all_at_once(impostors(), |step| {
        let shop = Shop::of(file(json!([{ "cut_at_body": 10_000 }, step, {}])));
        assert_code(&shop.download(), Code::ConnectionLost);
        let outcome = shop.download();
        assert_code(&outcome, Code::InvalidResponse);
        assert!(!shop.path().exists(), "{step}");
        assert_code(&shop.download(), Code::Ok);
        assert_eq!(shop.ranges()[2], Some("bytes=10000-".into()), "{step}");
        shop.assert_whole(SIZE);
    });
}

#[test]
fn what_is_no_output_may_pass() {
    all_at_once(impostors(), |step| {
        let shop = Shop::of(file(json!([step, {}])));
        assert_code(&shop.download_with(retries(1)), Code::Ok);
        shop.assert_whole(SIZE);
    });
}

#[test]
fn retries_are_counted_anew_once_a_try_gets_on() {
    let cuts = |bytes: u64| {
        let cut = json!({ "cut_at_body": bytes });
        Shop::of(file(json!([cut, cut, cut, {}])))
    };
    // A try of 64 KiB gets on, one of less does not.
    let shop = cuts(64 * 1024);
    assert_code(&shop.download_with(retries(1)), Code::Ok);
    shop.assert_whole(SIZE);
    let shop = cuts(64 * 1024 - 1);
    assert_code(&shop.download_with(retries(1)), Code::ConnectionLost);
}

/// Thousands of requests in a second for a byte each would go on for ever.
#[test]
fn a_host_that_sends_a_byte_at_a_time_is_paced_and_given_up() {
    let from = |first: u64| {
        json!({ "status": 206, "body": "x", "headers": {
            "ETag": "\"v1\"", "Content-Range": format!("bytes {first}-{first}/{SIZE}"),
        } })
    };
    let first = json!({ "cut_at_body": 1 });
    let steps: Vec<_> = [first].into_iter().chain((1..50).map(from)).collect();
    let shop = Shop::of(file(json!(steps)));
    let started = std::time::Instant::now();
    let outcome = shop.download_with(retries(3));
    assert_code(&outcome, Code::ConnectionLost);
    assert!(outcome.message().as_str().contains("too small"), "{}", outcome.message().as_str());
    assert_eq!((shop.emulator.requests().len(), outcome.bytes_done()), (4, 4));
    // Pauses of 0.5, 1 and 2 seconds, each a quarter shorter at the most.
    assert!(started.elapsed() >= Duration::from_millis(2625));
}

#[test]
fn retries_end_when_there_have_been_enough() {
    all_at_once([0, 1, 2], |count| {
        let shop = Shop::of(file(json!([{ "cut_at_body": 10_000 }])));
        let outcome = shop.download_with(retries(count));
        assert_code(&outcome, Code::ConnectionLost);
        assert_eq!(outcome.polls(), count + 1);
    });
}

#[test]
fn a_long_retry_after_ends_it_and_is_told() {
    for (status, code) in [(429, Code::RateLimited), (503, Code::Server)] {
        let step = json!({ "status": status, "headers": { "Retry-After": "31" }, "body": "no" });
        let shop = Shop::of(file(json!([step])));
        let outcome = shop.download_with(retries(5));
        assert_code(&outcome, code);
        assert_eq!(outcome.retry_after(), Some(Duration::from_secs(31)));
        assert_eq!((outcome.polls(), outcome.reply().unwrap().body()), (1, &b"no"[..]));
    }
}

/// Downloads a file whose first transfer breaks at 2000 of 5000 bytes. Gives the ranges asked for.
fn after_a_break(first: Value, second: Value) -> (Shop, Vec<Option<String>>) {
    let mut first = first;
    first["cut_at_body"] = json!(2000);
    let file = json!({ "size": 5000, "steps": [first, second, {}] });
    let new = json!({ "size": 6000, "etag": "\"v2\"" });
    let shop = Shop::of(json!({ "media": { NAME: file, "new.mp4": new } }));
    assert_code(&shop.download_with(retries(2)), Code::Ok);
    assert_eq!(shop.names(), [NAME]);
    let ranges = shop.ranges();
    (shop, ranges)
}

#[test]
fn a_file_that_has_changed_is_begun_anew() {
    let (shop, _) = after_a_break(json!({}), json!({ "media": "new.mp4" }));
    assert!(shop.read() == media_bytes("new.mp4", 6000));
    // Even where the server does not heed If-Range.
    let headers = json!({ "Content-Range": "bytes 2000-4999/5000", "ETag": "\"v2\"" });
    let liar = json!({ "status": 206, "headers": headers, "body": "x".repeat(3000) });
    let (shop, ranges) = after_a_break(json!({}), liar);
    shop.assert_whole(5000);
    assert_eq!(ranges.last().unwrap(), &None);
}

#[test]
fn a_part_that_does_not_fit_is_not_used() {
    let parts = [
        ("bytes 0-4999/5000", 5000),
        ("bytes 2001-4999/5000", 2999),
        ("bytes 2000-4999/6000", 3000),
        ("bytes 2000-4999/*", 3000),
        ("bytes 2000-4999/5000", 2999),
        ("bytes */5000", 3000),
        ("", 3000),
    ];
    all_at_once(parts, |(range, length)| {
        let headers = json!({ "Content-Range": range, "ETag": "\"v1\"" });
        let body = "x".repeat(length);
        let answer = json!({ "status": 206, "headers": headers, "body": body });
        let (shop, ranges) = after_a_break(json!({}), answer);
        shop.assert_whole(5000);
        assert_eq!(ranges, [None, Some("bytes=2000-".into()), None], "{range}");
    });
    let (shop, _) = after_a_break(json!({}), json!({ "status": 416 }));
    shop.assert_whole(5000);
}

#[test]
fn a_server_that_ignores_ranges_is_asked_for_all_of_it() {
    let file = json!({ "size": 5000, "ranges": false, "steps": [{ "cut_at_body": 2000 }, {}] });
    let shop = Shop::new(file);
    let outcome = shop.download_with(retries(1));
    assert_code(&outcome, Code::Ok);
    shop.assert_whole(5000);
    assert_eq!(outcome.bytes_written(), 7000);
}

#[test]
fn without_a_strong_validator_nothing_is_gone_on_with() {
    for etag in [json!([]), json!("W/\"v1\"")] {
        let headers = json!({ "ETag": etag, "Last-Modified": [] });
        let (shop, ranges) = after_a_break(json!({ "headers": headers }), json!({}));
        shop.assert_whole(5000);
        assert_eq!(ranges, [None, None]);
    }
}

#[test]
fn a_date_will_do_in_place_of_an_etag() {
    let (shop, ranges) = after_a_break(json!({ "headers": { "ETag": [] } }), json!({}));
    shop.assert_whole(5000);
    assert_eq!(ranges, [None, Some("bytes=2000-".into())]);
    let if_range = shop.emulator.requests()[1].header("If-Range").map(str::to_owned);
    assert_eq!(if_range.as_deref(), Some("Wed, 01 Jan 2025 00:00:00 GMT"));
}

#[test]
fn a_server_may_send_less_of_the_rest_than_was_asked_for() {
    let all = media_bytes(NAME, 5000);
    let head = "HTTP/1.1 206 Partial Content\r\nETag: \"v1\"\r\nContent-Length: 1000\r\n\
                Content-Range: bytes 2000-2999/5000\r\n\r\n";
    let reply = [head.as_bytes(), &all[2000..3000]].concat();
    let hex: String = reply.iter().map(|byte| format!("{byte:02x}")).collect();
    let (shop, ranges) = after_a_break(json!({}), json!({ "raw_hex": hex }));
    shop.assert_whole(5000);
    let wanted = [None, Some("bytes=2000-".to_owned()), Some("bytes=3000-".to_owned())];
    assert_eq!(ranges, wanted);
}

#[test]
fn a_body_without_length_is_whole_only_at_a_clean_tls_close() {
    for (step, code) in [
        (json!({ "no_length": true }), Code::Ok),
        (json!({ "no_length": true, "http": "1.0" }), Code::Ok),
        (json!({ "no_length": true, "cut_at_body": SIZE }), Code::ConnectionLost),
        (json!({ "no_length": true, "cut_at_body": -1 }), Code::ConnectionLost),
        (json!({ "no_length": true, "reset_at_body": 1 }), Code::ConnectionLost),
    ] {
        let emulator = Emulator::start_tls(Script::from_value(file(json!([step, {}]))));
        let shop = Shop::on(emulator);
        let client = tls_client(&shop.emulator);
        let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, None);
        assert_code(&outcome, code);
        if code == Code::Ok {
            shop.assert_whole(SIZE);
        } else {
            assert!(!shop.path().exists(), "{step}");
        }
        let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, None);
        assert_code(&outcome, Code::Ok);
        shop.assert_whole(SIZE);
    }
    let shop = Shop::of(file(json!([{ "no_length": true }])));
    assert_code(&shop.download(), Code::ConnectionLost);
    assert!(!shop.path().exists());
}

#[test]
fn a_length_that_is_not_reached_is_not_whole() {
    let step = json!({ "headers": { "Content-Length": "300001" }, "then": "close" });
    let shop = Shop::of(file(json!([step])));
    assert_code(&shop.download(), Code::ConnectionLost);
    assert!(!shop.path().exists());
}

#[test]
fn a_whole_part_that_was_not_put_into_its_place_is_checked_and_put_there() {
    let shop = Shop::of(file(json!([{ "cut_at_body": -1 }, {}])));
    assert_code(&shop.download(), Code::ConnectionLost);
    fs::write(shop.part(), media_bytes(NAME, SIZE)).unwrap();
    let outcome = shop.download();
    assert_code(&outcome, Code::Ok);
    assert_eq!(outcome.bytes_written(), 1);
    assert_eq!(shop.ranges()[1], Some(format!("bytes={}-", SIZE - 1)));
    shop.assert_whole(SIZE);
}

#[test]
fn a_part_of_unknown_origin_is_written_over() {
    let shop = Shop::of(file(json!([{}])));
    fs::write(shop.part(), "another program's").unwrap();
    assert_code(&shop.download(), Code::Ok);
    assert_eq!(shop.ranges(), [None]);
    shop.assert_whole(SIZE);
}

#[test]
fn a_part_of_another_url_is_not_gone_on_with() {
    let other = json!({ "size": SIZE, "etag": "\"v1\"" });
    let broken = json!({ "size": SIZE, "steps": [{ "cut_at_body": 1000 }] });
    let shop = Shop::of(json!({ "media": { NAME: broken, "other.mp4": other } }));
    assert_code(&shop.download(), Code::ConnectionLost);
    let client = client(&shop.emulator);
    let job = job(&json!({ "url": shop.url("other.mp4") }));
    assert_code(&shop.download_by(&client, &job, VIDEO, quick(), None, None), Code::Ok);
    assert!(shop.read() == media_bytes("other.mp4", SIZE));
    assert_eq!(shop.ranges(), [None, None]);
}
