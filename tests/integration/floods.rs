//! Peers that send without end, at every moment: no call of the library is held by one. "One request"
//! and "Waiting" of the behaviour have the figures.

mod server;

use std::fmt::Debug;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use pictory::Rules;
use pictory::cancel::CancelToken;
use pictory::client::Client;
use pictory::download::{Limits, Output, download};
use pictory::error::Code;
use pictory::job::JobId;
use pictory::wait::wait;
use pictory::watcher::{Options, Watcher};
use serde_json::json;

use crate::downloads::{Folder, all_at_once, job, quick};
use crate::emulator::certs::CaFile;
use crate::support::{ID, assert_code, config, get, id, quick_rules};
use server::{Case, Flood, Moment, Over, Pace, Server};

/// How far a call may outlast its time.
const LATE: Duration = Duration::from_millis(50);

/// How far a call may outlast its token, and a watcher the call that frees it.
const CANCELLED: Duration = Duration::from_millis(100);

/// How much later the polls of other watches may come.
const HELD_UP: Duration = Duration::from_millis(20);

const TIMEOUT_MS: u64 = 100;

const fn case(moment: Moment, over: Over, flood: Flood) -> Case {
    Case { moment, over, flood }
}

const INTERIM: Flood = Flood::Bytes(b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n");
const LINES: Flood = Flood::Bytes(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n");
const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const REPLIES: Flood = Flood::Bytes(b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");

const CASES: [Case; 23] = {
    use Moment::*;
    use Over::*;
    [
        case(
            Handshake,
            Https,
            Flood::Bytes(b"\x16\x03\x03\0\x04\x02\0\xff\xff", b"\x16\x03\x03\0\x01\0"),
        ),
        case(Handshake, Https, Flood::Bytes(b"", b"\x14\x03\x03\0\x01\x01")),
        case(Handshake, Https, Flood::Bytes(b"", b"\x15\x03\x03\0\x02\x01\x70")),
        case(Handshake, Https, Flood::Bytes(b"", b"\x17\x03\x03\0\0")),
        case(Handshake, Proxy, INTERIM),
        case(Handshake, Proxy, LINES),
        case(Reply, Http, INTERIM),
        case(Reply, Http, LINES),
        case(Reply, Http, Flood::Bytes(CHUNKED, b"1;x=yyyyyyyyyyyyyyyyyyyyyyyyy\r\n \r\n")),
        case(Reply, Http, Flood::Bytes(CHUNKED, b"1;x=\"yyyyyyyyyyy")),
        case(
            Reply,
            Http,
            Flood::Bytes(
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
                b"X: y\r\n",
            ),
        ),
        case(Reply, Http, Flood::Bytes(CHUNKED, b"20\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n")),
        case(Reply, Https, INTERIM),
        case(Reply, Https, Flood::Tickets(b"")),
        case(Reply, Https, Flood::Tickets(CHUNKED)),
        case(Reply, Https, Flood::Empty(b"")),
        case(Reply, Https, Flood::KeyUpdates(b"HTTP/1.1 103 x\r\n\r\n")),
        case(Behind, Http, REPLIES),
        case(Behind, Https, Flood::Tickets(b"")),
        case(Behind, Https, Flood::Empty(b"")),
        case(Idle, Http, REPLIES),
        case(Idle, Https, Flood::Tickets(b"")),
        case(Idle, Https, Flood::Empty(b"")),
    ]
};

#[derive(Clone, Copy, Debug)]
enum Call {
    Get,
    Wait,
    Download,
}

const CALLS: [Call; 3] = [Call::Get, Call::Wait, Call::Download];

/// Longer than any of these tests.
const MINUTE_MS: u64 = 60_000;

/// A flooding server, and a client of it, with an idle connection where the case needs one.
struct Scene {
    case: Case,
    server: Arc<Server>,
    client: Arc<Client>,
    base_url: String,
    folder: Folder,
    _ca: CaFile,
}

impl Scene {
    fn new(case: Case, pace: Pace, request_timeout_ms: u64) -> Scene {
        let made = (0..3).find_map(|_| Scene::made_in_time(case, pace, request_timeout_ms));
        made.expect("a first reply in time")
    }

    /// None if the machine is too busy for the first reply to come in time.
    fn made_in_time(case: Case, pace: Pace, request_timeout_ms: u64) -> Option<Scene> {
        let (url, server) = Server::start(case, pace);
        let is_proxy = case.over == Over::Proxy;
        let base_url = if is_proxy { "http://localhost:1".to_owned() } else { url.clone() };
        let mut config = config(&base_url);
        config.set_proxy(is_proxy.then_some(&*url)).unwrap();
        let ca = CaFile::create().unwrap();
        config.set_ca_file(Some(ca.path())).unwrap();
        config.set_request_timeout_ms(request_timeout_ms as i64).unwrap();
        let client = Arc::new(Client::new(&config).unwrap());
        if matches!(case.moment, Moment::Behind | Moment::Idle) {
            let first = get(&client);
            if first.code() == Code::Timeout {
                return None;
            }
            assert_code(&first, Code::Ok);
            server.is_idle.open();
            server.is_flooding.wait();
        }
        if case.moment == Moment::Idle {
            // A while: one that was used a moment ago is no idle connection yet.
            thread::sleep(Duration::from_millis(110));
        }
        Some(Scene { case, server, client, base_url, folder: Folder::new(), _ca: ca })
    }

    /// Makes a call; gives the moment of its end.
    fn call(&self, call: Call, limit_ms: u64, token: Option<&Arc<CancelToken>>) -> Instant {
        let outcome = match call {
            Call::Get => self.client.get(&id(), token),
            Call::Wait => wait(&self.client, &id(), endless(limit_ms), token, None),
            Call::Download => {
                let job = job(&json!({ "url": format!("{}/{ID}", self.base_url) }));
                let (job, path) = (job.job().unwrap(), self.folder.0.join("file"));
                let limits = Limits { timeout: Some(Duration::from_millis(limit_ms)), ..quick() };
                download(&self.client, job, Output::Video, &path, limits, token, None)
            }
        };
        let ended = Instant::now();
        assert!(self.case.is_answered() || outcome.code() != Code::Ok, "{:?}", self.case);
        ended
    }
}

/// The rules of a wait that no failure ends.
fn endless(max_wait_ms: u64) -> Rules {
    Rules { max_failures: None, ..quick_rules(max_wait_ms, 10) }
}

/// Does `work` for all cases. In drops, a flood costs so little that some run at once.
fn for_all_cases(pace: Pace, work: impl Fn(Case) + Sync) {
    match pace {
        Pace::Full => CASES.into_iter().for_each(work),
        Pace::Drops => CASES.chunks(6).for_each(|some| all_at_once(some.iter().copied(), &work)),
    }
}

/// How late `work` is at best: a busy machine may be late, but not always.
#[track_caller]
fn assert_at_most(most: Duration, what: &dyn Debug, work: impl Fn() -> Duration) {
    let mut seen = Vec::new();
    while seen.iter().all(|late| *late > most) {
        assert!(seen.len() < 3, "{what:?}: late by {seen:?}");
        seen.push(work());
    }
}

#[test]
fn no_flood_outlasts_a_time_out() {
    for pace in [Pace::Full, Pace::Drops] {
        for_all_cases(pace, |case| {
            for call in CALLS {
                assert_at_most(LATE, &(pace, call, case), || {
                    let scene = Scene::new(case, pace, TIMEOUT_MS);
                    let due = Instant::now() + Duration::from_millis(TIMEOUT_MS);
                    scene.call(call, TIMEOUT_MS, None).saturating_duration_since(due)
                });
            }
        });
    }
}

#[test]
fn no_flood_outlasts_a_token() {
    for pace in [Pace::Full, Pace::Drops] {
        for_all_cases(pace, |case| {
            for call in CALLS {
                assert_at_most(CANCELLED, &(pace, call, case), || {
                    let scene = Scene::new(case, pace, MINUTE_MS);
                    let token = Arc::new(CancelToken::new());
                    let canceller = thread::spawn({
                        let token = Arc::clone(&token);
                        move || {
                            // Some way into the call, wherever that may be.
                            thread::sleep(Duration::from_millis(30));
                            token.cancel();
                            Instant::now()
                        }
                    });
                    let ended = scene.call(call, MINUTE_MS, Some(&token));
                    ended.saturating_duration_since(canceller.join().unwrap())
                });
            }
        });
    }
}

fn watch(scene: &Scene, id: &JobId) -> Watcher {
    let watcher = Watcher::new(&scene.client).unwrap();
    let options = Options { rules: endless(MINUTE_MS), ..Options::default() };
    watcher.add(id, options, 0).unwrap();
    watcher
}

#[test]
fn no_flood_holds_up_the_end_of_a_watcher() {
    for pace in [Pace::Full, Pace::Drops] {
        for_all_cases(pace, |case| {
            assert_at_most(CANCELLED, &(pace, case), || {
                let scene = Scene::new(case, pace, MINUTE_MS);
                let watcher = watch(&scene, &id());
                scene.server.is_flooding.wait();
                thread::sleep(Duration::from_millis(10));
                let freed = Instant::now();
                drop(watcher);
                freed.elapsed()
            });
        });
    }
}

/// Asked for by the watch that no flood is meant for.
const OTHER: &str = "00000000-d071-4847-bda5-8dea913d80fe";

#[test]
fn no_flood_holds_up_the_polls_of_another_watch() {
    // Watches share their connections, so that a handshake is hardly ever made while others poll.
    for case in CASES.into_iter().filter(|case| case.moment != Moment::Handshake) {
        assert_at_most(HELD_UP, &case, || {
            let scene = Scene::new(case, Pace::Full, MINUTE_MS);
            let watcher = watch(&scene, &JobId::parse(OTHER).unwrap());
            scene.server.wait_for_kind(3);
            let options = Options { rules: endless(MINUTE_MS), ..Options::default() };
            watcher.add(&id(), options, 1).unwrap();
            let kind = scene.server.wait_for_kind(20);
            let mut gaps: Vec<_> = kind.windows(2).skip(4).map(|two| two[1] - two[0]).collect();
            gaps.sort();
            // Half of them: a busy machine may hold up some.
            gaps[gaps.len() / 2].saturating_sub(Duration::from_millis(11))
        });
    }
}
