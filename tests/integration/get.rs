//! "Get" of the behaviour: what is tried again, and when.

use std::time::{Duration, Instant};

use pictory::client::Client;
use pictory::error::Code;
use pictory::job::Status;
use serde_json::json;

use crate::emulator::Emulator;
use crate::support::*;

fn client_with_retries(emulator: &Emulator, retries: u32) -> Client {
    let mut config = config(&emulator.url());
    config.set_max_retries(retries);
    Client::new(&config).unwrap()
}

#[test]
fn a_transient_failure_is_tried_again_as_often_as_configured() {
    for step in [
        json!({ "status": 500 }),
        json!({ "status": 429 }),
        json!({ "status": 408 }),
        json!({ "status": 425 }),
        json!({ "cut_after": 0 }),
    ] {
        let emulator = Emulator::start(steps(json!([step])));
        let outcome = get(&client_with_retries(&emulator, 1));
        assert_eq!(emulator.requests().len(), 2, "{step}");
        assert_eq!(outcome.polls(), 2);
        assert!(outcome.is_retryable());
    }
}

#[test]
fn a_retry_that_works_gives_the_job() {
    let script = steps(json!([{ "status": 503 }, { "cut_after": 10 }, { "example": "completed" }]));
    let emulator = Emulator::start(script);
    let started = Instant::now();
    let outcome = get(&client_with_retries(&emulator, 2));
    assert_code(&outcome, Code::Ok);
    assert_eq!(outcome.polls(), 3);
    assert_eq!(outcome.job().unwrap().status(), Status::Completed);
    // 0.5 s and 1 s, each less a quarter.
    assert!(started.elapsed() >= Duration::from_millis(375 + 750));
    assert!(outcome.elapsed() >= Duration::from_millis(375 + 750));
}

#[test]
fn everything_else_is_final_and_costs_one_request() {
    for (step, code) in [
        (json!({ "example": "unauthorized" }), Code::Unauthorized),
        (json!({ "status": 403, "body": "<html>error 1010</html>" }), Code::Forbidden),
        (json!({ "status": 404 }), Code::JobNotFound),
        (json!({ "example": "not-found" }), Code::JobNotFound),
        (json!({ "status": 400 }), Code::HttpStatus),
        (json!({ "body": { "success": false } }), Code::Api),
        (json!({ "body": "<html>" }), Code::InvalidResponse),
    ] {
        let emulator = Emulator::start(steps(json!([step])));
        let outcome = get(&client_with_retries(&emulator, 5));
        assert_code(&outcome, code);
        assert_eq!(emulator.requests().len(), 1, "{step}");
        assert!(!outcome.is_retryable(), "{step}");
    }
}

#[test]
fn a_get_reads_any_state_of_a_job_as_a_success() {
    for (example, status) in [
        ("in-progress", Status::InProgress),
        ("completed", Status::Completed),
        ("failed", Status::Failed),
    ] {
        let outcome = get_from(json!([{ "example": example }]));
        assert_code(&outcome, Code::Ok);
        assert_eq!(outcome.job().unwrap().status(), status);
    }
}

#[test]
fn a_short_retry_after_is_sat_out() {
    let script =
        json!([{ "status": 429, "headers": { "Retry-After": "1" } }, { "example": "failed" }]);
    let emulator = Emulator::start(steps(script));
    let outcome = get(&client_with_retries(&emulator, 2));
    assert_code(&outcome, Code::Ok);
    let requests = emulator.requests();
    assert!(requests[1].at - requests[0].at >= Duration::from_secs(1));
}

#[test]
fn a_long_retry_after_ends_the_get_at_once_and_is_told() {
    for (status, code) in [(429, Code::RateLimited), (503, Code::Server)] {
        let script = json!([{ "status": status, "headers": { "Retry-After": "31" } }]);
        let emulator = Emulator::start(steps(script));
        let outcome = get(&client_with_retries(&emulator, 5));
        assert_code(&outcome, code);
        assert_eq!(outcome.retry_after(), Some(Duration::from_secs(31)));
        assert_eq!(emulator.requests().len(), 1);
    }
}

#[test]
fn retry_after_as_a_date_counts_from_the_replys_own_date() {
    let headers = json!({
        "Date": "Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After": "Sun, 06 Nov 1994 08:59:37 GMT"
    });
    let outcome = get_from(json!([{ "status": 429, "headers": headers }]));
    assert_eq!(outcome.retry_after(), Some(Duration::from_secs(600)));
}

#[test]
fn nothing_of_a_failure_is_lost() {
    let body = "<html>bad gateway</html>";
    let outcome = get_from(json!([{ "status": 502, "body": body }]));
    assert_code(&outcome, Code::Server);
    let reply = outcome.reply().unwrap();
    assert_eq!((reply.status(), reply.body()), (502, body.as_bytes()));
    assert_eq!(outcome.job_id().unwrap().as_str(), ID);
    assert_eq!(outcome.polls(), 1);
}

#[test]
fn the_last_reply_is_kept_when_the_retry_gets_none() {
    let emulator =
        Emulator::start(steps(json!([{ "status": 502, "body": "x" }, { "cut_after": 0 }])));
    let outcome = get(&client_with_retries(&emulator, 1));
    assert_code(&outcome, Code::ConnectionLost);
    assert_eq!(outcome.reply().unwrap().status(), 502);
    assert_eq!(outcome.retry_after(), None);
}

#[test]
fn a_cancelled_token_ends_a_pause_between_retries() {
    let script = json!([{ "status": 503, "headers": { "Retry-After": "30" } }]);
    let emulator = Emulator::start(steps(script));
    let client = client_with_retries(&emulator, 5);
    let outcome =
        cancel_once(|| emulator.wait_for_requests(1), |token| client.get(&id(), Some(token)));
    assert_code(&outcome, Code::Cancelled);
    assert!(outcome.elapsed() < Duration::from_secs(20));
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn the_key_can_be_replaced_on_a_live_client() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let client = client(&emulator);
    get(&client);
    client.set_api_key("pictai_second").unwrap();
    assert_eq!(client.set_api_key("Bearer x").unwrap_err().code, Code::InvalidApiKey);
    get(&client);
    let keys: Vec<_> =
        emulator.requests().iter().map(|r| r.header("Authorization").unwrap().to_owned()).collect();
    assert_eq!(keys, [KEY, "pictai_second"]);
}

#[test]
fn the_rate_limit_holds_for_all_calls_of_a_client() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let mut config = config(&emulator.url());
    config.set_rate_limit(50.0).unwrap();
    let client = Client::new(&config).unwrap();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..5).for_each(|_| assert_code(&get(&client), Code::Ok)));
        }
    });
    // A burst of one, then one every 20 ms.
    assert!(started.elapsed() >= Duration::from_millis(19 * 20));
}

#[test]
fn waiting_for_the_rate_limit_obeys_the_token() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let mut config = config(&emulator.url());
    config.set_rate_limit(0.001).unwrap();
    let client = Client::new(&config).unwrap();
    get(&client);
    let outcome = cancel_once(|| true, |token| client.get(&id(), Some(token)));
    assert_code(&outcome, Code::Cancelled);
    assert_eq!(emulator.requests().len(), 1);
    let outcome = wait_with(&client, quick_rules(100, 10));
    assert_code(&outcome, Code::WaitTimeout);
    assert_eq!((outcome.polls(), emulator.requests().len()), (0, 1));
}
