//! The local side of downloads.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, mpsc};

use pictory::client::Client;
use pictory::download::download;
use pictory::error::Code;
use pictory::log::Level;
use pictory::outcome::Outcome;
use serde_json::json;

use crate::downloads::*;
use crate::support::*;

const SIZE: u64 = 1_000_000;

fn shop() -> Shop {
    Shop::new(json!({ "size": SIZE }))
}

fn to(shop: &Shop, client: &Client, path: &Path) -> Outcome {
    download(client, shop.job().job().unwrap(), VIDEO, path, quick(), None, None)
}

#[test]
fn a_path_that_cannot_be_written_is_refused_before_anything_is_sent() {
    let shop = shop();
    let client = client(&shop.emulator);
    let file = shop.folder.0.join("file");
    fs::write(&file, "").unwrap();
    let long = shop.folder.0.join("n".repeat(250));
    for path in [&shop.folder.0.join("no/such"), &file.join("below"), &shop.folder.0, &long] {
        assert_code(&to(&shop, &client, path), Code::File);
    }
    for path in ["", "/", "x/", "."] {
        assert_code(&to(&shop, &client, Path::new(path)), Code::InvalidArgument);
    }
    assert_eq!((shop.emulator.connections(), shop.names()), (0, vec!["file".to_owned()]));
}

#[test]
fn a_link_at_the_path_is_replaced_and_one_at_the_part_is_refused() {
    use std::os::unix::fs::symlink;
    let shop = shop();
    let precious = shop.folder.0.join("precious");
    fs::write(&precious, "precious").unwrap();
    symlink(&precious, shop.part()).unwrap();
    assert_code(&shop.download(), Code::File);
    fs::remove_file(shop.part()).unwrap();
    symlink(&precious, shop.path()).unwrap();
    assert_code(&shop.download(), Code::Ok);
    shop.assert_whole(SIZE);
    assert_eq!(fs::read(&precious).unwrap(), b"precious");
}

/// A second link stands for a file system on which all files are another user's.
#[test]
#[cfg(unix)]
fn a_part_of_another_user_is_begun_anew_and_the_log_says_so() {
    let shop = Shop::new(json!({ "size": 5000, "steps": [{ "cut_at_body": 2000 }, {}] }));
    assert_code(&shop.download(), Code::ConnectionLost);
    fs::hard_link(shop.part(), shop.folder.0.join("second")).unwrap();
    let (sink, lines) = mpsc::channel();
    let sink = Mutex::new(sink);
    let mut config = config(&shop.emulator.url());
    let sink = move |_, line: &str| sink.lock().unwrap().send(line.to_owned()).unwrap();
    config.set_log(Level::Warn, Some(Arc::new(sink)));
    let client = Client::new(&config).unwrap();
    let outcome = shop.download_by(&client, &shop.job(), VIDEO, quick(), None, None);
    assert_code(&outcome, Code::Ok);
    assert_eq!((outcome.bytes_written(), shop.ranges()[1].clone()), (5000, None));
    let line = lines.try_recv().unwrap();
    assert!(line.contains("video.mp4.part' is begun anew") && lines.try_recv().is_err(), "{line}");
    // What it was linked with is left as it was.
    assert_eq!(fs::read(shop.folder.0.join("second")).unwrap().len(), 2000);
}

#[test]
fn a_path_is_bytes() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let shop = shop();
    let client = client(&shop.emulator);
    let path = shop.folder.0.join(OsStr::from_bytes(b"\xff \n.mp4"));
    assert_code(&to(&shop, &client, &path), Code::Ok);
    assert_eq!(fs::read(path).unwrap().len() as u64, SIZE);
}

#[test]
fn a_second_download_to_the_same_path_fails_at_once_and_harms_nothing() {
    let steps = json!([{ "dribble": { "bytes": 250_000, "every_ms": 120 } }, {}]);
    let shop = Shop::new(json!({ "size": SIZE, "steps": steps }));
    let client = client(&shop.emulator);
    let job = shop.job();
    let mut seconds = Vec::new();
    let mut told = |done, _| {
        seconds.push((done, shop.download()));
        true
    };
    let outcome = shop.download_by(&client, &job, VIDEO, quick(), None, Some(&mut told));
    assert_code(&outcome, Code::Ok);
    shop.assert_whole(SIZE);
    assert!(seconds.len() > 1);
    for (_, second) in seconds {
        assert_code(&second, Code::File);
        assert!(second.message().as_str().contains("under way") && !second.is_retryable());
    }
    assert_eq!(shop.emulator.requests().len(), 1);
}

#[test]
fn many_downloads_to_the_same_path_never_mix() {
    // Each transfer gets another version, and some break.
    let versions = ["a", "b", "c"];
    let mut files = json!({ NAME: { "size": 1, "steps": [
        { "media": "a" }, { "media": "b", "cut_at_body": 500_000 }, { "media": "c" },
        { "media": "a", "reset_at_body": 100_000 }, { "media": "b" },
        { "media": "c", "cut_at_body": 999_999 },
        { "media": "a" }, { "media": "b" }, { "media": "c" }, { "media": "a" },
    ] } });
    for version in versions {
        files[version] = json!({ "size": SIZE, "etag": format!("\"{version}\"") });
    }
    let shop = Shop::of(json!({ "media": files }));
    let contents = versions.map(|version| crate::emulator::media_bytes(version, SIZE));
    let client = client(&shop.emulator);
    let codes = Mutex::new(Vec::new());
    all_at_once(0..8, |_| {
        for _ in 0..10 {
            let code = to(&shop, &client, &shop.path()).code();
            if let Ok(found) = fs::read(shop.path()) {
                assert!(contents.contains(&found), "a mixed file");
            }
            codes.lock().unwrap().push(code);
        }
    });
    let codes = codes.into_inner().unwrap();
    assert!(codes.contains(&Code::Ok));
    let allowed = [Code::Ok, Code::File, Code::ConnectionLost];
    assert!(codes.iter().all(|code| allowed.contains(code)), "{codes:?}");
    assert_code(&shop.download(), Code::Ok);
    assert_eq!(shop.names(), [NAME]);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_at_the_path_is_refused_before_any_request() {
    let shop = Shop::new(json!({ "size": 10 }));
    let made = std::process::Command::new("mkfifo").arg(shop.path()).status().unwrap();
    assert!(made.success());
    let outcome = shop.download();
    assert_code(&outcome, Code::File);
    assert!(outcome.message().as_str().contains("it is a device, FIFO or socket"));
    std::fs::remove_file(shop.path()).unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(shop.path()).unwrap();
    assert_code(&shop.download(), Code::File);
    assert!(shop.emulator.requests().is_empty());
    assert_eq!(shop.names(), [NAME]);
}
