//! When to poll next, and when to give up: pure, without a clock and without I/O.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Code, Error};
use crate::job::Status;

/// The longest `Retry-After` that a wait heeds.
pub(crate) const LONGEST_PUSH_BACK: Duration = Duration::from_secs(300);
/// How far 429s without `Retry-After` stretch the gap, unless the interval is longer.
const LONGEST_DOUBLED_GAP: Duration = Duration::from_secs(60);
/// A last poll is made this long before the deadline: at least, and at most.
const LEAD: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// The longest `Retry-After` that a get sits out.
const LONGEST_RETRY_PAUSE: Duration = Duration::from_secs(30);
/// Where the doubling of a get's pauses ends.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(600);

/// Instead of a time in nanoseconds.
const NEVER: u64 = u64::MAX;

/// The rules of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// `None`: for ever.
    pub max_wait: Option<Duration>,
    /// Between the end of a poll and the next.
    pub poll_interval: Duration,
    /// Failed polls in a row that end the wait; `None`: they never do.
    pub max_failures: Option<u32>,
    /// Whether a status that is not known ends the wait.
    pub stop_on_unknown_status: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            max_wait: Some(Duration::from_secs(600)),
            poll_interval: Duration::from_secs(15),
            max_failures: Some(5),
            stop_on_unknown_status: false,
        }
    }
}

/// The next step of a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Poll, and tell the schedule what came of it. The poll ends at `deadline` at the latest.
    Poll {
        deadline: Option<Instant>,
    },
    Sleep {
        until: Instant,
    },
    Settled(Verdict),
}

/// How a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The last poll decided it, with this code.
    Decided(Code),
    /// The last poll failed, for good or once too often.
    Failed,
    /// Time is up.
    TimeUp(Code),
}

/// The result of one poll.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Poll<'a> {
    pub(crate) answer: Result<Status, &'a Error>,
    pub(crate) retry_after: Option<Duration>,
    /// How long the request took.
    pub(crate) took: Duration,
}

/// One wait. A watcher keeps one for each of its jobs: it is small on purpose.
#[derive(Debug)]
pub(crate) struct Schedule {
    rules: Arc<Rules>,
    started: Instant,
    /// See [`Schedule::next`].
    next_ns: u64,
    failures: u32,
    slowest_ms: u32,
    /// How often 429s have doubled the gap.
    doublings: u8,
    is_last: bool,
    is_unknown: bool,
    verdict: Option<Verdict>,
}

impl Schedule {
    pub(crate) fn new(rules: impl Into<Arc<Rules>>, now: Instant) -> Schedule {
        let rules = rules.into();
        Schedule {
            rules,
            started: now,
            next_ns: 0,
            failures: 0,
            slowest_ms: 0,
            doublings: 0,
            is_last: false,
            is_unknown: false,
            verdict: None,
        }
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn started(&self) -> Instant {
        self.started
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.rules.max_wait.map(|max_wait| self.started + max_wait)
    }

    /// When the next poll is due. `None`: none is allowed any more before the deadline.
    fn next(&self) -> Option<Instant> {
        (self.next_ns != NEVER).then(|| self.started + Duration::from_nanos(self.next_ns))
    }

    fn set_next(&mut self, next: Option<Instant>) {
        let nanoseconds = |next: Instant| (next - self.started).as_nanos().try_into().ok();
        self.next_ns = next.and_then(nanoseconds).unwrap_or(NEVER);
    }

    /// The step to make now. A poll that is asked for must be recorded before the next step.
    pub(crate) fn step(&mut self, now: Instant) -> Step {
        let deadline = self.deadline();
        if self.verdict.is_none() && deadline.is_some_and(|deadline| now >= deadline) {
            self.verdict = Some(self.time_is_up());
        }
        if let Some(verdict) = self.verdict {
            return Step::Settled(verdict);
        }
        match (self.next(), deadline) {
            (Some(next), deadline) if now >= next => {
                self.is_last = self.last_poll_at().is_some_and(|last| now >= last);
                Step::Poll { deadline }
            }
            (Some(next), Some(deadline)) => Step::Sleep { until: next.min(deadline) },
            (Some(until), None) | (None, Some(until)) => Step::Sleep { until },
            // Without a deadline there always is a next poll.
            (None, None) => Step::Poll { deadline: None },
        }
    }

    /// Takes what a poll brought, at `now`. `jitter` lies between -1 and 1.
    pub(crate) fn record(&mut self, poll: Poll<'_>, now: Instant, jitter: f64) {
        // Rounded up, so that the last poll is not made too late.
        let took = poll.took.as_micros().div_ceil(1000).try_into().unwrap_or(u32::MAX);
        self.slowest_ms = self.slowest_ms.max(took);
        let is_over = self.deadline().is_some_and(|deadline| now >= deadline);
        self.verdict = match poll.answer {
            Ok(status) => self.see(status),
            Err(error) if !error.is_transient_in_a_wait() => Some(Verdict::Failed),
            // Cut at the deadline: that is no failure of its own.
            Err(_) if is_over => None,
            Err(error) => self.fail(error, poll.retry_after),
        };
        if self.verdict.is_none() && (is_over || self.is_last) {
            self.verdict = Some(self.time_is_up());
        }
        let pushes_back = matches!(poll.answer, Err(error) if matches!(error.status, 429 | 503));
        self.set_next(self.plan(now, poll.retry_after, pushes_back, jitter));
    }

    /// How it ended, if the last poll has ended it.
    pub(crate) fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// When the next poll is due, if there will be one.
    pub(crate) fn next_poll(&self) -> Option<Instant> {
        self.next().filter(|_| self.verdict.is_none())
    }

    /// Brings the next poll forward to `now`: a webhook has brought news.
    pub(crate) fn hasten(&mut self, now: Instant) {
        self.set_next(Some(self.next().map_or(now, |next| next.min(now))));
    }

    /// Puts the next poll off until then, but not past the last one before the deadline.
    pub(crate) fn put_off(&mut self, until: Instant) {
        let until = self.last_poll_at().map_or(until, |last| until.min(last));
        self.set_next(self.next().map(|next| next.max(until)));
    }

    fn see(&mut self, status: Status) -> Option<Verdict> {
        self.failures = 0;
        self.doublings = 0;
        self.is_unknown = status == Status::Unknown;
        match status {
            Status::Completed => Some(Verdict::Decided(Code::Ok)),
            Status::Failed => Some(Verdict::Decided(Code::JobFailed)),
            Status::Cleaned => Some(Verdict::Decided(Code::JobCleaned)),
            Status::Unknown if self.rules.stop_on_unknown_status => {
                Some(Verdict::Decided(Code::UnexpectedStatus))
            }
            Status::Unknown | Status::InProgress => None,
        }
    }

    fn fail(&mut self, error: &Error, retry_after: Option<Duration>) -> Option<Verdict> {
        if error.code == Code::RateLimited {
            if retry_after.is_none() {
                self.doublings = self.doublings.saturating_add(1);
            }
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        let is_enough = self.rules.max_failures.is_some_and(|most| self.failures >= most);
        is_enough.then_some(Verdict::Failed)
    }

    fn time_is_up(&self) -> Verdict {
        Verdict::TimeUp(if self.is_unknown { Code::UnexpectedStatus } else { Code::WaitTimeout })
    }

    /// When the last poll is due.
    fn last_poll_at(&self) -> Option<Instant> {
        let (deadline, max_wait) = (self.deadline()?, self.rules.max_wait?);
        let slowest = Duration::from_millis(self.slowest_ms.into());
        let lead = slowest.saturating_mul(2).clamp(LEAD.0, LEAD.1).min(max_wait / 4);
        deadline.checked_sub(lead)
    }

    fn plan(
        &self,
        now: Instant,
        retry_after: Option<Duration>,
        pushes_back: bool,
        jitter: f64,
    ) -> Option<Instant> {
        let gap = doubled(self.rules.poll_interval, self.doublings);
        let normal = now + gap.mul_f64(1.0 + 0.1 * jitter.clamp(-1.0, 1.0));
        let asked = now + retry_after.unwrap_or_default().min(LONGEST_PUSH_BACK);
        let (Some(last), Some(deadline)) = (self.last_poll_at(), self.deadline()) else {
            return Some(normal.max(asked));
        };
        if pushes_back && retry_after.is_some() {
            // The one case in which the last poll is not brought forward.
            let next = normal.min(last).max(asked);
            return (next < deadline).then_some(next);
        }
        Some(normal.max(asked).min(last))
    }
}

/// An interval that 429s have doubled so often, up to a minute or the interval, if that is longer.
pub(crate) fn doubled(interval: Duration, times: u8) -> Duration {
    let factor = 1_u32.checked_shl(times.into()).unwrap_or(u32::MAX);
    interval.saturating_mul(factor).min(LONGEST_DOUBLED_GAP.max(interval))
}

/// How long a get pauses after its `failed`-th failure, counted from 0, before it tries again.
/// `None`: the server asks for more than a get sits out.
pub(crate) fn retry_pause(
    failed: u32,
    retry_after: Option<Duration>,
    jitter: f64,
) -> Option<Duration> {
    match retry_after {
        Some(asked) => (asked <= LONGEST_RETRY_PAUSE).then_some(asked),
        None => {
            let doubled = 2_u32.checked_pow(failed).unwrap_or(u32::MAX);
            let pause = Duration::from_millis(500).saturating_mul(doubled).min(LONGEST_BACK_OFF);
            Some(pause.mul_f64(1.0 + 0.25 * jitter.clamp(-1.0, 1.0)))
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "schedule_properties.rs"]
mod properties;
