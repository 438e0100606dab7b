//! One step of a script: what one request is answered.

use super::page::Example;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The content of a reply, apart from how it goes out.
#[derive(Debug, PartialEq)]
pub enum Content {
    /// A job in progress, or the media asked for.
    Usual,
    Example(Example),
    /// A medium by its name, whatever was asked for.
    Media(String),
    Body(Vec<u8>),
    /// JSON, in which `{base}` stands for the base URL.
    Json(String),
    /// Instead of an HTTP reply.
    Raw(Vec<u8>),
}

/// The fault of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Cut,
    Reset,
    Stall,
}

/// Where it goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// After so many bytes of the reply.
    Reply(u64),
    /// After so many bytes of the body; negative: that many before its end.
    Body(i64),
}

/// The fate of the connection after a whole reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    Close,
    CloseSilently,
    Keep,
    Reset,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum Version {
    #[serde(rename = "1.0")]
    Http10,
    #[default]
    #[serde(rename = "1.1")]
    Http11,
}

/// How the end of the body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Length,
    Chunked,
    UntilClose,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dribble {
    pub bytes: usize,
    pub every: Duration,
}

pub type Headers = BTreeMap<String, Vec<String>>;

/// A step as the emulator uses it.
#[derive(Debug)]
pub struct Step {
    pub content: Content,
    pub status: Option<u16>,
    pub reason: Option<String>,
    pub headers: Headers,
    pub version: Version,
    pub framing: Framing,
    pub delay: Duration,
    pub fault: Option<(How, Where)>,
    pub dribble: Option<Dribble>,
    pub then: Option<Then>,
    pub idle_limit: Option<Duration>,
}

impl Step {
    /// A step that answers with one of the page's examples.
    pub fn example(example: Example) -> Step {
        let text = StepText { example: Some(example), ..StepText::default() };
        text.build().expect("a plain example is a valid step")
    }

    /// A step without any member.
    pub fn usual() -> Step {
        StepText::default().build().expect("an empty step is valid")
    }
}

/// The end of a step's turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// So many requests.
    Count(usize),
    /// So long after the first request for the job or file.
    Time(Duration),
    /// So many bytes of bodies, since that request.
    Bytes(u64),
}

/// The steps of one job or medium: the last one repeats for ever.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<StepText>")]
pub struct Steps(Vec<(Until, Arc<Step>)>);

impl Steps {
    /// A step by its place, and the end of its turn.
    pub fn get(&self, place: usize) -> (Arc<Step>, Until) {
        let (until, step) = self.0.get(place).or(self.0.last()).expect("steps are never empty");
        (Arc::clone(step), *until)
    }

    pub fn is_last(&self, place: usize) -> bool {
        place + 1 >= self.0.len()
    }

    /// The media that steps name.
    pub fn media(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|(_, step)| match &step.content {
            Content::Media(name) => Some(name.as_str()),
            _ => None,
        })
    }
}

impl TryFrom<Vec<StepText>> for Steps {
    type Error = String;

    fn try_from(texts: Vec<StepText>) -> Result<Steps, String> {
        if texts.is_empty() {
            return Err("a list of steps is empty".into());
        }
        let build = |text: StepText| Ok((text.until()?, Arc::new(text.build()?)));
        texts.into_iter().map(build).collect::<Result<_, String>>().map(Steps)
    }
}

/// A step as the script spells it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct StepText {
    example: Option<Example>,
    media: Option<String>,
    status: Option<u16>,
    reason: Option<String>,
    headers: BTreeMap<String, OneOrMany>,
    body: Option<Value>,
    body_hex: Option<String>,
    repeat: Option<usize>,
    until_ms: Option<u64>,
    until_bytes: Option<u64>,
    delay_ms: u64,
    chunked: bool,
    no_length: bool,
    http: Version,
    raw: Option<String>,
    raw_hex: Option<String>,
    cut_after: Option<u64>,
    reset_after: Option<u64>,
    stall_after: Option<u64>,
    cut_at_body: Option<i64>,
    reset_at_body: Option<i64>,
    stall_at_body: Option<i64>,
    dribble: Option<DribbleText>,
    then: Option<Then>,
    close_after_ms: Option<u64>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "a header's value must be a string or a list of strings")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DribbleText {
    bytes: usize,
    every_ms: u64,
}

impl StepText {
    fn build(self) -> Result<Step, String> {
        if self.status.is_some_and(|status| !(100..1000).contains(&status)) {
            return Err("`status` must have three digits".into());
        }
        let fault = self.fault()?;
        let content = self.content()?;
        let framing = match (self.chunked, self.no_length) {
            (true, true) => return Err("`chunked` and `no_length` exclude each other".into()),
            (true, false) => Framing::Chunked,
            (false, true) if self.then == Some(Then::Keep) => {
                return Err("with `no_length` the connection cannot be kept".into());
            }
            (false, true) => Framing::UntilClose,
            (false, false) => Framing::Length,
        };
        let dribble = match self.dribble {
            Some(DribbleText { bytes: 0, .. }) => {
                return Err("`dribble` must send at least 1 byte at a time".into());
            }
            Some(DribbleText { bytes, every_ms }) => {
                Some(Dribble { bytes, every: Duration::from_millis(every_ms) })
            }
            None => None,
        };
        let headers = self.headers.into_iter().map(|(name, values)| match values {
            OneOrMany::One(value) => (name, vec![value]),
            OneOrMany::Many(values) => (name, values),
        });
        Ok(Step {
            status: self.status,
            reason: self.reason,
            headers: headers.collect(),
            version: self.http,
            framing,
            delay: Duration::from_millis(self.delay_ms),
            fault,
            dribble,
            then: self.then,
            idle_limit: self.close_after_ms.map(|ms| Duration::from_millis(ms.max(1))),
            content,
        })
    }

    fn until(&self) -> Result<Until, String> {
        match (self.repeat, self.until_ms, self.until_bytes) {
            (Some(0), ..) => Err("`repeat` must be at least 1".into()),
            (None, Some(ms), None) => Ok(Until::Time(Duration::from_millis(ms))),
            (None, None, Some(bytes)) => Ok(Until::Bytes(bytes)),
            (count, None, None) => Ok(Until::Count(count.unwrap_or(1))),
            _ => Err("a step can have one of `repeat`, `until_ms`, `until_bytes`".into()),
        }
    }

    fn content(&self) -> Result<Content, String> {
        let all = [
            self.example.map(|example| Ok(Content::Example(example))),
            self.media.as_ref().map(|name| Ok(Content::Media(name.clone()))),
            self.body.as_ref().map(|body| Ok(body_content(body))),
            self.body_hex.as_ref().map(|hex| unhex(hex).map(Content::Body)),
            self.raw.as_ref().map(|raw| Ok(Content::Raw(raw.clone().into_bytes()))),
            self.raw_hex.as_ref().map(|hex| unhex(hex).map(Content::Raw)),
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (_, Some(_)) => Err(
                "a step can have one of `example`, `media`, `body`, `body_hex`, `raw`, `raw_hex`"
                    .into(),
            ),
            (Some(content), None) => content,
            (None, None) if self.status.is_some() => Ok(Content::Body(Vec::new())),
            (None, None) => Ok(Content::Usual),
        }
    }

    fn fault(&self) -> Result<Option<(How, Where)>, String> {
        let all = [
            self.cut_after.map(|n| (How::Cut, Where::Reply(n))),
            self.reset_after.map(|n| (How::Reset, Where::Reply(n))),
            self.stall_after.map(|n| (How::Stall, Where::Reply(n))),
            self.cut_at_body.map(|n| (How::Cut, Where::Body(n))),
            self.reset_at_body.map(|n| (How::Reset, Where::Body(n))),
            self.stall_at_body.map(|n| (How::Stall, Where::Body(n))),
        ];
        let mut given = all.into_iter().flatten();
        match (given.next(), given.next()) {
            (_, Some(_)) => Err("a step can have one of the cut, reset and stall members".into()),
            (fault, None) => Ok(fault),
        }
    }
}

/// A string is sent as it is, anything else as JSON.
fn body_content(body: &Value) -> Content {
    match body {
        Value::String(text) => Content::Body(text.clone().into_bytes()),
        json => Content::Json(json.to_string()),
    }
}

fn unhex(text: &str) -> Result<Vec<u8>, String> {
    let digit = |c: char| c.to_digit(16).map(|digit| digit as u8);
    let digits: Option<Vec<u8>> = text.chars().map(digit).collect();
    match digits.as_deref().map(<[u8]>::as_chunks::<2>) {
        Some((pairs, [])) => Ok(pairs.iter().map(|[high, low]| high << 4 | low).collect()),
        _ => Err(format!("`{text}` is not an even number of hexadecimal digits")),
    }
}
