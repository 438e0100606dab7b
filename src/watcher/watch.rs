//! One watch, and one step of it: a wait that holds no thread. The words that the table and the
//! driver exchange about steps.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use super::download_table::Transfer;
use super::slab::Slot;
use crate::cancel::{CancelToken, cancelled};
use crate::client::Client;
use crate::error::{Code, Error, Result};
use crate::job::JobId;
use crate::outcome::{Attempt, CompactOutcome, Outcome};
use crate::pacing::Stagger;
use crate::schedule::{Rules, Schedule, Step, Verdict};
use crate::wait::{look_ahead, record, settle};

/// The callback of a watch, called after every poll that does not end it; `false` ends it.
pub type OnPoll = Box<dyn Fn(&Outcome) -> bool + Send + Sync>;

/// How a job is watched.
#[derive(Default)]
pub struct Options {
    /// As for a wait; the time counts from the moment when the watch is added.
    pub rules: Rules,
    /// Cancels the watch.
    pub token: Option<Arc<CancelToken>>,
    /// Runs on a thread of the watcher's own, never twice at once.
    pub on_poll: Option<OnPoll>,
    /// Whether polls that do not end the watch are handed out as well.
    pub updates: bool,
}

/// The options that most watches do not have.
pub(super) struct Extras {
    pub(super) token: Option<Arc<CancelToken>>,
    pub(super) on_poll: Option<OnPoll>,
}

impl fmt::Debug for Extras {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let has_callback = self.on_poll.is_some();
        f.debug_struct("Extras")
            .field("token", &self.token)
            .field("on_poll", &has_callback)
            .finish()
    }
}

impl Extras {
    pub(super) fn is_cancelled(&self) -> bool {
        self.token.as_deref().is_some_and(CancelToken::is_cancelled)
    }
}

/// The state of a watch between two steps.
#[derive(Debug)]
pub(super) struct WatchState {
    pub(super) schedule: Schedule,
    outcome: CompactOutcome,
}

impl WatchState {
    pub(super) fn new(rules: Arc<Rules>, now: Instant) -> WatchState {
        WatchState { schedule: Schedule::new(rules, now), outcome: CompactOutcome::Begun }
    }
}

/// A step of a watch, taken out of the table to be made without its lock: from the table to the
/// requests in flight, perhaps on to the callback's thread, and back.
#[derive(Debug)]
pub(super) struct WatchStep {
    pub(super) slot: Slot,
    pub(super) id: JobId,
    pub(super) tag: u64,
    pub(super) extras: Option<Arc<Extras>>,
    /// Whether polls that do not end it are handed out as well.
    pub(super) updates: bool,
    pub(super) state: WatchState,
    /// How many watches have its interval, if it is one of a crowd whose polls fall together.
    pub(super) crowd: Option<usize>,
}

/// The result of a step.
#[derive(Debug)]
pub(super) enum StepResult {
    /// The watch goes on; an update is to be handed out, if it has any.
    Continue(WatchState, Option<Box<Outcome>>),
    /// The watch goes on if its callback says so.
    CallBack(Box<WatchStep>),
    /// The watch is over.
    Settled(Box<Outcome>),
    /// The step was given up, since its watch was removed.
    Dropped,
}

/// Whether a poll that is due may be made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Gate {
    Open,
    OpensAt(Instant),
    /// Until a step that is being made is over.
    Shut,
}

/// The work of the driver.
#[derive(Debug)]
pub(super) enum Work {
    Step(Box<WatchStep>),
    /// A download whose token was cancelled before it began.
    End(Transfer),
    /// Nothing before then, as far as is known.
    Rest(Option<Instant>),
}

impl WatchStep {
    /// Begins the step: it needs a request that is over at the deadline, or has its result already.
    pub(super) fn begin(
        mut self: Box<WatchStep>,
        client: &Client,
        now: Instant,
    ) -> ControlFlow<StepResult, (Box<WatchStep>, Option<Instant>)> {
        if self.is_cancelled() {
            return ControlFlow::Break(self.end(client, Err(cancelled())));
        }
        match self.state.schedule.step(now) {
            Step::Settled(verdict) => ControlFlow::Break(self.end(client, Ok(verdict))),
            Step::Sleep { .. } => ControlFlow::Break(StepResult::Continue(self.state, None)),
            Step::Poll { deadline } => ControlFlow::Continue((self, deadline)),
        }
    }

    /// Ends the step whose request was cut: the watch was cancelled, or removed.
    pub(super) fn cut(self, client: &Client) -> StepResult {
        if self.is_cancelled() {
            return self.end(client, Err(cancelled()));
        }
        StepResult::Continue(self.state, None)
    }

    fn is_cancelled(&self) -> bool {
        self.extras.as_ref().is_some_and(|extras| extras.is_cancelled())
    }

    /// Ends the step with what its request, sent at `sent`, has brought.
    pub(super) fn finish(
        mut self: Box<WatchStep>,
        client: &Client,
        attempt: Attempt,
        sent: Instant,
        stagger: &mut Stagger,
    ) -> StepResult {
        let WatchState { schedule, outcome } = &mut self.state;
        heed_rate_limit(client, &attempt, sent, schedule.rules());
        record(schedule, &attempt);
        let before = std::mem::replace(outcome, CompactOutcome::Begun);
        let mut outcome =
            before.record(&self.id, schedule.started(), attempt, Error::is_transient_in_a_wait);
        if let Some(verdict) = schedule.verdict() {
            settle(&mut outcome, verdict, schedule.rules());
            return settled(client, &self.id, self.tag, outcome);
        }
        if let (Some(crowd), Some(next)) = (self.crowd, schedule.next_poll()) {
            let interval = schedule.rules().poll_interval;
            schedule.put_off(stagger.slot(next, interval, crowd));
        }
        look_ahead(client, &self.id, schedule, &mut outcome);
        outcome.set_tag(self.tag);
        let has_callback = self.extras.as_ref().is_some_and(|extras| extras.on_poll.is_some());
        if has_callback {
            self.state.outcome = CompactOutcome::Whole(Box::new(outcome));
            return StepResult::CallBack(self);
        }
        self.go_on(outcome)
    }

    /// Calls the watch's callback, on this thread.
    pub(super) fn call_back(mut self, client: &Client) -> StepResult {
        let kept = std::mem::replace(&mut self.state.outcome, CompactOutcome::Begun);
        let mut outcome = kept.restore(&self.id, self.state.schedule.started());
        let on_poll = self.extras.as_ref().and_then(|extras| extras.on_poll.as_ref());
        if on_poll.is_none_or(|on_poll| on_poll(&outcome)) {
            return self.go_on(outcome);
        }
        outcome.fail(cancelled());
        settled(client, &self.id, self.tag, outcome)
    }

    /// Ends the step after a poll that does not end the watch.
    fn go_on(mut self, outcome: Outcome) -> StepResult {
        if !self.updates {
            self.state.outcome = CompactOutcome::keep(outcome);
            return StepResult::Continue(self.state, None);
        }
        self.state.outcome = CompactOutcome::copy(&outcome);
        StepResult::Continue(self.state, Some(Box::new(outcome)))
    }

    /// Ends the watch without another poll.
    fn end(self, client: &Client, how: Result<Verdict>) -> StepResult {
        let WatchState { schedule, outcome } = self.state;
        let mut outcome = outcome.restore(&self.id, schedule.started());
        match how {
            Ok(verdict) => settle(&mut outcome, verdict, schedule.rules()),
            Err(error) => outcome.fail(error),
        }
        settled(client, &self.id, self.tag, outcome)
    }
}

fn settled(client: &Client, id: &JobId, tag: u64, mut outcome: Outcome) -> StepResult {
    outcome.set_tag(tag);
    client.end_polls(id, &mut outcome);
    StepResult::Settled(Box::new(outcome))
}

/// The result of a step that panicked.
pub(super) fn panicked(id: &JobId, tag: u64) -> StepResult {
    let mut outcome = Outcome::refused(Error::panicked(), Some(id.as_str()));
    outcome.set_tag(tag);
    StepResult::Settled(Box::new(outcome))
}

/// Has all watches of the client pause, or go on, as the reply says.
fn heed_rate_limit(client: &Client, attempt: &Attempt, sent: Instant, rules: &Rules) {
    match &attempt.result {
        Err(error) if error.code == Code::RateLimited => {
            let (interval, retry_after) = (rules.poll_interval, attempt.retry_after());
            client.backoff().refuse(sent, Instant::now(), interval, retry_after);
        }
        Err(_) => {}
        Ok(_) => client.backoff().relent(sent),
    }
}
