//! URLs as this library takes them: endpoints, origins, and where the API is.

use std::net::IpAddr;
use std::sync::Arc;

use http::Uri;
use http::uri::{Authority, Scheme};
use rustls::pki_types::ServerName;

use crate::error::{Code, Error, Result};

/// Longer ones would not fit into the request.
pub(crate) const LONGEST: usize = 2048;

/// A host and a port to connect to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Endpoint {
    /// A name, or an address without brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Endpoint {
    pub(crate) fn of(authority: &Authority, default_port: u16) -> Endpoint {
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        Endpoint { host: host.to_owned(), port: authority.port_u16().unwrap_or(default_port) }
    }

    pub(crate) fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }

    pub(crate) fn is_loopback(&self) -> bool {
        match self.address() {
            Some(address) => address.to_canonical().is_loopback(),
            None => self.host.trim_end_matches('.').eq_ignore_ascii_case("localhost"),
        }
    }
}

/// The server that a connection is to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) is_https: bool,
    /// Its host in lower case.
    pub(crate) endpoint: Endpoint,
}

impl Origin {
    /// `None` if there is no host.
    pub(crate) fn of(uri: &Uri) -> Option<Origin> {
        Some(Origin::at(uri.authority()?, uri.scheme() == Some(&Scheme::HTTPS)))
    }

    fn at(authority: &Authority, is_https: bool) -> Origin {
        let Endpoint { host, port } = Endpoint::of(authority, if is_https { 443 } else { 80 });
        Origin { is_https, endpoint: Endpoint { host: host.to_ascii_lowercase(), port } }
    }
}

/// Where the API is: scheme, host and the path before `/v1/jobs/`.
#[derive(Debug, Clone)]
pub(crate) struct BaseUrl {
    pub(crate) scheme: Scheme,
    pub(crate) authority: Authority,
    /// Without a slash at its end.
    pub(crate) path: String,
    pub(crate) origin: Arc<Origin>,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<BaseUrl> {
        let refuse = |why: &str| Err(invalid("base URL", why));
        if text.len() > LONGEST {
            return refuse("is too long");
        }
        if text.contains(['?', '#']) {
            return refuse("must not have a query or a fragment");
        }
        // Behind a slash in a password, the host would be a part of the path.
        if text.contains('@') {
            return refuse(
                "must not have a user name or password; an @ in its path is written as %40",
            );
        }
        // Not quoted: it may have a password in it, however it is separated.
        let uri: Uri = match text.parse() {
            Ok(uri) => uri,
            Err(cause) => {
                return refuse(&format!(
                    "cannot be parsed ({cause}): it must look like https://host/path"
                ));
            }
        };
        let parts = uri.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else {
            return refuse("must begin with https:// and a host");
        };
        let is_https = match scheme.as_str() {
            "https" => true,
            "http" => false,
            _ => return refuse("must begin with https://"),
        };
        if let Some(why) = flaw(&authority) {
            return refuse(why);
        }
        let path = parts.path_and_query.map(|path| path.path().trim_end_matches('/').to_owned());
        let origin = Arc::new(Origin::at(&authority, is_https));
        Ok(BaseUrl { scheme, authority, path: path.unwrap_or_default(), origin })
    }
}

pub(crate) fn invalid(what: &str, why: &str) -> Error {
    Error::new(Code::InvalidUrl, format!("the {what} {why}"))
}

/// The flaw of a URL's host part, if it has one.
pub(crate) fn flaw(authority: &Authority) -> Option<&'static str> {
    let text = authority.as_str();
    if text.contains('@') {
        return Some("must not have a user name or password");
    }
    let endpoint = Endpoint::of(authority, 1);
    if endpoint.host.is_empty() {
        return Some("must have a host");
    }
    let after_host = text.get(authority.host().len()..).unwrap_or_default();
    let port_is_sound = after_host.is_empty() || authority.port_u16().is_some_and(|port| port > 0);
    if !port_is_sound {
        return Some("has an invalid port");
    }
    if ServerName::try_from(endpoint.host.as_str()).is_err() {
        return Some("has an invalid host name: give an international name in its xn-- form");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        let error = BaseUrl::parse(text).unwrap_err();
        assert_eq!(error.code, Code::InvalidUrl, "{text}");
        error.message
    }

    #[test]
    fn a_trailing_slash_does_not_count() {
        for text in ["https://api.pictory.ai/pictoryapis", "https://api.pictory.ai/pictoryapis//"] {
            assert_eq!(BaseUrl::parse(text).unwrap().path, "/pictoryapis");
        }
        assert_eq!(BaseUrl::parse("https://api.pictory.ai").unwrap().path, "");
        assert!(BaseUrl::parse("HTTPS://API.Pictory.AI").unwrap().origin.is_https);
        let loopback = BaseUrl::parse("http://[::1]:8080/").unwrap();
        assert_eq!(loopback.origin.endpoint, Endpoint { host: "::1".into(), port: 8080 });
        assert!(loopback.origin.endpoint.is_loopback() && !loopback.origin.is_https);
    }

    #[test]
    fn a_base_url_that_cannot_be_used_is_refused_and_named() {
        for text in [
            "",
            "api.pictory.ai",
            "/pictoryapis",
            "ftp://api.pictory.ai",
            "https://",
            "https:///pictoryapis",
            "https://:443/",
            "https://user:secret@api.pictory.ai",
            // Before the slash: a host, a port.
            "https://user/secret@api.pictory.ai",
            "https://user:12/secret@api.pictory.ai",
            "https://api.pictory.ai:0/",
            "https://api.pictory.ai:99999/",
            "https://api.pictory.ai:x/",
            "https://api.pictory.ai/?a=b",
            "https://api.pictory.ai/#a",
            "https://api pictory.ai/",
            "https://api.pictory.ai\r\nX: y",
            "https://münchen.example/",
            "https://-.example/",
        ] {
            why(text);
        }
        why(&format!("https://{}", "a".repeat(LONGEST)));
        assert!(!why("https://user:secret@api.pictory.ai").contains("secret"));
    }
}
