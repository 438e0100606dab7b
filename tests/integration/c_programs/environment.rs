//! What a client takes from the environment.

use super::{KEY, Program, completed};
use crate::downloads::{NAME, Shop};
use crate::emulator::{Emulator, Proxy, ProxyFault, ProxyScript};
use pictory::error::Code;
use serde_json::json;
use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;

/// A proxy whose tunnels all end at the emulator.
fn proxy_to(emulator: &Emulator) -> Proxy {
    let to = Some(SocketAddr::from((Ipv4Addr::LOCALHOST, emulator.port())));
    Proxy::start(ProxyScript { to, ..ProxyScript::default() })
}

/// A base URL whose host is not loopback by its name.
fn by_name(emulator: &Emulator) -> String {
    format!("http://api.example:{}/pictoryapis", emulator.port())
}

/// Runs a get by name with `variable` naming the proxy; says whether it went through that.
fn goes_through_a_proxy(case: &'static str, variable: &str, others: &[(&str, &str)]) -> bool {
    let emulator = completed();
    let proxy = proxy_to(&emulator);
    let program = Program::new("environment", case)
        .against(&emulator)
        .with("PICTORY_API_BASE_URL", by_name(&emulator))
        .with(variable, proxy.url());
    others.iter().fold(program, |program, (name, value)| program.with(name, value)).run();
    assert_eq!(emulator.requests().len(), 1);
    let requests = proxy.requests();
    for request in &requests {
        assert_eq!(request.method, "CONNECT");
        assert_eq!(request.target, format!("api.example:{}", emulator.port()));
        assert_eq!(request.header("Authorization"), None, "the proxy must not see the key");
    }
    requests.len() == 1
}

#[test]
fn key_and_base_url_come_from_the_environment() {
    for case in ["get_without_a_configuration", "get_with_a_configuration"] {
        let emulator = completed();
        Program::new("environment", case).against(&emulator).run();
        let requests = emulator.requests();
        assert_eq!(requests.len(), 1);
        assert_eq!(requests[0].header("Authorization"), Some(KEY));
        assert!(requests[0].path.starts_with("/pictoryapis/v1/jobs/"), "{}", requests[0].path);
    }
}

fn is_refused(case: &'static str, variable: &str, value: impl AsRef<OsStr>) {
    let emulator = completed();
    Program::new("environment", case)
        .against(&emulator)
        .with(variable, value)
        .with("PICTORY_TEST_URL", emulator.url())
        .run();
    let requests = emulator.requests();
    assert_eq!(requests.len(), 1, "only the setter's values may be used");
    assert_eq!(requests[0].header("Authorization"), Some("pictai_other"));
}

#[test]
fn a_refused_key_of_the_environment_is_reported_by_the_client_unless_replaced() {
    is_refused("key_refused", "PICTORY_API_KEY", "Bearer pictai_x");
    is_refused("key_refused", "PICTORY_API_KEY", OsStr::from_bytes(b"\xff\xfe"));
}

#[test]
fn an_empty_key_of_the_environment_is_unset() {
    is_refused("key_refused", "PICTORY_API_KEY", "");
}

#[test]
fn a_refused_url_of_the_environment_is_reported_by_the_client_unless_replaced() {
    is_refused("url_refused", "PICTORY_API_BASE_URL", "api.example");
    is_refused("url_refused", "PICTORY_API_BASE_URL", OsStr::from_bytes(b"https://\xff"));
}

#[test]
fn a_proxy_of_another_kind_is_the_error_of_the_calls_that_would_use_it() {
    for (url, names) in [
        ("http://api.example/", &["http_proxy", "all_proxy", "ALL_PROXY"][..]),
        ("https://api.example/", &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
    ] {
        for name in names {
            for value in [
                OsStr::new("socks5://127.0.0.1:1"),
                OsStr::new("https://127.0.0.1:1"),
                OsStr::new("http://u:p/w@127.0.0.1:1"),
                OsStr::from_bytes(b"http://\xff"),
            ] {
                Program::new("environment", "get_ends_as_told")
                    .with("PICTORY_API_KEY", KEY)
                    .with("PICTORY_API_BASE_URL", url)
                    .with(name, value)
                    .with("PICTORY_TEST_CODE", "PICTORY_ERROR_INVALID_URL")
                    .with("PICTORY_TEST_WORDS", name)
                    .run();
            }
        }
    }
}

#[test]
fn a_proxy_of_another_kind_does_not_matter_to_calls_that_would_not_use_it() {
    for others in [
        &[("all_proxy", "socks5://127.0.0.1:1"), ("no_proxy", "*")][..],
        &[("all_proxy", "socks5://127.0.0.1:1"), ("no_proxy", "x, *.example")],
        &[("https_proxy", "socks5://127.0.0.1:1")],
    ] {
        assert!(!goes_through_a_proxy("get_by_name", "UNUSED", others), "{others:?}");
    }
    let emulator = completed();
    Program::new("environment", "get_with_a_configuration")
        .against(&emulator)
        .with("all_proxy", "socks5://127.0.0.1:1")
        .run();
}

/// A get of an https URL by name, through what the variables say; nobody has a certificate for it.
fn https_get_ends(variables: &[(&str, &str)], code: &str) {
    let program = Program::new("environment", "get_ends_as_told")
        .with("PICTORY_API_KEY", KEY)
        .with("PICTORY_API_BASE_URL", "https://[fd00::1]/")
        .with("PICTORY_TEST_CODE", code)
        .with("PICTORY_TEST_WORDS", "");
    variables.iter().fold(program, |program, (name, value)| program.with(name, value)).run();
}

#[test]
fn https_goes_through_the_https_proxy_and_not_through_the_http_proxy() {
    // It refuses for good, so that it is seen to have been asked.
    let refusal = ProxyScript { status: 403, ..ProxyScript::default() };
    let (secure, plain) = (Proxy::start(refusal.clone()), Proxy::start(refusal));
    let (at_secure, at_plain) = (secure.url(), plain.url());
    // Without a scheme.
    let at_secure = at_secure.strip_prefix("http://").unwrap();
    let both = [("https_proxy", at_secure), ("http_proxy", &at_plain)];
    https_get_ends(&both, "PICTORY_ERROR_PROXY");
    assert_eq!((secure.requests().len(), plain.connections()), (1, 0));
    let all = [("ALL_PROXY", at_secure), ("http_proxy", &at_plain)];
    https_get_ends(&all, "PICTORY_ERROR_PROXY");
    assert_eq!((secure.requests().len(), plain.connections()), (2, 0));
}

#[test]
fn an_empty_url_of_the_environment_is_unset() {
    let emulator = completed();
    Program::new("environment", "an_empty_url_is_unset")
        .against(&emulator)
        .with("PICTORY_API_BASE_URL", "")
        .run();
}

#[test]
fn an_empty_configuration_reads_nothing_of_the_environment() {
    let emulator = completed();
    Program::new("environment", "an_empty_configuration_reads_nothing")
        .against(&emulator)
        .with("https_proxy", "socks5://127.0.0.1:1")
        .run();
}

#[test]
fn the_environments_proxies_are_used() {
    for name in ["all_proxy", "ALL_PROXY", "http_proxy"] {
        assert!(goes_through_a_proxy("get_by_name_through_a_proxy", name, &[]), "{name}");
    }
}

#[test]
fn http_proxy_in_capitals_and_the_proxy_of_https_are_not_for_http() {
    for name in ["HTTP_PROXY", "https_proxy", "HTTPS_PROXY"] {
        assert!(!goes_through_a_proxy("get_by_name", name, &[]), "{name}");
    }
}

#[test]
fn an_empty_proxy_variable_is_unset() {
    let empty = [("http_proxy", ""), ("all_proxy", "")];
    assert!(goes_through_a_proxy("get_by_name_through_a_proxy", "ALL_PROXY", &empty));
}

#[test]
fn no_proxy_exempts_a_host() {
    for list in
        [("no_proxy", "a.b,.example"), ("no_proxy", "a *.example"), ("NO_PROXY", "api.example.")]
    {
        assert!(!goes_through_a_proxy("get_by_name", "http_proxy", &[list]), "{list:?}");
    }
}

#[test]
fn a_null_proxy_is_none_whatever_the_environment_says() {
    assert!(!goes_through_a_proxy("get_with_the_proxy_taken_away", "http_proxy", &[]));
}

#[test]
fn loopback_never_goes_through_the_environments_proxy() {
    for host in ["127.0.0.1", "localhost"] {
        let emulator = completed();
        let proxy = proxy_to(&emulator);
        let url = format!("http://{host}:{}/pictoryapis", emulator.port());
        Program::new("environment", "get_with_a_configuration")
            .against(&emulator)
            .with("PICTORY_API_BASE_URL", url)
            .with("https_proxy", proxy.url())
            .with("http_proxy", proxy.url())
            .with("all_proxy", proxy.url())
            .run();
        assert_eq!((emulator.requests().len(), proxy.connections()), (1, 0), "{host}");
    }
}

#[test]
fn a_configured_proxy_is_asked_for_loopback_too() {
    let emulator = completed();
    let proxy = proxy_to(&emulator);
    Program::new("environment", "get_through_a_configured_proxy")
        .against(&emulator)
        .with("PICTORY_TEST_PROXY", proxy.url())
        .run();
    assert_eq!((emulator.requests().len(), proxy.requests().len()), (1, 1));
}

#[test]
fn no_proxy_of_other_networks_exempts_no_address() {
    for (url, no_proxy) in [
        ("http://10.1.2.3/", "192.168.0.0/16,fd00::/8,10.9.0.0/16,10.1.2.4,10.1.2.3/x"),
        ("http://[fd00::1]/", "10.0.0.0/8,[fd01::]/16,fd00::2"),
    ] {
        Program::new("environment", "get_fails_at_the_proxy")
            .with("PICTORY_API_KEY", KEY)
            .with("PICTORY_API_BASE_URL", url)
            .with("http_proxy", "http://127.0.0.1:1")
            .with("no_proxy", no_proxy)
            .run();
    }
}

#[test]
fn a_proxy_that_refuses_or_does_not_speak_http_is_a_proxy_error() {
    for (status, fault) in [
        (407, ProxyFault::None),
        (403, ProxyFault::None),
        (502, ProxyFault::None),
        (200, ProxyFault::Garbage),
        (200, ProxyFault::CloseBeforeAnswer),
    ] {
        let proxy = Proxy::start(ProxyScript { status, fault, ..ProxyScript::default() });
        Program::new("environment", "get_fails_at_the_proxy")
            .with("PICTORY_API_KEY", KEY)
            .with("PICTORY_API_BASE_URL", "http://[fd00::1]/")
            .with("http_proxy", proxy.url())
            .run();
    }
}

/// A download of `url` that ends so.
fn download(shop: &Shop, url: &str, code: Code) -> Program {
    Program::new("download_ends", "it_ends_as_told")
        .against(&shop.emulator)
        .with("PICTORY_TEST_URL", url)
        .with("PICTORY_TEST_PATH", shop.path())
        .with("PICTORY_TEST_CODE", (code as i32).to_string())
        .with("PICTORY_TEST_RETRIES", "5")
}

#[test]
fn a_download_goes_through_the_environments_proxy_unless_it_is_from_this_machine() {
    let shop = Shop::new(json!({ "size": 1000, "steps": [{}] }));
    let elsewhere = "https://output.example/video.mp4?signed=hidden";
    let proxy = Proxy::start(ProxyScript { status: 403, ..ProxyScript::default() });
    download(&shop, elsewhere, Code::Proxy).with("all_proxy", proxy.url()).run();
    let targets: Vec<_> = proxy.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["output.example:443"]);
    let of_another_kind = "socks5://hidden:hidden@127.0.0.1:1";
    download(&shop, elsewhere, Code::InvalidUrl).with("all_proxy", of_another_kind).run();
    download(&shop, &shop.url(NAME), Code::Ok).with("all_proxy", of_another_kind).run();
    shop.assert_whole(1000);
}
