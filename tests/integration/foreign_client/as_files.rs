//! The same replies to a download: what it takes for the file is what a get reads, to the byte.

use std::fs;

use pictory::download::{Output, download};
use pictory::error::Code;
use serde_json::json;

use super::exceptions::matches;
use super::replies::{Reply, written};
use super::{Ending, Pair, Verdict};
use crate::downloads::{Folder, job, quick};

impl Pair {
    /// The file that a download makes of the reply.
    fn file(&self, folder: &Folder) -> Option<Vec<u8>> {
        let job = job(&json!({ "url": format!("{}/file", self.url) }));
        let (job, path) = (job.job().unwrap(), folder.0.join("file"));
        let outcome = download(&self.client, job, Output::Video, &path, quick(), None, None);
        let file = (outcome.code() == Code::Ok).then(|| fs::read(&path).unwrap());
        for left in fs::read_dir(&folder.0).unwrap() {
            fs::remove_file(left.unwrap().path()).unwrap();
        }
        file
    }
}

/// Replies of which nothing but the end of the connection tells the end, which proves nothing.
const CLOSE_DELIMITED: [&str; 5] = [
    "close-delimited: *",
    "length: *Content_Length",
    "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: identity\\r\\n\\r\\n*",
    "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: Identity\\r\\n\\r\\n*",
    "transfer coding: HTTP/1.1 200 OK\\r\\nTransfer-Encoding: \\r\\n\\r\\n*",
];

#[test]
fn a_download_takes_for_the_file_what_a_get_reads() {
    let (pair, folder) = (Pair::new(Ending::Close), Folder::new());
    let mut files = 0;
    for Reply { name, bytes } in written() {
        *pair.reply.lock().unwrap() = bytes;
        let (read, file) = (pair.library(), pair.file(&folder));
        files += usize::from(file.is_some());
        let is_close_delimited = CLOSE_DELIMITED.iter().any(|pattern| matches(pattern, &name));
        let wanted = match read {
            // No output is empty.
            Verdict::Read(200, body) if body.is_empty() => continue,
            Verdict::Read(200, body) if !is_close_delimited => Some(body),
            _ => None,
        };
        assert_eq!(file, wanted, "{name}");
    }
    assert!(files >= 150, "only {files} files");
}

#[test]
fn over_tls_no_framing_and_no_coding_ends_up_in_a_file() {
    let (pair, folder) = (Pair::new(Ending::CloseNotify), Folder::new());
    let families =
        ["transfer coding", "content coding", "close-delimited", "chunk size", "cut chunks"];
    let is_wanted = |reply: &Reply| families.contains(&reply.name.split(':').next().unwrap());
    let mut files = 0;
    for Reply { name, bytes } in written().into_iter().filter(is_wanted) {
        *pair.reply.lock().unwrap() = bytes;
        let (read, file) = (pair.library(), pair.file(&folder));
        files += usize::from(file.is_some());
        let wanted = match read {
            // No output is empty.
            Verdict::Read(200, body) if body.is_empty() => continue,
            Verdict::Read(200, body) => Some(body),
            _ => None,
        };
        assert_eq!(file, wanted, "{name}");
    }
    assert!(files >= 50, "only {files} files");
}
