//! The table of watches, without threads and without a clock.

use super::*;

/// A table with one watch, a step of which is being made.
fn stepping() -> (WatchTable, Box<WatchStep>, Instant) {
    let now = Instant::now();
    let mut table = WatchTable::new(Arc::new(Notifier::new().unwrap()));
    let id = JobId::parse("4a09edf9-d071-4847-bda5-8dea913d80fe").unwrap();
    table.add(&id, Options { updates: true, ..Options::default() }, 1, now).unwrap();
    match table.work(now, || Gate::Open) {
        Work::Step(step) => (table, step, now),
        Work::Rest(_) => panic!("there is a poll to be made"),
    }
}

fn update(step: &WatchStep) -> Option<Box<Outcome>> {
    let mut outcome = Outcome::begin(&step.id);
    outcome.stamp_update(None);
    Some(Box::new(outcome))
}

#[test]
fn the_end_takes_the_place_of_an_update_that_was_not_taken() {
    let (mut table, step, now) = stepping();
    let (slot, id, update) = (step.slot, step.id, update(&step));
    table.record(slot, StepResult::Continue(step.state, update), now);
    assert!(table.is_ready() && table.pending() == 1);
    table.poke(&id, now).unwrap();
    assert!(matches!(table.work(now, || Gate::Open), Work::Step(_)));
    table.record(slot, StepResult::Settled(Box::new(Outcome::begin(&id))), now);
    assert!(!table.next().unwrap().is_update());
    assert!(table.next().is_none() && table.pending() == 0);
}

#[test]
fn no_update_comes_of_a_watch_that_was_removed() {
    let (mut table, step, now) = stepping();
    let (slot, id, first, second) = (step.slot, step.id, update(&step), update(&step));
    table.record(slot, StepResult::Continue(step.state, first), now);
    table.poke(&id, now).unwrap();
    let Work::Step(step) = table.work(now, || Gate::Open) else { panic!("it was poked") };
    table.remove(&id, 1).unwrap();
    assert!(!table.is_ready());
    table.record(slot, StepResult::Continue(step.state, second), now);
    assert!(!table.is_ready() && !table.is_active());
}

#[test]
fn an_idle_watch_is_small() {
    let entries = size_of::<(Key, Slot)>() + size_of::<(Instant, Slot)>();
    let kept = size_of::<Option<Watch>>() - size_of::<JobId>() + entries;
    assert!(kept <= 200, "{kept} bytes, and the last reply's body");
}
