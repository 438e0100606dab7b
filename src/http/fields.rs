//! Header fields (RFC 9110, 5): lines, and what is kept of them.

use std::ops::Range;

use super::error::{Error, Result};

/// The headers that anybody here asks for.
pub(super) const WANTED: [&str; 10] = [
    "content-type",
    "retry-after",
    "date",
    "x-amzn-requestid",
    "x-request-id",
    "cf-ray",
    "etag",
    "last-modified",
    "content-range",
    "location",
];

/// The values of headers, one behind the other, and where each lies.
#[derive(Debug, Default)]
pub(super) struct Values {
    bytes: Vec<u8>,
    spans: Vec<(&'static str, Range<usize>)>,
}

impl Values {
    /// Keeps a value, if it is one of a wanted header and not empty.
    pub(super) fn add(&mut self, name: &[u8], value: &[u8]) {
        let is = |wanted: &&str| name.eq_ignore_ascii_case(wanted.as_bytes());
        if let (Some(name), false) = (WANTED.into_iter().find(is), value.is_empty()) {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(value);
            self.spans.push((name, start..self.bytes.len()));
        }
    }

    /// The values of a header. `name` is one of [`WANTED`].
    pub(super) fn of(&self, name: &str) -> impl Iterator<Item = &[u8]> {
        debug_assert!(WANTED.contains(&name), "{name} is not kept");
        let is_named = move |(found, _): &&(&str, Range<usize>)| *found == name;
        let value = |(_, span): &(&str, Range<usize>)| self.bytes.get(span.clone());
        self.spans.iter().filter(is_named).filter_map(value)
    }
}

fn members(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Whether a member of a list of codings codes nothing (RFC 9110, 5.6.1 and 8.4.1).
fn is_identity(member: &[u8]) -> bool {
    member.is_empty() || member.eq_ignore_ascii_case(b"identity")
}

/// A line without its line break, for which a line feed is enough in a head (RFC 9112, 2.2).
pub(super) fn without_break(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Refuses what cannot become a status line, without waiting for the rest of it.
pub(super) fn check_start(line: &[u8]) -> Result<()> {
    match line.iter().zip(b"HTTP/1.").all(|(is, wanted)| is == wanted) {
        true => Ok(()),
        false => Err(Error::not_http("it does not begin with HTTP/1.")),
    }
}

/// The name and the value of a header line or a trailer.
pub(super) fn field(line: &[u8]) -> Result<(&[u8], &[u8])> {
    let colon = line.iter().position(|byte| *byte == b':');
    let (name, value) = colon
        .and_then(|colon| line.split_at_checked(colon))
        .ok_or_else(|| Error::not_http("a header line without a colon"))?;
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    if name.is_empty() || !name.iter().all(is_token) {
        return Err(Error::not_http("the name of a header"));
    }
    if value.iter().any(|byte| byte.is_ascii_control() && *byte != b'\t') {
        return Err(Error::not_http("a control character in a header"));
    }
    Ok((name, value.get(1..).unwrap_or_default().trim_ascii()))
}

/// The codings that a head names.
#[derive(Debug, Default)]
pub(super) struct Codings {
    /// Whether there is a `Transfer-Encoding` that codes.
    pub(super) has_transfer: bool,
    pub(super) is_chunked: bool,
    pub(super) has_length: bool,
    /// Whether there is a coding other than one `chunked`.
    has_other: bool,
    /// Whether there is a `Transfer-Encoding` that names none.
    has_empty: bool,
}

impl Codings {
    pub(super) fn add_transfer(&mut self, value: &[u8]) {
        // What codes, but names no coding, may be framed in any way.
        self.has_empty |= members(value).next().is_none();
        for coding in members(value).filter(|coding| !is_identity(coding)) {
            let is_chunked = coding.eq_ignore_ascii_case(b"chunked");
            self.has_other |= !is_chunked || self.is_chunked;
            self.is_chunked |= is_chunked;
            self.has_transfer = true;
        }
    }

    /// Whether there is a coding that was not asked for.
    pub(super) fn is_foreign(&self) -> bool {
        self.has_other || (self.has_empty && !self.has_transfer && !self.has_length)
    }

    pub(super) fn add_content(&mut self, value: &[u8]) {
        self.has_other |= !members(value).all(is_identity);
    }
}
