//! The outcome of a watch between two polls, compact: as little as can be kept without losing
//! anything, since there are ten thousand of them.

use std::sync::Arc;
use std::time::Instant;

use super::{Attempt, Outcome, describe};
use crate::error::Code;
use crate::job::{JobId, Status};
use crate::reply::{RawReply, Reply};
use crate::response;

/// An outcome that was put away.
#[derive(Debug)]
pub(crate) enum CompactOutcome {
    /// Nothing has come yet.
    Begun,
    /// The last reply came to the last poll, and said that the job is in progress: all the rest
    /// can be read anew from it.
    InProgress { polls: u32, reply: RawReply },
    /// Anything else, which is rare.
    Whole(Box<Outcome>),
}

impl CompactOutcome {
    /// The outcome as it was put away, of a watch that began at `started`.
    pub(crate) fn restore(self, id: &JobId, started: Instant) -> Outcome {
        match self {
            CompactOutcome::Begun => Outcome::begin_at(id, started),
            CompactOutcome::InProgress { polls, reply } => {
                let reply = Arc::new(Reply::restore(reply));
                let mut outcome = Outcome::begin_at(id, started);
                outcome.polls = polls;
                outcome.code = Code::Ok;
                outcome.job = response::read(&reply, id).ok();
                if let Some(job) = &outcome.job {
                    outcome.message = describe(job);
                }
                outcome.reply = Some(reply);
                outcome
            }
            CompactOutcome::Whole(outcome) => *outcome,
        }
    }

    /// The outcome with what one more request brought.
    pub(crate) fn record(
        self,
        id: &JobId,
        started: Instant,
        attempt: Attempt,
        is_transient: impl Fn(&crate::error::Error) -> bool,
    ) -> Outcome {
        let mut outcome = match self {
            // What it says is not read again where a new state takes its place.
            CompactOutcome::InProgress { polls, .. } if attempt.result.is_ok() => {
                let mut outcome = Outcome::begin_at(id, started);
                outcome.polls = polls;
                outcome
            }
            kept => kept.restore(id, started),
        };
        outcome.record(attempt, is_transient);
        outcome
    }

    /// Whether all of an outcome can be read anew from its reply.
    fn is_usual(outcome: &Outcome) -> bool {
        let is_plain = |reply: &Arc<Reply>| reply.status() == 200 && reply.retry_after().is_none();
        outcome.code == Code::Ok
            && outcome.job.as_ref().is_some_and(|job| job.status() == Status::InProgress)
            && outcome.reply.as_ref().is_some_and(is_plain)
    }

    /// Puts a copy of an outcome away, which is handed out itself.
    pub(crate) fn copy(outcome: &Outcome) -> CompactOutcome {
        match &outcome.reply {
            Some(reply) if CompactOutcome::is_usual(outcome) => {
                CompactOutcome::InProgress { polls: outcome.polls, reply: reply.raw().clone() }
            }
            _ => CompactOutcome::Whole(Box::new(outcome.clone())),
        }
    }

    /// Puts an outcome away.
    pub(crate) fn keep(mut outcome: Outcome) -> CompactOutcome {
        let is_usual = CompactOutcome::is_usual(&outcome);
        match outcome.reply.take() {
            Some(reply) if is_usual => {
                // The job holds its reply too.
                outcome.job = None;
                CompactOutcome::InProgress { polls: outcome.polls, reply: Reply::into_raw(reply) }
            }
            reply => CompactOutcome::Whole(Box::new(Outcome { reply, ..outcome })),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::{Error, Result};
    use crate::job::Job;
    use crate::text::Text;

    const ID: &str = "4a09edf9-d071-4847-bda5-8dea913d80fe";
    const RUNNING: &str = r#"{"success": true, "data": {"status": "in-progress", "n": 7}}"#;

    fn id() -> JobId {
        JobId::parse(ID).unwrap()
    }

    fn answered(body: &str) -> Attempt {
        let retry_after = body.contains('q').then_some(Duration::from_secs(3));
        let reply = Arc::new(Reply::new(200, body.into(), Some("r-1"), retry_after));
        let result: Result<Job> = response::read(&reply, &id());
        let message = match &result {
            Ok(job) => describe(job),
            Err(error) => Text::new(&error.message),
        };
        Attempt { result, reply: Some(reply), took: Duration::ZERO, message }
    }

    fn failed() -> Attempt {
        let result = Err(Error::new(Code::ConnectionLost, "lost"));
        Attempt { result, reply: None, took: Duration::ZERO, message: Text::fixed(c"lost") }
    }

    /// All that can be seen of an outcome, but for the time.
    fn seen(outcome: &Outcome) -> String {
        let job = outcome.job().map(|job| (job.status(), job.id(), job.field("n")));
        let reply = outcome.reply().map(|r| (r.status(), r.body(), r.request_id()));
        let ends = (outcome.code(), outcome.message(), outcome.polls());
        let retry = (outcome.is_retryable(), outcome.retry_after());
        format!("{ends:?} {job:?} {reply:?} {retry:?} {:?}", outcome.job_id())
    }

    #[test]
    fn nothing_is_lost_by_putting_an_outcome_away_after_each_poll() {
        let unknown = r#"{"data": {"status": "queued"}}"#;
        let bodies = [Some(RUNNING), None, Some(unknown), None, Some("<html>"), Some(RUNNING)];
        let started = Instant::now();
        let mut whole = Outcome::begin_at(&id(), started);
        let mut kept = CompactOutcome::Begun;
        for body in bodies {
            let attempt = || body.map_or_else(failed, answered);
            whole.record(attempt(), Error::is_transient_in_a_wait);
            let taken = kept.record(&id(), started, attempt(), Error::is_transient_in_a_wait);
            let restored = CompactOutcome::keep(taken).restore(&id(), started);
            assert_eq!(seen(&restored), seen(&whole));
            kept = CompactOutcome::keep(restored);
        }
    }

    #[test]
    fn a_job_in_progress_is_kept_small() {
        let outcome =
            CompactOutcome::Begun.record(&id(), Instant::now(), answered(RUNNING), |_| true);
        assert!(matches!(CompactOutcome::keep(outcome), CompactOutcome::InProgress { .. }));
        assert!(size_of::<CompactOutcome>() <= 32, "{}", size_of::<CompactOutcome>());
    }
}
