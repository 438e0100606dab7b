//! The replies that both clients are given, each under a name.

mod bodies;
mod heads;

use std::fs;
use std::path::Path;

/// A body that the library takes for a job's.
pub(super) const JOB: &str = r#"{"data":{"status":"completed"}}"#;

/// A reply as it goes over the connection, which is closed behind it.
pub(super) struct Reply {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// Replies of one kind: the names are `family: what is in it`.
struct Family<'a> {
    name: &'static str,
    replies: &'a mut Vec<Reply>,
}

impl Family<'_> {
    fn of<'a>(name: &'static str, replies: &'a mut Vec<Reply>) -> Family<'a> {
        Family { name, replies }
    }

    fn bytes(&mut self, what: &str, bytes: impl Into<Vec<u8>>) {
        let name = format!("{}: {}", self.name, what.escape_debug());
        self.replies.push(Reply { name, bytes: bytes.into() });
    }

    /// A status line of its own, these header lines, and a body.
    fn with_status(&mut self, status: &str, lines: &str, body: &str) {
        let lines = if lines.is_empty() { String::new() } else { format!("{lines}\r\n") };
        let what = format!("{status}\r\n{lines}\r\n{body}");
        let short: String = what.chars().take(100).collect();
        self.bytes(&short, what);
    }

    /// These header lines and this body under a 200.
    fn ok(&mut self, lines: &str, body: &str) {
        self.with_status("HTTP/1.1 200 OK", lines, body);
    }
}

fn with_length(lines: &str) -> String {
    let length = JOB.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{lines}\r\n{JOB}")
}

/// The job in chunks.
fn chunks() -> String {
    let (one, two) = JOB.split_at(10);
    format!("a\r\n{one}\r\n{:X}\r\n{two}\r\n0\r\n\r\n", two.len())
}

fn chunked(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}")
}

/// All that were written for this, some of them cut at each byte.
pub(super) fn written() -> Vec<Reply> {
    let mut replies = Vec::new();
    heads::add(&mut replies);
    bodies::add(&mut replies);
    cuts(&mut replies);
    replies
}

/// Whole replies, of which each beginning is a reply too.
fn cuts(replies: &mut Vec<Reply>) {
    let chunked_with_all = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                            2;x=\"y\"\r\n{}\r\n0\r\nX: y\r\n\r\n";
    for (name, whole) in [
        ("cut length", with_length("X: y\r\n")),
        ("cut chunks", chunked_with_all.to_owned()),
        ("cut interim", format!("HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n{}", with_length(""))),
        ("cut refusal", with_length("").replace("200 OK", "404 Not Found")),
        ("cut old", with_length("Connection: keep-alive\r\n").replace("HTTP/1.1", "HTTP/1.0")),
    ] {
        let mut family = Family::of(name, replies);
        let head = whole.rfind(if name == "cut chunks" { "2;x" } else { JOB }).unwrap();
        for end in 0..whole.len() {
            let what = match end.checked_sub(head) {
                Some(count) => format!("{count} bytes into its body"),
                None => format!("{end} bytes into its head"),
            };
            family.bytes(&what, &whole[..end]);
        }
    }
}

/// The corpus of the fuzz target that is given replies.
pub(super) fn corpus() -> Vec<Reply> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/reply");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut replies: Vec<_> = files
        .map(|path| Reply {
            name: format!("corpus: {}", path.file_name().unwrap().to_str().unwrap()),
            bytes: fs::read(path).unwrap(),
        })
        .collect();
    replies.sort_by(|one, other| one.name.cmp(&other.name));
    replies
}
