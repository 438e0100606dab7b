//! Signals, and what else belongs to the host.

use super::{Program, completed};
use crate::emulator::{Emulator, Script};
use serde_json::{Value, json};

/// A base URL that needs a lookup, which the programs answer themselves.
fn by_name(emulator: &Emulator) -> String {
    format!("http://api.example:{}/pictoryapis", emulator.port())
}

fn slow() -> Value {
    json!({ "default": [
        { "example": "completed", "delay_ms": 200, "dribble": { "bytes": 100, "every_ms": 10 } },
    ] })
}

#[test]
fn a_burst_of_signals_does_not_end_a_get() {
    let emulator = Emulator::start(Script::from_value(slow()));
    Program::new("signals", "a_get_goes_on").against(&emulator).run();
    assert_eq!(emulator.requests().len(), 3);
}

#[test]
fn a_burst_of_signals_does_not_end_a_get_over_tls() {
    let emulator = Emulator::start_tls(Script::from_value(slow()));
    Program::new("signals", "a_get_goes_on").against_tls(&emulator).run();
    assert_eq!(emulator.requests().len(), 3);
}

#[test]
fn a_burst_of_signals_does_not_end_a_wait() {
    let script = json!({ "default": [
        { "example": "in-progress", "repeat": 3, "delay_ms": 20 },
        { "example": "completed" },
    ] });
    let emulator = Emulator::start(Script::from_value(script));
    Program::new("signals", "a_wait_goes_on").against(&emulator).run();
    assert_eq!(emulator.requests().len(), 4);
}

#[test]
fn a_burst_of_signals_does_not_end_a_lookup() {
    let emulator = completed();
    Program::new("signals", "a_lookup_goes_on")
        .against(&emulator)
        .with("PICTORY_API_BASE_URL", by_name(&emulator))
        .run();
    assert_eq!(emulator.requests().len(), 1);
}

/// Connections that are reset at once, in the middle of TLS' handshake, after the request, within
/// the reply, and between two requests.
fn resets() -> Value {
    let connections: Vec<Value> =
        (0..40).map(|n| if n % 2 == 0 { json!("reset") } else { Value::Null }).collect();
    json!({
        "connections": connections,
        "default": [
            { "example": "completed", "then": "reset" },
            { "reset_after": 0 },
            { "example": "completed", "reset_after": 30 },
            { "example": "completed", "reset_at_body": 10 },
            { "reset_after": 1, "repeat": 100 },
        ],
    })
}

#[test]
fn a_connection_that_is_reset_raises_no_sigpipe() {
    let emulator = Emulator::start(Script::from_value(resets()));
    Program::new("signals", "a_broken_connection_raises_no_signal").against(&emulator).run();
    let emulator = Emulator::start_tls(Script::from_value(resets()));
    Program::new("signals", "a_broken_connection_raises_no_signal").against_tls(&emulator).run();
}

#[test]
fn dispositions_mask_umask_locale_and_environment_stay_as_they_were() {
    let emulator = completed();
    Program::new("signals", "the_hosts_settings_stay")
        .against(&emulator)
        .with("PICTORY_API_BASE_URL", by_name(&emulator))
        .run();
}
