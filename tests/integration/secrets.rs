//! The key is seen by the API's host, and by nobody else.

use std::sync::{Arc, Mutex};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use pictory::client::Client;
use pictory::config::Config;
use pictory::download::{Limits, Output, download};
use pictory::error::Code;
use pictory::job::JobId;
use pictory::log::Level;
use pictory::outcome::Outcome;
use pictory::reply::Reply;
use pictory::wait::wait;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::support::*;

const HEADER: &str = "a-header-value-to-hide";

/// All that a call says, in its message and in the log.
fn told(script: Value) -> String {
    let emulator = Emulator::start(steps(script));
    let lines = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&lines);
    let mut config = config(&emulator.url());
    config.set_header("X-Secret", Some(HEADER)).unwrap();
    config.set_max_retries(1);
    config.set_log(
        Level::Debug,
        Some(Arc::new(move |level, line| {
            sink.lock().unwrap().push_str(&format!("{level:?} {line}\n"));
        })),
    );
    let client = Client::new(&config).unwrap();
    let got = get(&client);
    let waited = wait_with(&client, quick_rules(200, 10));
    let debug = format!("{config:?} {client:?} {:?} {:?}", got.message(), waited.message());
    let lines = lines.lock().unwrap();
    assert!(lines.contains("Debug GET /pictoryapis"), "the log says nothing: {lines}");
    format!("{lines}\n{}\n{}\n{debug}", got.message().as_str(), waited.message().as_str())
}

#[test]
fn secrets_never_appear_in_a_message_a_log_line_or_debug_output() {
    let echo = format!("you sent {KEY} and {HEADER}");
    for step in [
        json!({ "example": "in-progress" }),
        json!({ "cut_after": 0 }),
        json!({ "status": 401, "body": { "message": echo } }),
        json!({ "status": 500, "body": { "message": echo } }),
        json!({ "body": { "success": false, "error_message": echo } }),
        json!({ "body": { "data": { "status": "failed", "error_message": echo } } }),
        json!({ "body": { "data": { "status": echo } } }),
        json!({ "body": { "job_id": echo } }),
    ] {
        let told = told(json!([step]));
        assert!(!told.contains(KEY) && !told.contains(HEADER), "{step}: {told}");
        if step.to_string().contains("you sent") {
            assert!(told.contains("you sent [key] and [key]"), "{step}: {told}");
        }
    }
}

/// The spellings in which a secret may come back.
fn spelled(secret: &str, how: usize) -> String {
    let each = |spell: fn(char) -> String| secret.chars().map(spell).collect::<String>();
    match how % 6 {
        0 => secret.to_owned(),
        1 => secret.to_ascii_uppercase(),
        2 => secret.to_ascii_lowercase(),
        3 => each(|c| format!("%{:02X}", c as u32)),
        4 => each(|c| format!("\\u{:04x}", c as u32)),
        _ => {
            let json = serde_json::to_string(secret).unwrap();
            json[1..json.len() - 1].to_owned()
        }
    }
}

/// A reply that holds `echo` where a peer can put it, and its place.
fn peers_word(place: usize, echo: &str) -> Value {
    let quoted_url = format!("https://127.0.0.1:1/{echo}/video.mp4");
    match place % 10 {
        0 => json!({ "status": 401, "body": { "message": echo } }),
        1 => json!({ "status": 503, "body": { "error_message": { "message": echo } } }),
        2 => json!({ "body": { "success": false, "error_code": echo } }),
        3 => json!({ "body": { "data": { "status": "failed", "error_code": echo } } }),
        4 => json!({ "body": { "data": { "status": echo } } }),
        5 => json!({ "body": { "job_id": echo } }),
        6 => json!({ "body": { "data": { "status": format!("{}{echo}", "x".repeat(290)) } } }),
        7 => json!({ "body": { "data": { "status": "completed", "url": quoted_url } } }),
        8 => json!({ "status": 404, "headers": { "x-request-id": echo } }),
        _ => json!({ "body": { "data": { "status": echo, "url": quoted_url } } }),
    }
}

fn request_id(outcome: &Outcome) -> &str {
    outcome.reply().and_then(Reply::request_id).map_or("", |id| id.as_str())
}

/// What is said by a get, a wait and a download of a job about which a peer says `echo`, and of a
/// caller who puts `echo` in the place of a job id and of a path.
fn said_of(config: &mut Config, place: usize, echo: &str) -> String {
    let emulator = Emulator::start(steps(json!([peers_word(place, echo)])));
    config.set_base_url(&emulator.url()).unwrap();
    let lines = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&lines);
    let log = move |_, line: &str| sink.lock().unwrap().push_str(&format!("{line}\n"));
    config.set_log(Level::Debug, Some(Arc::new(log)));
    let client = Client::new(config).unwrap();
    let got = get(&client);
    let mut seen = String::new();
    let mut on_poll = |update: &Outcome| {
        seen += update.message().as_str();
        seen += request_id(update);
        true
    };
    let rules = quick_rules(30, 10);
    let waited = wait(&client, &id(), rules, None, Some(&mut on_poll));
    let refused = client.refuse(JobId::parse(echo).unwrap_err(), Some(echo));
    let path = std::env::temp_dir().join("pictory-no-such-folder").join(echo);
    let limits = Limits { max_retries: 0, ..Limits::default() };
    let job = got.job().cloned();
    let put = job.map(|job| download(&client, &job, Output::Video, &path, limits, None, None));
    let names = refused.job_id().unwrap().as_str().to_owned();
    let mut said = format!("{seen}\n{names}\n{config:?} {client:?}");
    for outcome in [Some(got), Some(waited), Some(refused), put].into_iter().flatten() {
        said += &format!("\n{} {}", outcome.message().as_str(), request_id(&outcome));
    }
    said + &lines.lock().unwrap()
}

fn secret() -> impl Strategy<Value = String> {
    // Some of these are long enough to be cut, and none is a part of what the library says itself.
    prop_oneof!["[a-zA-Z0-9][ -~]{8,40}[a-zA-Z0-9]", "[a-z]{4}[%\\\\\"/+]{4}[A-Z0-9]{4}"]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 150,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn no_secret_is_said_in_any_spelling_whoever_brings_it(
        secrets in prop::array::uniform3(secret()),
        which in 0..3_usize,
        how in 0..6_usize,
        place in 0..10_usize,
    ) {
        let mut config = config("https://localhost");
        config.set_api_key(&secrets[0]).unwrap();
        config.set_header("X-Secret", Some(&secrets[1])).unwrap();
        let password = utf8_percent_encode(&secrets[2], NON_ALPHANUMERIC);
        // Nobody listens there, and loopback is not asked for through it but by a download.
        config.set_proxy(None).unwrap();
        let proxied = config.set_proxy(Some(&format!("http://user:{password}@127.0.0.1:1")));
        proxied.unwrap();
        let echo = spelled(&secrets[which], how);
        let direct = which < 2;
        if direct {
            config.set_proxy(None).unwrap();
        }
        let said = said_of(&mut config, place, &echo);
        let folded = said.to_lowercase();
        prop_assert!(!folded.contains(&echo.to_lowercase()), "{echo}\n{said}");
        prop_assert!(!folded.contains(&secrets[which].to_lowercase()), "{said}");
        prop_assert!(said.contains("[key]"), "{said}");
    }
}

#[test]
fn a_key_in_the_place_of_a_job_id_is_not_quoted_even_if_the_client_does_not_have_it() {
    let error = JobId::parse("pictai_another-key").unwrap_err();
    let outcome = Outcome::refused(error, Some("pictai_another-key"));
    assert_code(&outcome, Code::InvalidJobId);
    assert!(outcome.message().as_str().starts_with("'[key]' is not a job id"));
    assert_eq!(outcome.job_id().unwrap().as_str(), "[key]");
}

#[test]
fn a_key_that_is_replaced_while_its_request_is_under_way_is_not_shown() {
    let said = json!({ "message": format!("bad key {KEY}") });
    let step = json!({
        "status": 403, "headers": { "x-request-id": KEY }, "body": said, "delay_ms": 300,
    });
    let emulator = Emulator::start(steps(json!([step])));
    let client = client(&emulator);
    std::thread::scope(|scope| {
        let got = scope.spawn(|| get(&client));
        assert!(emulator.wait_for_requests(1));
        client.set_api_key("another-key").unwrap();
        let outcome = got.join().unwrap();
        assert!(outcome.message().as_str().ends_with("bad key [key]"), "{:?}", outcome.message());
        assert_eq!(request_id(&outcome), "[key]");
    });
}

#[test]
fn a_refused_configuration_tells_the_log_no_secret() {
    let mut config = config("https://localhost");
    let error = config.set_base_url(&format!("https://user:{KEY} @x")).unwrap_err();
    assert!(!config.refusal(&error).view().as_str().contains(KEY), "{error}");
    let error = config.set_header(KEY, Some("a b\n")).unwrap_err();
    assert!(!config.refusal(&error).view().as_str().contains(KEY), "{error}");
    // Name and value have changed places.
    let error = config.set_header("a secret value", Some("X-Name")).unwrap_err();
    assert!(!error.message.contains("secret"), "{error}");
}

#[test]
fn the_body_is_handed_out_as_received() {
    let outcome = get_from(json!([{ "status": 500, "body": { "message": KEY } }]));
    assert!(String::from_utf8_lossy(outcome.reply().unwrap().body()).contains(KEY));
}

#[test]
fn a_refused_key_is_not_quoted() {
    let mut config = config("https://localhost");
    for (key, why) in [
        (format!("Bearer {KEY}"), "'Bearer'"),
        (format!("{KEY}\n"), "line break"),
        (format!(" {KEY}"), "blank"),
        (format!("\"{KEY}\""), "quotation marks"),
        (format!("'{KEY}'"), "quotation marks"),
        (format!("{KEY}\""), "quotation marks"),
        (format!("PICTORY_API_KEY={KEY}"), "'PICTORY_API_KEY='"),
        (format!("export PICTORY_API_KEY=\"{KEY}\""), "'PICTORY_API_KEY='"),
    ] {
        let error = config.set_api_key(&key).unwrap_err();
        assert_eq!(error.code, Code::InvalidApiKey);
        assert!(!error.message.contains(KEY) && error.message.contains(why), "{error}");
    }
}

#[test]
fn no_line_is_logged_once_the_log_is_closed() {
    let emulator = Emulator::start(steps(json!([{ "example": "in-progress" }])));
    let lines = Arc::new(Mutex::new(0));
    let sink = Arc::clone(&lines);
    let mut config = config(&emulator.url());
    config.set_log(Level::Debug, Some(Arc::new(move |_, _| *sink.lock().unwrap() += 1)));
    let client = Client::new(&config).unwrap();
    get(&client);
    let before = *lines.lock().unwrap();
    assert!(before > 0);
    client.close_log();
    get(&client);
    assert_eq!(*lines.lock().unwrap(), before);
}

#[test]
fn a_request_without_an_answer_has_no_status_in_the_log() {
    let told = told(json!([{ "cut_after": 0 }]));
    assert!(told.contains(": no reply after ") && !told.contains("HTTP 0"), "{told}");
}
