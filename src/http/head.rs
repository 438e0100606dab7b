//! The head of a reply: read by httparse, kept as it came.

use std::mem::MaybeUninit;

use httparse::{ParserConfig, Response, Status};

use super::error::{Error, Result};
use crate::text::digits;

/// The longest head that is read, in bytes.
pub(super) const LONGEST: usize = 16 * 1024;

const MOST_LINES: usize = 128;

/// The headers that anybody here asks for.
const NAMES: [&str; 13] = [
    "content-length",
    "transfer-encoding",
    "content-encoding",
    "connection",
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

/// The framing of a body: how its end is found (RFC 9112, 6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length(u64),
    Chunked,
    /// Close-delimited: by nothing but the end of the connection.
    CloseDelimited,
}

/// A head that has come whole.
#[derive(Debug)]
pub(super) struct Head {
    bytes: Box<[u8]>,
    /// Where the value of each of [`NAMES`] lies: the first that is not empty. An empty place is an
    /// absent header.
    places: [(u16, u16); NAMES.len()],
    pub(super) status: u16,
    pub(super) framing: Framing,
    /// Whether the body has a coding that was not asked for.
    pub(super) is_coded: bool,
    /// Whether the connection may serve another request after this reply.
    pub(super) keeps_alive: bool,
}

impl Head {
    /// Reads the head at the beginning of `input`, and tells its length: `None` if it is not whole
    /// yet.
    pub(super) fn read(input: &[u8]) -> Result<Option<(Head, usize)>> {
        let mut lines = [const { MaybeUninit::uninit() }; MOST_LINES];
        let mut reply = Response::new(&mut []);
        let parser = ParserConfig::default();
        let read = parser.parse_response_with_uninit_headers(&mut reply, input, &mut lines);
        let length = match read.map_err(not_http)? {
            Status::Complete(length) => length,
            Status::Partial => return Ok(None),
        };
        let mut places = [(0, 0); NAMES.len()];
        let mut said = FramingHeaders::default();
        for line in &*reply.headers {
            let of_name = |(name, _): &(&&str, _)| line.name.eq_ignore_ascii_case(name);
            let Some((name, place)) = NAMES.iter().zip(&mut places).find(of_name) else { continue };
            said.hear(name, line.value)?;
            if *place == (0, 0) && !line.value.is_empty() {
                // A value is a part of the input: the difference tells where it begins.
                let start = line.value.as_ptr() as usize - input.as_ptr() as usize;
                *place = (start as u16, (start + line.value.len()) as u16);
            }
        }
        let status = reply.code.filter(|status| *status >= 100);
        let status = status.ok_or_else(|| Error::not_http("status"))?;
        let framing = said.framing(status);
        let keeps_alive = status != 101 && said.keeps_alive(reply.version == Some(1), framing);
        let bytes = input.get(..length).unwrap_or_default().into();
        let is_coded = said.has_transfer_coding || said.has_content_coding;
        Ok(Some((Head { bytes, places, status, framing, is_coded, keeps_alive }, length)))
    }

    /// A header, if it is there and in UTF-8. `name` is one of [`NAMES`].
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let index = NAMES.iter().position(|known| *known == name);
        debug_assert!(index.is_some(), "{name} is not kept");
        let (start, end) = *self.places.get(index?)?;
        let value = self.bytes.get(usize::from(start)..usize::from(end))?;
        if value.is_empty() { None } else { std::str::from_utf8(value).ok() }
    }
}

/// The headers that frame the body and end or keep the connection.
#[derive(Default)]
struct FramingHeaders {
    length: Option<u64>,
    is_chunked: bool,
    /// Whether there is a transfer coding other than one `chunked`.
    has_transfer_coding: bool,
    has_content_coding: bool,
    closes: bool,
    keeps_alive: bool,
}

impl FramingHeaders {
    fn hear(&mut self, name: &str, value: &[u8]) -> Result<()> {
        let is = |word: &&[u8], wanted: &str| word.eq_ignore_ascii_case(wanted.as_bytes());
        let mut words = value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        match name {
            "content-length" => {
                let length = std::str::from_utf8(value)
                    .ok()
                    .and_then(digits)
                    .filter(|length| self.length.is_none_or(|before| before == *length))
                    .ok_or_else(|| not_http("Content-Length"))?;
                self.length = Some(length);
            }
            // Identity and empty members are none (RFC 9110, 5.6.1).
            "transfer-encoding" => {
                for coding in words.filter(|word| !word.is_empty() && !is(word, "identity")) {
                    let is_first = is(&coding, "chunked") && !self.is_chunked;
                    self.is_chunked |= is_first;
                    self.has_transfer_coding |= !is_first;
                }
            }
            "content-encoding" => {
                let is_coding = |word: &[u8]| !word.is_empty() && !is(&word, "identity");
                self.has_content_coding |= words.any(is_coding);
            }
            "connection" => {
                self.closes |= words.clone().any(|word| is(&word, "close"));
                self.keeps_alive |= words.any(|word| is(&word, "keep-alive"));
            }
            _ => {}
        }
        Ok(())
    }

    fn framing(&self, status: u16) -> Framing {
        match self.length {
            _ if matches!(status, 100..=199 | 204 | 304) => Framing::Length(0),
            _ if self.is_chunked => Framing::Chunked,
            Some(length) if !self.has_transfer_coding => Framing::Length(length),
            _ => Framing::CloseDelimited,
        }
    }

    /// Where there are both a length and a coding, the server and something in between may disagree
    /// about the end.
    fn keeps_alive(&self, is_http_11: bool, framing: Framing) -> bool {
        let is_plain = !self.is_chunked && !self.has_transfer_coding;
        let is_clear = is_plain || (self.length.is_none() && is_http_11);
        let is_asked = if is_http_11 { !self.closes } else { self.keeps_alive && !self.closes };
        is_clear && is_asked && framing != Framing::CloseDelimited
    }
}

/// The error of what is not HTTP; `flaw` says what is wrong with it.
pub(super) fn not_http(flaw: impl std::fmt::Display) -> Error {
    Error::not_http(flaw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(lines: &str) -> Result<Head> {
        let text = format!("{lines}\r\n\r\nbody");
        Head::read(text.as_bytes()).map(|read| {
            let (head, length) = read.unwrap();
            assert_eq!(length, text.len() - 4);
            head
        })
    }

    fn framed(lines: &str) -> (Framing, bool) {
        let head = head(&format!("HTTP/1.1 200 OK\r\n{lines}")).unwrap();
        (head.framing, head.keeps_alive)
    }

    #[test]
    fn headers_are_found_in_any_case_and_the_first_counts() {
        let head =
            head("HTTP/1.1 503 x\r\nETAG:\r\nRetry-AFTER:  7 \r\nretry-after: 8\r\nX: y").unwrap();
        assert_eq!(head.status, 503);
        assert_eq!(head.header("retry-after"), Some("7"));
        assert_eq!(head.header("etag"), None);
        assert_eq!(head.header("date"), None);
    }

    #[test]
    fn a_body_is_framed_as_the_rfc_says() {
        assert_eq!(framed("Content-Length: 5"), (Framing::Length(5), true));
        assert_eq!(framed("Content-Length: 5\r\nContent-Length: 5"), (Framing::Length(5), true));
        assert_eq!(framed("Transfer-Encoding: chunked"), (Framing::Chunked, true));
        assert_eq!(framed("Transfer-Encoding: gzip, Chunked"), (Framing::Chunked, true));
        assert_eq!(framed("Transfer-Encoding: gzip"), (Framing::CloseDelimited, false));
        assert_eq!(framed("X: y"), (Framing::CloseDelimited, false));
        let both = "Content-Length: 5\r\nTransfer-Encoding: chunked";
        assert_eq!(framed(both), (Framing::Chunked, false));
        for status in ["103 x", "204 x", "304 x"] {
            let head = head(&format!("HTTP/1.1 {status}\r\nContent-Length: 5")).unwrap();
            assert_eq!(head.framing, Framing::Length(0), "{status}");
        }
    }

    #[test]
    fn a_coding_that_was_not_asked_for_is_seen() {
        let is_coded = |lines: &str| head(&format!("HTTP/1.1 200 OK\r\n{lines}")).unwrap().is_coded;
        for coding in ["gzip", "gzip, chunked", "chunked; q=1", "\"chunked\"", "chunked, chunked"] {
            assert!(is_coded(&format!("Transfer-Encoding: {coding}")), "{coding}");
        }
        for coding in ["chunked", "Identity", "chunked,", ", chunked, identity"] {
            assert!(!is_coded(&format!("Transfer-Encoding: {coding}")), "{coding}");
        }
        assert!(is_coded("Content-Encoding: gzip") && is_coded("Content-Encoding: identity, br"));
        assert!(!is_coded("Content-Encoding: IDENTITY") && !is_coded("Content-Encoding:"));
        let both = "Content-Length: 5\r\nTransfer-Encoding: identity";
        assert_eq!(framed(both), (Framing::Length(5), true));
        assert_eq!(framed("Transfer-Encoding: chunked, identity"), (Framing::Chunked, true));
    }

    #[test]
    fn a_connection_is_kept_unless_somebody_ends_it() {
        let length = "Content-Length: 5\r\n";
        assert!(!framed(&format!("{length}Connection: x, Close")).1);
        let old =
            |more: &str| head(&format!("HTTP/1.0 200 OK\r\n{length}{more}")).unwrap().keeps_alive;
        assert!(!old("X: y") && old("Connection: Keep-Alive"));
    }

    #[test]
    fn what_is_not_http_is_refused() {
        for lines in [
            "HTTP/1.1 200 OK\r\nContent-Length: +5",
            "HTTP/1.1 200 OK\r\nContent-Length: 5, 6",
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6",
            "HTTP/1.1 200 OK\r\nContent-Length:",
            "HTTP/1.1 200 OK\r\n folded: x",
            "HTTP/2 200 OK",
            "HTTP/1.1 099 x",
            "SSH-2.0-x",
        ] {
            assert!(matches!(head(lines), Err(Error::NotHttp { .. })), "{lines}");
        }
        let many = "x: y\r\n".repeat(MOST_LINES + 1);
        assert!(head(&format!("HTTP/1.1 200 OK\r\n{many}x: y")).is_err());
        assert!(Head::read(b"HTTP/1.1 200 OK\r\nx").unwrap().is_none());
    }
}
