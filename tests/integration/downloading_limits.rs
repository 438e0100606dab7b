//! Time, cancelling and progress of downloads.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pictory::cancel::CancelToken;
use pictory::client::Client;
use pictory::download::Limits;
use pictory::error::Code;
use serde_json::{Value, json};

use crate::downloads::*;
use crate::emulator::{Emulator, Script};
use crate::support::*;

const SIZE: u64 = 100_000;

fn shop(steps: Value) -> Shop {
    Shop::new(json!({ "size": SIZE, "steps": steps }))
}

fn idle(ms: u64) -> Limits {
    Limits { idle_timeout: Duration::from_millis(ms), ..quick() }
}

fn overall(ms: u64) -> Limits {
    Limits { timeout: Some(Duration::from_millis(ms)), ..retries(5) }
}

#[test]
fn a_host_that_sends_nothing_is_given_up_after_the_idle_timeout() {
    for step in [
        json!({ "stall_at_body": 1000 }),
        json!({ "stall_after": 5 }),
        json!({ "delay_ms": 60_000 }),
    ] {
        let shop = shop(json!([step]));
        let limit = Duration::from_millis(200);
        let overrun = best_overrun(limit, || {
            let outcome = shop.download_with(idle(200));
            assert_code(&outcome, Code::Timeout);
            assert!(outcome.message().as_str().starts_with("nothing came for 200 ms"));
        });
        assert!(overrun < Duration::from_millis(500), "{overrun:?}");
    }
}

#[test]
fn a_host_that_is_slow_is_not_idle() {
    let steps = json!([{ "dribble": { "bytes": 5000, "every_ms": 100 } }]);
    let shop = shop(steps);
    let started = Instant::now();
    assert_code(&shop.download_with(idle(1500)), Code::Ok);
    assert!(started.elapsed() > Duration::from_millis(1900));
    shop.assert_whole(SIZE);
}

#[test]
fn the_request_timeout_does_not_hold_for_a_download() {
    let shop = shop(json!([{ "dribble": { "bytes": 10_000, "every_ms": 50 } }]));
    let mut config = config(&shop.emulator.url());
    config.set_request_timeout_ms(100).unwrap();
    let client = Client::new(&config).unwrap();
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, None);
    assert_code(&outcome, Code::Ok);
}

#[test]
fn the_connect_timeout_holds_for_a_download_and_the_idle_timeout_does_not_hold_for_connecting() {
    let script = json!({ "connections": ["stall"], "media": { NAME: { "size": SIZE } } });
    let shop = Shop::on(Emulator::start_tls(Script::from_value(script)));
    let mut config = config(&shop.emulator.url());
    config.set_ca_file(Some(shop.emulator.ca_file())).unwrap();
    config.set_connect_timeout_ms(300).unwrap();
    let client = Client::new(&config).unwrap();
    let started = Instant::now();
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, idle(1), None, None);
    assert_code(&outcome, Code::Timeout);
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert!(outcome.message().as_str().contains("TLS handshake"));
}

#[test]
fn the_overall_timeout_cuts_a_body_and_the_next_call_goes_on() {
    let shop = shop(json!([{ "stall_at_body": 40_000 }, {}]));
    let started = Instant::now();
    let outcome = shop.download_with(overall(300));
    assert_code(&outcome, Code::Timeout);
    assert!(started.elapsed() >= Duration::from_millis(300));
    assert!(outcome.message().as_str().contains("call again to go on"));
    assert!(outcome.is_retryable());
    assert_eq!(shop.ranges().len(), 1);
    assert_code(&shop.download(), Code::Ok);
    assert_eq!(shop.ranges()[1], Some("bytes=40000-".into()));
    shop.assert_whole(SIZE);
}

#[test]
fn the_overall_timeout_cuts_a_pause() {
    let headers = json!({ "Retry-After": "30" });
    let shop = shop(json!([{ "status": 503, "headers": headers }]));
    let overrun = best_overrun(Duration::from_millis(200), || {
        assert_code(&shop.download_with(overall(200)), Code::Timeout);
    });
    assert!(overrun < Duration::from_millis(500), "{overrun:?}");
    assert!(shop.names().is_empty());
}

#[test]
fn the_overall_timeout_cuts_the_request_for_another_url() {
    let shop = Shop::of(json!({
        "media": { NAME: { "size": SIZE, "steps": [{ "status": 403 }] } },
        "default": [{ "delay_ms": 60_000 }],
    }));
    let overrun = best_overrun(Duration::from_millis(200), || {
        let outcome = shop.download_with(overall(200));
        assert_code(&outcome, Code::Timeout);
        assert_eq!(outcome.message().as_str().matches("the download was not done").count(), 1);
    });
    assert!(overrun < Duration::from_millis(500), "{overrun:?}");
}

#[test]
fn a_cancelled_token_ends_a_download_wherever_it_is() {
    for (step, requests) in [
        (json!({ "stall_after": 0 }), 1),
        (json!({ "stall_after": 50 }), 1),
        (json!({ "stall_at_body": 40_000 }), 1),
        (json!({ "status": 503, "headers": { "Retry-After": "30" } }), 1),
        // The job is asked for another URL.
        (json!({ "status": 403 }), 2),
    ] {
        let shop = Shop::of(json!({
            "media": { NAME: { "size": SIZE, "steps": [step, {}] } },
            "default": [{ "delay_ms": 60_000 }],
        }));
        let client = client(&shop.emulator);
        let job = shop.job();
        let reached = || shop.emulator.wait_for_requests(requests);
        let outcome = cancel_once(reached, |token| {
            shop.download_by(&client, &job, VIDEO, retries(5), Some(token), None)
        });
        assert_code(&outcome, Code::Cancelled);
        assert!(outcome.is_retryable() && outcome.elapsed() < Duration::from_secs(20));
        assert_eq!(shop.emulator.requests().len(), requests, "{step}");
        assert!(!shop.path().exists());
    }
}

#[test]
fn a_token_that_is_cancelled_beforehand_sends_nothing_and_touches_no_file() {
    let shop = shop(json!([{}]));
    let token = Arc::new(CancelToken::new());
    token.cancel();
    let client = client(&shop.emulator);
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), Some(&token), None);
    assert_code(&outcome, Code::Cancelled);
    assert_eq!((shop.emulator.connections(), shop.names().len()), (0, 0));
}
