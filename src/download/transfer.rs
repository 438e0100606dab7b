//! One GET of an output, redirects included, into the file under way.

use std::sync::Arc;
use std::time::Instant;

use http::header::{ACCEPT, ACCEPT_ENCODING, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue};

use super::Limits;
use super::location::Location;
use super::part::Part;
use super::progress::{OnProgress, Progress};
use super::reply::{self, RangeReply, RangeRequest};
use crate::cancel::CancelToken;
use crate::client::{Client, FetchLimits};
use crate::error::{Code, Error, Result};
use crate::explanation::Peer;
use crate::http::Incoming;
use crate::log::Level;
use crate::outcome::Outcome;
use crate::receive;
use crate::reply::Reply;

const MOST_REDIRECTS: usize = 5;

/// So much goes into the file at once.
const BUFFER: usize = 256 * 1024;

/// A refusal is read up to here. The rest tells nothing new, and costs a connection.
const LARGEST_REFUSAL: usize = 64 * 1024;

/// How a transfer ended that did not fail.
pub(super) enum End {
    /// All of it is there.
    Whole { length: u64 },
    /// Another one is due at once.
    GoOn,
}

/// What became of one request.
enum Step {
    End(End),
    Redirect(Location),
}

/// What all transfers of a download have in common.
pub(super) struct Transfer<'a> {
    client: &'a Client,
    limits: Limits,
    deadline: Instant,
    token: Option<&'a Arc<CancelToken>>,
    progress: Progress<'a>,
    buffer: Vec<u8>,
}

impl<'a> Transfer<'a> {
    pub(super) fn new(
        client: &'a Client,
        limits: Limits,
        deadline: Instant,
        token: Option<&'a Arc<CancelToken>>,
        on_progress: Option<OnProgress<'a>>,
    ) -> Transfer<'a> {
        let progress = Progress::new(on_progress);
        Transfer { client, limits, deadline, token, progress, buffer: Vec::new() }
    }

    /// Gets what is not there yet. What has come when it fails is in the file.
    pub(super) fn run(
        &mut self,
        location: &Location,
        part: &mut Part,
        outcome: &mut Outcome,
    ) -> Result<End> {
        let path = location.path();
        let mut here = location.clone();
        for _ in 0..=MOST_REDIRECTS {
            match self.request(&here, path, part, outcome)? {
                Step::End(end) => return Ok(end),
                Step::Redirect(next) => here = next,
            }
        }
        let message = format!("more than {MOST_REDIRECTS} redirects, the last one to {here}");
        let status = outcome.reply().map_or(0, |reply| reply.status());
        Err(Error::new(Code::HttpStatus, message).with_status(status))
    }

    /// One request. `path` is that of the URL that the job gives.
    fn request(
        &mut self,
        location: &Location,
        path: &str,
        part: &mut Part,
        outcome: &mut Outcome,
    ) -> Result<Step> {
        let from = start(part, path);
        let headers = headers(part, path, from)?;
        let client = self.client;
        let (deadline, idle_timeout) = (self.deadline, self.limits.idle_timeout);
        let limits = FetchLimits { deadline, idle_timeout, token: self.token };
        let started = Instant::now();
        let mut has_answered = false;
        let result =
            client.fetch(location.uri(), headers, limits, Peer::Output(location), |incoming| {
                has_answered = true;
                outcome.note(Some(receive::head(&incoming)));
                self.take(incoming, from, location, path, part, outcome)
            });
        if !has_answered && !matches!(&result, Err(error) if error.code == Code::Cancelled) {
            outcome.note(None);
        }
        client.log(Level::Debug, || {
            let status = if has_answered { outcome.reply().map_or(0, Reply::status) } else { 0 };
            let took = started.elapsed().as_millis();
            let end = result.as_ref().err().map_or(String::new(), |error| format!(": {error}"));
            format!("GET {location} from byte {from}: HTTP {status} after {took} ms{end}")
        });
        result
    }

    /// Takes in the answer.
    fn take(
        &mut self,
        mut incoming: Incoming<'_>,
        from: u64,
        location: &Location,
        path: &str,
        part: &mut Part,
        outcome: &mut Outcome,
    ) -> Result<Step> {
        let asked = RangeRequest { from, known: part.begun(path).map(|(_, info)| info) };
        let (status, announced) = (incoming.status(), incoming.announced());
        let sends = reply::read(status, |name| incoming.header(name), announced, &asked, location);
        let (end, length) = match sends {
            RangeReply::All { length, validator } => {
                part.begin(path, validator, length)?;
                (length, length)
            }
            RangeReply::Rest { end, length } => {
                part.go_on(from, length)?;
                (Some(end), Some(length))
            }
            RangeReply::AnotherPart if part.begun(path).is_some() => {
                part.forget()?;
                return Ok(Step::End(End::GoOn));
            }
            RangeReply::AnotherPart => {
                let message = format!("a part that was not asked for came from {location}");
                return Err(Error::new(Code::HttpStatus, message).with_status(status));
            }
            RangeReply::Redirect(target) => {
                outcome.see(receive::refusal(incoming, LARGEST_REFUSAL));
                return location.follow(&target).map(Step::Redirect);
            }
            RangeReply::Refusal(error) => {
                outcome.see(receive::refusal(incoming, LARGEST_REFUSAL));
                return Err(error);
            }
        };
        let cannot_be_whole = incoming.is_close_delimited() && !location.is_https();
        let at = self.receive(&mut incoming, location, part, length, outcome)?;
        if cannot_be_whole || end.is_some_and(|end| end != at) {
            let message = "the end of the body cannot be told from a connection that broke";
            return Err(Error::new(Code::ConnectionLost, message));
        }
        match length {
            Some(length) if at < length => Ok(Step::End(End::GoOn)),
            _ => {
                self.progress.tell(at, Some(at))?;
                Ok(Step::End(End::Whole { length: at }))
            }
        }
    }

    /// Puts the body into the file. Gives the length that this then has.
    fn receive(
        &mut self,
        incoming: &mut Incoming<'_>,
        location: &Location,
        part: &mut Part,
        length: Option<u64>,
        outcome: &mut Outcome,
    ) -> Result<u64> {
        self.progress.tell(part.length(), length)?;
        self.buffer.resize(BUFFER, 0);
        let mut filled = 0;
        loop {
            let read = incoming.read(self.buffer.get_mut(filled..).unwrap_or_default());
            let count = *read.as_ref().unwrap_or(&0);
            filled += count;
            let is_due = self.progress.is_due();
            if count == 0 || filled == BUFFER || is_due {
                part.write(self.buffer.get(..filled).unwrap_or_default())?;
                outcome.add_written(filled as u64);
                filled = 0;
            }
            if read.map_err(|failure| Peer::Output(location).explain(failure))? == 0 {
                return Ok(part.length());
            }
            if is_due {
                self.progress.tell(part.length(), length)?;
            }
        }
    }
}

/// The byte to begin with. Where the end may have been reached, the last byte is asked for once
/// more: a server has no way to send an empty part.
fn start(part: &Part, path: &str) -> u64 {
    match part.begun(path) {
        Some((there, info)) if info.length.is_some_and(|length| there < length) => there,
        Some((there, _)) => there - 1,
        None => 0,
    }
}

/// What a request says. Neither the key nor an extra header is among it.
fn headers(part: &Part, path: &str, from: u64) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let (Some((_, info)), true) = (part.begun(path), from > 0) {
        let value = |text: &str| {
            let internal = |_| Error::new(Code::Internal, "the request could not be put together");
            HeaderValue::from_str(text).map_err(internal)
        };
        headers.insert(RANGE, value(&format!("bytes={from}-"))?);
        headers.insert(IF_RANGE, value(info.validator.if_range())?);
    }
    Ok(headers)
}
