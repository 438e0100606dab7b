//! The ready callback, by which a host wakes its own loop.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Mutex, Weak};

use pictory::watcher::OnReady;

use super::*;

/// A callback that says so, and on which thread.
fn bell() -> (OnReady, Receiver<std::thread::ThreadId>) {
    let (ring, rung) = mpsc::channel();
    let ring = Mutex::new(ring);
    let on_ready: OnReady =
        Arc::new(move || ring.lock().unwrap().send(std::thread::current().id()).unwrap());
    (on_ready, rung)
}

#[track_caller]
fn rings<T>(rung: &Receiver<T>) -> T {
    rung.recv_timeout(Duration::from_secs(60)).expect("a call")
}

#[test]
fn it_is_called_once_each_time_that_there_begins_to_be_something() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    let (on_ready, rung) = bell();
    watcher.set_on_ready(Some(on_ready)).unwrap();
    for round in 1..=3 {
        watcher.add(&job(round), options(NEVER), 0).unwrap();
        assert_ne!(rings(&rung), std::thread::current().id());
        assert_eq!(next(&watcher).code(), Code::Ok);
    }
    drop(watcher);
    assert_eq!(rung.try_iter().count(), 0);
}

#[test]
fn it_is_called_for_an_update_too() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    let (on_ready, rung) = bell();
    watcher.set_on_ready(Some(on_ready)).unwrap();
    watcher.add(&job(1), Options { updates: true, ..options(50) }, 1).unwrap();
    for _ in 0..3 {
        rings(&rung);
        assert!(next(&watcher).is_update());
    }
}

#[test]
fn set_when_there_is_something_already_it_is_called_at_once_on_that_thread() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    let (first, rung) = bell();
    watcher.set_on_ready(Some(first)).unwrap();
    watcher.add(&job(1), options(NEVER), 1).unwrap();
    rings(&rung);
    let (second, rung) = bell();
    watcher.set_on_ready(Some(second)).unwrap();
    assert_eq!(rung.try_recv(), Ok(std::thread::current().id()));
    assert_eq!(next(&watcher).tag(), 1);
    let (third, rung) = bell();
    watcher.set_on_ready(Some(third)).unwrap();
    assert!(rung.try_recv().is_err(), "there is nothing any more");
}

#[test]
fn taken_away_it_is_not_called_any_more() {
    let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
    let (on_ready, rung) = bell();
    watcher.set_on_ready(Some(on_ready)).unwrap();
    watcher.set_on_ready(None).unwrap();
    watcher.add(&job(1), options(NEVER), 1).unwrap();
    assert_eq!(next(&watcher).tag(), 1);
    assert!(rung.recv().is_err(), "nobody holds it");
}

/// A callback that waits to be released, and when it has begun.
fn slow() -> (OnReady, Receiver<()>, Sender<()>, Arc<AtomicBool>) {
    let (begin, has_begun) = mpsc::channel();
    let (release, is_released) = mpsc::channel::<()>();
    let has_returned = Arc::new(AtomicBool::new(false));
    let (state, returned) = (Mutex::new((begin, is_released)), Arc::clone(&has_returned));
    let on_ready: OnReady = Arc::new(move || {
        let state = state.lock().unwrap();
        state.0.send(()).unwrap();
        let _ = state.1.recv();
        returned.store(true, Ordering::SeqCst);
    });
    (on_ready, has_begun, release, has_returned)
}

#[test]
fn setting_another_and_stopping_wait_for_a_call_in_progress() {
    for stops in [false, true] {
        let (watcher, _emulator) = watcher(json!({ "default": [{ "example": "completed" }] }));
        let (on_ready, has_begun, release, has_returned) = slow();
        watcher.set_on_ready(Some(on_ready)).unwrap();
        watcher.add(&job(1), options(NEVER), 1).unwrap();
        rings(&has_begun);
        std::thread::scope(|scope| {
            let ending = scope.spawn(|| {
                if stops {
                    watcher.stop()
                } else {
                    watcher.set_on_ready(None).unwrap()
                }
                assert!(has_returned.load(Ordering::SeqCst), "it did not wait");
            });
            release.send(()).unwrap();
            ending.join().unwrap();
        });
    }
}

#[test]
fn no_poll_waits_for_it_but_those_with_callbacks() {
    let (watcher, emulator) = watcher(json!({
        "jobs": { job(1).as_str(): [{ "example": "completed" }] },
        "default": [{ "example": "in-progress" }],
    }));
    let (on_ready, has_begun, release, _) = slow();
    watcher.set_on_ready(Some(on_ready)).unwrap();
    watcher.add(&job(1), options(NEVER), 1).unwrap();
    rings(&has_begun);
    watcher.add(&job(2), options(10), 2).unwrap();
    assert!(emulator.wait_for_requests(6));
    drop(release);
}

#[test]
fn within_it_results_can_be_taken_watches_added_and_another_one_set() {
    let emulator =
        Emulator::start(Script::from_value(json!({ "default": [{ "example": "completed" }] })));
    let watcher = Arc::new(watcher_of(client(&emulator)));
    let inner: Weak<Watcher> = Arc::downgrade(&watcher);
    let (calls, (last, rung)) = (Arc::new(AtomicUsize::new(0)), bell());
    let (count, done) = (Arc::clone(&calls), Mutex::new(Some(last)));
    let on_ready: OnReady = Arc::new(move || {
        let watcher = inner.upgrade().unwrap();
        while let Some(outcome) = watcher.next(Some(Instant::now())) {
            watcher.add(&job(outcome.tag() + 1), options(NEVER), outcome.tag() + 1).unwrap();
        }
        if count.fetch_add(1, Ordering::SeqCst) == 4 {
            watcher.set_on_ready(done.lock().unwrap().take()).unwrap();
        }
    });
    watcher.set_on_ready(Some(on_ready)).unwrap();
    watcher.add(&job(0), options(NEVER), 0).unwrap();
    rings(&rung);
    assert_eq!(calls.load(Ordering::SeqCst), 5);
}

#[test]
fn within_it_the_watcher_can_be_stopped() {
    let emulator =
        Emulator::start(Script::from_value(json!({ "default": [{ "example": "completed" }] })));
    for is_ready in [false, true] {
        let watcher = Arc::new(watcher_of(client(&emulator)));
        if is_ready {
            watcher.add(&job(1), options(NEVER), 1).unwrap();
            watcher.add(&job(2), options(NEVER), 2).unwrap();
            assert!(next(&watcher).tag() > 0);
        }
        let (inner, (tell, told)) = (Arc::downgrade(&watcher), mpsc::channel());
        let tell = Mutex::new(tell);
        let on_ready: OnReady = Arc::new(move || {
            inner.upgrade().unwrap().stop();
            tell.lock().unwrap().send(()).unwrap();
        });
        watcher.set_on_ready(Some(on_ready)).unwrap();
        if !is_ready {
            watcher.add(&job(1), options(NEVER), 1).unwrap();
        }
        rings(&told);
        assert_eq!(watcher.pending(), 0);
    }
}
