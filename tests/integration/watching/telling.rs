//! How a watcher tells: results, callbacks, the descriptor.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use super::*;

fn told(on_poll: impl Fn(&Outcome) -> bool + Send + Sync + 'static) -> Options {
    let on_poll: OnPoll = Box::new(on_poll);
    Options { on_poll: Some(on_poll), ..options(10) }
}

#[test]
fn without_watches_and_when_time_is_up_there_is_nothing() {
    let (watcher, emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    assert!(watcher.next(None).is_none());
    watcher.add(&job(1), options(NEVER), 1).unwrap();
    assert!(watcher.next(Some(Instant::now())).is_none());
    let until = Instant::now() + Duration::from_millis(50);
    assert!(watcher.next(Some(until)).is_none());
    assert!(Instant::now() >= until);
    assert!(emulator.wait_for_requests(1));
}

#[test]
fn each_wake_makes_one_next_return_nothing() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    watcher.add(&job(1), options(NEVER), 1).unwrap();
    watcher.wake();
    assert!(watcher.next(None).is_none(), "called next");
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| watcher.next(None));
        watcher.wake();
        assert!(blocked.join().unwrap().is_none(), "blocked now");
    });
}

#[test]
fn while_next_blocks_others_may_add_and_removing_the_last_ends_it() {
    let (watcher, emulator) = watcher(json!({
        "jobs": { job(2).as_str(): [{ "example": "completed" }] },
        "default": [{ "example": "in-progress" }],
    }));
    watcher.add(&job(1), options(NEVER), 1).unwrap();
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| (watcher.next(None), watcher.next(None)));
        assert!(emulator.wait_for_requests(1));
        watcher.add(&job(2), options(NEVER), 2).unwrap();
        assert!(emulator.wait_for_requests(2));
        watcher.remove(&job(1), 1).unwrap();
        let (first, second) = blocked.join().unwrap();
        assert_eq!(first.unwrap().tag(), 2);
        assert!(second.is_none());
    });
}

#[test]
fn each_result_goes_to_one_of_many_threads() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    (0..300).for_each(|number| watcher.add(&job(number), options(NEVER), number).unwrap());
    let mut tags: Vec<u64> = std::thread::scope(|scope| {
        let take =
            || std::iter::from_fn(|| watcher.next(None)).map(|o| o.tag()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(take)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    tags.sort();
    assert_eq!(tags, (0..300).collect::<Vec<_>>());
}

#[test]
fn callbacks_are_told_of_every_poll_that_does_not_end_the_watch_one_at_a_time() {
    let (watcher, _emulator) =
        watcher(json!({ "default": [{ "example": "in-progress", "repeat": 3 },
                                    { "example": "completed" }] }));
    static RUNNING: AtomicBool = AtomicBool::new(false);
    static TOLD: AtomicUsize = AtomicUsize::new(0);
    for number in 0..40 {
        let on_poll = |update: &Outcome| {
            assert!(!RUNNING.swap(true, Ordering::SeqCst), "two at once");
            assert_eq!(std::thread::current().name(), Some("pictory-on-poll"));
            assert!(update.next_poll().is_some() && update.polls() > 0);
            TOLD.fetch_add(1, Ordering::SeqCst);
            RUNNING.store(false, Ordering::SeqCst);
            true
        };
        watcher.add(&job(number), told(on_poll), number).unwrap();
    }
    let codes: Vec<_> = std::iter::from_fn(|| watcher.next(None)).map(|o| o.code()).collect();
    assert_eq!(codes, vec![Code::Ok; 40]);
    assert_eq!(TOLD.load(Ordering::SeqCst), 40 * 3);
}

#[test]
fn all_callbacks_come_on_one_thread_however_long_it_rests() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    let (tell, told_on) = mpsc::channel();
    let tell = Mutex::new(tell);
    let on_poll: OnPoll = Box::new(move |_| {
        tell.lock().unwrap().send(std::thread::current().id()).unwrap();
        true
    });
    // Longer than a thread with nothing to do would be kept for its own sake.
    watcher.add(&job(1), Options { on_poll: Some(on_poll), ..options(1_200) }, 1).unwrap();
    let threads: Vec<_> = (0..3).map(|_| told_on.recv().unwrap()).collect();
    assert!(threads.iter().all(|thread| *thread == threads[0]), "{threads:?}");
}

/// A host that attaches it does so once, however late it takes results.
#[test]
#[cfg(unix)]
fn the_thread_of_callbacks_stays_until_the_last_watch_with_one_is_handed_out() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    let (tell, told_on) = mpsc::channel();
    let ending = || {
        let tell = Mutex::new(tell.clone());
        told(move |_: &Outcome| {
            tell.lock().unwrap().send(std::thread::current().id()).unwrap();
            false
        })
    };
    watcher.add(&job(1), ending(), 1).unwrap();
    let mut settled =
        libc::pollfd { fd: watcher.descriptor().unwrap(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one entry, as is said, which lives for the call.
    assert_eq!(unsafe { libc::poll(&mut settled, 1, 60_000) }, 1);
    watcher.add(&job(2), ending(), 2).unwrap();
    assert_eq!(told_on.recv().unwrap(), told_on.recv().unwrap());
    (0..2).for_each(|_| assert_eq!(next(&watcher).code(), Code::Cancelled));
}

#[test]
fn a_callback_that_says_no_settles_its_watch_as_cancelled() {
    let (watcher, emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    watcher.add(&job(1), told(|update| update.polls() < 3), 1).unwrap();
    let outcome = next(&watcher);
    assert_eq!((outcome.code(), outcome.polls()), (Code::Cancelled, 3));
    assert_eq!(emulator.requests().len(), 3);
}

#[test]
fn remove_waits_for_the_callback_of_its_watch_and_it_is_the_last_one() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    let (begun, has_begun) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    let is_released = Mutex::new(is_released);
    let has_returned = Arc::new(AtomicBool::new(false));
    let returned = Arc::clone(&has_returned);
    let on_poll = move |_: &Outcome| {
        begun.send(()).unwrap();
        is_released.lock().unwrap().recv().unwrap();
        returned.store(true, Ordering::SeqCst);
        true
    };
    watcher.add(&job(1), told(on_poll), 1).unwrap();
    has_begun.recv().unwrap();
    std::thread::scope(|scope| {
        let removing = scope.spawn(|| {
            watcher.remove(&job(1), 1).unwrap();
            assert!(has_returned.load(Ordering::SeqCst), "it did not wait");
        });
        release.send(()).unwrap();
        removing.join().unwrap();
    });
    // Nothing holds the callback any more, so that it cannot run again.
    drop(watcher);
    assert!(has_begun.recv().is_err());
}

#[test]
fn within_its_callback_a_watch_can_be_removed_and_another_added() {
    let emulator = Emulator::start(Script::from_value(json!({
        "jobs": { job(1).as_str(): [{ "example": "in-progress" }] },
        "default": [{ "example": "completed" }],
    })));
    let watcher = Arc::new(watcher_of(client(&emulator)));
    let inner = Arc::downgrade(&watcher);
    let on_poll = move |_: &Outcome| {
        let watcher = inner.upgrade().unwrap();
        watcher.add(&job(2), options(NEVER), 2).unwrap();
        watcher.remove(&job(1), 1).unwrap();
        true
    };
    watcher.add(&job(1), told(on_poll), 1).unwrap();
    assert_eq!(next(&watcher).tag(), 2);
    assert_eq!(watcher.pending(), 0);
}

#[test]
fn a_panicking_callback_is_a_defect_of_its_watch_alone() {
    let (watcher, _emulator) = watcher(json!({
        "default": [{ "example": "in-progress" }, { "example": "completed" }],
    }));
    watcher.add(&job(1), told(|_| std::panic::resume_unwind(Box::new(()))), 1).unwrap();
    assert_eq!(next(&watcher).code(), Code::Internal);
    watcher.add(&job(2), told(|_| true), 2).unwrap();
    assert_eq!(next(&watcher).code(), Code::Ok);
}

#[test]
#[cfg(unix)]
fn the_descriptor_is_readable_as_long_as_a_result_can_be_taken() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    let number = watcher.descriptor().unwrap();
    assert_eq!(watcher.descriptor(), Some(number), "the same each time");
    let is_readable = |wait_ms: i32| {
        let mut set = libc::pollfd { fd: number, events: libc::POLLIN, revents: 0 };
        // SAFETY: `set` is one entry, as is said, and lives for the call.
        let ready = unsafe { libc::poll(&mut set, 1, wait_ms) };
        ready == 1
    };
    assert!(!is_readable(0));
    for number in 0..2 {
        watcher.add(&job(number), options(NEVER), number).unwrap();
    }
    assert!(is_readable(60_000));
    assert!(is_readable(0), "level-triggered");
    next(&watcher);
    assert!(is_readable(60_000));
    next(&watcher);
    assert!(!is_readable(0));
    watcher.add(&job(5), options(NEVER), 5).unwrap();
    assert!(is_readable(60_000));
    watcher.remove(&job(5), 5).unwrap();
    assert!(!is_readable(0), "removing empties it too");
}
