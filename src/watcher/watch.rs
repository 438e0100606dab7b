//! One watch, and one step of it: a wait of which nobody keeps a thread.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use super::work::Report;
use crate::cancel::{CancelToken, cancelled};
use crate::client::Client;
use crate::error::{Code, Error, Result};
use crate::job::JobId;
use crate::outcome::{Attempt, CompactOutcome, Outcome};
use crate::pacing::Stagger;
use crate::schedule::{Rules, Schedule, Step, Verdict};
use crate::wait::{look_ahead, record, settle};

/// Told after every poll that does not end the watch; `false` ends it.
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
}

/// What most watches do not have.
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

/// How far a watch has come.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) schedule: Schedule,
    kept: CompactOutcome,
}

impl Progress {
    pub(super) fn begin(rules: Arc<Rules>, now: Instant) -> Progress {
        Progress { schedule: Schedule::new(rules, now), kept: CompactOutcome::Begun }
    }
}

/// A step of a watch, taken out of the board to be made without its lock.
#[derive(Debug)]
pub(super) struct Task {
    pub(super) id: JobId,
    pub(super) tag: u64,
    pub(super) extras: Option<Arc<Extras>>,
    pub(super) progress: Progress,
    /// How many watches have its interval, if it is one of a crowd whose polls fall together.
    pub(super) crowd: Option<usize>,
}

/// What came of a step.
#[derive(Debug)]
pub(super) enum End {
    /// The watch goes on.
    Again(Progress),
    /// It goes on if its callback says so.
    Report(Schedule, Box<Outcome>),
    /// It is over.
    Settled(Box<Outcome>),
}

/// How a step begins.
#[derive(Debug)]
pub(super) enum Begun {
    /// It is over already.
    Over(End),
    /// It needs a request, which is over at the deadline.
    Poll(Box<Task>, Option<Instant>),
}

impl Task {
    pub(super) fn begin(mut self: Box<Task>, client: &Client, now: Instant) -> Begun {
        if self.is_cancelled() {
            return Begun::Over(self.end(client, Err(cancelled())));
        }
        match self.progress.schedule.step(now) {
            Step::Settled(verdict) => Begun::Over(self.end(client, Ok(verdict))),
            Step::Sleep { .. } => Begun::Over(End::Again(self.progress)),
            Step::Poll { deadline } => Begun::Poll(self, deadline),
        }
    }

    /// Its request was cut: the watch was cancelled, or nobody wants it any more.
    pub(super) fn cut(self, client: &Client) -> End {
        if self.is_cancelled() {
            return self.end(client, Err(cancelled()));
        }
        End::Again(self.progress)
    }

    fn is_cancelled(&self) -> bool {
        self.extras.as_ref().is_some_and(|extras| extras.is_cancelled())
    }

    /// Takes in what a poll brought.
    pub(super) fn take(
        self,
        client: &Client,
        attempt: Attempt,
        sent: Instant,
        spread: &mut Stagger,
    ) -> End {
        let Progress { mut schedule, kept } = self.progress;
        heed(client, &attempt, sent, schedule.rules());
        record(&mut schedule, &attempt);
        let mut outcome =
            kept.take(&self.id, schedule.started(), attempt, Error::is_transient_in_a_wait);
        if let Some(verdict) = schedule.verdict() {
            settle(&mut outcome, verdict, schedule.rules());
            return finish(client, &self.id, self.tag, outcome);
        }
        if let (Some(crowd), Some(next)) = (self.crowd, schedule.next_poll()) {
            let interval = schedule.rules().poll_interval;
            schedule.put_off(spread.place(next, interval, crowd));
        }
        look_ahead(client, &self.id, &schedule, &mut outcome);
        let is_told = self.extras.as_ref().is_some_and(|extras| extras.on_poll.is_some());
        if is_told {
            return End::Report(schedule, Box::new(outcome));
        }
        End::Again(Progress { schedule, kept: CompactOutcome::keep(outcome) })
    }

    /// Ends the watch without another poll.
    fn end(self, client: &Client, how: Result<Verdict>) -> End {
        let Progress { schedule, kept } = self.progress;
        let mut outcome = kept.restore(&self.id, schedule.started());
        match how {
            Ok(verdict) => settle(&mut outcome, verdict, schedule.rules()),
            Err(error) => outcome.fail(error),
        }
        finish(client, &self.id, self.tag, outcome)
    }
}

/// What becomes of a watch once its callback has returned.
pub(super) fn told(client: &Client, report: Report, goes_on: bool) -> End {
    let Report { id, tag, schedule, mut outcome, .. } = report;
    if goes_on {
        return End::Again(Progress { schedule, kept: CompactOutcome::keep(*outcome) });
    }
    outcome.fail(cancelled());
    finish(client, &id, tag, *outcome)
}

/// A watch whose callback cannot be told. It is not logged: that calls the host, and a lock is held.
pub(super) fn untold(report: Report, error: Error) -> End {
    let Report { tag, mut outcome, .. } = report;
    outcome.fail(error);
    outcome.stamp(None);
    outcome.set_tag(tag);
    End::Settled(outcome)
}

fn finish(client: &Client, id: &JobId, tag: u64, mut outcome: Outcome) -> End {
    outcome.stamp(None);
    outcome.set_tag(tag);
    client.log_end(id, &outcome);
    End::Settled(Box::new(outcome))
}

/// A watch whose step panicked.
pub(super) fn panicked(id: &JobId, tag: u64) -> End {
    let mut outcome = Outcome::refused(Error::panicked(), Some(id.as_str()));
    outcome.set_tag(tag);
    End::Settled(Box::new(outcome))
}

/// Has all watches of the client pause, or go on, as the reply says.
fn heed(client: &Client, attempt: &Attempt, sent: Instant, rules: &Rules) {
    match &attempt.result {
        Err(error) if error.code == Code::RateLimited => client.backoff().refuse(
            sent,
            Instant::now(),
            rules.poll_interval,
            attempt.retry_after(),
        ),
        Err(_) => {}
        Ok(_) => client.backoff().relent(sent),
    }
}
