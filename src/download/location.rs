//! Where an output is: a URL that may be a secret behind its `?`.

use std::fmt;

use http::Uri;
use http::uri::{Authority, Scheme};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::error::{Code, Error, Result};
use crate::text::quote;
use crate::url::{Endpoint, flaw};

/// Longer ones would not fit into a request with the rest of its head.
const LONGEST: usize = 8192;

/// Characters that URLs are seen with though they must not hold them. Control characters are refused
/// before.
const ENCODED: &AsciiSet = &CONTROLS.add(b' ').add(b'<').add(b'>').add(b'`');

/// A URL to download from: https, or http on this machine.
#[derive(Clone)]
pub(super) struct Location {
    uri: Uri,
    authority: Authority,
    is_https: bool,
}

impl Location {
    pub(super) fn parse(text: &str) -> Result<Location> {
        let refuse = |why: &str| {
            Err(Error::new(Code::InvalidUrl, format!("the output's URL {why}: get the job again")))
        };
        if text.len() > LONGEST {
            return refuse("is too long");
        }
        if text.chars().any(char::is_control) {
            return refuse("holds a line break or another control character");
        }
        let encoded = utf8_percent_encode(text, ENCODED).to_string();
        let Ok(uri) = encoded.parse::<Uri>() else {
            return refuse("cannot be parsed");
        };
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority().cloned()) else {
            return refuse("must begin with https:// and a host");
        };
        let is_https = *scheme == Scheme::HTTPS;
        if !is_https && *scheme != Scheme::HTTP {
            return refuse("must begin with https://");
        }
        if let Some(why) = flaw(&authority) {
            return refuse(why);
        }
        let location = Location { uri, authority, is_https };
        if !is_https && !Endpoint::of(&location.authority, 80).is_loopback() {
            return Err(Error::new(
                Code::InsecureUrl,
                format!(
                    "the output is at {location}: over plain http it is not fetched, since anybody \
                     on the way could change it"
                ),
            ));
        }
        Ok(location)
    }

    /// Where a redirect to `target` leads from here (RFC 3986, 5.2).
    pub(super) fn follow(&self, target: &str) -> Result<Location> {
        let target = target.trim().split('#').next().unwrap_or_default();
        let scheme = if self.is_https { "https" } else { "http" };
        let (target, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        let url = if has_scheme(target) {
            with_dots_resolved(target)
        } else if target.starts_with("//") {
            with_dots_resolved(&format!("{scheme}:{target}"))
        } else {
            let path = self.path();
            let folder = path.rfind('/').and_then(|end| path.get(..=end)).unwrap_or("/");
            let path = match target.chars().next() {
                None => path.to_owned(),
                Some('/') => without_dots(target),
                Some(_) => without_dots(&format!("{folder}{target}")),
            };
            format!("{scheme}://{}{path}", self.authority)
        };
        let next = Location::parse(&format!("{url}{query}"))?;
        // Plain http on this machine is for a host on this machine: nobody else may send there.
        match self.is_https && !next.is_https {
            true => Err(Error::new(
                Code::InsecureUrl,
                format!("{self} redirects to {next}, from https to plain http: get the job again"),
            )),
            false => Ok(next),
        }
    }

    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The path, which stays when the URL is signed anew.
    pub(super) fn path(&self) -> &str {
        self.uri.path()
    }

    pub(super) fn is_https(&self) -> bool {
        self.is_https
    }
}

/// Without the query, which may let its reader in.
impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, quote(self.path()))
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn has_scheme(target: &str) -> bool {
    let scheme = target.split(['/', '?']).next().unwrap_or_default();
    let Some((scheme, _)) = scheme.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// An absolute URL without a query, whose path is without `.` and `..`.
fn with_dots_resolved(url: &str) -> String {
    let host = url.find("//").map_or(url.len(), |slashes| slashes + 2);
    let slash = url.get(host..).and_then(|rest| rest.find('/'));
    match slash.and_then(|slash| url.split_at_checked(host + slash)) {
        Some((start, path)) => format!("{start}{}", without_dots(path)),
        None => url.to_owned(),
    }
}

/// A path without `.` and `..` (RFC 3986, 5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_in_folder = false;
    for part in path.split('/').skip(1) {
        ends_in_folder = matches!(part, "." | "..");
        match part {
            "." => {}
            ".." => drop(kept.pop()),
            part => kept.push(part),
        }
    }
    let slash = if ends_in_folder && !kept.is_empty() { "/" } else { "" };
    format!("/{}{slash}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://cdn.example/a/b/video.mp4?Signature=hidden";

    fn code(url: &str) -> Code {
        let error = Location::parse(url).unwrap_err();
        assert!(!error.message.contains("hidden"), "{error}");
        error.code
    }

    #[test]
    fn https_is_asked_for_everywhere_but_on_this_machine() {
        assert!(Location::parse(BASE).is_ok());
        for url in ["http://127.0.0.1:80/v", "http://localhost/v?x=hidden", "http://[::1]:8080/v"] {
            assert!(!Location::parse(url).unwrap().is_https(), "{url}");
        }
        assert_eq!(code("http://cdn.example/v?x=hidden"), Code::InsecureUrl);
        assert_eq!(code("http://localhost.example/v"), Code::InsecureUrl);
    }

    #[test]
    fn what_is_no_url_is_refused_without_being_quoted() {
        for url in [
            "",
            "video.mp4?x=hidden",
            "ftp://cdn.example/v?x=hidden",
            "file:///etc/passwd",
            "https://",
            "https:///v?x=hidden",
            "https://user:hidden@cdn.example/v",
            "https://cdn.example:0/v",
            "https://cdn.example/a\r\nX: hidden",
            "https://cdn example/v?x=hidden",
            "https://münchen.example/v",
        ] {
            assert_eq!(code(url), Code::InvalidUrl, "{url}");
        }
        assert_eq!(code(&format!("https://cdn.example/{}", "a".repeat(9000))), Code::InvalidUrl);
    }

    #[test]
    fn a_query_is_sent_and_never_shown() {
        let location = Location::parse(BASE).unwrap();
        assert_eq!(location.uri().to_string(), BASE);
        assert_eq!(location.to_string(), "https://cdn.example/a/b/video.mp4");
        assert_eq!(format!("{location:?}"), location.to_string());
        assert_eq!(location.path(), "/a/b/video.mp4");
    }

    #[test]
    fn blanks_and_letters_beyond_ascii_are_encoded() {
        let location = Location::parse("https://cdn.example/My vidéo.mp4?a=b c").unwrap();
        assert_eq!(location.uri().to_string(), "https://cdn.example/My%20vid%C3%A9o.mp4?a=b%20c");
    }

    #[test]
    fn a_redirect_is_resolved_as_the_rfc_says() {
        let base = Location::parse(BASE).unwrap();
        for (target, url) in [
            ("https://other.example/x?y=z#part", "https://other.example/x?y=z"),
            ("HTTPS://other.example/x", "https://other.example/x"),
            ("https://other.example/a/../x/./y?z=/../", "https://other.example/x/y?z=/../"),
            ("https://other.example?y=z", "https://other.example/?y=z"),
            ("https://other.example?y=//a/..", "https://other.example/?y=//a/.."),
            ("//other.example/../x/..", "https://other.example/"),
            ("/a/../x?y", "https://cdn.example/x?y"),
            ("//other.example/x", "https://other.example/x"),
            ("/x?y", "https://cdn.example/x?y"),
            ("x.mp4?y=a/../b", "https://cdn.example/a/b/x.mp4?y=a/../b"),
            ("../x", "https://cdn.example/a/x"),
            ("./x/../../../../y", "https://cdn.example/y"),
            ("..", "https://cdn.example/a/"),
            ("?y=z", "https://cdn.example/a/b/video.mp4?y=z"),
            ("", "https://cdn.example/a/b/video.mp4"),
            ("x:y/z", ""),
            ("a/x:y", "https://cdn.example/a/b/a/x:y"),
            ("http://other.example/x", ""),
            ("http://127.0.0.1/x", ""),
            ("javascript:alert(1)", ""),
        ] {
            let followed = base.follow(target).map(|next| next.uri().to_string());
            assert_eq!(followed.unwrap_or_default(), url, "{target}");
        }
    }
}
