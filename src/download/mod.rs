//! Downloads an output of a job: resumes where it broke off, and never leaves half a file.
//!
//! The room: one `Download` runs on the calling thread. It owns the limits, the progress callback and
//! the outcome, asks the host of the output again and again (`transfer.rs`), and pauses, resumes or asks
//! the job for a new URL in between. A `Part` owns `path.part` and `path.part.info`, locked against
//! other downloads of the same path from its opening to its end: it is put into its place when the file
//! is whole (`Part::finish`), else kept for the next call (`Part::keep`). `reply.rs` decides what a
//! reply is good for, by its head alone; `location.rs` where a URL or a redirect leads.

mod location;
mod output;
mod part;
mod part_info;
mod progress;
mod reply;
mod transfer;

use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cancel::{self, CancelToken, Interrupt};
use crate::client::{Client, jitter};
use crate::config::LONGEST_TIME;
use crate::error::{Code, Error, Result};
use crate::job::{Job, JobId, Status};
use crate::log::Level;
use crate::outcome::Outcome;
use crate::schedule::retry_pause;
use crate::text::{Text, quote};
use location::Location;
pub use output::Output;
use part::Part;
pub(crate) use part::absolute;
pub use progress::OnProgress;
use progress::Progress;
use transfer::Transfer;

/// The limits of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The whole download; `None`: for ever.
    pub timeout: Option<Duration>,
    /// The longest silence of the host.
    pub idle_timeout: Duration,
    /// Retries after transient failures; each resumes where the last one broke off.
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
    let mut download = Download {
        client,
        output,
        limits,
        token,
        deadline: begun + limits.timeout.unwrap_or(LONGEST_TIME),
        may_ask: true,
        progress: Rc::new(Progress::new(on_progress)),
        buffer: Vec::new(),
        outcome: Outcome::begin_with(job),
    };
    let result = download.run(path);
    download.finish(result)
}

/// Refuses what cannot end well, before anything is done.
pub(crate) fn check(job: &Job, output: Output, path: &Path) -> Result<()> {
    part::check(path)?;
    output.locate(job)?;
    part::check_target(path)
}

/// A try that brings as many bytes gets on: retries are counted anew after it.
const GETS_ON: u64 = 64 * 1024;

/// Unless what was written is this many times what was there at most: the host cannot go on where it
/// broke off.
const MOST_COPIES: u64 = 10;

/// The failure of a host that would send a large file a few bytes at a time, for ever.
fn too_little(location: &Location) -> Error {
    let message = format!("{location} comes in parts that are too small: try again");
    Error::new(Code::ConnectionLost, message)
}

/// One download under way.
struct Download<'a> {
    client: &'a Client,
    output: Output,
    limits: Limits,
    token: Option<&'a Arc<CancelToken>>,
    deadline: Instant,
    /// Whether the job may be asked for its URL again: bytes have come since it was, or a pause was made.
    may_ask: bool,
    /// Shared with the waits of each request, whose heart it is.
    progress: Rc<Progress<'a>>,
    /// Bytes on their way into the file.
    buffer: Vec<u8>,
    outcome: Outcome,
}

impl Download<'_> {
    /// Downloads the whole file, and gives its length.
    fn run(&mut self, path: &Path) -> Result<u64> {
        if let Some(token) = self.token {
            token.check_owner()?;
        }
        part::check(path)?;
        let job = self.outcome.job().ok_or_else(|| Error::internal("there is no job"))?;
        let location = self.output.locate(job)?;
        Interrupt::by_token(self.token).check()?;
        let mut part = Part::open(path)?;
        if let Some(line) = part.has_replaced() {
            self.client.log(Level::Warn, || line);
        }
        if let Some((there, info)) = part.begun(location.path()) {
            self.progress.set(there, info.length);
        }
        match self.transfer_all(&mut part, location) {
            Ok(length) => part.finish(length).map(|()| length),
            Err(error) => {
                // These two have to end at once.
                part.keep(!matches!(error.code, Code::Cancelled | Code::Timeout));
                Err(error)
            }
        }
    }

    /// Ends the call with its result.
    fn finish(mut self, result: Result<u64>) -> Outcome {
        match result {
            Ok(length) => {
                let message = format!("the {} was downloaded: {length} bytes", self.output.noun());
                self.outcome.conclude(Code::Ok, Text::new(&message));
            }
            Err(error) if error.code == Code::Cancelled => {
                let message = "the download was cancelled: call again to go on";
                self.outcome.fail(Error { message: message.to_owned(), ..error });
            }
            Err(error) => self.outcome.fail(error),
        }
        self.outcome.set_file(self.progress.get());
        let id = self.outcome.job_id().map_or("of no id".to_owned(), |id| quote(id.as_str()));
        let figures = |outcome: &Outcome| format!("written: {} bytes", outcome.bytes_written());
        self.client.end(&id, &mut self.outcome, figures);
        self.outcome
    }

    /// Transfers until the whole file is there.
    fn transfer_all(&mut self, part: &mut Part, mut location: Location) -> Result<u64> {
        let (mut failed, mut furthest) = (0, 1);
        loop {
            let before = self.outcome.bytes_written();
            let ended = self.transfer(part, &location);
            let brought = self.outcome.bytes_written() - before;
            self.may_ask |= brought > 0;
            furthest = part.length().max(furthest);
            let copies = self.outcome.bytes_written() / furthest;
            if brought >= GETS_ON && copies < MOST_COPIES {
                failed = 0;
            }
            let error = match ended {
                Ok(Transfer::Whole { length }) => return Ok(length),
                Ok(Transfer::Anew) => continue,
                Ok(Transfer::Partial) if brought >= GETS_ON => continue,
                Ok(Transfer::Partial) => too_little(&location),
                Err(error) => error,
            };
            let error = match self.look_elsewhere(error, &mut location)? {
                Some(error) => error,
                None => continue,
            };
            self.check_time(&error)?;
            if failed >= self.limits.max_retries {
                return Err(error);
            }
            self.pause(failed, &location, error)?;
            failed += 1;
        }
    }

    /// Decides what a failure means: `None` if the job has another URL, from which to go on at once; the
    /// error if it is one that passes; else fails with it.
    fn look_elsewhere(&mut self, error: Error, location: &mut Location) -> Result<Option<Error>> {
        if error.code == Code::Cancelled {
            return Err(error);
        }
        if error.code != Code::OutputExpired {
            let passes = error.is_transient() || error.code == Code::InvalidResponse;
            return if passes { Ok(Some(error)) } else { Err(error) };
        }
        let id = self.outcome.job_id().and_then(|id| JobId::parse(id.as_str()).ok());
        if let Some(id) = id
            && std::mem::take(&mut self.may_ask)
        {
            let refusal = self.outcome.last_reply();
            match self.ask_again(&id, &error) {
                Ok(next) if next.uri() != location.uri() => {
                    *location = next;
                    return Ok(None);
                }
                Ok(_) => self.outcome.see_again(refusal),
                Err(failed) if failed.code != Code::Cancelled && failed.is_transient() => {
                    return Ok(Some(failed));
                }
                Err(failed) => return Err(failed),
            }
        }
        // Hosts serve an output some seconds after the job says that it has completed. 410 is for good.
        if error.status == 410 { Err(error) } else { Ok(Some(error)) }
    }

    /// Pauses before the next try.
    fn pause(&mut self, failed: u32, location: &Location, error: Error) -> Result<()> {
        let pause = retry_pause(failed, self.outcome.retry_after(), jitter());
        let Some(pause) = pause else { return Err(error) };
        self.client.log(Level::Warn, || {
            format!("{location}: going on in {} ms: {error}", pause.as_millis())
        });
        let until = self.deadline.min(Instant::now() + pause);
        let interrupt = Interrupt { token: self.token, heartbeat: Some(&*self.progress) };
        cancel::sleep(until, interrupt)?;
        self.may_ask = true;
        self.check_time(&error)
    }

    fn check_time(&self, last: &Error) -> Result<()> {
        if Instant::now() < self.deadline {
            return Ok(());
        }
        let limit = self.limits.timeout.unwrap_or(LONGEST_TIME).as_millis();
        Err(Error::new(
            Code::Timeout,
            format!("the download was not done within {limit} ms: call again to go on ({last})"),
        ))
    }

    /// Asks the job for its URL once more, since `refused` may mean only that the old one expired.
    fn ask_again(&mut self, id: &JobId, refused: &Error) -> Result<Location> {
        let status = refused.status;
        let expired = |why: &str| Error {
            message: format!("the output is not there (HTTP {status}), and {why}: start a new job"),
            ..refused.clone()
        };
        self.client.log(Level::Warn, || format!("job {id}: asking for the URL again: {refused}"));
        let interrupt = Interrupt { token: self.token, heartbeat: Some(&*self.progress) };
        self.client.get_with_retries(id, Some(self.deadline), interrupt, &mut self.outcome)?;
        let outcome = &self.outcome;
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
                Err(Error::new(code, message).with_status(status))
            }
            _ => Err(expired(&format!("the job cannot be read ({})", outcome.message().as_str()))),
        }
    }
}
