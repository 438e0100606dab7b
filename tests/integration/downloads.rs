//! What the tests of downloads share: a folder, an emulator with files, and a job that points there.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use pictory::cancel::CancelToken;
use pictory::client::Client;
use pictory::download::{Limits, OnProgress, Output, download};
use pictory::outcome::Outcome;
use serde_json::{Value, json};

use crate::emulator::{Emulator, Script, media_bytes};
use crate::support::*;

pub(crate) const NAME: &str = "video.mp4";

pub(crate) const VIDEO: Output = Output::Video;

/// A folder that goes away with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("pictory-downloads-{}-{count}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// An emulator with files, and a folder to put them into.
pub(crate) struct Shop {
    pub(crate) emulator: Emulator,
    pub(crate) folder: Folder,
}

impl Shop {
    /// With one file, and a job that still has it.
    pub(crate) fn new(file: Value) -> Shop {
        Shop::of(json!({ "media": { NAME: file } }))
    }

    pub(crate) fn of(script: Value) -> Shop {
        Shop::on(Emulator::start(Script::from_value(script)))
    }

    pub(crate) fn on(emulator: Emulator) -> Shop {
        Shop { emulator, folder: Folder::new() }
    }

    pub(crate) fn url(&self, name: &str) -> String {
        format!("{}/media/{name}?Signature=hidden", self.emulator.url())
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.0.join(NAME)
    }

    pub(crate) fn part(&self) -> PathBuf {
        self.folder.0.join(format!("{NAME}.part"))
    }

    pub(crate) fn job(&self) -> Outcome {
        job(&json!({ "url": self.url(NAME) }))
    }

    pub(crate) fn download(&self) -> Outcome {
        self.download_with(quick())
    }

    pub(crate) fn download_with(&self, limits: Limits) -> Outcome {
        let client = client(&self.emulator);
        self.download_by(&client, &self.job(), Output::Video, limits, None, None)
    }

    pub(crate) fn download_by<'a>(
        &self,
        client: &'a Client,
        job: &Outcome,
        output: Output,
        limits: Limits,
        token: Option<&'a Arc<CancelToken>>,
        on_progress: Option<OnProgress<'a>>,
    ) -> Outcome {
        download(client, job.job().unwrap(), output, &self.path(), limits, token, on_progress)
    }

    pub(crate) fn read(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    #[track_caller]
    pub(crate) fn assert_whole(&self, size: u64) {
        assert!(self.read() == media_bytes(NAME, size), "the file is another");
    }

    /// The files in the folder, in order.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.folder.0).unwrap();
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<_> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    /// What each request for a file asked for.
    pub(crate) fn ranges(&self) -> Vec<Option<String>> {
        let requests = self.emulator.requests();
        let files = requests.iter().filter(|request| request.job_id.is_none());
        files.map(|request| request.header("Range").map(str::to_owned)).collect()
    }
}

/// A completed job with these members of `data`.
pub(crate) fn job(data: &Value) -> Outcome {
    let mut data = data.clone();
    data["status"] = json!("completed");
    Outcome::parsed(json!({ "job_id": ID, "data": data }).to_string().as_bytes())
}

/// No retries, and a patience that a busy machine does not exhaust.
pub(crate) fn quick() -> Limits {
    Limits { timeout: None, idle_timeout: Duration::from_secs(60), max_retries: 0 }
}

pub(crate) fn retries(max_retries: u32) -> Limits {
    Limits { max_retries, ..quick() }
}

/// Does `work` with each of these, all at once: most of the time goes into pauses.
pub(crate) fn all_at_once<T: Send>(items: impl IntoIterator<Item = T>, work: impl Fn(T) + Sync) {
    std::thread::scope(|scope| {
        for item in items {
            let work = &work;
            scope.spawn(move || work(item));
        }
    });
}
