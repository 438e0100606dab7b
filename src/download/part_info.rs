//! The contents of `path.part.info`: what has to be known of a `.part` to resume it.

use std::fmt::Write as _;
use std::time::Duration;

/// The first line; another one is that of another program, or of another version.
const TITLE: &str = "pictory download 1";

/// The last line: without it the file was not written to its end.
const END: &str = "end";

/// A date is as good as an ETag only if nothing can have changed within it (RFC 9110, 8.8.2.2).
const SETTLED: Duration = Duration::from_secs(60);

/// The validator that names one version of a file, and goes into `If-Range` (RFC 9110, 13.1.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Validator {
    ETag(String),
    Modified(String),
}

impl Validator {
    /// Out of the headers of a reply, if they hold one that tells two versions apart to the byte.
    pub(super) fn read<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Option<Validator> {
        let text = |name: &str| header(name).map(str::trim).filter(|text| is_one_line(text));
        if let Some(etag) = text("etag") {
            let is_strong = etag.len() > 2 && etag.starts_with('"') && etag.ends_with('"');
            return is_strong.then(|| Validator::ETag(etag.to_owned()));
        }
        let (modified, date) = (text("last-modified")?, text("date")?);
        let since = httpdate::parse_http_date(date)
            .ok()?
            .duration_since(httpdate::parse_http_date(modified).ok()?)
            .ok()?;
        (since >= SETTLED).then(|| Validator::Modified(modified.to_owned()))
    }

    pub(super) fn if_range(&self) -> &str {
        match self {
            Validator::ETag(text) | Validator::Modified(text) => text,
        }
    }

    /// Whether a part that was sent for it is of this version: an ETag must be there, a date need
    /// not (RFC 9110, 15.3.7).
    pub(super) fn is_that_of<'a>(&self, header: impl Fn(&str) -> Option<&'a str>) -> bool {
        match self {
            Validator::ETag(etag) => header("etag").map(str::trim) == Some(etag),
            Validator::Modified(date) => header("last-modified").is_none_or(|d| d.trim() == date),
        }
    }
}

fn is_one_line(text: &str) -> bool {
    !text.is_empty() && text.len() <= 1024 && !text.chars().any(char::is_control)
}

/// The facts about the bytes in a `.part`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PartInfo {
    /// That of the URL; the rest of it may be signed anew.
    pub(super) path: String,
    pub(super) validator: Validator,
    /// The length of the whole file, where it is known.
    pub(super) length: Option<u64>,
    /// The bytes from the start that are on the disk whatever happens.
    pub(super) synced: u64,
    /// Which start of the system the bytes after them have not outlived yet.
    pub(super) boot: String,
}

impl PartInfo {
    pub(super) fn write(&self) -> String {
        let mut text = format!("{TITLE}\npath {}\n", self.path);
        let _ = match &self.validator {
            Validator::ETag(etag) => writeln!(text, "etag {etag}"),
            Validator::Modified(date) => writeln!(text, "modified {date}"),
        };
        if let Some(length) = self.length {
            let _ = writeln!(text, "length {length}");
        }
        let _ = write!(text, "synced {}\nboot {}\n{END}\n", self.synced, self.boot);
        text
    }

    /// `None` for anything but what [`PartInfo::write`] has written.
    pub(super) fn read(text: &[u8]) -> Option<PartInfo> {
        let text = std::str::from_utf8(text).ok()?;
        let mut lines = text.strip_suffix('\n')?.split('\n').peekable();
        let mut member = |name: &str| {
            let value = lines.peek()?.strip_prefix(name)?.strip_prefix(' ')?;
            lines.next();
            Some(value)
        };
        let title = member("pictory")?;
        let path = member("path")?.to_owned();
        let etag = member("etag").map(|etag| Validator::ETag(etag.to_owned()));
        let validator = match etag {
            Some(etag) => etag,
            None => Validator::Modified(member("modified")?.to_owned()),
        };
        let length = member("length").map(str::parse).transpose().ok()?;
        let synced = member("synced")?.parse().ok()?;
        let boot = member("boot")?.to_owned();
        let is_whole = lines.next() == Some(END) && lines.next().is_none();
        (is_whole && TITLE.strip_prefix("pictory ") == Some(title)).then_some(PartInfo {
            path,
            validator,
            length,
            synced,
            boot,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info() -> PartInfo {
        PartInfo {
            path: "/a/video.mp4".into(),
            validator: Validator::ETag("\"v 1\"".into()),
            length: Some(12),
            synced: 3,
            boot: "b-1".into(),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let others = PartInfo {
            validator: Validator::Modified("Wed, 01 Jan 2025 00:00:00 GMT".into()),
            length: None,
            boot: String::new(),
            ..info()
        };
        for info in [info(), others] {
            assert_eq!(PartInfo::read(info.write().as_bytes()), Some(info));
        }
    }

    #[test]
    fn what_was_cut_short_or_comes_from_elsewhere_is_not() {
        let whole = info().write();
        for end in 0..whole.len() {
            assert_eq!(PartInfo::read(&whole.as_bytes()[..end]), None, "{end}");
        }
        for other in [
            whole.replace("download 1", "download 2"),
            whole.replace("length 12", "length -1"),
            whole.replace("synced 3", "synced"),
            whole.clone() + "more\n",
            whole.replace("etag", "tag"),
        ] {
            assert_eq!(PartInfo::read(other.as_bytes()), None, "{other}");
        }
        assert_eq!(PartInfo::read(b"\xff"), None);
    }

    fn validator(headers: &[(&str, &'static str)]) -> Option<Validator> {
        Validator::read(|name| headers.iter().find(|(n, _)| *n == name).map(|(_, value)| *value))
    }

    #[test]
    fn only_what_tells_versions_apart_to_the_byte_is_a_validator() {
        let (old, new) = ("Wed, 01 Jan 2025 00:00:00 GMT", "Wed, 01 Jan 2025 00:01:00 GMT");
        let early = "Wed, 01 Jan 2025 00:00:59 GMT";
        assert_eq!(validator(&[("etag", "\"a\"")]), Some(Validator::ETag("\"a\"".into())));
        for etag in ["W/\"a\"", "\"\"", "a", "", "\"a\nb\""] {
            let headers = [("etag", etag), ("last-modified", old)];
            assert_eq!(validator(&headers), None, "{etag}");
        }
        let dates = [("last-modified", old), ("date", new)];
        assert_eq!(validator(&dates), Some(Validator::Modified(old.into())));
        assert_eq!(validator(&[("last-modified", old), ("date", early)]), None);
        assert_eq!(validator(&[("last-modified", old)]), None);
        assert_eq!(validator(&[]), None);
    }

    #[test]
    fn a_part_of_another_version_is_recognised() {
        let etag = Validator::ETag("\"a\"".into());
        assert!(etag.is_that_of(|_| Some("\"a\"")));
        assert!(!etag.is_that_of(|_| Some("\"b\"")) && !etag.is_that_of(|_| None));
        let date = Validator::Modified("then".into());
        assert!(date.is_that_of(|_| None) && date.is_that_of(|_| Some("then")));
        assert!(!date.is_that_of(|_| Some("later")));
    }
}
