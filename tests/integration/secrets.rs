//! The key is seen by the API's host, and by nobody else.

use std::sync::{Arc, Mutex};

use pictory::client::Client;
use pictory::error::Code;
use pictory::log::Level;
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

#[test]
fn the_body_is_handed_out_as_received() {
    let outcome = get_from(json!([{ "status": 500, "body": { "message": KEY } }]));
    assert!(String::from_utf8_lossy(outcome.reply().unwrap().body()).contains(KEY));
}

#[test]
fn a_refused_key_is_not_quoted() {
    let mut config = config("https://localhost");
    for key in [format!("Bearer {KEY}"), format!("{KEY}\n"), format!(" {KEY}")] {
        let error = config.set_api_key(&key).unwrap_err();
        assert_eq!(error.code, Code::InvalidApiKey);
        assert!(!error.message.contains(KEY), "{error}");
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
