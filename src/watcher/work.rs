//! What passes between the board and the threads.

use std::sync::Arc;
use std::time::Instant;

use super::slab::Slot;
use super::watch::{Extras, Task};
use crate::job::JobId;
use crate::outcome::Outcome;
use crate::schedule::Schedule;

/// Whether a poll that is due may be made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gate {
    Open,
    OpensAt(Instant),
    /// Until a step that is being made is over.
    Shut,
}

/// What a thread is to do.
#[derive(Debug)]
pub(super) enum Work {
    Do(Slot, Box<Task>),
    /// Nothing before then, as far as is known.
    Rest(Option<Instant>),
}

/// A poll of which the callback is to be told.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) slot: Slot,
    pub(super) id: JobId,
    pub(super) tag: u64,
    pub(super) extras: Arc<Extras>,
    pub(super) schedule: Schedule,
    pub(super) outcome: Box<Outcome>,
}
