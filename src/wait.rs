//! The blocking wait: the schedule, driven by the clock.

use std::sync::Arc;
use std::time::Instant;

use crate::cancel::{self, CancelToken, Interrupt, cancelled};
use crate::client::{Client, jitter};
use crate::error::{Code, Error, Result};
use crate::job::JobId;
use crate::log::Level;
use crate::outcome::{Attempt, Outcome};
use crate::schedule::{Poll, Rules, Schedule, Step, Verdict};
use crate::text::Text;

/// The poll callback, called after every poll that does not end the wait; `false` ends it.
pub type OnPoll<'a> = &'a mut dyn FnMut(&Outcome) -> bool;

/// Waits until the job is settled, the time is up, or the token or the callback ends it.
pub fn wait(
    client: &Client,
    id: &JobId,
    rules: Rules,
    token: Option<&Arc<CancelToken>>,
    on_poll: Option<OnPoll<'_>>,
) -> Outcome {
    let mut outcome = Outcome::begin(id);
    if let Err(error) = run(client, id, rules, token, on_poll, &mut outcome) {
        outcome.fail(error);
    }
    client.end_polls(id, &mut outcome);
    outcome
}

fn run(
    client: &Client,
    id: &JobId,
    rules: Rules,
    token: Option<&Arc<CancelToken>>,
    mut on_poll: Option<OnPoll<'_>>,
    outcome: &mut Outcome,
) -> Result<()> {
    if let Some(token) = token {
        token.check_owner()?;
    }
    let mut schedule = Schedule::new(rules, Instant::now());
    loop {
        match schedule.step(Instant::now()) {
            Step::Poll { deadline } => {
                poll(client, id, deadline, token, &mut schedule, outcome)?;
                if schedule.verdict().is_none() {
                    look_ahead(client, id, &schedule, outcome);
                    if !on_poll.as_mut().is_none_or(|on_poll| on_poll(outcome)) {
                        return Err(cancelled());
                    }
                }
            }
            Step::Sleep { until } => cancel::sleep(until, Interrupt::by_token(token))?,
            Step::Settled(verdict) => {
                settle(outcome, verdict, schedule.rules());
                return Ok(());
            }
        }
    }
}

fn poll(
    client: &Client,
    id: &JobId,
    deadline: Option<Instant>,
    token: Option<&Arc<CancelToken>>,
    schedule: &mut Schedule,
    outcome: &mut Outcome,
) -> Result<()> {
    let attempt = match client.attempt(id, deadline, Interrupt::by_token(token)) {
        Ok(attempt) => attempt,
        // Its turn did not come before the deadline: the next step says that time is up.
        Err(error) if error.code == Code::Timeout => return Ok(()),
        Err(error) => return Err(error),
    };
    record(schedule, &attempt);
    outcome.record(attempt, Error::is_transient_in_a_wait);
    Ok(())
}

/// Tells the schedule what came of a poll.
pub(crate) fn record(schedule: &mut Schedule, attempt: &Attempt) {
    let poll = Poll {
        answer: attempt.result.as_ref().map(|job| job.status()),
        retry_after: attempt.retry_after(),
        took: attempt.took,
    };
    schedule.record(poll, Instant::now(), jitter());
}

/// Notes when the next poll is due after one that did not end the wait, makes the outcome fit for the
/// host's callback, and logs a failed one.
pub(crate) fn look_ahead(client: &Client, id: &JobId, schedule: &Schedule, outcome: &mut Outcome) {
    let next = schedule.next_poll().map(|next| next.saturating_duration_since(Instant::now()));
    outcome.stamp_update(next);
    client.redact_outcome(outcome);
    if outcome.code() != Code::Ok {
        client.log(Level::Warn, || {
            let next = next.map_or(-1, |next| next.as_millis().try_into().unwrap_or(i64::MAX));
            format!("job {id}: polling again in {next} ms: {}", outcome.message().as_str())
        });
    }
}

/// Ends a wait as the schedule has decided.
pub(crate) fn settle(outcome: &mut Outcome, verdict: Verdict, rules: &Rules) {
    match verdict {
        Verdict::Failed | Verdict::Decided(Code::Ok) => {}
        Verdict::Decided(Code::UnexpectedStatus) => {
            let message = outcome.message().as_str().to_owned();
            outcome.conclude(Code::UnexpectedStatus, Text::new(&message));
        }
        Verdict::Decided(code) => outcome.set_code(code),
        Verdict::TimeUp(code) => {
            let waited = rules.max_wait.unwrap_or_default().as_millis();
            let last = outcome.message().as_str();
            let message = match outcome.polls() {
                0 => format!("time is up after {waited} ms, before the job could be polled"),
                _ => format!(
                    "time is up after {waited} ms; the job may still run, and be billed: wait for \
                     it again (last: {last})"
                ),
            };
            outcome.conclude(code, Text::new(&message));
        }
    }
}
