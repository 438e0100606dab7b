//! "Watching many jobs" of the behaviour, over real sockets.

mod crowd;
mod downloads;
mod ending;
mod ready;
mod telling;
mod updates;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pictory::Rules;
use pictory::client::Client;
use pictory::error::{Code, Error};
use pictory::job::JobId;
use pictory::outcome::Outcome;
use pictory::watcher::{OnPoll, Options, Watcher};
use serde_json::{Value, json};

use crate::emulator::{Emulator, Script};
use crate::support::{client, config, quick_rules};

/// Long enough that it never ends a watch in these tests.
const LONG: u64 = 120_000;

/// A poll interval after which nothing comes in these tests.
const NEVER: u64 = 3_600_000;

fn job(number: u64) -> JobId {
    JobId::parse(&format!("4A09edf9-d071-4847-bda5-{number:012x}")).unwrap()
}

/// A watcher, and the emulator that its jobs are on.
fn watcher(script: Value) -> (Watcher, Emulator) {
    let emulator = Emulator::start(Script::from_value(script));
    (watcher_of(client(&emulator)), emulator)
}

fn watcher_of(client: Client) -> Watcher {
    Watcher::new(&Arc::new(client)).unwrap()
}

fn options(poll_interval_ms: u64) -> Options {
    Options { rules: quick_rules(LONG, poll_interval_ms), ..Options::default() }
}

fn with_rules(rules: Rules) -> Options {
    Options { rules, ..Options::default() }
}

/// A settled watch, which must come.
#[track_caller]
fn next(watcher: &Watcher) -> Outcome {
    *watcher.next(Some(Instant::now() + Duration::from_secs(60))).expect("a settled watch")
}

#[track_caller]
fn assert_refused(result: Result<(), Error>, code: Code) {
    assert_eq!(result.unwrap_err().code, code);
}

/// When each request came, by the job's number.
fn arrivals(emulator: &Emulator) -> Vec<(u64, Instant)> {
    let number = |id: &str| u64::from_str_radix(id.rsplit('-').next().unwrap(), 16).unwrap();
    let requests = emulator.requests();
    requests.iter().map(|r| (number(r.job_id.as_deref().unwrap()), r.at)).collect()
}

#[test]
fn every_watch_is_settled_exactly_once_as_a_wait_would_be_and_keeps_its_tag() {
    let running = json!({ "example": "in-progress" });
    let steps = [
        (json!([running, { "example": "completed" }]), Code::Ok),
        (json!([running, { "example": "failed" }]), Code::JobFailed),
        (json!([{ "body": { "data": { "status": "cleaned" } } }]), Code::JobCleaned),
        (json!([running, { "example": "unauthorized" }]), Code::Unauthorized),
        (json!([{ "example": "not-found" }]), Code::JobNotFound),
        (json!([{ "status": 500 }]), Code::Server),
        (json!([{ "cut_after": 5 }, { "status": 502 }, { "body": "<" }]), Code::InvalidResponse),
    ];
    let jobs: HashMap<String, Value> =
        (0..200).map(|n| (job(n).to_string(), steps[n as usize % steps.len()].0.clone())).collect();
    let (watcher, _emulator) = watcher(json!({ "jobs": jobs }));
    for number in 0..200 {
        watcher.add(&job(number), options(10), 1000 + number).unwrap();
    }
    let mut seen = vec![0; 200];
    while let Some(outcome) = watcher.next(None) {
        let number = outcome.tag() - 1000;
        seen[number as usize] += 1;
        assert_eq!(outcome.job_id().unwrap().as_str(), job(number).as_str());
        let wanted = steps[number as usize % steps.len()].1;
        assert_eq!(outcome.code(), wanted, "{}", outcome.message().as_str());
    }
    assert_eq!(seen, vec![1; 200]);
    assert_eq!(watcher.pending(), 0);
}

#[test]
fn the_last_job_and_reply_and_all_polls_are_in_the_result() {
    let (watcher, emulator) = watcher(json!({ "default": [
        { "body": { "data": { "status": "in-progress", "renderProgress": 40 } } },
        { "status": 503, "body": "busy" }, { "status": 401, "body": "no" }
    ]}));
    watcher.add(&job(1), options(10), 0).unwrap();
    let outcome = next(&watcher);
    assert_eq!((outcome.code(), outcome.polls()), (Code::Unauthorized, 3));
    assert_eq!(outcome.job().unwrap().progress(), Some(40.0));
    assert_eq!(outcome.reply().unwrap().body(), b"no");
    assert_eq!(emulator.requests().len(), 3);
    // One connection serves all polls.
    assert_eq!(emulator.connections(), 1);
}

#[test]
fn each_watch_goes_by_its_own_options() {
    let jobs = json!({ "jobs": {
        job(1).as_str(): [{ "status": 500 }],
        job(2).as_str(): [{ "status": 500 }],
        job(3).as_str(): [{ "example": "in-progress" }],
        job(4).as_str(): [{ "body": { "data": { "status": "queued" } } }],
        job(5).as_str(): [{ "body": { "data": { "status": "queued" } } }],
    }});
    let (watcher, _emulator) = watcher(jobs);
    let rules = quick_rules(LONG, 10);
    let short = Rules { max_wait: Some(Duration::from_millis(150)), ..rules };
    watcher.add(&job(1), with_rules(Rules { max_failures: Some(2), ..rules }), 1).unwrap();
    watcher.add(&job(2), with_rules(Rules { max_failures: Some(7), ..rules }), 2).unwrap();
    watcher.add(&job(3), with_rules(short), 3).unwrap();
    watcher.add(&job(4), with_rules(short), 4).unwrap();
    watcher.add(&job(5), with_rules(Rules { stop_on_unknown_status: true, ..rules }), 5).unwrap();
    let mut found: Vec<_> = (0..5).map(|_| next(&watcher)).collect();
    found.sort_by_key(Outcome::tag);
    let codes: Vec<_> = found.iter().map(Outcome::code).collect();
    let (late, unknown) = (Code::WaitTimeout, Code::UnexpectedStatus);
    assert_eq!(codes, [Code::Server, Code::Server, late, unknown, unknown]);
    assert_eq!((found[0].polls(), found[1].polls(), found[4].polls()), (2, 7, 1));
    assert!(found[2].elapsed() >= Duration::from_millis(100), "{:?}", found[2].elapsed());
    assert!(found[2].message().as_str().contains("may still run"));
}

#[test]
fn the_deadline_is_hard_and_counts_from_add() {
    // The first reply never comes: the request is cut.
    let (watcher, emulator) = watcher(json!({ "default": [{ "stall_after": 0 }] }));
    let added = Instant::now();
    watcher.add(&job(1), with_rules(quick_rules(300, 10)), 0).unwrap();
    assert!(emulator.wait_for_requests(1));
    let outcome = next(&watcher);
    assert_eq!(outcome.code(), Code::WaitTimeout);
    assert!(added.elapsed() >= Duration::from_millis(300));
    assert!(outcome.elapsed() >= Duration::from_millis(300));
}

#[test]
fn a_last_poll_is_made_before_the_deadline() {
    let (watcher, emulator) =
        watcher(json!({ "default": [{ "example": "in-progress" }, { "example": "completed" }] }));
    watcher.add(&job(1), with_rules(quick_rules(400, NEVER)), 0).unwrap();
    assert_eq!(next(&watcher).code(), Code::Ok);
    assert_eq!(emulator.requests().len(), 2);
}

#[test]
fn the_same_job_may_be_watched_under_several_tags_but_not_twice_under_one() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    watcher.add(&job(10), options(NEVER), 1).unwrap();
    watcher.add(&job(10), options(NEVER), 2).unwrap();
    assert_refused(watcher.add(&job(10), options(NEVER), 1), Code::AlreadyWatched);
    // The same id in the other case.
    let lower = JobId::parse(&job(10).as_str().to_lowercase()).unwrap();
    assert_refused(watcher.add(&lower, options(NEVER), 2), Code::AlreadyWatched);
    assert_eq!(watcher.pending(), 2);
    watcher.remove(&lower, 2).unwrap();
    assert_eq!(watcher.pending(), 1);
}

#[test]
fn what_is_not_watched_can_neither_be_removed_nor_poked() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    watcher.add(&job(1), options(10), 7).unwrap();
    assert_refused(watcher.remove(&job(1), 8), Code::NotWatched);
    assert_refused(watcher.remove(&job(2), 7), Code::NotWatched);
    assert_refused(watcher.poke(&job(2)), Code::NotWatched);
    assert_eq!(next(&watcher).tag(), 7);
    assert_refused(watcher.remove(&job(1), 7), Code::NotWatched);
    assert_refused(watcher.poke(&job(1)), Code::NotWatched);
}

#[test]
fn a_poke_brings_the_next_poll_of_all_watches_of_the_job_forward() {
    let (watcher, emulator) = watcher(json!({ "jobs": {
        job(1).as_str(): [{ "example": "in-progress", "repeat": 2 }, { "example": "completed" }],
        job(2).as_str(): [{ "example": "in-progress" }],
    }}));
    watcher.add(&job(1), options(NEVER), 1).unwrap();
    watcher.add(&job(1), options(NEVER), 2).unwrap();
    watcher.add(&job(2), options(NEVER), 3).unwrap();
    assert!(emulator.wait_for_requests(3));
    // Perhaps before the replies have been read: then it is polled again after them.
    watcher.poke(&JobId::parse(&job(1).as_str().to_lowercase()).unwrap()).unwrap();
    let mut tags = [next(&watcher).tag(), next(&watcher).tag()];
    tags.sort();
    assert_eq!((tags, emulator.requests().len()), ([1, 2], 5));
}

#[test]
fn over_https_it_works_too() {
    let steps = json!({ "default": [{ "example": "in-progress" }, { "example": "completed" }] });
    let emulator = Emulator::start_tls(Script::from_value(steps));
    let mut config = config(&emulator.url());
    config.set_ca_file(Some(emulator.ca_file())).unwrap();
    let watcher = watcher_of(Client::new(&config).unwrap());
    (0..50).for_each(|number| watcher.add(&job(number), options(10), number).unwrap());
    let codes: Vec<_> = std::iter::from_fn(|| watcher.next(None)).map(|o| o.code()).collect();
    assert_eq!(codes, vec![Code::Ok; 50]);
}
