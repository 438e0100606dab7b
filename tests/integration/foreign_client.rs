//! What the library makes of a reply, against what ureq makes of the same bytes: status and body alike,
//! or both refuse. Where they differ, a table says why.

mod as_files;
mod exceptions;
mod replies;

use std::fmt;
use std::io::{self, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pictory::client::Client;
use pictory::error::Code;

use crate::emulator::certs::CaFile;
use crate::sockets::{read_request, serve};
use crate::support::{config, get};
use crate::tls_records::accept;
use exceptions::{EXCEPTIONS, matches};
use replies::{JOB, Reply, corpus, written};

/// What a client makes of a reply.
#[derive(Clone, PartialEq, Eq)]
enum Verdict {
    Read(u16, Vec<u8>),
    /// The status of a reply whose body is refused or broken off.
    Status(u16),
    Refused,
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Read(status, body) => {
                let start = body.get(..body.len().min(40)).unwrap_or_default();
                write!(f, "{status} with {} bytes: {}", body.len(), start.escape_ascii())
            }
            Verdict::Status(status) => write!(f, "{status} without its body"),
            Verdict::Refused => f.write_str("refused"),
        }
    }
}

/// What stands behind a reply.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Close,
    /// That of TLS, which the reply came over.
    CloseNotify,
    /// Nothing: the connection stays open.
    Silence,
}

/// A server that answers each connection with the reply that it was given last, and both clients.
struct Pair {
    reply: Arc<Mutex<Vec<u8>>>,
    url: String,
    client: Client,
    ureq: ureq::Agent,
    _ca: CaFile,
}

impl Pair {
    fn new(ending: Ending) -> Pair {
        let reply = Arc::new(Mutex::new(Vec::new()));
        let url = serve({
            let reply = Arc::clone(&reply);
            move |_, socket: BufReader<TcpStream>| {
                let reply = || reply.lock().unwrap().clone();
                // An error means that the client has read enough before the end.
                drop(match ending {
                    Ending::CloseNotify => answer_by_tls(socket.into_inner(), reply),
                    _ => answer(socket, reply, ending),
                });
            }
        });
        let scheme = if ending == Ending::CloseNotify { "https:" } else { "http:" };
        let url = url.replace("http:", scheme);
        let (mut config, ca) = (config(&url), CaFile::create().unwrap());
        config.set_ca_file(Some(ca.path())).unwrap();
        config.set_request_timeout_ms(2_000).unwrap();
        let client = Client::new(&config).unwrap();
        let ureq = ureq::Agent::config_builder()
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .into();
        Pair { reply, url, client, ureq, _ca: ca }
    }

    fn library(&self) -> Verdict {
        let outcome = get(&self.client);
        match outcome.reply() {
            // A job's body that did not become one was refused for how it came.
            Some(reply) if reply.body() == JOB.as_bytes() && reply.status() == 200 => {
                match outcome.code() {
                    Code::Ok => Verdict::Read(200, reply.body().to_vec()),
                    _ => Verdict::Refused,
                }
            }
            Some(reply) => Verdict::Read(reply.status(), reply.body().to_vec()),
            None => Verdict::Refused,
        }
    }

    fn ureq(&self) -> Verdict {
        let Ok(mut reply) = self.ureq.get(&self.url).call() else { return Verdict::Refused };
        let status = reply.status().as_u16();
        match reply.body_mut().with_config().limit(1 << 21).read_to_vec() {
            Ok(body) => Verdict::Read(status, body),
            Err(_) if status == 200 => Verdict::Refused,
            Err(_) => Verdict::Status(status),
        }
    }
}

fn answer(
    mut socket: BufReader<TcpStream>,
    reply: impl FnOnce() -> Vec<u8>,
    ending: Ending,
) -> io::Result<()> {
    if read_request(&mut socket).is_some() {
        socket.get_mut().write_all(&reply())?;
        if ending == Ending::Silence {
            read_request(&mut socket);
        }
    }
    Ok(())
}

fn answer_by_tls(socket: TcpStream, reply: impl FnOnce() -> Vec<u8>) -> io::Result<()> {
    let mut stream = BufReader::new(accept(socket));
    if read_request(&mut stream).is_some() {
        let stream = stream.get_mut();
        stream.write_all(&reply())?;
        stream.conn.send_close_notify();
        stream.flush()?;
    }
    Ok(())
}

/// The verdicts on each reply: of the library, and of ureq.
fn verdicts(replies: Vec<Reply>) -> Vec<(Reply, Verdict, Verdict)> {
    let pair = Pair::new(Ending::Close);
    let verdicts = replies.into_iter().map(|reply| {
        pair.reply.lock().unwrap().clone_from(&reply.bytes);
        let (library, ureq) = (pair.library(), pair.ureq());
        (reply, library, ureq)
    });
    verdicts.collect()
}

/// The differences that no exception names, and the exceptions that are none.
fn unexplained(verdicts: &[(Reply, Verdict, Verdict)]) -> Vec<String> {
    let wrong = verdicts.iter().filter_map(|(reply, library, ureq)| {
        let exception = EXCEPTIONS.iter().find(|exception| exception.is_of(&reply.name));
        let is_right = match exception {
            Some(exception) => exception.differs.describes(library, ureq),
            None => library == ureq,
        };
        let why =
            exception.map_or("alike".to_owned(), |e| format!("{:?}, since {}", e.differs, e.why));
        (!is_right).then(|| {
            format!(
                "{}\n    library: {library:?}\n    ureq: {ureq:?}\n    wanted: {why}",
                reply.name
            )
        })
    });
    wrong.collect()
}

#[test]
fn the_library_makes_of_a_reply_what_ureq_makes_of_it() {
    let verdicts = verdicts(written());
    assert!(verdicts.len() >= 300);
    let is_read = |(_, library, ureq): &&(_, Verdict, Verdict)| {
        matches!(library, Verdict::Read(200, _)) && library == ureq
    };
    let read = verdicts.iter().filter(is_read).count();
    assert!(read >= 200, "only {read} replies are read by both");
    let wrong = unexplained(&verdicts);
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), verdicts.len(), wrong.join("\n"));
}

#[test]
fn the_library_makes_of_the_fuzzing_corpus_what_ureq_makes_of_it() {
    let verdicts = verdicts(corpus());
    assert!(verdicts.len() >= 10);
    let wrong = unexplained(&verdicts);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_exception_is_of_some_reply() {
    let replies = written();
    for pattern in EXCEPTIONS.iter().flat_map(|exception| exception.replies) {
        assert!(replies.iter().any(|reply| matches(pattern, &reply.name)), "{pattern}");
    }
}

/// Replies of which more has to come. A star stands for any text.
const UNFINISHED: [&str; 16] = [
    "chunk size: 7fffffffffffffff",
    "chunk size: fffffffffffffff0",
    "chunk size: ffffffffffffffff",
    "chunk size: no last chunk",
    "chunk size: no end",
    "chunk size: nothing",
    "interim: *alone",
    "no HTTP: ",
    "no HTTP: \\r\\n",
    "no HTTP: \\r\\n\\r\\n",
    "no HTTP: \\n",
    "no HTTP: H",
    "no HTTP: HTTP",
    "no HTTP: HTTP/1.1",
    "no HTTP: HTTP/1.1 200 OK\\r\\n",
    "no HTTP: HTTP/1.1 200 OK\\n\\n",
];

#[test]
fn a_reply_that_is_right_or_wrong_is_not_waited_for_any_longer() {
    let pair = Pair::new(Ending::Silence);
    let families = [
        "chunk size",
        "extension",
        "trailer",
        "header",
        "status",
        "fold",
        "size",
        "interim",
        "no HTTP",
    ];
    let is_over = |reply: &Reply| {
        let family = reply.name.split(':').next().unwrap();
        let is_unfinished = UNFINISHED.iter().any(|pattern| matches(pattern, &reply.name));
        families.contains(&family) && !is_unfinished
    };
    let mut waits = Vec::new();
    for reply in written().into_iter().filter(is_over) {
        *pair.reply.lock().unwrap() = reply.bytes;
        let outcome = get(&pair.client);
        waits.extend((outcome.code() == Code::Timeout).then_some(reply.name));
    }
    assert!(waits.is_empty(), "{waits:#?}");
}
