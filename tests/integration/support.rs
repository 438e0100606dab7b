//! What the tests share: a client for an emulator, and the shape of a script.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pictory::Rules;
use pictory::cancel::CancelToken;
use pictory::client::Client;
use pictory::config::Config;
use pictory::error::Code;
use pictory::job::JobId;
use pictory::outcome::Outcome;
use pictory::wait::wait;
use serde_json::{Value, json};

use crate::emulator::{Emulator, Script};

pub(crate) const ID: &str = "4a09edf9-d071-4847-bda5-8dea913d80fe";
pub(crate) const KEY: &str = "pictai_a-key-that-must-stay-secret";

pub(crate) fn id() -> JobId {
    JobId::parse(ID).unwrap()
}

/// Every job goes through these steps.
pub(crate) fn steps(steps: Value) -> Script {
    Script::from_value(json!({ "default": steps }))
}

pub(crate) fn config(url: &str) -> Config {
    let mut config = Config::new();
    config.set_api_key(KEY).unwrap();
    config.set_base_url(url).unwrap();
    config.set_max_retries(0);
    config
}

/// A client that does not try again, so that each failure shows.
pub(crate) fn client(emulator: &Emulator) -> Client {
    Client::new(&config(&emulator.url())).unwrap()
}

pub(crate) fn tls_client(emulator: &Emulator) -> Client {
    let mut config = config(&emulator.url());
    config.set_ca_file(Some(emulator.ca_file())).unwrap();
    Client::new(&config).unwrap()
}

pub(crate) fn get(client: &Client) -> Outcome {
    client.get(&id(), None)
}

/// One get of a server that answers so.
pub(crate) fn get_from(script: Value) -> Outcome {
    let emulator = Emulator::start(steps(script));
    get(&client(&emulator))
}

pub(crate) fn quick_rules(max_wait_ms: u64, poll_interval_ms: u64) -> Rules {
    Rules {
        max_wait: Some(Duration::from_millis(max_wait_ms)),
        poll_interval: Duration::from_millis(poll_interval_ms),
        ..Rules::default()
    }
}

pub(crate) fn wait_with(client: &Client, rules: Rules) -> Outcome {
    wait(client, &id(), rules, None, None)
}

#[track_caller]
pub(crate) fn assert_code(outcome: &Outcome, code: Code) {
    assert_eq!(outcome.code(), code, "{}", outcome.message().as_str());
}

/// Does `work`, and cancels its token from another thread once `reached` has returned.
pub(crate) fn cancel_once<T>(
    reached: impl FnOnce() -> bool + Send,
    work: impl FnOnce(&Arc<CancelToken>) -> T,
) -> T {
    let token = Arc::new(CancelToken::new());
    std::thread::scope(|scope| {
        let canceller = Arc::clone(&token);
        scope.spawn(move || {
            let reached = reached();
            canceller.cancel();
            assert!(reached, "the moment to cancel at never came");
        });
        work(&token)
    })
}

/// How far `work` overran `limit`: the best of several tries, since a busy machine may be late, but
/// not always. It must never be early.
pub(crate) fn best_overrun(limit: Duration, mut work: impl FnMut()) -> Duration {
    let overrun = |()| {
        let started = Instant::now();
        work();
        started.elapsed().checked_sub(limit).expect("it must not end before its time")
    };
    std::iter::repeat_n((), 5).map(overrun).min().unwrap_or_default()
}
