//! Downloads of a watcher.

use std::path::PathBuf;
use std::sync::mpsc;
use std::sync::{Mutex, Weak};

use pictory::cancel::CancelToken;
use pictory::download::{Limits, Output};
use pictory::watcher::{OnDownload, OnReady, Order};

use super::*;
use crate::downloads::{Folder, quick, retries};
use crate::emulator::media_bytes;

const SIZE: u64 = 200_000;

/// An emulator with one file for each number, a watcher, and a folder.
struct Scene {
    watcher: Arc<Watcher>,
    emulator: Emulator,
    folder: Folder,
}

impl Scene {
    /// Each file goes through the steps that `steps` gives for its number.
    fn new(count: u64, steps: impl Fn(u64) -> Value) -> Scene {
        let files: HashMap<String, Value> = (0..count)
            .map(|number| (number.to_string(), json!({ "size": SIZE, "steps": steps(number) })))
            .collect();
        let script = json!({ "media": files, "default": [{ "example": "in-progress" }] });
        let emulator = Emulator::start(Script::from_value(script));
        let watcher = Arc::new(watcher_of(client(&emulator)));
        Scene { watcher, emulator, folder: Folder::new() }
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.0.join(number.to_string())
    }

    fn part(&self, number: u64) -> PathBuf {
        self.folder.0.join(format!("{number}.part"))
    }

    fn order(&self, number: u64) -> Order {
        let url = format!("{}/media/{number}", self.emulator.url());
        let data = json!({ "status": "completed", "url": url });
        let body = json!({ "job_id": job(number).as_str(), "data": data }).to_string();
        Order {
            job: Outcome::parsed(body.as_bytes()).job().unwrap().clone(),
            output: Output::Video,
            path: self.path(number),
            limits: quick(),
            token: None,
            on_progress: None,
            updates: false,
        }
    }

    /// Has it downloaded, under its number as the tag.
    fn download(&self, number: u64) {
        self.watcher.download(self.order(number), number).unwrap();
    }

    #[track_caller]
    fn assert_whole(&self, number: u64) {
        let there = std::fs::read(self.path(number)).unwrap();
        assert!(there == media_bytes(&number.to_string(), SIZE), "{number} is another");
    }

    /// The numbers of the files that were asked for.
    fn asked(&self) -> Vec<u64> {
        let requests = self.emulator.requests();
        requests
            .iter()
            .map(|request| request.path.rsplit('/').next().unwrap().parse().unwrap())
            .collect()
    }
}

fn whole(_: u64) -> Value {
    json!([{}])
}

/// Sends half of it, and then nothing.
fn stalled(_: u64) -> Value {
    json!([{ "stall_at_body": SIZE / 2 }, {}])
}

#[test]
fn a_download_comes_out_as_a_settled_watch_does() {
    let scene = Scene::new(1, whole);
    scene.watcher.download(scene.order(0), 7).unwrap();
    assert_eq!(scene.watcher.pending(), 1);
    let outcome = next(&scene.watcher);
    assert_eq!((outcome.code(), outcome.tag(), outcome.is_update()), (Code::Ok, 7, false));
    assert_eq!(
        (outcome.bytes_written(), outcome.bytes_done(), outcome.bytes_total()),
        (SIZE, SIZE, SIZE)
    );
    assert_eq!(outcome.message().as_str(), format!("the video was downloaded: {SIZE} bytes"));
    assert_eq!(outcome.job_id().unwrap().as_str(), job(0).as_str());
    scene.assert_whole(0);
    assert!(scene.watcher.pending() == 0 && scene.watcher.next(None).is_none());
}

#[test]
fn its_failure_comes_out_too_and_it_goes_on_when_it_is_added_again() {
    let scene = Scene::new(1, |_| json!([{ "cut_at_body": 50_000 }, {}]));
    scene.download(0);
    let outcome = next(&scene.watcher);
    assert_eq!((outcome.code(), outcome.bytes_done()), (Code::ConnectionLost, 50_000));
    scene.download(0);
    let outcome = next(&scene.watcher);
    assert_eq!((outcome.code(), outcome.bytes_written()), (Code::Ok, SIZE - 50_000));
    scene.assert_whole(0);
}

#[test]
fn what_can_be_refused_at_once_is_and_nothing_is_added() {
    let scene = Scene::new(1, whole);
    let refused = |order: Order, code: Code| assert_refused(scene.watcher.download(order, 0), code);
    refused(Order { output: Output::Preview, ..scene.order(0) }, Code::OutputMissing);
    refused(Order { path: scene.folder.0.clone(), ..scene.order(0) }, Code::File);
    refused(Order { path: PathBuf::from("a/"), ..scene.order(0) }, Code::InvalidArgument);
    let of = |data: Value| Outcome::parsed(data.to_string().as_bytes()).job().unwrap().clone();
    let nameless = of(json!({ "data": { "status": "completed", "url": "https://a/b" } }));
    refused(Order { job: nameless, ..scene.order(0) }, Code::InvalidJobId);
    let elsewhere =
        of(json!({ "job_id": job(0).as_str(), "data": { "url": "http://a.example/b" } }));
    refused(Order { job: elsewhere, ..scene.order(0) }, Code::InsecureUrl);
    scene.watcher.add(&job(0), options(NEVER), 3).unwrap();
    assert_refused(scene.watcher.download(scene.order(0), 3), Code::AlreadyWatched);
    assert_eq!(scene.watcher.pending(), 1);
    scene.download(0);
    assert_refused(scene.watcher.add(&job(0), options(NEVER), 0), Code::AlreadyWatched);
}

#[test]
fn four_run_at_once_and_the_others_wait_in_the_order_added() {
    // Each of the first four is held until the others are known to wait.
    let scene = Scene::new(12, |n| if n < 4 { stalled(n) } else { whole(n) });
    (0..12).for_each(|number| scene.download(number));
    assert!(scene.emulator.wait_for_requests(4));
    let mut first = scene.asked();
    first.sort();
    assert_eq!((first, scene.watcher.pending()), (vec![0, 1, 2, 3], 12));
    // One thread gets free, and does all the rest.
    scene.watcher.remove(&job(2), 2).unwrap();
    let tags: Vec<u64> = (0..8).map(|_| next(&scene.watcher).tag()).collect();
    assert_eq!((tags, scene.asked()[4..].to_vec()), ((4..12).collect(), (4..12).collect()));
    (4..12).for_each(|number| scene.assert_whole(number));
}

#[test]
fn its_time_counts_from_its_start() {
    let scene = Scene::new(5, |n| if n < 4 { stalled(n) } else { whole(n) });
    let timeout = Some(Duration::from_millis(700));
    for number in 0..5 {
        let limits = Limits { timeout, ..retries(5) };
        scene.watcher.download(Order { limits, ..scene.order(number) }, number).unwrap();
    }
    let mut ends: Vec<_> =
        (0..5).map(|_| next(&scene.watcher)).map(|o| (o.tag(), o.code())).collect();
    ends.sort_by_key(|(tag, _)| *tag);
    let codes: Vec<_> = ends.into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, [Code::Timeout, Code::Timeout, Code::Timeout, Code::Timeout, Code::Ok]);
}

#[test]
fn a_removed_download_leaves_its_part_to_go_on_with_at_once() {
    let scene = Scene::new(1, stalled);
    scene.watcher.download(Order { updates: true, ..scene.order(0) }, 0).unwrap();
    while next(&scene.watcher).bytes_done() < SIZE / 2 {}
    scene.watcher.remove(&job(0), 0).unwrap();
    assert_eq!(scene.watcher.pending(), 0);
    // Whether the first one has let go of its files or not.
    scene.download(0);
    let outcome = next(&scene.watcher);
    assert_eq!((outcome.code(), outcome.bytes_written()), (Code::Ok, SIZE / 2));
    scene.assert_whole(0);
    assert!(scene.watcher.next(None).is_none());
}

#[test]
fn a_token_ends_those_that_run_and_those_that_wait() {
    let scene = Scene::new(6, stalled);
    let token = Arc::new(CancelToken::new());
    for number in 0..6 {
        let token = Some(Arc::clone(&token));
        scene.watcher.download(Order { token, ..scene.order(number) }, number).unwrap();
    }
    assert!(scene.emulator.wait_for_requests(4));
    let begun = Instant::now();
    token.cancel();
    let mut tags: Vec<u64> = (0..6)
        .map(|_| next(&scene.watcher))
        .inspect(|outcome| assert_eq!(outcome.code(), Code::Cancelled))
        .map(|outcome| outcome.tag())
        .collect();
    tags.sort();
    assert!(tags == [0, 1, 2, 3, 4, 5] && begun.elapsed() < Duration::from_secs(5));
    // One that was cancelled beforehand asks for nothing.
    scene.watcher.download(Order { token: Some(token), ..scene.order(0) }, 0).unwrap();
    assert_eq!(next(&scene.watcher).code(), Code::Cancelled);
    assert_eq!(scene.emulator.requests().len(), 4);
}

/// The thread that looks at tokens comes with the first of them, and must not miss one that is
/// cancelled before it listens.
#[test]
fn a_token_that_is_cancelled_as_soon_as_it_is_given_is_heeded() {
    let scene = Scene::new(1, stalled);
    for _ in 0..50 {
        let token = Arc::new(CancelToken::new());
        let given = Some(Arc::clone(&token));
        scene.watcher.download(Order { token: given, ..scene.order(0) }, 0).unwrap();
        token.cancel();
        assert_eq!(next(&scene.watcher).code(), Code::Cancelled);
    }
}

#[test]
fn stopping_cuts_downloads_and_leaves_their_parts() {
    let scene = Scene::new(5, stalled);
    (0..5).for_each(|number| scene.download(number));
    assert!(scene.emulator.wait_for_requests(4));
    let begun = Instant::now();
    scene.watcher.stop();
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert!((0..5).all(|number| !scene.path(number).exists()) && !scene.part(4).exists());
}

#[test]
fn updates_tell_how_far_it_is_and_end_with_it() {
    let scene = Scene::new(1, |_| json!([{ "dribble": { "bytes": 20_000, "every_ms": 60 } }]));
    let begun = Instant::now();
    scene.watcher.download(Order { updates: true, ..scene.order(0) }, 9).unwrap();
    let mut done = Vec::new();
    let end = loop {
        let outcome = next(&scene.watcher);
        assert_eq!((outcome.tag(), outcome.code()), (9, Code::Ok));
        // Before the host has answered, the length is not known.
        let is_known = outcome.bytes_done() > 0 || !outcome.is_update();
        assert!(outcome.bytes_total() == SIZE || (outcome.bytes_total() == 0 && !is_known));
        if !outcome.is_update() {
            break outcome;
        }
        assert_eq!(scene.watcher.pending(), 1);
        done.push(outcome.bytes_done());
    };
    assert_eq!((end.bytes_done(), scene.watcher.pending()), (SIZE, 0));
    assert!(done.is_sorted() && done.len() >= 3, "{done:?}");
    // Ten a second, but for the first and the last.
    assert!(done.len() <= 2 + begun.elapsed().as_millis() as usize / 100, "{done:?}");
    assert!(scene.watcher.next(None).is_none());
}

/// A callback that says how far it is, on which thread, and goes on as long as it is told to.
fn telling() -> (OnDownload, mpsc::Receiver<(u64, String)>, mpsc::Sender<bool>) {
    let (tell, told) = mpsc::channel();
    let (answer, answers) = mpsc::channel();
    let both = Mutex::new((tell, answers));
    let on_progress: OnDownload = Box::new(move |done, _| {
        let both = both.lock().unwrap();
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        both.0.send((done, name)).unwrap();
        both.1.recv().unwrap_or(true)
    });
    (on_progress, told, answer)
}

#[test]
fn its_callback_runs_on_its_thread_and_can_stop_it() {
    let scene = Scene::new(1, whole);
    let (on_progress, told, answer) = telling();
    scene.watcher.download(Order { on_progress: Some(on_progress), ..scene.order(0) }, 0).unwrap();
    assert_eq!(told.recv().unwrap(), (0, "pictory-download".to_owned()));
    answer.send(false).unwrap();
    let outcome = next(&scene.watcher);
    assert_eq!((outcome.code(), scene.path(0).exists()), (Code::Cancelled, false));
    // It is gone with the download.
    assert!(told.recv().is_err());
}

#[test]
fn remove_waits_for_its_callback_which_is_the_last_one() {
    let scene = Scene::new(1, stalled);
    let (on_progress, told, answer) = telling();
    scene.watcher.download(Order { on_progress: Some(on_progress), ..scene.order(0) }, 0).unwrap();
    told.recv().unwrap();
    std::thread::scope(|scope| {
        let removing = scope.spawn(|| {
            scene.watcher.remove(&job(0), 0).unwrap();
            told
        });
        answer.send(true).unwrap();
        // Nothing was told since, and nothing can be any more.
        let told = removing.join().unwrap();
        assert!(told.try_recv().is_err());
    });
}

#[test]
fn within_its_callback_it_can_be_removed_and_the_watcher_stopped() {
    for stops in [false, true] {
        let scene = Scene::new(2, stalled);
        let inner: Weak<Watcher> = Arc::downgrade(&scene.watcher);
        let (tell, told) = mpsc::channel();
        let tell = Mutex::new(tell);
        let on_progress: OnDownload = Box::new(move |_, _| {
            let watcher = inner.upgrade().unwrap();
            if stops {
                watcher.stop()
            } else {
                watcher.remove(&job(0), 0).unwrap()
            }
            tell.lock().unwrap().send(()).unwrap();
            true
        });
        let order = Order { on_progress: Some(on_progress), ..scene.order(0) };
        scene.download(1);
        scene.watcher.download(order, 0).unwrap();
        told.recv().unwrap();
        assert!(told.recv().is_err(), "it is called again");
        assert_eq!(scene.watcher.pending(), usize::from(!stops));
    }
}

#[test]
fn a_panicking_callback_is_a_defect_of_its_download_alone() {
    let scene = Scene::new(2, whole);
    let on_progress: OnDownload = Box::new(|_, _| std::panic::resume_unwind(Box::new(())));
    scene.watcher.download(Order { on_progress: Some(on_progress), ..scene.order(0) }, 0).unwrap();
    assert_eq!(next(&scene.watcher).code(), Code::Internal);
    scene.download(1);
    assert_eq!(next(&scene.watcher).code(), Code::Ok);
}

#[test]
fn it_is_told_by_the_ready_callback_and_holds_up_no_poll() {
    let scene = Scene::new(5, |n| if n < 4 { stalled(n) } else { whole(n) });
    let (ring, rung) = mpsc::channel();
    let ring = Mutex::new(ring);
    let on_ready: OnReady = Arc::new(move || ring.lock().unwrap().send(()).unwrap());
    scene.watcher.set_on_ready(Some(on_ready)).unwrap();
    (0..4).for_each(|number| scene.download(number));
    assert!(scene.emulator.wait_for_requests(4));
    scene.watcher.add(&job(100), options(10), 100).unwrap();
    assert!(scene.emulator.wait_for_requests(10), "polls wait for the downloads");
    scene.download(4);
    scene.watcher.remove(&job(0), 0).unwrap();
    rung.recv_timeout(Duration::from_secs(60)).unwrap();
    assert_eq!(next(&scene.watcher).tag(), 4);
}
