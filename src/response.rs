//! The meaning of a reply: the one place that knows the envelopes of the API.

use std::borrow::Cow;
use std::sync::Arc;

use crate::envelope::{Envelope, Scalar};
use crate::error::{Code, Error, Result};
use crate::job::{Job, JobId, Status};
use crate::json;
use crate::reply::Reply;
use crate::seconds;
use crate::text::{Text, Texts, quote};

/// The largest body that is read, in bytes.
pub(crate) const LARGEST_BODY: usize = 1 << 20;

/// Reads a body that the caller held already, such as a webhook's.
pub fn parse(body: &[u8]) -> (Arc<Reply>, Result<Job>) {
    if body.len() > LARGEST_BODY {
        return (Arc::new(Reply::new(0, Vec::new(), None, None)), Err(too_large()));
    }
    // With room for the NUL behind it, so that it is copied once.
    let mut copy = Vec::new();
    if let Err(cause) = copy.try_reserve_exact(body.len() + 1) {
        let reply = Arc::new(Reply::new(0, Vec::new(), None, None));
        return (reply, Err(Error::system("hold the body", &cause)));
    }
    copy.extend_from_slice(body);
    let reply = Arc::new(Reply::new(0, copy, None, None));
    let job = meaning(&reply, None);
    (reply, job)
}

/// The id that a body names, also where it reports an error.
pub(crate) fn id(reply: &Reply) -> Option<Text> {
    open(reply, |envelope| envelope.id().map(|id| Text::new(&id))).ok()?
}

/// Hands a reply's envelope to `read`.
fn open<T>(reply: &Reply, read: impl FnOnce(&Envelope<'_>) -> T) -> serde_json::Result<T> {
    let body = json::text(reply.body());
    let mut envelope = Envelope::default();
    let Err(cause) = envelope.fill(&body) else { return Ok(read(&envelope)) };
    let Some(mended) = json::mended(&body) else { return Err(cause) };
    let mut envelope = Envelope::default();
    envelope.fill(&mended).map(|()| read(&envelope))
}

/// Whether a reply with this status is meant to be about the job. Some proxies make 203 of 200.
pub(crate) fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Reads a reply to a request for `asked`. The HTTP status is looked at first.
pub(crate) fn read(reply: &Arc<Reply>, asked: &JobId) -> Result<Job> {
    if !is_success(reply.status()) {
        return Err(refusal(reply));
    }
    meaning(reply, Some(asked)).map_err(|error| match error.code {
        Code::InvalidResponse => not_the_api(error.message),
        _ => error,
    })
}

fn meaning(reply: &Arc<Reply>, asked: Option<&JobId>) -> Result<Job> {
    open(reply, |envelope| interpret(envelope, reply, asked))
        .unwrap_or_else(|cause| Err(invalid(flaw(reply, &cause))))
}

/// The flaw of a reply that is no JSON object.
fn flaw(reply: &Reply, cause: &serde_json::Error) -> String {
    let text = json::text(reply.body());
    let start: String = text.trim_start().chars().take(256).collect();
    let start = start.to_ascii_lowercase();
    if start.is_empty() {
        "the reply is empty".to_owned()
    } else if start.starts_with('<') && (start.contains("html") || !start.starts_with("<?xml")) {
        "the reply is a web page, such as the login page of a network in between".to_owned()
    } else {
        format!("the reply is not a JSON object (line {}, column {})", cause.line(), cause.column())
    }
}

fn interpret(envelope: &Envelope<'_>, reply: &Arc<Reply>, asked: Option<&JobId>) -> Result<Job> {
    if envelope.data_is_of_another_type() {
        return Err(invalid("the reply's 'data' is neither an object nor null"));
    }
    if let (Some(asked), Some(id)) = (asked, envelope.id())
        && !id.eq_ignore_ascii_case(asked.as_str())
    {
        return Err(invalid(format!("the reply is about another job: '{}'", quote(&id))));
    }
    let status = envelope.status().map_or(Status::Unknown, |text| Status::read(&text));
    if status == Status::Unknown && envelope.success() == Some(false) {
        return Err(api_error(envelope));
    }
    job(envelope, status, reply, asked)
}

/// The error of a body that is larger than the limit.
pub(crate) fn too_large() -> Error {
    invalid(format!("the reply is larger than {LARGEST_BODY} bytes, as none of the API's is"))
}

/// The error of a body in a coding that was not asked for.
pub(crate) fn coded() -> Error {
    not_the_api("the reply is coded in a way that was not asked for")
}

fn invalid(what: impl Into<String>) -> Error {
    Error::new(Code::InvalidResponse, what)
}

/// The error of a reply that is not the API's: the remedy is one for all of them.
pub(crate) fn not_the_api(what: impl std::fmt::Display) -> Error {
    invalid(format!("{what}: check that the base URL is Pictory's"))
}

/// The page's example has `"error_code": "5000"` and `"error_message": "JOB_NOT_FOUND"`.
fn api_error(envelope: &Envelope<'_>) -> Error {
    let code = envelope.error_code();
    let message = envelope.error_message();
    if code.as_deref() == Some("5000") || message.as_deref() == Some("JOB_NOT_FOUND") {
        return not_found();
    }
    let said = match (message, code) {
        (Some(message), Some(code)) => format!("{} ({})", quote(&message), quote(&code)),
        (Some(one), None) | (None, Some(one)) => quote(&one),
        (None, None) => "it gave no reason".to_owned(),
    };
    Error::new(Code::Api, format!("the API reported an error: {said}"))
}

fn not_found() -> Error {
    Error::new(
        Code::JobNotFound,
        "there is no such job: check the id, and that the API key belongs to the account that \
         made it",
    )
}

/// The error of a status other than success, whatever the body is.
fn refusal(reply: &Reply) -> Error {
    let status = reply.status();
    let error = match status {
        401 => Error::new(
            Code::Unauthorized,
            "the API key was refused (HTTP 401): check PICTORY_API_KEY, and pass it without \
             'Bearer'",
        ),
        403 => Error::new(
            Code::Forbidden,
            "the edge in front of the API refused the request (HTTP 403), which does not prove \
             the key wrong: check the User-Agent and the network",
        ),
        404 => not_found(),
        429 => Error::new(
            Code::RateLimited,
            "too many requests (HTTP 429): poll less often, every 10 to 30 seconds",
        ),
        500..=599 => {
            Error::new(Code::Server, format!("the server failed (HTTP {status}): try again later"))
        }
        300..=399 => Error::new(
            Code::HttpStatus,
            format!(
                "the server redirects (HTTP {status}), which is not followed since the API key \
                 goes to the base URL's host alone: check the base URL"
            ),
        ),
        _ => Error::new(
            Code::HttpStatus,
            format!("the server answered with HTTP {status}: check the base URL"),
        ),
    };
    let said = open(reply, |envelope| Some(quote(&envelope.reason()?)));
    match said.ok().flatten() {
        Some(said) => Error { message: format!("{}; it said: {said}", error.message), ..error },
        None => error,
    }
    .with_status(status)
}

fn job(
    envelope: &Envelope<'_>,
    status: Status,
    reply: &Arc<Reply>,
    asked: Option<&JobId>,
) -> Result<Job> {
    let data = &envelope.data;
    let text = Scalar::text;
    let id = envelope.id().or_else(|| asked.map(|id| Cow::Borrowed(id.as_str())));
    let duration = text(&data.duration);
    let texts = [
        id,
        text(&data.status),
        text(&data.url).or_else(|| text(&data.video_url)),
        duration.clone(),
        text(&data.thumbnail_image_url).or_else(|| text(&data.thumbnail)),
        text(&data.last_frame_image_url),
        text(&data.preview_image_url),
        text(&data.errors.code),
        text(&data.errors.message),
    ];
    let length = duration.or_else(|| text(&data.video_duration));
    let texts = Texts::new(texts.each_ref().map(Option::as_deref));
    Ok(Job {
        status,
        width: pixels(&data.width),
        height: pixels(&data.height),
        duration_seconds: length.and_then(|length| seconds::read(&length)),
        ai_credits_used: not_negative(&data.ai_credits_used),
        progress: not_negative(&data.render_progress).map(|percent| percent.min(100.0)),
        texts: texts.map_err(|cause| Error::system("hold the job", &cause))?,
        reply: Arc::clone(reply),
    })
}

/// In C, -1 stands for absent: a negative number must not be taken for that, nor the reverse.
fn not_negative(value: &Scalar<'_>) -> Option<f64> {
    value.number().filter(|number| *number >= 0.0)
}

fn pixels(value: &Scalar<'_>) -> u32 {
    let number = value.number().unwrap_or(0.0);
    // `as` saturates, and takes a negative number for 0.
    if number <= f64::from(u32::MAX) { number as u32 } else { 0 }
}

#[cfg(test)]
#[path = "response_tests.rs"]
mod tests;
