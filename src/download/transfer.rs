//! One GET of an output, redirects included, into the file under way.

use std::rc::Rc;
use std::time::Instant;

use http::header::{ACCEPT, ACCEPT_ENCODING, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue};

use super::Download;
use super::location::Location;
use super::part::Part;
use super::reply::{self, RangeReply, RangeRequest};
use crate::cancel::{Heartbeat, Interrupt};
use crate::client::{FetchLimits, answer};
use crate::error::{Code, Error, Result};
use crate::explanation::Peer;
use crate::http::Incoming;
use crate::log::Level;
use crate::receive;

const MOST_REDIRECTS: usize = 5;

/// The bytes that go into the file at once.
const BUFFER: usize = 256 * 1024;

/// The bytes of a refusal's body that are read. The rest adds nothing, and costs a connection.
const LARGEST_REFUSAL: usize = 64 * 1024;

/// The end of a transfer that did not fail.
pub(super) enum Transfer {
    /// All of the file is there.
    Whole { length: u64 },
    /// A part of what was asked for has come; another transfer is due for the rest.
    Partial,
    /// The bytes that are there were of another version, and are forgotten; another transfer is due for all.
    Anew,
}

/// One request of a transfer.
struct Target<'a> {
    location: &'a Location,
    /// The path of the URL that the job gives, before any redirect.
    path: &'a str,
    /// The first byte that is asked for.
    from: u64,
}

/// The end of one request: a transfer's, or another URL.
enum Answer {
    Transferred(Transfer),
    Redirect(Location),
}

impl Download<'_> {
    /// Gets what is not there yet. The bytes that came before a failure are in the file.
    pub(super) fn transfer(&mut self, part: &mut Part, location: &Location) -> Result<Transfer> {
        let path = location.path();
        let mut here = location.clone();
        for _ in 0..=MOST_REDIRECTS {
            let target = Target { location: &here, path, from: first_byte(part, path) };
            match self.request(part, &target)? {
                Answer::Transferred(transfer) => return Ok(transfer),
                Answer::Redirect(next) => here = next,
            }
        }
        let message =
            format!("more than {MOST_REDIRECTS} redirects, the last to {here}: get the job again");
        let status = self.outcome.reply().map_or(0, |reply| reply.status());
        Err(Error::new(Code::HttpStatus, message).with_status(status))
    }

    /// Makes one request, and notes its end.
    fn request(&mut self, part: &mut Part, target: &Target<'_>) -> Result<Answer> {
        let Target { location, path, from } = *target;
        let headers = headers(part, path, from)?;
        let (deadline, idle_timeout) = (self.deadline, self.limits.idle_timeout);
        let progress = Rc::clone(&self.progress);
        let interrupt = Interrupt { token: self.token, heartbeat: Some(&*progress) };
        let limits = FetchLimits { deadline, idle_timeout, interrupt };
        let (client, started) = (self.client, Instant::now());
        let mut has_answered = false;
        let result =
            client.fetch(location.uri(), headers, limits, Peer::Output(location), |incoming| {
                has_answered = true;
                self.outcome.note(Some(receive::head(&incoming)));
                self.receive_reply(incoming, part, target)
            });
        if !has_answered && !matches!(&result, Err(error) if error.code == Code::Cancelled) {
            self.outcome.note(None);
        }
        client.log(Level::Debug, || {
            let reply = self.outcome.reply().filter(|_| has_answered);
            let (came, took) = (answer(reply), started.elapsed().as_millis());
            let end = result.as_ref().err().map_or(String::new(), |error| format!(": {error}"));
            format!("GET {location} from byte {from}: {came} after {took} ms{end}")
        });
        result
    }

    /// Decides by the head what the reply is good for, and receives its body into the file if that
    /// is the file or its rest.
    fn receive_reply(
        &mut self,
        mut incoming: Incoming<'_>,
        part: &mut Part,
        target: &Target<'_>,
    ) -> Result<Answer> {
        let Target { location, path, from } = *target;
        let known = part.begun(path).map(|(_, info)| info);
        let asked = RangeRequest { from, known };
        let (status, announced) = (incoming.status(), incoming.announced());
        check_head(&incoming, location)?;
        match reply::read(status, |name| incoming.header(name), announced, &asked, location) {
            RangeReply::All { length, validator } => {
                let filled = self.first_bytes(&mut incoming, location)?;
                part.begin(path, validator, length)?;
                self.receive_body(incoming, part, location, (length, length), filled)
            }
            RangeReply::Rest { end, length } => {
                let filled = self.first_bytes(&mut incoming, location)?;
                part.resume(from, length)?;
                self.receive_body(incoming, part, location, (Some(end), Some(length)), filled)
            }
            RangeReply::AnotherPart if part.begun(path).is_some() => {
                part.forget()?;
                Ok(Answer::Transferred(Transfer::Anew))
            }
            RangeReply::AnotherPart => {
                let message = format!(
                    "a part that was not asked for came from {location}: get the job again"
                );
                Err(Error::new(Code::HttpStatus, message).with_status(status))
            }
            RangeReply::Redirect => {
                let target = incoming.location();
                let heartbeat = Some(&*self.progress as &dyn Heartbeat);
                self.outcome.see(receive::refusal(incoming, heartbeat, LARGEST_REFUSAL));
                let target = target.ok_or_else(|| reply::refusal(status, location))?;
                location.follow(&target).map(Answer::Redirect)
            }
            RangeReply::Refusal(error) => {
                let heartbeat = Some(&*self.progress as &dyn Heartbeat);
                self.outcome.see(receive::refusal(incoming, heartbeat, LARGEST_REFUSAL));
                Err(error)
            }
        }
    }

    /// Receives the first bytes of a body into the buffer, before what is there of the file is given up for
    /// them: an empty body is none of an output.
    fn first_bytes(&mut self, incoming: &mut Incoming<'_>, location: &Location) -> Result<usize> {
        let room = self.buffer.try_reserve_exact(BUFFER - self.buffer.len());
        room.map_err(|cause| Error::system("hold what comes", &cause))?;
        self.buffer.resize(BUFFER, 0);
        match incoming.read(Some(&*self.progress), &mut self.buffer) {
            Ok(0) => {
                let message = format!("an empty file came from {location}: get the job again");
                Err(Error::new(Code::InvalidResponse, message))
            }
            read => read.map_err(|failure| Peer::Output(location).explain(failure)),
        }
    }

    /// Receives a body into the file. `end` is the file's length with it, `length` that of the whole
    /// file, where they are known; `filled` bytes are in the buffer already.
    fn receive_body(
        &mut self,
        mut incoming: Incoming<'_>,
        part: &mut Part,
        location: &Location,
        (end, length): (Option<u64>, Option<u64>),
        filled: usize,
    ) -> Result<Answer> {
        let cannot_be_whole = incoming.is_close_delimited() && !location.is_https();
        self.copy(&mut incoming, part, location, length, filled)?;
        let there = part.length();
        if cannot_be_whole || end.is_some_and(|end| end != there) {
            let message =
                "the end of the body cannot be told from a connection that broke: try again";
            return Err(Error::new(Code::ConnectionLost, message));
        }
        if length.is_some_and(|length| there < length) {
            return Ok(Answer::Transferred(Transfer::Partial));
        }
        self.progress.report(there, Some(there))?;
        Ok(Answer::Transferred(Transfer::Whole { length: there }))
    }

    /// Copies a body to the end of the file.
    fn copy(
        &mut self,
        incoming: &mut Incoming<'_>,
        part: &mut Part,
        location: &Location,
        length: Option<u64>,
        mut filled: usize,
    ) -> Result<()> {
        self.progress.report(part.length(), length)?;
        let mut end = None;
        loop {
            let is_due = self.progress.is_due();
            if end.is_some() || filled == BUFFER || is_due {
                let before = part.length();
                let written = part.write(self.buffer.get(..filled).unwrap_or_default());
                self.outcome.add_written(part.length() - before);
                self.progress.set(part.length(), length);
                written?;
                filled = 0;
            }
            if let Some(end) = end {
                return end;
            }
            if is_due {
                self.progress.report(part.length(), length)?;
            }
            self.progress.set(part.length() + filled as u64, length);
            let room = self.buffer.get_mut(filled..).unwrap_or_default();
            match incoming.read(Some(&*self.progress), room) {
                Ok(0) => end = Some(Ok(())),
                Ok(count) => filled += count,
                Err(failure) => end = Some(Err(Peer::Output(location).explain(failure))),
            }
        }
    }
}

/// Refuses a reply that is none of an output, though its status says so.
fn check_head(incoming: &Incoming<'_>, location: &Location) -> Result<()> {
    let is_good = matches!(incoming.status(), 200 | 206);
    let media_type = incoming.header("content-type").unwrap_or_default();
    let media_type = media_type.split(';').next().unwrap_or_default().trim();
    let contradictory =
        ["content-range", "location"].into_iter().find(|name| incoming.is_contradictory(name));
    let flaw = if is_good && incoming.is_coded() {
        "is coded in a way that was not asked for: look for a proxy that does it".to_owned()
    } else if is_good && media_type.eq_ignore_ascii_case("text/html") {
        "is a web page: get the job again, and look for what stands in between".to_owned()
    } else if let Some(name) = contradictory {
        format!("has two {name} headers that differ: get the job again")
    } else {
        return Ok(());
    };
    Err(Error::new(Code::InvalidResponse, format!("what came from {location} {flaw}")))
}

/// The byte to begin with. Where the end may have been reached, the last byte is asked for once
/// more: a server has no way to send an empty part.
fn first_byte(part: &Part, path: &str) -> u64 {
    match part.begun(path) {
        Some((there, info)) if info.length.is_some_and(|length| there < length) => there,
        Some((there, _)) => there - 1,
        None => 0,
    }
}

/// The headers of a request. Neither the key nor an extra header is among them.
fn headers(part: &Part, path: &str, from: u64) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let (Some((_, info)), true) = (part.begun(path), from > 0) {
        let value = |text: &str| {
            let internal = |_| Error::internal("the request could not be put together");
            HeaderValue::from_str(text).map_err(internal)
        };
        headers.insert(RANGE, value(&format!("bytes={from}-"))?);
        headers.insert(IF_RANGE, value(info.validator.if_range())?);
    }
    Ok(headers)
}
