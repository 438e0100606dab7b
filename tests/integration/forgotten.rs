//! A network that forgets idle connections without a word, as address translation, a VPN or a suspended
//! machine do: it costs one try, however many were idle.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pictory::client::Client;
use pictory::download::{Limits, Output, download};
use pictory::error::Code;
use pictory::outcome::Outcome;
use pictory::wait::wait;
use pictory::watcher::{Options, Watcher};
use serde_json::json;

use crate::downloads::{Folder, NAME, all_at_once, job, retries};
use crate::emulator::{Emulator, Script, media_bytes};
use crate::support::{assert_code, config, get, id, quick_rules};

/// A request that takes longer is lost: short, but long enough for many handshakes at once.
const LOST_AFTER: Duration = Duration::from_secs(1);

/// A relay of TCP connections. Those that it has forgotten stay open, but nothing comes through.
struct Relay {
    port: u16,
    /// Connections up to this number are forgotten.
    forgotten: Arc<AtomicUsize>,
}

impl Relay {
    /// A relay to `target`, which serves the first connections once there are `together` of them.
    fn start(target: SocketAddr, together: usize) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let forgotten = Arc::new(AtomicUsize::new(0));
        let relay = Relay { port, forgotten: Arc::clone(&forgotten) };
        let all_there = Arc::new(Barrier::new(together));
        thread::spawn(move || {
            for (number, client) in listener.incoming().enumerate() {
                let (forgotten, all_there) = (Arc::clone(&forgotten), Arc::clone(&all_there));
                thread::spawn(move || {
                    if number < together {
                        all_there.wait();
                    }
                    let is_forgotten = || number < forgotten.load(Ordering::SeqCst);
                    let _ =
                        pass(&client.unwrap(), &TcpStream::connect(target).unwrap(), &is_forgotten);
                });
            }
        });
        relay
    }

    fn forget(&self, count: usize) {
        self.forgotten.store(count, Ordering::SeqCst);
    }
}

/// Passes bytes on in both directions until both have ended; bytes of a forgotten connection vanish,
/// and so does its end.
fn pass(
    one: &TcpStream,
    other: &TcpStream,
    is_forgotten: &(impl Fn() -> bool + Sync),
) -> io::Result<()> {
    let pump = |mut from: &TcpStream, mut to: &TcpStream| {
        let mut bytes = [0; 16 * 1024];
        loop {
            let count = from.read(&mut bytes)?;
            if is_forgotten() {
                if count == 0 {
                    return Ok(());
                }
            } else if count == 0 {
                return to.shutdown(Shutdown::Write);
            } else {
                to.write_all(&bytes[..count])?;
            }
        }
    };
    thread::scope(|scope| {
        let back = scope.spawn(|| pump(other, one));
        pump(one, other).and(back.join().unwrap())
    })
}

/// A client with idle connections, all of them forgotten by what lies between it and the emulator.
struct Scene {
    client: Arc<Client>,
    emulator: Emulator,
    base_url: String,
    folder: Folder,
}

impl Scene {
    fn new(is_tls: bool, idle: usize) -> Scene {
        let script = |step: &str| {
            let media = json!({ NAME: { "size": 1000 } });
            Script::from_value(json!({ "default": [{ "example": step }], "media": media }))
        };
        let script_before = script("in-progress");
        let emulator = match is_tls {
            true => Emulator::start_tls(script_before),
            false => Emulator::start(script_before),
        };
        let relay = Relay::start(SocketAddr::from(([127, 0, 0, 1], emulator.port())), idle);
        let scheme = if is_tls { "https" } else { "http" };
        let base_url = format!("{scheme}://localhost:{}/pictoryapis", relay.port);
        let mut config = config(&base_url);
        if is_tls {
            config.set_ca_file(Some(emulator.ca_file())).unwrap();
        }
        config.set_request_timeout_ms(LOST_AFTER.as_millis() as i64).unwrap();
        config.set_max_retries(1);
        let client = Arc::new(Client::new(&config).unwrap());
        thread::scope(|scope| {
            for _ in 0..idle {
                scope.spawn(|| assert_code(&get(&client), Code::Ok));
            }
        });
        relay.forget(idle);
        emulator.set_script(script("completed"));
        Scene { client, emulator, base_url, folder: Folder::new() }
    }
}

/// Does `work` for HTTP and HTTPS, and for some numbers of idle connections.
fn for_all(work: impl Fn(Scene, &str) + Sync) {
    let cases = [1, 3, 8, 64].into_iter().flat_map(|idle| [(false, idle), (true, idle)]);
    all_at_once(cases, |(is_tls, idle)| {
        work(Scene::new(is_tls, idle), &format!("tls: {is_tls}, {idle} idle connections"));
    });
}

#[test]
fn forgotten_connections_cost_a_get_one_try() {
    for_all(|scene, case| {
        let outcome = get(&scene.client);
        assert_code(&outcome, Code::Ok);
        assert_eq!(outcome.polls(), 2, "{case}");
    });
}

#[test]
fn forgotten_connections_cost_a_wait_one_poll() {
    for_all(|scene, case| {
        let mut codes = Vec::new();
        let mut on_poll = |outcome: &Outcome| {
            codes.push(outcome.code());
            true
        };
        let rules = quick_rules(60_000, 50);
        let outcome = wait(&scene.client, &id(), rules, None, Some(&mut on_poll));
        assert_code(&outcome, Code::Ok);
        assert_eq!(codes, [Code::Timeout], "{case}");
    });
}

#[test]
fn forgotten_connections_cost_each_watch_one_poll() {
    for_all(|scene, case| {
        let watcher = Watcher::new(&scene.client).unwrap();
        let codes = Arc::new(Mutex::new(Vec::new()));
        for tag in 0..3 {
            let codes = Arc::clone(&codes);
            let on_poll = move |outcome: &Outcome| {
                codes.lock().unwrap().push((tag, outcome.code()));
                true
            };
            let (rules, on_poll) = (quick_rules(60_000, 50), Some(Box::new(on_poll) as _));
            watcher.add(&id(), Options { rules, on_poll, ..Options::default() }, tag).unwrap();
        }
        let until = Some(Instant::now() + Duration::from_secs(60));
        (0..3).for_each(|_| assert_code(&watcher.next(until).unwrap(), Code::Ok));
        let codes = codes.lock().unwrap();
        for tag in 0..3 {
            let lost = codes.iter().filter(|(watch, _)| *watch == tag).count();
            assert!(lost <= 1, "{case}: {codes:?}");
        }
        assert!(!codes.is_empty(), "{case}: nothing was forgotten");
    });
}

#[test]
fn forgotten_connections_cost_a_download_one_try() {
    for_all(|scene, case| {
        let job = job(&json!({ "url": format!("{}/media/{NAME}", scene.base_url) }));
        let limits = Limits { idle_timeout: LOST_AFTER, ..retries(1) };
        let (job, path) = (job.job().unwrap(), scene.folder.0.join(NAME));
        let outcome = download(&scene.client, job, Output::Video, &path, limits, None, None);
        assert_code(&outcome, Code::Ok);
        assert_eq!(outcome.polls(), 2, "{case}");
        assert!(std::fs::read(&path).unwrap() == media_bytes(NAME, 1000));
        // The first one never arrived.
        let is_file = |path: &str| path.contains("/media/");
        let arrived = scene.emulator.requests().iter().filter(|r| is_file(&r.path)).count();
        assert_eq!(arrived, 1, "{case}");
    });
}
