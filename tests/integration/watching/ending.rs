//! How watches end before their time: cancelled, removed, freed.

use std::sync::mpsc;

use pictory::cancel::CancelToken;

use super::*;

fn with_token(token: &Arc<CancelToken>) -> Options {
    Options { token: Some(Arc::clone(token)), ..options(NEVER) }
}

#[test]
fn a_cancelled_token_settles_its_watches_and_no_others() {
    let (watcher, emulator) = watcher(json!({
        "jobs": { job(1).as_str(): [{ "stall_after": 0 }] },
        "default": [{ "example": "in-progress" }],
    }));
    let token = Arc::new(CancelToken::new());
    let other = Arc::new(CancelToken::new());
    // One in a request, one between two polls, one that nobody cancels.
    watcher.add(&job(1), with_token(&token), 1).unwrap();
    watcher.add(&job(2), with_token(&token), 2).unwrap();
    watcher.add(&job(3), with_token(&other), 3).unwrap();
    assert!(emulator.wait_for_requests(3));
    token.cancel();
    let mut tags = [next(&watcher), next(&watcher)].map(|outcome| {
        assert_eq!(outcome.code(), Code::Cancelled);
        assert!(outcome.is_retryable());
        outcome.tag()
    });
    tags.sort();
    assert_eq!((tags, watcher.pending()), ([1, 2], 1));
    assert_eq!(emulator.requests().len(), 3);
}

#[test]
fn a_token_cancelled_beforehand_costs_no_request() {
    let (watcher, emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    let token = Arc::new(CancelToken::new());
    token.cancel();
    watcher.add(&job(1), with_token(&token), 1).unwrap();
    let outcome = next(&watcher);
    assert_eq!((outcome.code(), outcome.polls()), (Code::Cancelled, 0));
    assert_eq!(emulator.connections(), 0);
}

/// A watcher's thread comes with its first watch, and must not miss a token that is cancelled before it
/// listens.
#[test]
fn a_token_that_is_cancelled_as_soon_as_it_is_given_is_heeded_in_a_pause_too() {
    let script = json!({ "default": [{ "status": 429, "headers": { "Retry-After": "300" } }] });
    let emulator = Emulator::start(Script::from_value(script));
    let client = Arc::new(client(&emulator));
    let first = Watcher::new(&client).unwrap();
    let (tell, told) = mpsc::channel();
    let on_poll: OnPoll = Box::new(move |_| tell.send(()).is_ok());
    first.add(&job(1), Options { on_poll: Some(on_poll), ..options(NEVER) }, 1).unwrap();
    told.recv().unwrap();
    for _ in 0..50 {
        let watcher = Watcher::new(&client).unwrap();
        let token = Arc::new(CancelToken::new());
        watcher.add(&job(2), with_token(&token), 2).unwrap();
        token.cancel();
        assert_eq!(next(&watcher).code(), Code::Cancelled);
    }
    assert_eq!(emulator.requests().len(), 1);
}

#[test]
fn a_token_outlives_the_watchers_that_used_it() {
    let (first, emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    let token = Arc::new(CancelToken::new());
    first.add(&job(1), with_token(&token), 1).unwrap();
    assert!(emulator.wait_for_requests(1));
    drop(first);
    let second = watcher_of(client(&emulator));
    second.add(&job(1), with_token(&token), 1).unwrap();
    token.cancel();
    assert_eq!(next(&second).code(), Code::Cancelled);
    drop(second);
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn a_removed_watch_is_cut_and_never_comes_out_and_can_be_added_again() {
    let (watcher, emulator) =
        watcher(json!({ "default": [{ "stall_after": 0 }, { "example": "completed" }] }));
    watcher.add(&job(1), options(NEVER), 5).unwrap();
    assert!(emulator.wait_for_requests(1));
    watcher.remove(&job(1), 5).unwrap();
    assert_eq!(watcher.pending(), 0);
    assert!(watcher.next(None).is_none(), "nothing is pending");
    assert!(emulator.wait_for_open_connections(0), "its request was not cut");
    watcher.add(&job(1), options(NEVER), 5).unwrap();
    let outcome = next(&watcher);
    assert_eq!((outcome.code(), outcome.polls()), (Code::Ok, 1));
    assert!(watcher.next(None).is_none());
    assert_eq!(emulator.requests().len(), 2, "the removed one is polled no more");
}

#[test]
fn a_settled_watch_can_be_removed_until_it_is_handed_out() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    watcher.add(&job(1), options(NEVER), 1).unwrap();
    watcher.add(&job(2), options(NEVER), 2).unwrap();
    let first = next(&watcher).tag();
    let second = 3 - first;
    watcher.remove(&job(second), second).unwrap();
    assert_refused(watcher.remove(&job(first), first), Code::NotWatched);
    assert!(watcher.next(None).is_none());
}

#[test]
fn freeing_it_cuts_requests_in_flight_and_ends_calls_in_progress() {
    let (watcher, emulator) = watcher(json!({ "default": [{ "stall_after": 0 }] }));
    (0..20).for_each(|number| watcher.add(&job(number), options(NEVER), number).unwrap());
    assert!(emulator.wait_for_requests(20));
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..3).map(|_| scope.spawn(|| watcher.next(None))).collect();
        let begun = Instant::now();
        watcher.stop();
        // A request takes 30 s to time out.
        assert!(begun.elapsed() < Duration::from_secs(10));
        assert!(waiting.into_iter().all(|thread| thread.join().unwrap().is_none()));
    });
    assert!(emulator.wait_for_open_connections(0));
    assert_eq!(watcher.pending(), 0);
}

#[test]
fn freeing_it_with_requests_in_flight_takes_less_than_100_ms() {
    // The best of several: a busy machine may be late, but not always.
    let spent = (0..5).map(|_| {
        let (watcher, emulator) = watcher(json!({ "default": [{ "stall_after": 0 }] }));
        (0..50).for_each(|number| watcher.add(&job(number), options(NEVER), number).unwrap());
        assert!(emulator.wait_for_requests(50));
        let begun = Instant::now();
        drop(watcher);
        begun.elapsed()
    });
    assert!(spent.min() < Some(Duration::from_millis(100)));
}

#[test]
fn it_may_outlive_its_client_and_freeing_it_twice_is_harmless() {
    let emulator = Emulator::start(Script::from_value(
        json!({ "default": [{ "example": "in-progress" }, { "example": "completed" }] }),
    ));
    let client = Arc::new(client(&emulator));
    let watcher = Watcher::new(&client).unwrap();
    watcher.add(&job(1), options(10), 1).unwrap();
    drop(client);
    assert_eq!(next(&watcher).code(), Code::Ok);
    watcher.stop();
    watcher.stop();
    assert!(watcher.next(None).is_none());
}
