//! `no_proxy`, as curl reads it: the hosts that are reached without a proxy.

use std::net::IpAddr;

use crate::url::Endpoint;

/// Whether the list names the host. Commas or blanks separate its entries: `*`; names, which stand for
/// all below them too, with or without a leading `.` or `*.`; addresses, with or without brackets; ranges
/// of addresses such as `10.0.0.0/8`. With a port, each stands for that port alone.
pub(crate) fn is_exempt(list: &str, endpoint: &Endpoint) -> bool {
    let entries = list.split(|c: char| c == ',' || c.is_whitespace());
    entries.filter(|entry| !entry.is_empty()).any(|entry| names(entry, endpoint))
}

fn names(entry: &str, endpoint: &Endpoint) -> bool {
    if entry == "*" {
        return true;
    }
    let Some(Entry { host, bits, port }) = parse(entry) else { return false };
    if port.is_some_and(|port| port.parse() != Ok(endpoint.port)) {
        return false;
    }
    match endpoint.address() {
        Some(address) => names_address(host, bits, address),
        None => bits.is_none() && names_domain(host, &endpoint.host),
    }
}

/// A name or an address, without brackets, and what may follow: `/bits` of a range, then `:port`.
struct Entry<'a> {
    host: &'a str,
    bits: Option<&'a str>,
    port: Option<&'a str>,
}

fn parse(entry: &str) -> Option<Entry<'_>> {
    let (host, rest) = match entry.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?,
        None => {
            let is_v6 = entry.matches(':').nth(1).is_some();
            let end = entry.find(|c| c == '/' || c == ':' && !is_v6);
            entry.split_at(end.unwrap_or(entry.len()))
        }
    };
    let (range, port) = rest.split_once(':').map_or((rest, None), |(r, port)| (r, Some(port)));
    let bits = if range.is_empty() { None } else { Some(range.strip_prefix('/')?) };
    Some(Entry { host, bits, port })
}

fn names_domain(entry: &str, host: &str) -> bool {
    let entry = entry.strip_prefix('*').unwrap_or(entry).trim_start_matches('.');
    let (domain, host) = (entry.trim_end_matches('.'), host.trim_end_matches('.'));
    let Some(start) = host.len().checked_sub(domain.len()) else { return false };
    let is_tail = host.get(start..).is_some_and(|tail| tail.eq_ignore_ascii_case(domain));
    let is_label = start == 0 || host.get(..start).is_some_and(|head| head.ends_with('.'));
    is_tail && is_label && !domain.is_empty()
}

fn names_address(network: &str, bits: Option<&str>, address: IpAddr) -> bool {
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

    fn exempt(list: &str, host: &str) -> bool {
        is_exempt(list, &Endpoint { host: host.to_owned(), port: 443 })
    }

    #[test]
    fn it_names_hosts_and_all_below_them() {
        for list in [
            "*",
            "other,*",
            "other, PICTORY.ai",
            "other\tpictory.ai",
            "other pictory.ai",
            ".pictory.ai",
            "*.pictory.ai",
            "pictory.ai.",
            "api.pictory.ai",
            "pictory.ai:443",
            "*.pictory.ai:443",
            ",,api.pictory.ai,",
        ] {
            assert!(exempt(list, "api.pictory.ai"), "{list}");
            assert!(exempt(list, "api.pictory.ai."), "{list}");
        }
        for list in [
            "",
            ".",
            "*.",
            "tory.ai",
            "*tory.ai",
            "pictory.ai/8",
            "x.api.pictory.ai",
            "pictory.ai:80",
            "pictory.ai:x",
            ":443",
        ] {
            assert!(!exempt(list, "api.pictory.ai"), "{list}");
        }
        assert!(exempt("*.pictory.ai", "pictory.ai"));
    }

    #[test]
    fn it_names_addresses_and_ranges() {
        for (list, host) in [
            ("10.0.0.0/8", "10.1.2.3"),
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3:443", "10.1.2.3"),
            ("::/0", "::2"),
            ("::2", "::2"),
            ("[::2]", "::2"),
            ("[::2]:443", "::2"),
            ("[fd00::]/8", "fd12::1"),
            ("fd00::/8", "fd12::1"),
            ("0.0.0.0/0", "10.1.2.3"),
            ("10.0.0.0/8:443", "10.1.2.3"),
            ("[fd00::]/8:443", "fd12::1"),
            ("*", "::2"),
        ] {
            assert!(exempt(list, host), "{list}");
        }
        for (list, host) in [
            ("10.0.0.0/8", "11.1.2.3"),
            ("10.0.0.0/33", "10.1.2.3"),
            ("10.1.2.3:80", "10.1.2.3"),
            ("::/0", "10.1.2.3"),
            ("[::2]:80", "::2"),
            ("[fd00::]/8", "fe80::1"),
            ("[fd00::]8", "fd00::"),
            ("[fd00::]/", "fd00::"),
            ("[::2", "::2"),
            ("2.3", "10.1.2.3"),
        ] {
            assert!(!exempt(list, host), "{list}");
        }
    }
}
