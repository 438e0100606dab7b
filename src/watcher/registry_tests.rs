//! The registry, without threads and without a clock.

use std::path::PathBuf;

use super::*;
use crate::cancel::CancelToken;
use crate::download::{Limits, Output};

const ID: &str = "4a09edf9-d071-4847-bda5-8dea913d80fe";

fn registry() -> Registry {
    Registry::new(&Arc::new(Notifier::new().unwrap()))
}

/// A registry with one watch, a step of which is being made.
fn stepping() -> (Registry, Box<WatchStep>, Instant) {
    let now = Instant::now();
    let mut registry = registry();
    let id = JobId::parse(ID).unwrap();
    registry.watch(&id, Options { updates: true, ..Options::default() }, 1, now).unwrap();
    match registry.work(now, || Gate::Open) {
        Work::Step(step) => (registry, step, now),
        other => panic!("{other:?}, though there is a poll to be made"),
    }
}

fn update(step: &WatchStep) -> Option<Box<Outcome>> {
    let mut outcome = Outcome::begin(&step.id);
    outcome.stamp_update(None);
    Some(Box::new(outcome))
}

#[test]
fn the_end_takes_the_place_of_an_update_that_was_not_taken() {
    let (mut registry, step, now) = stepping();
    let (slot, id, update) = (step.slot, step.id, update(&step));
    registry.record(slot, StepResult::Continue(step.state, update), now);
    assert!(registry.is_ready() && registry.pending() == 1);
    registry.poke(&id, now).unwrap();
    assert!(matches!(registry.work(now, || Gate::Open), Work::Step(_)));
    registry.record(slot, StepResult::Settled(Box::new(Outcome::begin(&id))), now);
    assert!(!registry.next().unwrap().is_update());
    assert!(registry.next().is_none() && registry.pending() == 0);
}

#[test]
fn no_update_comes_of_a_watch_that_was_removed() {
    let (mut registry, step, now) = stepping();
    let (slot, id, first, second) = (step.slot, step.id, update(&step), update(&step));
    registry.record(slot, StepResult::Continue(step.state, first), now);
    registry.poke(&id, now).unwrap();
    let Work::Step(step) = registry.work(now, || Gate::Open) else { panic!("it was poked") };
    registry.remove(&id, 1).unwrap();
    assert!(!registry.is_ready());
    registry.record(slot, StepResult::Continue(step.state, second), now);
    assert!(!registry.is_ready() && !registry.is_active());
}

/// A download to this path, known by the tag.
fn download(registry: &mut Registry, path: &str, tag: u64, token: Option<&Arc<CancelToken>>) {
    let id = JobId::parse(ID).unwrap();
    let job = Outcome::parsed(format!(r#"{{"job_id": "{ID}", "data": {{}}}}"#).as_bytes());
    let order = Order {
        job: job.job().unwrap().clone(),
        output: Output::Video,
        path: PathBuf::from(path),
        limits: Limits::default(),
        token: token.cloned(),
        on_progress: None,
        updates: false,
    };
    registry.download(&id, order, tag).unwrap();
}

/// The tag of the next download to be made.
fn next_waiting(registry: &mut Registry) -> Option<u64> {
    registry.downloads.next_waiting().map(|transfer| transfer.tag)
}

#[test]
fn no_update_comes_of_a_download_that_was_removed() {
    let mut registry = registry();
    let id = JobId::parse(ID).unwrap();
    let update = || Box::new(Outcome::begin(&id));
    download(&mut registry, "a", 1, None);
    let made = registry.downloads.next_waiting().unwrap();
    registry.update_download(made.serial, update());
    assert!(registry.is_ready());
    registry.remove(&id, 1).unwrap();
    assert!(!registry.is_ready());
    registry.update_download(made.serial, update());
    assert!(!registry.is_ready() && registry.pending() == 0);
}

#[test]
fn downloads_are_made_in_the_order_added_and_known_by_their_keys() {
    let mut registry = registry();
    ["a", "b", "c"]
        .into_iter()
        .zip(1..)
        .for_each(|(path, tag)| download(&mut registry, path, tag, None));
    let id = JobId::parse(ID).unwrap();
    let twice = registry.watch(&id, Options::default(), 2, Instant::now());
    assert_eq!(twice.unwrap_err().code, Code::AlreadyWatched);
    assert_eq!(registry.poke(&id, Instant::now()).unwrap_err().code, Code::NotWatched);
    let first = registry.downloads.next_waiting().unwrap();
    registry.remove(&id, 2).unwrap();
    assert_eq!((first.tag, next_waiting(&mut registry), registry.pending()), (1, Some(3), 2));
    registry.record_download(first.serial, Box::new(Outcome::begin(&id)));
    assert!(registry.next().is_some() && registry.pending() == 1);
    assert!(!registry.is_active(), "without tokens nothing is left for the driver");
}

#[test]
fn a_token_ends_a_download_that_waits_and_cuts_one_that_is_made() {
    let mut registry = registry();
    let tokens = [0; 3].map(|_| Arc::new(CancelToken::new()));
    tokens[2].cancel();
    tokens.iter().zip(1..).for_each(|(token, tag)| download(&mut registry, "a", tag, Some(token)));
    let made = registry.downloads.next_waiting().unwrap();
    // Cancelled before it was added.
    let Work::End(ended) = registry.work(Instant::now(), || Gate::Open) else { panic!("no end") };
    assert_eq!((ended.tag, ended.cut.is_cancelled()), (3, true));
    tokens.iter().for_each(|token| token.cancel());
    registry.heed_tokens(Instant::now());
    assert!(made.tag == 1 && made.cut.is_cancelled() && registry.is_active());
    assert_eq!(next_waiting(&mut registry), None);
    assert_eq!(registry.downloads.next_cancelled().map(|transfer| transfer.tag), Some(2));
}

#[test]
fn a_path_that_a_removed_download_still_holds_is_waited_for() {
    let mut registry = registry();
    download(&mut registry, "a", 1, None);
    let removed = registry.downloads.next_waiting().unwrap();
    let id = JobId::parse(ID).unwrap();
    assert!(matches!(registry.remove(&id, 1), Ok(Some(Callback::OfDownload(_)))));
    assert!(removed.cut.is_cancelled());
    download(&mut registry, "a", 1, None);
    download(&mut registry, "b", 2, None);
    assert_eq!((next_waiting(&mut registry), next_waiting(&mut registry)), (Some(2), None));
    registry.record_download(removed.serial, Box::new(Outcome::begin(&id)));
    assert!(registry.next().is_none(), "nothing comes of what was removed");
    assert_eq!(next_waiting(&mut registry), Some(1));
}

#[test]
fn a_removed_download_that_was_cancelled_while_it_waited_holds_no_path() {
    let mut registry = registry();
    let (id, token) = (JobId::parse(ID).unwrap(), Arc::new(CancelToken::new()));
    token.cancel();
    download(&mut registry, "a", 1, Some(&token));
    assert_eq!(registry.downloads.next_cancelled().map(|transfer| transfer.tag), Some(1));
    registry.remove(&id, 1).unwrap();
    // Nothing would start a thread for it when the driver has ended the other one.
    download(&mut registry, "a", 1, None);
    assert_eq!(next_waiting(&mut registry), Some(1));
}
