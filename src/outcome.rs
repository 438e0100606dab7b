//! How a call ended, with all that came on the way.

mod compact;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Code, Error, Result};
use crate::job::{Job, JobId, Status};
use crate::redaction::{MASK, redact};
use crate::reply::Reply;
use crate::response;
use crate::text::{Text, View, quote};
pub(crate) use compact::CompactOutcome;

/// One request, and what came of it.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) result: Result<Job>,
    pub(crate) reply: Option<Arc<Reply>>,
    /// How long it took.
    pub(crate) took: Duration,
    /// A sentence about it.
    pub(crate) message: Text,
}

impl Attempt {
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.reply.as_ref()?.retry_after()
    }
}

/// The id that a result names: one that was asked for, or what was given in its place; else that of
/// its job.
#[derive(Debug, Clone)]
enum Named {
    Id(JobId),
    Text(Text),
    Nothing,
}

/// How a call ended. It keeps the last state of the job, the last reply and the attempts made.
#[derive(Debug, Clone)]
pub struct Outcome {
    code: Code,
    message: Text,
    job: Option<Job>,
    reply: Option<Arc<Reply>>,
    named: Named,
    is_retryable: bool,
    retry_after: Option<Duration>,
    polls: u32,
    started: Option<Instant>,
    elapsed: Duration,
    next_poll: Option<Duration>,
    is_update: bool,
    tag: u64,
    bytes_written: u64,
    /// Of a download's file: the bytes that are there, and its length.
    bytes: (u64, u64),
}

impl Outcome {
    fn new(named: Named, started: Option<Instant>) -> Outcome {
        Outcome {
            code: Code::Internal,
            message: Text::fixed(c"the call did not end"),
            job: None,
            reply: None,
            named,
            is_retryable: false,
            retry_after: None,
            polls: 0,
            started,
            elapsed: Duration::ZERO,
            next_poll: None,
            is_update: false,
            tag: 0,
            bytes_written: 0,
            bytes: (0, 0),
        }
    }

    /// A call about a job begins.
    pub(crate) fn begin(id: &JobId) -> Outcome {
        Outcome::begin_at(id, Instant::now())
    }

    /// Begins a call that is about a job and began at `started`.
    pub(crate) fn begin_at(id: &JobId, started: Instant) -> Outcome {
        Outcome::new(Named::Id(*id), Some(started))
    }

    /// A call begins about a job that was read before.
    pub(crate) fn begin_with(job: &Job) -> Outcome {
        let mut outcome = Outcome::new(Named::Nothing, Some(Instant::now()));
        outcome.job = Some(job.clone());
        outcome
    }

    /// How far a download is that began at `started`: the bytes that are there, and those of the file.
    pub(crate) fn of_progress(job: &Job, started: Instant, bytes: (u64, u64)) -> Outcome {
        let mut outcome = Outcome::begin_with(job);
        outcome.started = Some(started);
        outcome.code = Code::Ok;
        outcome.message = Text::fixed(c"the download is under way");
        outcome.bytes = bytes;
        outcome.stamp_update(None);
        outcome
    }

    /// A call that was refused before it began; `given` is what stood in place of the job id.
    pub fn refused(error: Error, given: Option<&str>) -> Outcome {
        let named = given.map_or(Named::Nothing, |given| Named::Text(Text::new(given)));
        let mut outcome = Outcome::new(named, None);
        outcome.fail(error);
        outcome.redact(|text| redact(text, [].iter()));
        outcome
    }

    /// The outcome of reading a body that the caller held already.
    pub fn parsed(body: &[u8]) -> Outcome {
        // A real panic in the middle of a call, for the test that needs one.
        #[cfg(pictory_test_panic)]
        assert_ne!(body, b"panic");
        let (reply, result) = response::parse(body);
        let named = match &result {
            Ok(_) => Named::Nothing,
            Err(_) => response::id(&reply).map_or(Named::Nothing, Named::Text),
        };
        let mut outcome = Outcome::new(named, None);
        outcome.reply = Some(reply);
        match result {
            Ok(job) => {
                outcome.code = Code::Ok;
                outcome.message = describe(&job);
                outcome.job = Some(job);
            }
            Err(error) => outcome.fail(error),
        }
        outcome.redact(|text| redact(text, [].iter()));
        outcome
    }

    /// Records the attempt of one request.
    pub(crate) fn record(&mut self, attempt: Attempt, is_transient: impl Fn(&Error) -> bool) {
        self.polls = self.polls.saturating_add(1);
        self.retry_after = attempt.retry_after();
        self.message = attempt.message;
        (self.code, self.is_retryable) = match &attempt.result {
            Ok(_) => (Code::Ok, false),
            Err(error) => (error.code, is_transient(error)),
        };
        if let Ok(job) = attempt.result {
            self.job = Some(job);
        }
        if attempt.reply.is_some() {
            self.reply = attempt.reply;
        }
    }

    /// Notes a request that was answered, or failed, and is not about the job's state.
    pub(crate) fn note(&mut self, reply: Option<Reply>) {
        self.polls = self.polls.saturating_add(1);
        self.retry_after = reply.as_ref().and_then(Reply::retry_after);
        if let Some(reply) = reply {
            self.see(reply);
        }
    }

    /// Keeps a reply as the last one.
    pub(crate) fn see(&mut self, reply: Reply) {
        self.reply = Some(Arc::new(reply));
    }

    /// Makes a reply that came before the last one again.
    pub(crate) fn see_again(&mut self, reply: Option<Arc<Reply>>) {
        self.reply = reply;
    }

    /// The last reply, to be seen again.
    pub(crate) fn last_reply(&self) -> Option<Arc<Reply>> {
        self.reply.clone()
    }

    /// Counts bytes that were written to a file.
    pub(crate) fn add_written(&mut self, bytes: u64) {
        self.bytes_written += bytes;
    }

    /// Notes how many bytes of a download's file are there, and its length, 0 if that is not known.
    pub(crate) fn set_file(&mut self, bytes: (u64, u64)) {
        self.bytes = bytes;
    }

    /// Makes its words anew by `redact`, before it leaves the library.
    pub(crate) fn redact(&mut self, redact: impl Fn(&str) -> String) {
        self.message.change(&redact);
        // As it was given, but for a secret.
        if let Named::Text(given) = &mut self.named {
            let clean = redact(given.view().as_str());
            if clean.contains(MASK) {
                *given = Text::new(&clean);
            }
        }
        self.reply = self.reply.take().map(|reply| reply.redacted(&redact));
    }

    /// Ends it with an error.
    pub(crate) fn fail(&mut self, error: Error) {
        let message = Text::new(&error.message);
        self.conclude(error.code, message);
        self.is_retryable |= error.is_transient();
    }

    /// Ends it with this code and message.
    pub(crate) fn conclude(&mut self, code: Code, message: Text) {
        self.code = code;
        self.message = message;
        self.is_retryable =
            matches!(code, Code::WaitTimeout | Code::Cancelled | Code::UnexpectedStatus);
    }

    /// Ends it as the last attempt ended, but with this code.
    pub(crate) fn set_code(&mut self, code: Code) {
        self.code = code;
    }

    /// Notes the time at the end of the call.
    pub(crate) fn stamp(&mut self) {
        self.elapsed = self.started.map_or(Duration::ZERO, |started| started.elapsed());
        self.next_poll = None;
        self.is_update = false;
    }

    /// Notes the time, and when the next poll is due: the wait goes on.
    pub(crate) fn stamp_update(&mut self, next_poll: Option<Duration>) {
        self.stamp();
        self.next_poll = next_poll;
        self.is_update = true;
    }

    /// Marks it as that of a watch.
    pub(crate) fn set_tag(&mut self, tag: u64) {
        self.tag = tag;
    }

    /// The tag of the watch; else 0.
    pub fn tag(&self) -> u64 {
        self.tag
    }

    /// How it ended.
    pub fn code(&self) -> Code {
        self.code
    }

    /// One sentence for a person or a log.
    pub fn message(&self) -> View<'_> {
        self.message.view()
    }

    /// The last state of the job that was seen.
    pub fn job(&self) -> Option<&Job> {
        self.job.as_ref()
    }

    /// The last reply that came.
    pub fn reply(&self) -> Option<&Reply> {
        self.reply.as_deref()
    }

    /// The id asked for.
    pub fn job_id(&self) -> Option<View<'_>> {
        match &self.named {
            Named::Id(id) => Some(id.view()),
            Named::Text(text) => Some(text.view()),
            Named::Nothing => self.job.as_ref()?.id(),
        }
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        self.is_retryable
    }

    /// The time that the last reply asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// Requests answered or failed.
    pub fn polls(&self) -> u32 {
        self.polls
    }

    /// Since the call began.
    pub fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The bytes that a download wrote to its file.
    pub fn bytes_written(&self) -> u64 {
        self.bytes_written
    }

    /// The bytes of a download's file that are there.
    pub fn bytes_done(&self) -> u64 {
        self.bytes.0
    }

    /// The length of a download's file, 0 if it is not known.
    pub fn bytes_total(&self) -> u64 {
        self.bytes.1
    }

    /// Whether the wait goes on: it is the state after one of its polls.
    pub fn is_update(&self) -> bool {
        self.is_update
    }

    /// Of an update: until the next poll.
    pub fn next_poll(&self) -> Option<Duration> {
        self.next_poll
    }
}

/// A sentence about a job that was read.
pub(crate) fn describe(job: &Job) -> Text {
    let quoted = |text: Option<View<'_>>| text.map(|text| quote(text.as_str()));
    let sentence = match job.status() {
        Status::InProgress => return Text::fixed(c"the job is in progress"),
        Status::Completed => return Text::fixed(c"the job has completed"),
        Status::Cleaned => return Text::fixed(c"the job's outputs were removed: start a new job"),
        Status::Unknown => match quoted(job.status_text()) {
            Some(text) => format!(
                "the job's status '{text}' is not known: wait for it, or update the library"
            ),
            None => {
                return Text::fixed(
                    c"the reply gives no status of the job: wait for it, or update the library",
                );
            }
        },
        Status::Failed => match (quoted(job.error_message()), quoted(job.error_code())) {
            (Some(message), Some(code)) => format!("the job failed: {message} ({code})"),
            (Some(one), None) | (None, Some(one)) => format!("the job failed: {one}"),
            (None, None) => return Text::fixed(c"the job failed, and the API gave no reason"),
        },
    };
    Text::new(&sentence)
}
