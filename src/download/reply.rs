//! The reply of an output's host, judged by status and headers.

use super::location::Location;
use super::part_info::{PartInfo, Validator};
use crate::error::{Code, Error};
use crate::text::digits;

/// The range that was asked of the host.
pub(super) struct RangeRequest<'a> {
    /// The first byte; 0: all of it.
    pub(super) from: u64,
    /// The facts about the bytes before it.
    pub(super) known: Option<&'a PartInfo>,
}

/// The use that the reply is of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RangeReply {
    /// The whole file, from the beginning.
    All { length: Option<u64>, validator: Option<Validator> },
    /// The range that was asked for, up to but without `end`, of `length` bytes in all.
    Rest { end: u64, length: u64 },
    /// A part that does not fit the bytes that are there: of no use.
    AnotherPart,
    /// The file is elsewhere, where the reply says.
    Redirect,
    /// No file.
    Refusal(Error),
}

/// Reads the head of a reply. `announced` is the length of its body.
pub(super) fn read<'a>(
    status: u16,
    header: impl Fn(&str) -> Option<&'a str>,
    announced: Option<u64>,
    asked: &RangeRequest<'_>,
    location: &Location,
) -> RangeReply {
    match status {
        200 => RangeReply::All { length: announced, validator: Validator::read(header) },
        206 => {
            let whole = || whole(&header, announced, asked);
            rest(&header, announced, asked).or_else(whole).unwrap_or(RangeReply::AnotherPart)
        }
        416 if asked.from > 0 => RangeReply::AnotherPart,
        301 | 302 | 303 | 307 | 308 => RangeReply::Redirect,
        _ => RangeReply::Refusal(refusal(status, location)),
    }
}

/// The rest that was asked for, if it is that of the same version.
fn rest<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    announced: Option<u64>,
    asked: &RangeRequest<'_>,
) -> Option<RangeReply> {
    let known = asked.known?;
    let (first, last, length) = content_range(header("content-range")?)?;
    let end = last.checked_add(1)?;
    let fits = first == asked.from
        && first <= last
        && end <= length
        && announced.is_none_or(|announced| announced == end - first)
        && known.length.is_none_or(|known| known == length)
        && known.validator.is_that_of(header);
    fits.then_some(RangeReply::Rest { end, length })
}

/// The whole file, as a part that nobody asked for.
fn whole<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    announced: Option<u64>,
    asked: &RangeRequest<'_>,
) -> Option<RangeReply> {
    let (first, last, length) = content_range(header("content-range")?)?;
    let is_whole = asked.from == 0
        && first == 0
        && last.checked_add(1) == Some(length)
        && announced.is_none_or(|announced| announced == length);
    is_whole.then(|| RangeReply::All { length: Some(length), validator: Validator::read(header) })
}

/// `bytes 5-9/10`; an unknown whole length (`*`) is of no use.
fn content_range(value: &str) -> Option<(u64, u64, u64)> {
    let (unit, rest) = value.trim().split_once(' ')?;
    let (range, length) = rest.trim().split_once('/')?;
    let (first, last) = range.split_once('-')?;
    unit.eq_ignore_ascii_case("bytes").then_some(())?;
    Some((digits(first)?, digits(last)?, digits(length)?))
}

pub(super) fn refusal(status: u16, location: &Location) -> Error {
    let (code, what) = match status {
        403 | 404 => (
            Code::OutputExpired,
            "the output is not there: get the job again, else start a new job",
        ),
        410 => (Code::OutputExpired, "the output is no longer there: start a new job"),
        429 => (Code::RateLimited, "too many requests: try again later"),
        500..=599 => (Code::Server, "the host of the output failed: try again later"),
        300..=399 => {
            (Code::HttpStatus, "the host of the output redirects to nowhere: get the job again")
        }
        _ => {
            (Code::HttpStatus, "the host of the output refused: get the job again for another URL")
        }
    };
    Error::new(code, format!("{what} (HTTP {status} for {location})")).with_status(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(length: Option<u64>) -> PartInfo {
        let validator = Validator::ETag("\"a\"".into());
        PartInfo { path: "/v".into(), validator, length, synced: 0, boot: String::new() }
    }

    fn answer(
        status: u16,
        headers: &[(&str, &'static str)],
        announced: Option<u64>,
        asked: &RangeRequest<'_>,
    ) -> RangeReply {
        let header = |name: &str| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| *v);
        let location = Location::parse("https://cdn.example/v?sig=hidden").unwrap();
        read(status, header, announced, asked, &location)
    }

    fn part(range: &'static str, etag: &'static str, announced: Option<u64>) -> RangeReply {
        let info = info(Some(10));
        let asked = RangeRequest { from: 4, known: Some(&info) };
        answer(206, &[("content-range", range), ("etag", etag)], announced, &asked)
    }

    #[test]
    fn the_rest_of_the_same_version_is_taken() {
        let rest = RangeReply::Rest { end: 10, length: 10 };
        assert_eq!(part("bytes 4-9/10", "\"a\"", Some(6)), rest);
        assert_eq!(part("bytes 4-9/10", "\"a\"", None), rest);
        assert_eq!(part("bytes 4-6/10", "\"a\"", None), RangeReply::Rest { end: 7, length: 10 });
    }

    #[test]
    fn a_part_that_does_not_fit_is_not() {
        for (range, etag, announced) in [
            ("bytes 5-9/10", "\"a\"", None),
            ("bytes 0-9/10", "\"a\"", None),
            ("bytes 4-9/10", "\"a\"", Some(5)),
            ("bytes 4-9/11", "\"a\"", None),
            ("bytes 4-9/*", "\"a\"", None),
            ("bytes 4-10/10", "\"a\"", None),
            ("bytes 4-3/10", "\"a\"", None),
            ("bytes 4-+9/10", "\"a\"", None),
            ("bytes 4-18446744073709551615/10", "\"a\"", None),
            ("items 4-9/10", "\"a\"", None),
            ("", "\"a\"", None),
            ("bytes 4-9/10", "\"b\"", None),
            ("bytes 4-9/10", "W/\"a\"", None),
            ("bytes 4-9/10", "", None),
        ] {
            assert_eq!(part(range, etag, announced), RangeReply::AnotherPart, "{range} {etag}");
        }
        let asked = RangeRequest { from: 0, known: None };
        let headers = [("content-range", "bytes 0-9/10")];
        let whole = RangeReply::All { length: Some(10), validator: None };
        assert_eq!(answer(206, &headers, None, &asked), whole);
        assert_eq!(answer(206, &headers, Some(10), &asked), whole);
        assert_eq!(answer(206, &headers, Some(9), &asked), RangeReply::AnotherPart);
        for range in ["bytes 1-9/10", "bytes 0-8/10", "bytes 0-9/*"] {
            let reply = answer(206, &[("content-range", range)], None, &asked);
            assert_eq!(reply, RangeReply::AnotherPart, "{range}");
        }
    }

    #[test]
    fn each_status_has_its_meaning() {
        let info = info(None);
        let asked = RangeRequest { from: 4, known: Some(&info) };
        for (status, code) in [
            (403, Code::OutputExpired),
            (404, Code::OutputExpired),
            (410, Code::OutputExpired),
            (429, Code::RateLimited),
            (500, Code::Server),
            (503, Code::Server),
            (400, Code::HttpStatus),
            (401, Code::HttpStatus),
            (204, Code::HttpStatus),
            (304, Code::HttpStatus),
        ] {
            let RangeReply::Refusal(error) = answer(status, &[], None, &asked) else { panic!() };
            assert_eq!((error.code, error.status), (code, status));
            assert!(!error.message.contains("hidden"), "{error}");
        }
        assert_eq!(answer(416, &[], None, &asked), RangeReply::AnotherPart);
        let whole = RangeRequest { from: 0, known: None };
        assert!(matches!(answer(416, &[], None, &whole), RangeReply::Refusal(_)));
        for status in [301, 302, 303, 307, 308] {
            assert_eq!(answer(status, &[], None, &asked), RangeReply::Redirect);
        }
    }
}
