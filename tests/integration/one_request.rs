//! "One request" of the behaviour: what is sent, and over which connection.

use std::time::Duration;

use pictory::client::Client;
use pictory::error::Code;
use pictory::job::JobId;
use pictory::job::Status;
use serde_json::json;

use crate::emulator::{Emulator, Script};
use crate::support::*;

#[test]
fn the_request_is_what_the_api_asks_for() {
    let emulator = Emulator::start(Script::examples());
    let mut config = config(&format!("{}/", emulator.url()));
    config.set_header("X-Pictory-User-Id", Some("somebody")).unwrap();
    let outcome = get(&Client::new(&config).unwrap());
    assert_code(&outcome, Code::Ok);

    let request = &emulator.requests()[0];
    assert_eq!(request.method, "GET");
    assert_eq!(request.path, format!("/pictoryapis/v1/jobs/{ID}"));
    let mut headers: Vec<_> =
        request.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
    headers.sort();
    let agent = concat!("pictory-c/", env!("CARGO_PKG_VERSION"));
    let host = format!("127.0.0.1:{}", emulator.port());
    let expected = [
        ("accept", "application/json"),
        ("accept-encoding", "identity"),
        ("authorization", KEY),
        ("host", &host),
        ("user-agent", agent),
        ("x-pictory-user-id", "somebody"),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn the_user_agent_can_be_set_and_a_header_replaced_and_removed() {
    let emulator = Emulator::start(Script::examples());
    let mut config = config(&emulator.url());
    config.set_user_agent(Some("render-farm/7")).unwrap();
    config.set_header("X-One", Some("1")).unwrap();
    config.set_header("x-one", Some("2")).unwrap();
    config.set_header("X-Two", Some("2")).unwrap();
    config.set_header("x-two", None).unwrap();
    get(&Client::new(&config).unwrap());
    let request = &emulator.requests()[0];
    assert_eq!(request.header("User-Agent"), Some("render-farm/7"));
    assert_eq!(request.header("X-One"), Some("2"));
    assert_eq!(request.header("X-Two"), None);
}

#[test]
fn redirects_are_not_followed_and_the_key_goes_nowhere_else() {
    let other = Emulator::start(Script::examples());
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/v1/jobs/{ID}", other.url());
        let outcome = get_from(json!([{ "status": status, "headers": { "Location": location } }]));
        assert_code(&outcome, Code::HttpStatus);
        assert_eq!(outcome.reply().unwrap().status(), status);
    }
    assert_eq!(other.connections(), 0);
}

#[test]
fn plain_http_is_for_loopback_unless_it_is_allowed() {
    let mut config = config("http://api.example:8080/");
    assert_eq!(Client::new(&config).unwrap_err().code, Code::InsecureUrl);
    config.set_allow_http(true);
    assert!(Client::new(&config).is_ok());
    for loopback in ["http://127.8.7.6/", "http://[::1]:1/", "http://LOCALHOST/"] {
        assert!(Client::new(&crate::support::config(loopback)).is_ok(), "{loopback}");
    }
}

#[test]
fn a_reply_is_read_up_to_one_mebibyte() {
    let body = |length: usize| {
        let frame = r#"{"data":{"status":"completed","x":""}}"#.len();
        format!(r#"{{"data":{{"status":"completed","x":"{}"}}}}"#, "x".repeat(length - frame))
    };
    for framing in [json!({}), json!({ "chunked": true }), json!({ "no_length": true })] {
        for (length, code) in [(1 << 20, Code::Ok), ((1 << 20) + 1, Code::InvalidResponse)] {
            let mut step = framing.clone();
            step["body"] = body(length).into();
            let outcome = get_from(json!([step]));
            assert_code(&outcome, code);
            if code == Code::Ok {
                assert_eq!(outcome.reply().unwrap().body().len(), length);
            }
        }
    }
}

#[test]
fn the_status_of_a_refusal_counts_whatever_becomes_of_its_body() {
    let long = "x".repeat((1 << 20) + 1);
    for (step, length) in [
        (json!({ "body": long }), 1 << 20),
        (json!({ "body": long, "chunked": true }), 1 << 20),
        (json!({ "body": "<html>", "cut_at_body": 3 }), 3),
        (json!({ "body": "<html>", "chunked": true, "cut_at_body": 0 }), 0),
        (json!({ "body": "<html>", "stall_at_body": 3 }), 3),
    ] {
        for (status, code) in [(401, Code::Unauthorized), (429, Code::RateLimited)] {
            let mut step = step.clone();
            step["status"] = status.into();
            step["headers"] = json!({ "Retry-After": "600" });
            let emulator = Emulator::start(steps(json!([step])));
            let mut config = config(&emulator.url());
            config.set_request_timeout_ms(if length == 3 { 300 } else { 30_000 }).unwrap();
            let outcome = get(&Client::new(&config).unwrap());
            assert_code(&outcome, code);
            assert_eq!(outcome.reply().unwrap().body().len(), length);
            assert_eq!(outcome.retry_after(), Some(Duration::from_secs(600)));
        }
    }
}

#[test]
fn no_decompression_is_asked_for_or_done() {
    let outcome = get_from(json!([{ "headers": { "Content-Encoding": "gzip" }, "body": "{}" }]));
    assert_code(&outcome, Code::InvalidResponse);
    assert_eq!(outcome.reply().unwrap().body(), b"{}");
}

#[test]
fn garbage_in_place_of_http_and_endless_heads_are_an_invalid_response() {
    for raw in ["SSH-2.0-server\r\n\r\n", "HTTP/1.1 abc\r\n\r\n", "\0\0\0\0\r\n\r\n"] {
        assert_code(&get_from(json!([{ "raw": raw }])), Code::InvalidResponse);
    }
    let with_long_header = |length: usize| {
        get_from(json!([{ "headers": { "X-Long": "x".repeat(length) }, "body": "{}" }]))
    };
    assert_code(&with_long_header(60_000), Code::Ok);
    assert_code(&with_long_header(70_000), Code::InvalidResponse);
}

#[test]
fn interim_replies_are_passed_over() {
    let whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    for interim in ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"]
    {
        let outcome = get_from(json!([{ "raw": format!("{interim}{whole}") }]));
        assert_code(&outcome, Code::Ok);
        assert_eq!(outcome.reply().unwrap().body(), b"{}");
    }
}

#[test]
fn an_old_servers_reply_is_read() {
    for raw in ["HTTP/1.0 200 OK\r\n\r\n{}", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}"] {
        assert_code(&get_from(json!([{ "raw": raw }])), Code::Ok);
    }
}

#[test]
fn a_body_that_ends_early_is_a_lost_connection() {
    for fault in ["cut_at_body", "reset_at_body"] {
        for offset in [0, 1, -1] {
            for framing in ["chunked", "plain"] {
                let mut step = json!({ "example": "completed", fault: offset });
                if framing == "chunked" {
                    step["chunked"] = true.into();
                }
                let outcome = get_from(json!([step]));
                assert_code(&outcome, Code::ConnectionLost);
                assert!(outcome.job().is_none());
            }
        }
    }
}

#[test]
fn a_reset_is_not_the_end_of_a_body_without_length() {
    let step = json!([{ "example": "completed", "no_length": true, "reset_at_body": 400 }]);
    assert_code(&get_from(step), Code::ConnectionLost);
}

#[test]
fn a_body_without_length_is_whole_only_at_a_tls_close() {
    let whole = json!([{ "example": "completed", "no_length": true }]);
    let emulator = Emulator::start_tls(steps(whole));
    assert_code(&get(&tls_client(&emulator)), Code::Ok);
    let cut = json!([{ "body": "{}", "no_length": true, "cut_at_body": 2 }]);
    let emulator = Emulator::start_tls(steps(cut));
    assert_code(&get(&tls_client(&emulator)), Code::ConnectionLost);
}

#[test]
fn the_request_timeout_bounds_everything_to_the_last_byte() {
    let dribble = json!({ "bytes": 1, "every_ms": 20 });
    for step in [
        json!({ "stall_after": 0 }),
        json!({ "stall_after": 20 }),
        json!({ "stall_at_body": 5 }),
        json!({ "dribble": dribble }),
        json!({ "dribble": dribble, "chunked": true }),
    ] {
        for tls in [false, true] {
            let script = steps(json!([step]));
            let emulator = if tls { Emulator::start_tls(script) } else { Emulator::start(script) };
            let mut config = config(&emulator.url());
            if tls {
                config.set_ca_file(Some(emulator.ca_file())).unwrap();
            }
            config.set_request_timeout_ms(150).unwrap();
            let client = Client::new(&config).unwrap();
            let over = best_overrun(Duration::from_millis(150), || {
                assert_code(&get(&client), Code::Timeout);
            });
            assert!(over < Duration::from_millis(50), "{step}: {over:?}");
        }
    }
}

#[test]
fn the_connect_timeout_bounds_a_mute_handshake() {
    let connections = vec![json!("stall"); 5];
    let emulator = Emulator::start_tls(Script::from_value(json!({ "connections": connections })));
    let mut config = config(&emulator.url());
    config.set_ca_file(Some(emulator.ca_file())).unwrap();
    config.set_connect_timeout_ms(150).unwrap();
    let client = Client::new(&config).unwrap();
    let over = best_overrun(Duration::from_millis(150), || {
        assert_code(&get(&client), Code::Timeout);
    });
    assert!(over < Duration::from_millis(50), "{over:?}");
}

#[test]
fn a_port_where_nobody_listens_is_a_connect_error() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let client = Client::new(&config(&format!("http://127.0.0.1:{port}"))).unwrap();
    assert_code(&get(&client), Code::Connect);
    let client = Client::new(&config(&format!("http://localhost:{port}"))).unwrap();
    assert_code(&get(&client), Code::Connect);
}

#[test]
fn a_name_that_does_not_exist_is_a_resolve_error() {
    let client = Client::new(&config("https://no-such-host.invalid")).unwrap();
    assert_code(&get(&client), Code::Resolve);
}

#[test]
fn a_reply_that_names_the_job_in_another_case_is_the_same_job() {
    let id = ID.to_uppercase();
    let body = json!({ "job_id": ID, "data": { "status": "completed" } });
    let emulator = Emulator::start(steps(json!([{ "body": body }])));
    let outcome = client(&emulator).get(&JobId::parse(&id).unwrap(), None);
    assert_code(&outcome, Code::Ok);
    assert_eq!(outcome.job_id().unwrap().as_str(), id);
    assert_eq!(outcome.job().unwrap().status(), Status::Completed);
}

#[test]
fn what_the_server_calls_the_exchange_is_kept() {
    for name in ["x-amzn-requestid", "X-Request-Id", "CF-RAY"] {
        let outcome = get_from(json!([{ "status": 500, "headers": { name: "abc-1" } }]));
        assert_eq!(outcome.reply().unwrap().request_id().unwrap().as_str(), "abc-1");
    }
}

#[test]
fn a_coding_that_was_not_asked_for_is_refused_but_a_refusal_keeps_its_status() {
    for coding in ["gzip", "identity, br"] {
        let outcome = get_from(json!([{ "headers": { "Content-Encoding": coding } }]));
        assert_code(&outcome, Code::InvalidResponse);
        let refusal = json!([{ "status": 404, "headers": { "Content-Encoding": coding } }]);
        assert_code(&get_from(refusal), Code::JobNotFound);
    }
    assert_code(&get_from(json!([{ "headers": { "Content-Encoding": "identity" } }])), Code::Ok);
    let body = r#"{"data": {"status": "completed"}}"#;
    for (coding, code) in [
        ("gzip, chunked", Code::InvalidResponse),
        ("chunked; q=1", Code::InvalidResponse),
        ("\"chunked\"", Code::InvalidResponse),
        ("chunked, identity", Code::Ok),
    ] {
        let (head, size) = (format!("Transfer-Encoding: {coding}\r\n\r\n"), body.len());
        let raw = format!("HTTP/1.1 200 OK\r\n{head}{size:x}\r\n{body}\r\n0\r\n\r\n");
        assert_code(&get_from(json!([{ "raw": raw }])), code);
    }
}
