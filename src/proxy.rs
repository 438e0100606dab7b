//! The proxy on the way to a host, and the hosts that are exempt from it.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;

use crate::error::Result;
use crate::secret::Secret;
use crate::url::{Endpoint, LONGEST, flaw, invalid};

/// The proxy of a client, and the hosts that are exempt from it.
#[derive(Debug, Clone)]
pub(crate) enum ProxyRule {
    Given(Option<Proxy>),
    FromEnvironment { proxy: Proxy, no_proxy: String },
}

impl ProxyRule {
    /// The proxy on the way to `endpoint`, if there is one.
    pub(crate) fn proxy_for(&self, endpoint: &Endpoint) -> Option<&Proxy> {
        match self {
            ProxyRule::Given(proxy) => proxy.as_ref(),
            ProxyRule::FromEnvironment { proxy, no_proxy } => {
                let is_exempt = endpoint.is_loopback() || is_exempt(no_proxy, endpoint);
                (!is_exempt).then_some(proxy)
            }
        }
    }

    /// The secrets of the proxy, which no message may hold.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        let proxy = match self {
            ProxyRule::Given(proxy) => proxy.as_ref(),
            ProxyRule::FromEnvironment { proxy, .. } => Some(proxy),
        };
        proxy.into_iter().flat_map(|proxy| proxy.password.iter().chain(&proxy.authorization))
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
