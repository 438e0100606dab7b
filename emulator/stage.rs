//! Plays the script: counts what was asked, and finds the answer.

use super::history::History;
use super::media::{self, Bytes, Wanted};
use super::page::Example;
use super::reply::{Draft, Message, Part, Reply, ending};
use super::request::{Request, authorized};
use super::script::{ConnectionFault, Media, Script};
use super::step::{Content, Step};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct State {
    script: Arc<Script>,
    jobs: HashMap<String, History>,
    media: HashMap<String, History>,
    connections: usize,
}

pub struct Stage {
    /// The base URL.
    base: String,
    state: Mutex<State>,
}

impl Stage {
    pub fn new(base: String) -> Stage {
        Stage { base, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Plays another script from its beginning.
    pub fn play(&self, script: Script) {
        *self.lock() = State { script: Arc::new(script), ..State::default() };
    }

    /// The fate of the connection that was just accepted.
    pub fn next_connection(&self) -> Option<ConnectionFault> {
        let mut state = self.lock();
        let n = state.connections;
        state.connections += 1;
        state.script.connection(n)
    }

    pub fn answer(&self, request: &Request) -> Reply {
        match (request.job_id.as_deref(), request.media_name()) {
            _ if request.method != "GET" && request.method != "HEAD" => not_found(request),
            (Some(id), _) => self.job(request, id),
            (None, Some(name)) => self.media(request, name),
            (None, None) => not_found(request),
        }
    }

    fn job(&self, request: &Request, id: &str) -> Reply {
        let mut state = self.lock();
        let script = Arc::clone(&state.script);
        if !authorized(request, script.api_key.as_deref()) {
            drop(state);
            return example(request, &Step::usual(), Example::Unauthorized, id);
        }
        let key = id.to_ascii_lowercase();
        let step = script.job(&key, state.jobs.entry(key.clone()).or_default());
        drop(state);
        self.reply(request, &script, &step, || example(request, &step, Example::InProgress, id))
    }

    fn media(&self, request: &Request, name: &str) -> Reply {
        let mut state = self.lock();
        let script = Arc::clone(&state.script);
        let Some(media) = script.media(name) else {
            drop(state);
            return not_found(request);
        };
        let history = state.media.entry(name.to_owned()).or_default();
        let (step, sent) = (media.step(history), Arc::clone(&history.sent));
        drop(state);
        let reply = self.reply(request, &script, &step, || file(request, &step, name, media));
        Reply { sent: Some(sent), ..reply }
    }

    /// Answers as `step` says, and with the `usual` reply where it leaves that open.
    fn reply(
        &self,
        request: &Request,
        script: &Script,
        step: &Step,
        usual: impl FnOnce() -> Reply,
    ) -> Reply {
        match &step.content {
            Content::Usual => usual(),
            Content::Example(which) => {
                example(request, step, *which, request.job_id.as_deref().unwrap_or_default())
            }
            Content::Media(name) => match script.media(name) {
                Some(media) => file(request, step, name, media),
                None => not_found(request),
            },
            Content::Body(body) => bytes(request, step, body.clone()),
            Content::Json(text) => {
                bytes(request, step, text.replace("{base}", &self.base).into_bytes())
            }
            Content::Raw(bytes) => {
                let (ending, _) = ending(step, request, true);
                Reply::new(Message::raw(bytes.clone()), step, ending, "raw bytes".into())
            }
        }
    }
}

fn bytes(request: &Request, step: &Step, body: Vec<u8>) -> Reply {
    http(request, step, Draft { body: Part::Bytes(body), ..Draft::default() }, "")
}

fn not_found(request: &Request) -> Reply {
    let body = Part::Bytes(br#"{"message":"Not Found"}"#.to_vec());
    http(request, &Step::usual(), Draft { status: 404, body, ..Draft::default() }, "")
}

fn example(request: &Request, step: &Step, which: Example, id: &str) -> Reply {
    let body = Part::Bytes(which.body(id).into_bytes());
    http(request, step, Draft { status: which.status(), body, ..Draft::default() }, which.name())
}

/// A medium, or the part of it that was asked for.
fn file(request: &Request, step: &Step, name: &str, media: &Media) -> Reply {
    let bytes = Bytes::of(media.content.as_deref().unwrap_or(name));
    let mut headers = vec![("Content-Type", media.content_type.clone())];
    headers.extend(media.etag.clone().map(|etag| ("ETag", etag)));
    headers.extend(media.last_modified.clone().map(|date| ("Last-Modified", date)));
    headers.extend(media.ranges.then(|| ("Accept-Ranges", "bytes".to_string())));
    let size = media.size;
    let (status, range) = match wanted(request, media) {
        Wanted::Whole => (200, 0..size),
        Wanted::Part(first, last) => {
            headers.push(("Content-Range", format!("bytes {first}-{last}/{size}")));
            (206, first..last + 1)
        }
        Wanted::Unsatisfiable => {
            headers.push(("Content-Range", format!("bytes */{size}")));
            (416, 0..0)
        }
    };
    let note = format!("bytes {}..{} of {size}", range.start, range.end);
    let body = Part::Media { bytes, range };
    http(request, step, Draft { status, body, headers, ..Draft::default() }, &note)
}

fn wanted(request: &Request, media: &Media) -> Wanted {
    let unchanged = request.header("If-Range").is_none_or(|known| media::unchanged(known, media));
    match request.header("Range") {
        Some(range) if media.ranges && unchanged && request.method == "GET" => {
            media::wanted(range, media.size)
        }
        _ => Wanted::Whole,
    }
}

fn http(request: &Request, step: &Step, draft: Draft, note: &str) -> Reply {
    let (ending, announced) = ending(step, request, false);
    let status = step.status.unwrap_or(draft.status);
    let draft = Draft { head_only: request.method == "HEAD", ..draft };
    let summary = format!("{status} {note}");
    Reply::new(draft.build(step, announced), step, ending, summary.trim_end().into())
}
