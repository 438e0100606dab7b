//! "Waiting" of the behaviour, over real sockets. What concerns time alone is tested with the
//! schedule, without a clock.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pictory::Rules;
use pictory::cancel::CancelToken;
use pictory::error::Code;
use pictory::job::{JobId, Status};
use pictory::outcome::Outcome;
use pictory::wait::wait;
use serde_json::{Value, json};

use crate::emulator::{Emulator, Script};
use crate::support::*;

/// Long enough that it never ends a wait in these tests.
const LONG: u64 = 60_000;

fn wait_for(script: Value) -> (Outcome, Emulator) {
    let emulator = Emulator::start(steps(script));
    let outcome = wait_with(&client(&emulator), quick_rules(LONG, 10));
    (outcome, emulator)
}

#[test]
fn a_job_is_polled_until_it_is_completed() {
    let emulator = Emulator::start(Script::examples());
    let outcome = wait_with(&client(&emulator), quick_rules(LONG, 10));
    assert_code(&outcome, Code::Ok);
    assert_eq!(outcome.job().unwrap().status(), Status::Completed);
    assert_eq!((outcome.polls(), emulator.connections()), (4, 1));
}

#[test]
fn a_failed_job_is_never_retried() {
    let (outcome, emulator) = wait_for(json!([{ "example": "failed" }]));
    assert_code(&outcome, Code::JobFailed);
    assert_eq!(outcome.job().unwrap().error_code().unwrap().as_str(), "5001");
    assert!(outcome.message().as_str().contains("internal error") && !outcome.is_retryable());
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn a_cleaned_job_ends_the_wait() {
    let (outcome, _) = wait_for(json!([{ "body": { "data": { "status": "cleaned" } } }]));
    assert_code(&outcome, Code::JobCleaned);
}

#[test]
fn everything_final_ends_the_wait_at_once() {
    for (step, code) in [
        (json!({ "example": "unauthorized" }), Code::Unauthorized),
        (json!({ "status": 403 }), Code::Forbidden),
        (json!({ "example": "not-found" }), Code::JobNotFound),
        (json!({ "body": { "success": false } }), Code::Api),
        (json!({ "status": 302 }), Code::HttpStatus),
    ] {
        let (outcome, emulator) = wait_for(json!([{ "example": "in-progress" }, step]));
        assert_code(&outcome, code);
        assert_eq!(emulator.requests().len(), 2, "{step}");
        assert_eq!(outcome.job().unwrap().status(), Status::InProgress, "the last state is kept");
    }
}

#[test]
fn failed_polls_are_overcome() {
    let (outcome, emulator) = wait_for(json!([
        { "status": 500 }, { "cut_after": 5 }, { "body": "<html>" }, { "status": 408 },
        { "example": "in-progress" },
        { "status": 503 }, { "reset_after": 5 }, { "body": "[]" }, { "status": 425 },
        { "example": "completed" }
    ]));
    assert_code(&outcome, Code::Ok);
    assert_eq!((outcome.polls(), emulator.requests().len()), (10, 10));
}

#[test]
fn so_many_failed_polls_in_a_row_end_the_wait_with_the_last_ones_code() {
    let (outcome, _) = wait_for(json!([
        { "status": 500 }, { "status": 500 }, { "status": 500 }, { "status": 500 }, { "body": "[" }
    ]));
    assert_code(&outcome, Code::InvalidResponse);
    assert_eq!(outcome.polls(), 5);
    assert!(outcome.is_retryable());
}

#[test]
fn retry_after_stretches_the_next_gap() {
    let headers = json!({ "Retry-After": "1" });
    for step in [
        json!({ "example": "in-progress", "headers": headers }),
        json!({ "status": 429, "headers": headers }),
        json!({ "status": 503, "headers": headers }),
    ] {
        let (outcome, emulator) = wait_for(json!([step, { "example": "completed" }]));
        assert_code(&outcome, Code::Ok);
        let requests = emulator.requests();
        assert!(requests[1].at - requests[0].at >= Duration::from_secs(1), "{step}");
    }
}

#[test]
fn garbage_in_retry_after_is_the_normal_interval() {
    for value in ["soon", "0", "-5", "Sun, 06 Nov 1994 08:49:37 GMT"] {
        let step = json!({ "status": 503, "headers": { "Retry-After": value } });
        let (outcome, _) = wait_for(json!([step, { "example": "completed" }]));
        assert_code(&outcome, Code::Ok);
        assert!(outcome.elapsed() < Duration::from_secs(20), "{value}");
    }
}

#[test]
fn the_deadline_is_hard_when_the_server_says_nothing() {
    for step in [
        json!({ "stall_after": 0 }),
        json!({ "stall_at_body": 3 }),
        json!({ "dribble": { "bytes": 1, "every_ms": 10 }, "example": "completed" }),
    ] {
        let emulator = Emulator::start(steps(json!([step])));
        let client = client(&emulator);
        let over = best_overrun(Duration::from_millis(300), || {
            let outcome = wait_with(&client, quick_rules(300, 10));
            assert_code(&outcome, Code::WaitTimeout);
            assert!(outcome.is_retryable());
        });
        assert!(over <= Duration::from_millis(50), "{step}: {over:?}");
    }
}

#[test]
fn the_deadline_is_hard_when_a_tls_server_says_nothing() {
    let stalls = vec![json!("stall"); 20];
    let emulator = Emulator::start_tls(Script::from_value(json!({ "connections": stalls })));
    let client = tls_client(&emulator);
    let over = best_overrun(Duration::from_millis(300), || {
        assert_code(&wait_with(&client, quick_rules(300, 10)), Code::WaitTimeout);
    });
    assert!(over <= Duration::from_millis(50), "{over:?}");
}

#[test]
fn a_job_done_in_the_last_gap_is_found_by_a_last_poll() {
    let script = json!([{ "example": "in-progress" }, { "example": "completed" }]);
    let emulator = Emulator::start(steps(script));
    let outcome = wait_with(&client(&emulator), quick_rules(400, LONG));
    assert_code(&outcome, Code::Ok);
    assert_eq!(outcome.polls(), 2);
    // A quarter of the wait before its end at the earliest.
    let requests = emulator.requests();
    assert!(requests[1].at - requests[0].at >= Duration::from_millis(290));
}

#[test]
fn when_time_is_up_the_last_state_is_kept_and_the_message_says_that_the_job_may_run() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let outcome = wait_with(&client(&emulator), quick_rules(100, 10));
    assert_code(&outcome, Code::WaitTimeout);
    assert_eq!(outcome.job().unwrap().status(), Status::InProgress);
    assert!(outcome.message().as_str().contains("may still run"));
    assert!(outcome.polls() >= 2);
}

#[test]
fn an_unknown_status_is_polled_on_and_shown_and_reported_at_the_end() {
    let queued = json!({ "body": { "success": true, "data": { "status": "queued" } } });
    let (outcome, _) = wait_for(json!([queued, queued, { "example": "completed" }]));
    assert_code(&outcome, Code::Ok);
    assert_eq!(outcome.polls(), 3);

    let emulator = Emulator::start(steps(json!([queued])));
    let client = client(&emulator);
    let outcome = wait_with(&client, quick_rules(100, 10));
    assert_code(&outcome, Code::UnexpectedStatus);
    assert!(outcome.is_retryable() && outcome.message().as_str().contains("queued"));

    let rules = Rules { stop_on_unknown_status: true, ..quick_rules(LONG, 10) };
    let outcome = wait_with(&client, rules);
    assert_code(&outcome, Code::UnexpectedStatus);
    assert_eq!(outcome.polls(), 1);
    assert!(outcome.message().as_str().contains("queued"));
}

#[test]
fn the_callback_is_told_of_every_poll_that_does_not_end_the_wait() {
    let script = json!([
        { "example": "in-progress" }, { "status": 500, "body": "oops" }, { "example": "completed" }
    ]);
    let emulator = Emulator::start(steps(script));
    let client = client(&emulator);
    let mut told = Vec::new();
    let thread = std::thread::current().id();
    let mut on_poll = |update: &Outcome| {
        assert_eq!(std::thread::current().id(), thread);
        assert!(update.next_poll().unwrap() <= Duration::from_millis(11));
        let job = update.job().unwrap().status();
        told.push((update.code(), update.polls(), update.reply().unwrap().status(), job));
        true
    };
    let outcome = wait(&client, &id(), quick_rules(LONG, 10), None, Some(&mut on_poll));
    assert_code(&outcome, Code::Ok);
    assert_eq!(outcome.next_poll(), None);
    let running = Status::InProgress;
    assert_eq!(told, [(Code::Ok, 1, 200, running), (Code::Server, 2, 500, running)]);
}

#[test]
fn a_callback_that_returns_false_ends_the_wait_as_cancelled() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let mut calls = 0;
    let mut on_poll = |_: &Outcome| {
        calls += 1;
        calls < 3
    };
    let rules = quick_rules(LONG, 10);
    let outcome = wait(&client(&emulator), &id(), rules, None, Some(&mut on_poll));
    assert_code(&outcome, Code::Cancelled);
    assert_eq!((calls, emulator.requests().len()), (3, 3));
    assert_eq!(outcome.job().unwrap().status(), Status::InProgress);
}

#[test]
fn time_spent_in_a_callback_counts_and_no_poll_is_made_after_the_deadline() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let started = Instant::now();
    let mut on_poll = |_: &Outcome| {
        while started.elapsed() < Duration::from_millis(150) {
            std::thread::yield_now();
        }
        true
    };
    let rules = quick_rules(100, 10);
    let outcome = wait(&client(&emulator), &id(), rules, None, Some(&mut on_poll));
    assert_code(&outcome, Code::WaitTimeout);
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn a_token_cancelled_beforehand_means_no_request_at_all() {
    let emulator = Emulator::start(Script::examples());
    let client = client(&emulator);
    let token = Arc::new(CancelToken::new());
    token.cancel();
    for outcome in [
        client.get(&id(), Some(&token)),
        wait(&client, &id(), Rules::default(), Some(&token), None),
    ] {
        assert_code(&outcome, Code::Cancelled);
        assert_eq!(outcome.polls(), 0);
    }
    assert_eq!(emulator.connections(), 0);
}

#[test]
fn cancel_ends_a_sleep_within_50_ms_and_a_request_within_100_ms() {
    let limit = Duration::from_millis(50);
    for (step, limit) in [
        (json!({ "example": "in-progress" }), limit),
        (json!({ "stall_after": 0 }), 2 * limit),
        (json!({ "stall_at_body": 10 }), 2 * limit),
        (json!({ "dribble": { "bytes": 1, "every_ms": 100 } }), 2 * limit),
    ] {
        let best = (0..5).map(|_| {
            let emulator = Emulator::start(steps(json!([step])));
            let client = client(&emulator);
            let token = Arc::new(CancelToken::new());
            let (outcome, took) = std::thread::scope(|scope| {
                let waiter = scope
                    .spawn(|| wait(&client, &id(), quick_rules(LONG, LONG), Some(&token), None));
                assert!(emulator.wait_for_requests(1));
                let cancelled = Instant::now();
                token.cancel();
                (waiter.join().unwrap(), cancelled.elapsed())
            });
            assert_code(&outcome, Code::Cancelled);
            assert!(outcome.is_retryable());
            assert_eq!(emulator.requests().len(), 1, "no request afterwards");
            took
        });
        let best = best.min().unwrap();
        assert!(best <= limit, "{step}: {best:?}");
    }
}

#[test]
fn many_threads_wait_through_one_client() {
    let script = json!([
        { "example": "in-progress", "then": "close_silently" }, { "status": 500 },
        { "example": "completed" }
    ]);
    let emulator = Emulator::start(steps(script));
    let client = client(&emulator);
    std::thread::scope(|scope| {
        for number in 0..32 {
            let client = &client;
            scope.spawn(move || {
                let id =
                    JobId::parse(&format!("{number:08x}-0000-4000-8000-000000000000")).unwrap();
                let outcome = wait(client, &id, quick_rules(LONG, 10), None, None);
                assert_code(&outcome, Code::Ok);
                assert_eq!(outcome.job().unwrap().id().unwrap().as_str(), id.as_str());
                assert_eq!(outcome.polls(), 3);
            });
        }
    });
    assert_eq!(emulator.requests().len(), 32 * 3);
}

#[test]
fn many_threads_may_wait_for_the_same_job() {
    let emulator = Emulator::start(steps(json!([
        { "example": "in-progress", "repeat": 16 }, { "example": "completed" }
    ])));
    let client = client(&emulator);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_code(&wait_with(&client, quick_rules(LONG, 10)), Code::Ok));
        }
    });
}

#[test]
fn a_hundred_polls_over_connections_closed_in_every_gap_never_fail() {
    let script = json!([
        { "example": "in-progress", "repeat": 99, "then": "close_silently" },
        { "example": "completed" }
    ]);
    let emulator = Emulator::start(steps(script));
    let client = client(&emulator);
    let mut on_poll = |update: &Outcome| update.code() == Code::Ok;
    let rules = quick_rules(LONG, 10);
    let outcome = wait(&client, &id(), rules, None, Some(&mut on_poll));
    assert_code(&outcome, Code::Ok);
    assert_eq!((outcome.polls(), emulator.requests().len()), (100, 100));
}
