//! Where downloads go, what they say there, and what they say of it.

use std::fs;
use std::sync::{Arc, Mutex};

use pictory::client::Client;
use pictory::error::Code;
use pictory::log::Level;
use pictory::outcome::Outcome;
use serde_json::{Value, json};

use crate::downloads::*;
use crate::emulator::{Emulator, Script};
use crate::support::*;

const SIZE: u64 = 5000;
const HEADER: &str = "a-header-value-to-hide";

/// A client that has all a host of outputs must not get.
fn full_client(emulator: &Emulator) -> Client {
    let mut config = config(&emulator.url());
    config.set_header("X-Secret", Some(HEADER)).unwrap();
    config.set_user_agent(Some("agent/1")).unwrap();
    Client::new(&config).unwrap()
}

/// An API whose job is there so, and a shop.
fn api(steps: Value) -> Emulator {
    Emulator::start(Script::from_value(json!({ "api_key": KEY, "default": steps })))
}

fn completed(url: &str) -> Value {
    json!({ "body": { "job_id": ID, "data": { "status": "completed", "url": url } } })
}

fn download(shop: &Shop, client: &Client, url: &str) -> Outcome {
    shop.download_by(client, &job(&json!({ "url": url })), VIDEO, quick(), None, None)
}

#[test]
fn neither_the_key_nor_an_extra_header_reaches_the_host_of_an_output() {
    let target = Shop::new(json!({ "size": SIZE, "steps": [{ "cut_at_body": 100 }, {}] }));
    let headers = json!({ "Location": target.url(NAME) });
    let steps = json!([{ "status": 302, "headers": headers }]);
    let shop = Shop::new(json!({ "size": 0, "steps": steps }));
    let api = api(json!([{ "example": "completed" }]));
    let client = full_client(&api);
    get(&client);
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, retries(1), None, None);
    assert_code(&outcome, Code::Ok);
    for emulator in [&shop.emulator, &target.emulator] {
        let raw = String::from_utf8(emulator.raw()).unwrap();
        assert!(!raw.contains(KEY) && !raw.contains(HEADER), "{raw}");
        assert!(!raw.to_lowercase().contains("authorization") && !raw.contains("X-Secret"));
        for request in emulator.requests() {
            assert_eq!(request.header("User-Agent"), Some("agent/1"));
            assert_eq!(request.header("Accept-Encoding"), Some("identity"));
        }
        assert_eq!(emulator.requests().len(), 2);
    }
    assert_eq!(target.ranges()[1], Some("bytes=100-".into()));
}

#[test]
fn up_to_five_redirects_are_followed_and_one_more_is_an_error() {
    for (count, code) in [(1, Code::Ok), (5, Code::Ok), (6, Code::HttpStatus)] {
        let mut files = json!({});
        for (index, status) in [301, 302, 303, 307, 308, 302].into_iter().take(count).enumerate() {
            let next = format!("{}?signed={}", index + 1, "hidden");
            let headers = json!({ "Location": next });
            let steps = json!([{ "status": status, "headers": headers, "body": "over there" }]);
            files[index.to_string()] = json!({ "size": 0, "steps": steps });
        }
        files[count.to_string()] = json!({ "size": SIZE, "content": NAME });
        let shop = Shop::of(json!({ "media": files }));
        let client = client(&shop.emulator);
        let outcome = download(&shop, &client, &shop.url("0"));
        assert_code(&outcome, code);
        assert_eq!(shop.emulator.requests().len(), (count + 1).min(6));
        assert_eq!(outcome.polls() as usize, (count + 1).min(6));
        if code == Code::Ok {
            shop.assert_whole(SIZE);
        } else {
            assert!(shop.names().is_empty());
        }
        assert!(!outcome.message().as_str().contains("hidden"));
        // A redirect costs no connection.
        assert_eq!(shop.emulator.connections(), 1);
    }
}

#[test]
fn a_redirect_to_plain_http_or_to_nowhere_is_refused() {
    for (target, code) in [
        ("http://cdn.example/v?signed=hidden", Code::InsecureUrl),
        ("http://192.0.2.1/v?signed=hidden", Code::InsecureUrl),
        ("ftp://cdn.example/v?signed=hidden", Code::InvalidUrl),
        ("https://user:hidden@cdn.example/v", Code::InvalidUrl),
        ("https://", Code::InvalidUrl),
    ] {
        let headers = json!({ "Location": target });
        let shop =
            Shop::new(json!({ "size": 0, "steps": [{ "status": 302, "headers": headers }] }));
        let outcome = shop.download_with(retries(5));
        assert_code(&outcome, code);
        assert!(!outcome.message().as_str().contains("hidden"));
        assert_eq!(shop.emulator.requests().len(), 1);
        assert!(shop.names().is_empty());
    }
}

#[test]
fn plain_http_elsewhere_is_refused_whatever_the_configuration_allows() {
    let shop = Shop::new(json!({ "size": SIZE }));
    let mut config = config(&shop.emulator.url());
    config.set_allow_http(true);
    let client = Client::new(&config).unwrap();
    for (url, code) in [
        ("http://cdn.example/v?signed=hidden", Code::InsecureUrl),
        ("ftp://cdn.example/v?signed=hidden", Code::InvalidUrl),
        ("/v?signed=hidden", Code::InvalidUrl),
        ("", Code::OutputMissing),
    ] {
        let outcome = download(&shop, &client, url);
        assert_code(&outcome, code);
        assert!(!outcome.message().as_str().contains("hidden"));
    }
    assert!(shop.names().is_empty());
}

#[test]
fn the_query_of_an_output_appears_in_no_message_and_no_log_line() {
    let lines = Arc::new(Mutex::new(String::new()));
    for step in [
        json!({}),
        json!({ "cut_at_body": 10 }),
        json!({ "cut_after": 0 }),
        json!({ "status": 403, "body": "<Error>hidden</Error>" }),
        json!({ "status": 500 }),
        json!({ "status": 400 }),
        json!({ "status": 302, "headers": { "Location": "?Signature=hidden" } }),
        json!({ "raw": "nonsense\r\n\r\n" }),
    ] {
        let shop = Shop::new(json!({ "size": SIZE, "steps": [step] }));
        let sink = Arc::clone(&lines);
        let mut config = config(&shop.emulator.url());
        config.set_log(
            Level::Debug,
            Some(Arc::new(move |_, line| sink.lock().unwrap().push_str(&format!("{line}\n")))),
        );
        let client = Client::new(&config).unwrap();
        let job = shop.job();
        let outcome = shop.download_by(&client, &job, VIDEO, retries(1), None, None);
        let told = format!("{} {client:?}", outcome.message().as_str());
        assert!(!told.contains("hidden") && !told.contains("Signature"), "{step}: {told}");
        let info = fs::read_to_string(shop.folder.0.join(format!("{NAME}.part.info")));
        assert!(!info.unwrap_or_default().contains("hidden"));
    }
    // Nobody listens there.
    let shop = Shop::new(json!({ "size": SIZE }));
    let client = client(&shop.emulator);
    let outcome = download(&shop, &client, "http://127.0.0.1:1/v?Signature=hidden");
    assert_code(&outcome, Code::Connect);
    assert!(!outcome.message().as_str().contains("hidden"));
    let lines = lines.lock().unwrap();
    assert!(lines.contains("/media/video.mp4"), "the log says nothing: {lines}");
    assert!(!lines.contains("hidden") && !lines.contains("Signature"), "{lines}");
}

#[test]
fn a_url_that_has_expired_is_asked_for_once_more() {
    for status in [403, 404, 410] {
        let steps = json!([{ "cut_at_body": 2000 }, { "status": status }, {}]);
        let shop = Shop::new(json!({ "size": SIZE, "steps": steps }));
        let api = api(json!([completed(&format!("{}2", shop.url(NAME)))]));
        let client = full_client(&api);
        let first = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, None);
        assert_code(&first, Code::ConnectionLost);
        let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, None);
        assert_code(&outcome, Code::Ok);
        shop.assert_whole(SIZE);
        let paths: Vec<_> = shop.emulator.requests().iter().map(|r| r.path.clone()).collect();
        assert!(paths[1].ends_with("=hidden") && paths[2].ends_with("=hidden2"), "{paths:?}");
        // It is the same file, signed anew.
        assert_eq!(shop.ranges()[2], Some("bytes=2000-".into()));
        assert_eq!(api.requests().len(), 1);
        assert_eq!(api.requests()[0].header("Authorization"), Some(KEY));
        assert_eq!(outcome.polls(), 3);
        assert!(outcome.job().unwrap().url().unwrap().as_str().ends_with("hidden2"));
    }
}

#[test]
fn an_output_that_stays_expired_is_asked_for_after_each_pause_and_then_reported() {
    // 410 is for good.
    for (status, asked) in [(403, 2), (404, 2), (410, 1)] {
        let steps = json!([{ "status": status, "body": "<Error/>" }]);
        let shop = Shop::new(json!({ "size": SIZE, "steps": steps }));
        let api = api(json!([completed(&shop.url(NAME))]));
        let client = full_client(&api);
        let outcome = shop.download_by(&client, &shop.job(), VIDEO, retries(1), None, None);
        assert_code(&outcome, Code::OutputExpired);
        assert_eq!((shop.emulator.requests().len(), api.requests().len()), (asked, asked));
        assert!(!outcome.is_retryable() && shop.names().is_empty());
        let reply = outcome.reply().unwrap();
        assert_eq!((reply.status(), reply.body()), (status, &b"<Error/>"[..]));
    }
}

#[test]
fn an_output_that_is_not_there_yet_is_waited_for() {
    for status in [403, 404] {
        let refusal = json!({ "status": status });
        let shop = Shop::new(json!({ "size": SIZE, "steps": [refusal, refusal, {}] }));
        let api = api(json!([completed(&shop.url(NAME))]));
        let client = full_client(&api);
        let outcome = shop.download_by(&client, &shop.job(), VIDEO, retries(2), None, None);
        assert_code(&outcome, Code::Ok);
        shop.assert_whole(SIZE);
    }
    // A job without an id cannot be asked, and its host's answer may pass all the same.
    let shop = Shop::new(json!({ "size": SIZE, "steps": [{ "status": 404 }, {}] }));
    let body = json!({ "data": { "status": "completed", "url": shop.url(NAME) } }).to_string();
    let nameless = Outcome::parsed(body.as_bytes());
    let client = client(&shop.emulator);
    let outcome = shop.download_by(&client, &nameless, VIDEO, retries(1), None, None);
    assert_code(&outcome, Code::Ok);
}

#[test]
fn a_host_that_is_late_by_some_seconds_has_cost_no_new_job() {
    let steps = json!([{ "status": 404, "until_ms": 1200 }, {}]);
    let shop = Shop::new(json!({ "size": SIZE, "steps": steps }));
    let api = api(json!([completed(&shop.url(NAME))]));
    let client = full_client(&api);
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, retries(5), None, None);
    assert_code(&outcome, Code::Ok);
    shop.assert_whole(SIZE);
    assert!(outcome.elapsed() >= std::time::Duration::from_millis(1200));
    // Once for each refusal, and no more.
    let refusals = shop.emulator.requests().len() - 1;
    assert!(refusals >= 2 && api.requests().len() == refusals, "{refusals}");
}

#[test]
fn a_url_that_expires_after_so_many_bytes_is_asked_for_each_time() {
    let size = 900_000;
    let url = |number: u32| {
        let url = format!("{{base}}/media/{NAME}?{number}");
        json!({ "body": { "data": { "status": "completed", "url": url } } })
    };
    let steps = json!([
        { "until_bytes": 300_000, "cut_at_body": 300_000 }, { "status": 403 },
        { "until_bytes": 600_000, "cut_at_body": 300_000 }, { "status": 403 }, {},
    ]);
    let script = json!({
        "media": { NAME: { "size": size, "steps": steps } },
        "default": [url(1), url(2), url(3)],
    });
    for tls in [false, true] {
        let start = if tls { Emulator::start_tls } else { Emulator::start };
        let shop = Shop::on(start(Script::from_value(script.clone())));
        let client = if tls { tls_client(&shop.emulator) } else { client(&shop.emulator) };
        let job = get(&client);
        let outcome = shop.download_by(&client, &job, VIDEO, retries(1), None, None);
        assert_code(&outcome, Code::Ok);
        shop.assert_whole(size);
        let from = |number: u64| Some(format!("bytes={}-", number * 300_000));
        assert_eq!(shop.ranges(), [None, from(1), from(1), from(2), from(2)]);
        let requests = shop.emulator.requests();
        let files: Vec<_> = requests.iter().filter(|request| request.job_id.is_none()).collect();
        assert!(files[2].path.ends_with("?2") && files[4].path.ends_with("?3"));
        assert_eq!(outcome.bytes_written(), size);
    }
}

#[test]
fn a_url_that_expires_twice_in_one_download_is_asked_for_twice() {
    let cut = json!({ "cut_at_body": 2000 });
    let steps = json!([cut, { "status": 403 }, cut, { "status": 410 }, {}]);
    let shop = Shop::new(json!({ "size": SIZE, "steps": steps }));
    let url = shop.url(NAME);
    let api = api(json!([completed(&format!("{url}2")), completed(&format!("{url}3"))]));
    let client = full_client(&api);
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, retries(2), None, None);
    assert_code(&outcome, Code::Ok);
    shop.assert_whole(SIZE);
    assert_eq!(shop.ranges()[4], Some("bytes=4000-".into()));
    assert_eq!((shop.emulator.requests().len(), api.requests().len()), (5, 2));
    assert!(shop.emulator.requests()[4].path.ends_with("hidden3"));
}

#[test]
fn a_job_that_no_longer_has_the_output_makes_it_expired() {
    for (step, code) in [
        (json!({ "body": { "data": { "status": "cleaned" } } }), Code::OutputExpired),
        (json!({ "example": "in-progress" }), Code::OutputExpired),
        (json!({ "example": "not-found" }), Code::OutputExpired),
        (json!({ "status": 401 }), Code::OutputExpired),
        // This may pass.
        (json!({ "status": 500 }), Code::Server),
        (json!({ "cut_after": 0 }), Code::ConnectionLost),
    ] {
        let shop = Shop::new(json!({ "size": SIZE, "steps": [{ "status": 404 }, {}] }));
        let api = api(json!([step]));
        let client = full_client(&api);
        let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, None);
        assert_code(&outcome, code);
        assert_eq!(outcome.is_retryable(), code != Code::OutputExpired, "{step}");
        assert_eq!(shop.emulator.requests().len(), 1);
    }
}

#[test]
fn a_job_without_an_id_is_not_asked_again() {
    let shop = Shop::new(json!({ "size": SIZE, "steps": [{ "status": 410 }, {}] }));
    let api = api(json!([completed(&shop.url(NAME))]));
    let client = full_client(&api);
    for id in [json!(null), json!("not-a-uuid")] {
        shop.emulator.set_script(Script::from_value(
            json!({ "media": { NAME: { "size": SIZE, "steps": [{ "status": 410 }, {}] } } }),
        ));
        let data = json!({ "status": "completed", "url": shop.url(NAME) });
        let body = json!({ "job_id": id, "data": data }).to_string();
        let job = Outcome::parsed(body.as_bytes());
        let outcome = shop.download_by(&client, &job, VIDEO, quick(), None, None);
        assert_code(&outcome, Code::OutputExpired);
        assert_eq!(api.requests().len(), 0);
    }
}

#[test]
fn the_rate_limit_does_not_hold_up_a_download() {
    let shop = Shop::new(json!({ "size": SIZE }));
    let mut config = config(&shop.emulator.url());
    config.set_rate_limit(0.001).unwrap();
    let client = Client::new(&config).unwrap();
    get(&client);
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, None);
    assert_code(&outcome, Code::Ok);
}
