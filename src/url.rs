//! URLs as this library takes them: where the API is, and a proxy on the way.

use std::net::IpAddr;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use http::uri::{Authority, Scheme};
use percent_encoding::percent_decode_str;
use rustls::pki_types::ServerName;
use zeroize::Zeroizing;

use crate::error::{Code, Error, Result};
use crate::secret::Secret;
use crate::text::quote;

/// Longer ones would not fit into the request.
const LONGEST: usize = 2048;

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
        let is_loopback = |address: IpAddr| address.is_loopback();
        self.address().map_or_else(|| self.host.eq_ignore_ascii_case("localhost"), is_loopback)
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
        let uri: Uri = match text.parse() {
            Ok(uri) => uri,
            Err(cause) => return refuse(&format!("'{}' cannot be parsed: {cause}", quote(text))),
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

/// A proxy that is asked to CONNECT.
#[derive(Debug, Clone)]
pub(crate) struct Proxy {
    pub(crate) endpoint: Endpoint,
    /// The value of `Proxy-Authorization`.
    pub(crate) authorization: Option<Secret>,
    /// The password alone, to be kept out of messages.
    pub(crate) password: Option<Secret>,
}

impl Proxy {
    /// The URL may hold a password, so that no message quotes it.
    pub(crate) fn parse(text: &str) -> Result<Proxy> {
        let refuse = |why: &str| Err(invalid("proxy URL", why));
        if text.len() > LONGEST {
            return refuse("is too long");
        }
        // Cut off before anything else sees it: a parser would keep a copy of the password.
        let (login, rest) = split_login(text);
        let Ok(uri) = rest.parse::<Uri>() else {
            return refuse("cannot be parsed: it must look like http://host:port");
        };
        let (Some("http"), Some(host)) = (uri.scheme_str(), uri.authority()) else {
            return refuse("must begin with http://: other kinds of proxy are not supported");
        };
        if let Some(why) = flaw(host) {
            return refuse(why);
        }
        let mut proxy =
            Proxy { endpoint: Endpoint::of(host, 80), authorization: None, password: None };
        if let Some(login) = login {
            let (user, password) = login.split_once(':').unwrap_or((login, ""));
            // Of its final size from the beginning: growing would leave copies behind.
            let plain = |text: &str| {
                let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
                bytes.extend(percent_decode_str(text));
                bytes
            };
            let (user, password) = (plain(user), plain(password));
            let login = Zeroizing::new([&user[..], b":", &password[..]].concat());
            let coded = Zeroizing::new(STANDARD.encode(&*login));
            proxy.authorization = Some(Secret::new(["Basic ", &coded].concat()));
            proxy.password = std::str::from_utf8(&password).ok().map(|p| Secret::new(p.to_owned()));
        }
        Ok(proxy)
    }
}

/// `http://login@rest` as `login` and `http://rest`.
fn split_login(url: &str) -> (Option<&str>, String) {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((login, host)) => (Some(login), format!("{scheme}://{host}{path}")),
        None => (None, url.to_owned()),
    }
}

fn invalid(what: &str, why: &str) -> Error {
    Error::new(Code::InvalidUrl, format!("the {what} {why}"))
}

/// What is wrong with the host part of a URL.
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

/// Whether `no_proxy` names the host: `*`, a name with all names below it, an address, or a range
/// of addresses such as `10.0.0.0/8`.
pub(crate) fn is_exempt(no_proxy: &str, endpoint: &Endpoint) -> bool {
    no_proxy.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if let Some(address) = endpoint.address() {
            return entry == "*" || names_address(entry, address);
        }
        let name = entry.trim_start_matches('.');
        let host = endpoint.host.trim_end_matches('.');
        let Some(start) = host.len().checked_sub(name.len()) else { return entry == "*" };
        let is_tail = host.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(name));
        let at_label = start == 0 || host.get(..start).is_some_and(|head| head.ends_with('.'));
        entry == "*" || (is_tail && at_label && !name.is_empty())
    })
}

fn names_address(entry: &str, address: IpAddr) -> bool {
    let (network, bits) = entry.split_once('/').map_or((entry, None), |(n, b)| (n, Some(b)));
    let network = network.trim_start_matches('[').trim_end_matches(']');
    let (network, address, width) = match (network.parse(), address) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(address)) => {
            (u128::from(u32::from(network)), u128::from(u32::from(address)), 32)
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(address)) => {
            (u128::from(network), u128::from(address), 128)
        }
        _ => return false,
    };
    match bits.map_or(Ok(width), str::parse::<u32>) {
        Ok(0) => true,
        Ok(bits) if bits <= width => (network ^ address) >> (width - bits) == 0,
        _ => false,
    }
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

    #[test]
    fn a_proxy_is_http_and_its_password_is_a_secret() {
        let proxy = Proxy::parse("http://user:p%40ss@proxy.example:3128").unwrap();
        assert_eq!(proxy.endpoint, Endpoint { host: "proxy.example".into(), port: 3128 });
        let value = proxy.authorization.as_ref().unwrap().header_value().unwrap();
        assert_eq!(value.as_bytes(), b"Basic dXNlcjpwQHNz");
        assert!(!format!("{proxy:?}").contains("p@ss"));
        assert_eq!(Proxy::parse("http://proxy.example").unwrap().endpoint.port, 80);
        assert_eq!(Proxy::parse("HTTP://[::1]:3128/").unwrap().endpoint.host, "::1");
        for text in
            ["socks5://proxy:1080", "https://proxy:3128", "proxy:3128", "http://", "http://a:b"]
        {
            assert_eq!(Proxy::parse(text).unwrap_err().code, Code::InvalidUrl, "{text}");
        }
    }

    #[test]
    fn no_proxy_names_hosts_domains_and_addresses() {
        let exempt = |list: &str, host: &str| {
            is_exempt(list, &Endpoint { host: host.to_owned(), port: 443 })
        };
        assert!(exempt("*", "api.pictory.ai"));
        assert!(exempt("other, PICTORY.ai", "api.pictory.ai"));
        assert!(exempt(".pictory.ai", "api.pictory.ai"));
        assert!(!exempt("tory.ai", "api.pictory.ai"));
        assert!(!exempt("", "api.pictory.ai") && !exempt(".", "api.pictory.ai"));
        assert!(exempt("10.0.0.0/8", "10.1.2.3") && !exempt("10.0.0.0/8", "11.1.2.3"));
        assert!(exempt("10.1.2.3", "10.1.2.3") && exempt("::/0", "::2"));
        assert!(!exempt("10.0.0.0/33", "10.1.2.3") && !exempt("::/0", "10.1.2.3"));
    }
}
