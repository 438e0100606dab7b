//! Updates of a watch, and a thread that serves.

use super::*;

fn with_updates(poll_interval_ms: u64) -> Options {
    Options { updates: true, ..options(poll_interval_ms) }
}

#[test]
fn every_poll_that_does_not_end_a_watch_is_handed_out_too() {
    let (watcher, _emulator) = watcher(json!({ "default": [
        { "body": { "data": { "status": "in-progress", "renderProgress": 40 } } },
        { "status": 503 },
        { "example": "completed" },
    ]}));
    watcher.add(&job(1), with_updates(200), 7).unwrap();
    let mut seen = Vec::new();
    while let Some(outcome) = watcher.next(None) {
        assert_eq!((outcome.tag(), outcome.job_id().unwrap().as_str()), (7, job(1).as_str()));
        // Of an update that failed as well, the last state of the job is there.
        assert!(outcome.job().is_some());
        assert_eq!(outcome.next_poll().is_some(), outcome.is_update());
        seen.push((outcome.is_update(), outcome.code(), outcome.polls()));
        assert_eq!(watcher.pending(), usize::from(outcome.is_update()));
    }
    assert_eq!(seen, [(true, Code::Ok, 1), (true, Code::Server, 2), (false, Code::Ok, 3)]);
}

#[test]
fn without_being_asked_for_no_update_comes() {
    let (watcher, _emulator) =
        watcher(json!({ "default": [{ "example": "in-progress" }, { "example": "completed" }] }));
    watcher.add(&job(1), options(10), 1).unwrap();
    assert!(!next(&watcher).is_update());
}

#[test]
fn an_update_that_was_not_taken_is_replaced_by_a_newer_one() {
    let (watcher, emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    watcher.add(&job(1), with_updates(10), 1).unwrap();
    assert!(emulator.wait_for_requests(6));
    // The sixth may not have been read yet.
    assert!(next(&watcher).polls() >= 5);
    watcher.remove(&job(1), 1).unwrap();
    assert!(watcher.next(Some(Instant::now())).is_none());
}

#[test]
fn a_watch_may_have_a_callback_and_updates() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    let on_poll: OnPoll = Box::new(|update| update.is_update() && update.polls() < 2);
    let both = Options { on_poll: Some(on_poll), ..with_updates(200) };
    watcher.add(&job(1), both, 1).unwrap();
    let (update, end) = (next(&watcher), next(&watcher));
    assert_eq!((update.is_update(), update.polls()), (true, 1));
    assert_eq!((end.is_update(), end.polls(), end.code()), (false, 2, Code::Cancelled));
}

#[test]
fn a_thread_that_serves_waits_while_nothing_is_watched() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    std::thread::scope(|scope| {
        let serving = scope.spawn(|| {
            let tags: Vec<u64> = (0..3).map(|_| watcher.take(None).unwrap().tag()).collect();
            (tags, watcher.take(None).is_none())
        });
        for number in 1..=3 {
            watcher.add(&job(number), options(NEVER), number).unwrap();
            while watcher.pending() > 0 {
                std::thread::yield_now();
            }
        }
        watcher.wake();
        assert_eq!(serving.join().unwrap(), (vec![1, 2, 3], true));
    });
}

#[test]
fn stopping_ends_every_take() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    let until = Instant::now() + Duration::from_millis(30);
    assert!(watcher.take(Some(until)).is_none() && Instant::now() >= until);
    std::thread::scope(|scope| {
        let serving: Vec<_> = (0..4).map(|_| scope.spawn(|| watcher.take(None))).collect();
        watcher.stop();
        assert!(serving.into_iter().all(|thread| thread.join().unwrap().is_none()));
    });
}
