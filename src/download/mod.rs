//! Downloads an output of a job: goes on where it broke off, and never leaves half a file.

mod location;
mod output;
mod part;
mod part_info;
mod progress;
mod reply;
mod transfer;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cancel::{self, CancelToken, cancelled};
use crate::client::{Client, jitter};
use crate::error::{Code, Error, Result};
use crate::job::{Job, JobId, Status};
use crate::log::Level;
use crate::outcome::Outcome;
use crate::schedule::retry_pause;
use crate::text::{Text, quote};
use location::Location;
pub use output::Output;
use part::Part;
pub use progress::OnProgress;
use transfer::{End, Transfer};

/// As good as for ever, and far from where a clock overflows.
const FOR_EVER: Duration = Duration::from_secs(10 * 366 * 24 * 3600);

/// How to download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The whole download; `None`: for ever.
    pub timeout: Option<Duration>,
    /// Without a byte.
    pub idle_timeout: Duration,
    /// After failures that pass; each goes on where the last one broke off.
    pub max_retries: u32,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { timeout: None, idle_timeout: Duration::from_secs(30), max_retries: 5 }
    }
}

/// Downloads an output of `job` to `path`, which is either the old file or the whole new one.
pub fn download<'a>(
    client: &'a Client,
    job: &Job,
    output: Output,
    path: &Path,
    limits: Limits,
    token: Option<&'a Arc<CancelToken>>,
    on_progress: Option<OnProgress<'a>>,
) -> Outcome {
    let begun = Instant::now();
    let mut outcome = Outcome::begin_with(job);
    let mut download = Download {
        client,
        output,
        limits,
        token,
        deadline: begun + limits.timeout.unwrap_or(FOR_EVER),
        asked_again: false,
    };
    let transfer = Transfer::new(client, limits, download.deadline, token, on_progress);
    match download.run(path, transfer, &mut outcome) {
        Ok(length) => {
            let message = format!("the {} was downloaded: {length} bytes", output.name());
            outcome.conclude(Code::Ok, Text::new(&message));
        }
        Err(error) if error.code == Code::Cancelled => {
            let message = "the download was cancelled: call again to go on";
            outcome.fail(Error { message: message.to_owned(), ..error });
        }
        Err(error) => outcome.fail(error),
    }
    outcome.stamp(None);
    download.log_end(&outcome);
    outcome
}

/// One download under way.
struct Download<'a> {
    client: &'a Client,
    output: Output,
    limits: Limits,
    token: Option<&'a Arc<CancelToken>>,
    deadline: Instant,
    /// The job was asked for its URL once more.
    asked_again: bool,
}

impl Download<'_> {
    fn run(
        &mut self,
        path: &Path,
        mut transfer: Transfer<'_>,
        outcome: &mut Outcome,
    ) -> Result<u64> {
        if let Some(token) = self.token {
            token.check_owner()?;
        }
        part::check(path)?;
        let job = outcome.job().ok_or_else(|| Error::new(Code::Internal, "there is no job"))?;
        let location = self.output.locate(job)?;
        if self.token.is_some_and(|token| token.is_cancelled()) {
            return Err(cancelled());
        }
        let mut part = Part::open(path)?;
        match self.transfer(location, &mut transfer, &mut part, outcome) {
            Ok(length) => part.finish(length).map(|()| length),
            Err(error) => {
                // These two have to end at once.
                part.keep(!matches!(error.code, Code::Cancelled | Code::Timeout));
                Err(error)
            }
        }
    }

    /// Transfers until all of it is there.
    fn transfer(
        &mut self,
        mut location: Location,
        transfer: &mut Transfer<'_>,
        part: &mut Part,
        outcome: &mut Outcome,
    ) -> Result<u64> {
        let mut failed = 0;
        loop {
            let error = match transfer.run(&location, part, outcome) {
                Ok(End::Whole { length }) => return Ok(length),
                Ok(End::GoOn) => continue,
                Err(error) => error,
            };
            if error.code == Code::Cancelled {
                return Err(error);
            }
            if error.code == Code::OutputExpired && !self.asked_again {
                self.asked_again = true;
                location = self.ask_again(error, outcome)?;
                continue;
            }
            self.check_time(&error)?;
            if !error.is_transient() || failed >= self.limits.max_retries {
                return Err(error);
            }
            let Some(pause) = retry_pause(failed, outcome.retry_after(), jitter()) else {
                return Err(error);
            };
            self.client.log(Level::Warn, || {
                format!("{location}: going on in {} ms: {error}", pause.as_millis())
            });
            let until = self.deadline.min(Instant::now() + pause);
            cancel::sleep(until, self.token.map(Arc::as_ref))?;
            self.check_time(&error)?;
            failed += 1;
        }
    }

    fn check_time(&self, last: &Error) -> Result<()> {
        if Instant::now() < self.deadline {
            return Ok(());
        }
        let limit = self.limits.timeout.unwrap_or(FOR_EVER).as_millis();
        Err(Error::new(
            Code::Timeout,
            format!("the download was not done within {limit} ms: call again to go on ({last})"),
        ))
    }

    /// Asks the job for its URL once more, since `refused` may mean only that the old one expired.
    fn ask_again(&self, refused: Error, outcome: &mut Outcome) -> Result<Location> {
        let expired = |why: &str| Error {
            message: format!("{}, and {why}: start a new job", refused.message),
            ..refused.clone()
        };
        let id = outcome.job_id().and_then(|id| JobId::parse(id.as_str()).ok());
        let Some(id) = id else {
            return Err(expired("the job has no id that it could be asked for by"));
        };
        self.client.log(Level::Warn, || format!("job {id}: asking for the URL again: {refused}"));
        self.client.get_with_retries(&id, Some(self.deadline), self.token, outcome)?;
        match (outcome.code(), outcome.job()) {
            (Code::Ok, Some(job)) if job.status() == Status::Cleaned => {
                Err(expired("the job's outputs were removed"))
            }
            (Code::Ok, Some(job)) => self.output.locate(job).map_err(|error| match error.code {
                Code::OutputMissing => expired("the job no longer has it"),
                _ => error,
            }),
            // It may well be there once this has passed.
            (code, _) if outcome.is_retryable() => {
                let message = outcome.message().as_str();
                let status = outcome.reply().map_or(0, |reply| reply.status());
                let error = Error::new(code, message).with_status(status);
                self.check_time(&error)?;
                Err(error)
            }
            _ => Err(expired(&format!("the job cannot be read ({})", outcome.message().as_str()))),
        }
    }

    fn log_end(&self, outcome: &Outcome) {
        let is_wanted = matches!(outcome.code(), Code::Ok | Code::Cancelled);
        let level = if is_wanted { Level::Info } else { Level::Error };
        self.client.log(level, || {
            let id = outcome.job_id().map_or("of no id", |id| id.as_str());
            let (written, elapsed) = (outcome.bytes_written(), outcome.elapsed().as_millis());
            let message = outcome.message().as_str();
            format!("job {}: {message} (written: {written} bytes, {elapsed} ms)", quote(id))
        });
    }
}
