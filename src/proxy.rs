//! The proxy on the way to a host, and the hosts that are exempt from it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::no_proxy::is_exempt;
use crate::secret::Secret;
use crate::url::{Endpoint, LONGEST, Origin, flaw, invalid};

/// The proxies of a client.
#[derive(Debug, Clone)]
pub(crate) enum ProxyRule {
    Given(Option<Proxy>),
    FromEnvironment(Box<EnvironmentProxies>),
}

/// The proxies that the environment names. One that cannot be used is the error of the requests that
/// would use it, and of no other.
#[derive(Debug, Clone)]
pub(crate) struct EnvironmentProxies {
    pub(crate) for_https: Option<Result<Proxy>>,
    pub(crate) for_http: Option<Result<Proxy>>,
    /// The hosts that are reached without a proxy.
    pub(crate) no_proxy: String,
}

impl ProxyRule {
    /// The proxy on the way to `origin`, if there is one.
    pub(crate) fn proxy_for(&self, origin: &Origin) -> Result<Option<&Proxy>> {
        let proxies = match self {
            ProxyRule::Given(proxy) => return Ok(proxy.as_ref()),
            ProxyRule::FromEnvironment(proxies) => proxies,
        };
        let proxy = if origin.is_https { &proxies.for_https } else { &proxies.for_http };
        let endpoint = &origin.endpoint;
        match proxy {
            Some(proxy) if !endpoint.is_loopback() && !is_exempt(&proxies.no_proxy, endpoint) => {
                proxy.as_ref().map(Some).map_err(Error::clone)
            }
            _ => Ok(None),
        }
    }

    /// The secrets of the proxies, which no message may hold.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let proxies = match self {
            ProxyRule::Given(proxy) => [proxy.as_ref(), None],
            ProxyRule::FromEnvironment(proxies) => {
                [&proxies.for_https, &proxies.for_http].map(|proxy| proxy.as_ref()?.as_ref().ok())
            }
        };
        let proxies = proxies.into_iter().flatten();
        proxies.flat_map(|proxy| proxy.password.iter().chain(&proxy.authorization))
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
    /// Parses `http://[user:password@]host[:port]`, or the same without a scheme. The URL may hold a
    /// password, so that no message quotes it.
    pub(crate) fn parse(text: &str) -> Result<Proxy> {
        let refuse = |why: &str| Err(invalid("proxy URL", why));
        if text.len() > LONGEST {
            return refuse("is too long");
        }
        if hides_its_host(text) {
            return refuse(
                "has a /, ? or # in its user name or password: write it as %2F, %3F or %23",
            );
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
            // A user name without a password is a token.
            let secret = if password.is_empty() { &user } else { &password };
            proxy.password = std::str::from_utf8(secret).ok().map(|p| Secret::new(p.to_owned()));
        }
        Ok(proxy)
    }
}

/// Whether a `/`, `?` or `#` in the user name or password ends the host's part of the URL too early:
/// host and password would change places.
fn hides_its_host(url: &str) -> bool {
    let (_, rest) = split_scheme(url);
    rest.split_once(['/', '?', '#']).is_some_and(|(_, behind)| behind.contains('@'))
}

/// `http://login@rest` as `login` and `http://rest`.
fn split_login(url: &str) -> (Option<&str>, String) {
    let (scheme, rest) = split_scheme(url);
    let (login, rest) = match rest.rsplit_once('@') {
        Some((login, rest)) => (Some(login), rest),
        None => (None, rest),
    };
    (login, format!("{scheme}://{rest}"))
}

/// The scheme, which is http where there is none, and what follows its `://`.
fn split_scheme(url: &str) -> (&str, &str) {
    // A `://` further behind is one of a password (RFC 3986, 3.1).
    let may_be_one = |scheme: &str| {
        scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    url.split_once("://").filter(|(scheme, _)| may_be_one(scheme)).unwrap_or(("http", url))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_proxy_is_http_and_its_password_is_a_secret() {
        let proxy = Proxy::parse("http://user:p%40ss@proxy.example:3128").unwrap();
        assert_eq!(proxy.endpoint, Endpoint { host: "proxy.example".into(), port: 3128 });
        let value = proxy.authorization.as_ref().unwrap().header_value().unwrap();
        assert_eq!(value.as_bytes(), b"Basic dXNlcjpwQHNz");
        assert!(!format!("{proxy:?}").contains("p@ss"));
        assert_eq!(Proxy::parse("http://proxy.example").unwrap().endpoint.port, 80);
        assert_eq!(Proxy::parse("HTTP://[::1]:3128/").unwrap().endpoint.host, "::1");
        for text in ["proxy:3128", "u:p@proxy:3128", "127.0.0.1:3128", "[::1]:3128/"] {
            assert_eq!(Proxy::parse(text).unwrap().endpoint.port, 3128, "{text}");
        }
        for text in [
            "socks5://proxy:1080",
            "https://proxy:3128",
            "http://",
            "http://a:b",
            "http://u:p@pro xy:3128",
            "http://u:se/cret@proxy:3128",
            "http://u:se?cret@proxy:3128",
            "u:se#cret@proxy:3128",
            "u:se://cret@proxy:3128",
            "http://u:se://cret@proxy:3128",
        ] {
            let error = Proxy::parse(text).unwrap_err();
            assert_eq!(error.code, Code::InvalidUrl, "{text}");
            assert!(!error.message.contains("cret"), "{error}");
            assert!(!text.contains("cret") || error.message.contains("%2F"), "{text}: {error}");
        }
    }

    fn origin(url: &str) -> Origin {
        Origin::of(&url.parse().unwrap()).unwrap()
    }

    #[test]
    fn the_environments_proxies_are_those_of_the_targets_scheme() {
        let proxies = EnvironmentProxies {
            for_https: Some(Proxy::parse("http://secure:1")),
            for_http: Some(Proxy::parse("socks5://plain:2")),
            no_proxy: "exempt.example".to_owned(),
        };
        let rule = ProxyRule::FromEnvironment(Box::new(proxies));
        let proxy = |url: &str| {
            rule.proxy_for(&origin(url)).map(|proxy| proxy.map(|proxy| proxy.endpoint.host.clone()))
        };
        assert_eq!(proxy("https://api.example/").unwrap().as_deref(), Some("secure"));
        assert_eq!(proxy("http://api.example/").unwrap_err().code, Code::InvalidUrl);
        for url in ["http://exempt.example/", "http://localhost/", "https://[::1]/"] {
            assert_eq!(proxy(url).unwrap(), None, "{url}");
        }
    }
}
