//! What is made of heads and bodies, good and bad.

use std::time::{Duration, Instant};

use super::*;

fn context() -> RequestContext {
    let minute = Duration::from_secs(60);
    RequestContext::new(Instant::now() + minute, minute, None)
}

/// The head, the body and the input behind it, of a reply that comes in pieces and ends with the
/// connection.
struct Read {
    head: Head,
    body: Vec<u8>,
    rest: usize,
    keeps_alive: bool,
}

fn read(sent: &[u8], piece: usize) -> Result<Read> {
    let (context, mut input) = (context(), ReadBuffer::new(Vec::new()));
    let mut pieces = sent.chunks(piece);
    let mut fill = |input: &mut ReadBuffer| {
        let Some(bytes) = pieces.next() else { return false };
        let room = input.filled().len() + bytes.len();
        input.free(room).unwrap().get_mut(..bytes.len()).unwrap().copy_from_slice(bytes);
        input.add(bytes.len());
        true
    };
    let mut reader = HeadReader::new()?;
    while !reader.read(&mut input, &context)? {
        if !fill(&mut input) {
            return Err(Error::lost("in the head"));
        }
    }
    let (head, mut body) = reader.finish()?;
    let (mut whole, mut buffer) = (Vec::new(), vec![0; piece]);
    loop {
        match body.read(&mut input, &context, &mut buffer)? {
            Some(0) => break,
            Some(count) => whole.extend_from_slice(&buffer[..count]),
            None if fill(&mut input) => {}
            None => body.end_with_connection()?,
        }
    }
    let keeps_alive = body.keeps_alive();
    while fill(&mut input) {}
    Ok(Read { head, body: whole, rest: input.filled().len(), keeps_alive })
}

/// A reply of status 200 with these header lines, and `body` behind them.
fn ok(lines: &str, body: &str) -> Result<Read> {
    read(format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{body}").as_bytes(), 7)
}

/// The body, and whether the connection is kept.
fn framed(lines: &str, body: &str) -> (String, bool) {
    let read = ok(lines, body).unwrap();
    (String::from_utf8(read.body).unwrap(), read.keeps_alive)
}

fn is_not_http(result: Result<Read>) -> bool {
    matches!(result, Err(Error::NotHttp { .. }))
}

#[test]
fn headers_are_found_in_any_case_and_the_first_that_is_not_empty_counts() {
    let lines = "ETAG:\r\nRetry-AFTER:\r\nRetry-AFTER:  7 \r\nretry-after: 8\r\nX: y";
    let head = ok(lines, "").unwrap().head;
    assert_eq!(head.status, 200);
    assert_eq!(head.header("retry-after"), Some("7"));
    assert_eq!(head.header("etag"), None);
    assert_eq!(head.header("date"), None);
}

#[test]
fn all_values_of_a_header_are_had_as_bytes() {
    let sent = b"HTTP/1.1 302 x\r\nLocation: /\xe9\r\nlocation:/b \r\n\r\n";
    let head = read(sent, 99).unwrap().head;
    assert_eq!(head.header("location"), None);
    assert!(head.values("location").eq([&b"/\xe9"[..], b"/b"]));
    assert_eq!(head.values("date").count(), 0);
}

#[test]
fn folded_lines_are_unfolded() {
    let folded = "X-Other: a\r\n b\r\nRetry-After:\r\n\t 7\r\nETag: \"a\r\n  b\"\r\nDate: x";
    let head = ok(folded, "").unwrap().head;
    assert_eq!(head.header("retry-after"), Some("7"));
    assert_eq!(head.header("etag"), Some("\"a b\""));
    assert_eq!(framed("Content-Length:\r\n 4", "bodymore"), ("body".into(), true));
    assert_eq!(framed("Transfer-Encoding:\r\n chunked", "1\r\na\r\n0\r\n\r\n").0, "a");
    assert!(ok("Content-Encoding: identity,\r\n gzip", "").unwrap().head.is_coded);
    assert!(is_not_http(read(b"HTTP/1.1 200 OK\r\n folded: x\r\n\r\n", 7)));
}

#[test]
fn a_body_is_framed_as_the_rfc_says() {
    let chunks = "4\r\nbody\r\n0\r\n\r\nmore";
    let body = |kept| ("body".to_owned(), kept);
    assert_eq!(framed("Content-Length: 4", "bodymore"), body(true));
    assert_eq!(framed("Content-Length: 4\r\nContent-Length: 4", "bodymore"), body(true));
    assert_eq!(framed("Content-Length: 4, 04", "bodymore"), body(true));
    assert_eq!(framed("Transfer-Encoding: chunked", chunks), body(true));
    assert_eq!(framed("X: y", "body"), body(false));
    assert_eq!(framed("Content-Length: 5\r\nTransfer-Encoding: chunked", chunks), body(false));
    assert_eq!(framed("Content-Length: 4\r\nTransfer-Encoding: identity", "bodymore"), body(true));
    assert_eq!(framed("Transfer-Encoding: identity", "body"), body(false));
    assert_eq!(framed("Transfer-Encoding: gzip, Chunked", chunks), body(false));
    for status in ["101 x", "204 x", "304 x"] {
        let sent = format!("HTTP/1.1 {status}\r\nContent-Length: 5\r\n\r\nmore");
        let read = read(sent.as_bytes(), 7).unwrap();
        assert_eq!((read.body.len(), read.rest), (0, 4), "{status}");
        // What comes after a 101 is another protocol.
        assert_eq!(read.keeps_alive, status != "101 x");
    }
}

#[test]
fn line_feeds_are_enough_in_a_head_and_empty_lines_may_precede_it() {
    let read = read(b"\r\n\nHTTP/1.1 200\nContent-Length: 4\n\nbody", 3).unwrap();
    assert_eq!((&*read.body, read.keeps_alive), (&b"body"[..], true));
}

#[test]
fn chunks_of_http_1_0_are_read_and_its_connection_is_not_kept() {
    let sent = b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n\
                 1\r\na\r\n0\r\n\r\n";
    let read = read(sent, 9).unwrap();
    assert_eq!((&*read.body, read.keeps_alive), (&b"a"[..], false));
}

#[test]
fn a_coding_that_was_not_asked_for_is_seen() {
    let is_coded = |lines: &str| {
        let sent = format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n0\r\n\r\n");
        read(sent.as_bytes(), 99).unwrap().head.is_coded
    };
    for coding in ["gzip", "gzip, chunked", "chunked; q=1", "\"chunked\"", "chunked, chunked"] {
        assert!(is_coded(&format!("Transfer-Encoding: {coding}")), "{coding}");
    }
    assert!(is_coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"));
    for coding in ["chunked", "Identity", "chunked,", ", chunked, identity", ""] {
        assert!(!is_coded(&format!("Transfer-Encoding: {coding}")), "{coding}");
    }
    assert!(is_coded("Content-Encoding: gzip") && is_coded("Content-Encoding: identity, br"));
    assert!(!is_coded("Content-Encoding: IDENTITY") && !is_coded("Content-Encoding:"));
}

#[test]
fn a_connection_is_kept_unless_somebody_ends_it() {
    assert!(!framed("Content-Length: 0\r\nConnection: x, Close", "").1);
    let old = |more: &str| {
        let sent = format!("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n{more}\r\n\r\n");
        read(sent.as_bytes(), 99).unwrap().keeps_alive
    };
    assert!(!old("X: y") && old("Connection: Keep-Alive"));
}

#[test]
fn interim_responses_are_passed_over_whatever_they_hold() {
    let early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\nContent-Length: 7\r\n\r\n";
    let go_on = "HTTP/1.1 100 Continue\r\nDate: x\r\nConnection: close\r\n\r\n";
    let last = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";
    let read = read([early, go_on, early, last].concat().as_bytes(), 5).unwrap();
    assert_eq!((&*read.body, read.keeps_alive), (&b"body"[..], true));
    assert!(is_not_http(super::tests::read(early.repeat(MOST_INTERIM + 1).as_bytes(), 99)));
}

#[test]
fn heads_are_read_up_to_a_limit() {
    let lines = "x: y\r\n".repeat(MOST_LINES - 1);
    assert_eq!(framed(&format!("{lines}Content-Length: 4"), "body").0, "body");
    assert!(is_not_http(ok(&format!("{lines}x: y\r\nx: y"), "")));
    let policy = |length: usize| format!("x: {}\r\nContent-Length: 4", "y".repeat(length));
    assert_eq!(framed(&policy(60_000), "body").0, "body");
    let over = ok(&policy(LONGEST), "").map(drop);
    assert_eq!(over, Err(Error::HeadTooLarge { limit: LONGEST }));
}

#[test]
fn what_is_not_http_is_refused() {
    for lines in [
        "HTTP/1.1 200 OK\r\nContent-Length: +5",
        "HTTP/1.1 200 OK\r\nContent-Length: 5, 6",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6",
        "HTTP/1.1 200 OK\r\nContent-Length:",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999",
        "HTTP/1.1 200 OK\r\nX : y",
        "HTTP/1.1 200 OK\r\n: y",
        "HTTP/1.1 200 OK\r\nX",
        "HTTP/1.1 200 OK\r\nX: a\rb",
        "HTTP/1.1 200 OK\r\n\rX: y",
        "HTTP/1.1 200 OK\r\nX: y\r\n \rz",
        "HTTP/1.1 200 OK\r\nX: a\0b",
        "HTTP/2 200 OK",
        "HTTP/1.1 099 x",
        "HTTP/1.1 20 x",
        "HTTP/1.1 1",
    ] {
        assert!(is_not_http(read(format!("{lines}\r\n\r\n").as_bytes(), 7)), "{lines}");
    }
}

#[test]
fn what_cannot_become_a_status_line_is_refused_at_once() {
    for sent in [&b"SSH-2.0-x"[..], b"\x15\x03\x03", b"HTTP/2", b"<", b"\n\nx"] {
        let (context, mut input) = (context(), ReadBuffer::new(sent.to_vec()));
        input.add(sent.len());
        let read = HeadReader::new().unwrap().read(&mut input, &context);
        assert!(matches!(read, Err(Error::NotHttp { .. })), "{sent:?}");
    }
    let (context, mut input) = (context(), ReadBuffer::new(b"HTTP".to_vec()));
    input.add(4);
    assert_eq!(HeadReader::new().unwrap().read(&mut input, &context), Ok(false));
}

const CHUNKED: &str = "Transfer-Encoding: chunked";

#[test]
fn a_body_is_read_to_its_end_and_no_further() {
    let chunks = "3\r\nabc\r\n00A;x=\"y\"\r\n0123456789\r\n0  ;z\r\nX: y\r\n folded\r\n\r\nmore";
    let extension = format!("1;{}\r\na\r\n0\r\n\r\n", "x".repeat(60_000));
    for piece in [1, 2, 7, 100_000] {
        let sent = |lines, body| format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\n{body}");
        let whole = read(sent(CHUNKED, chunks).as_bytes(), piece).unwrap();
        assert_eq!((&*whole.body, whole.rest), (&b"abc0123456789"[..], 4));
        let whole = read(sent("Content-Length: 3", "abcmore").as_bytes(), piece).unwrap();
        assert_eq!((&*whole.body, whole.rest), (&b"abc"[..], 4));
        let whole = read(sent("X: y", "abc").as_bytes(), piece).unwrap();
        assert_eq!((&*whole.body, whole.rest), (&b"abc"[..], 0));
        assert_eq!(read(sent(CHUNKED, &extension).as_bytes(), piece).unwrap().body, b"a");
    }
}

#[test]
fn a_body_that_ends_early_is_a_lost_connection() {
    for sent in ["", "3", "3\r\nab", "3\r\nabc", "3\r\nabc\r\n", "0\r\n", "0\r\nX: y\r\n"] {
        assert!(matches!(ok(CHUNKED, sent), Err(Error::Lost { .. })), "{sent}");
    }
    assert!(matches!(ok("Content-Length: 3", "ab"), Err(Error::Lost { .. })));
}

#[test]
fn chunks_that_are_none_are_refused_at_once() {
    let endless = format!("1;{}", "x".repeat(LONGEST));
    for sent in [
        "\r\n",
        "x\r\n",
        "-1\r\n",
        " 1\r\na\r\n",
        "1\na\r\n",
        "1\r\r\na\r\n",
        "1 2\r\na\r\n",
        "1\r\nab\r\n",
        "1\r\na\n\n",
        "10000000000000000\r\n",
        "0\r\nX\r\n\r\n",
        "0\r\nX y: z\r\n\r\n",
        &endless,
    ] {
        assert!(is_not_http(ok(CHUNKED, sent)), "{sent:.40?}");
    }
}

#[test]
fn more_trailers_than_fit_are_no_error_of_a_body_that_was_whole() {
    for trailers in ["X: y\r\n".repeat(LONGEST / 4), "x".repeat(LONGEST + 9)] {
        let whole = ok(CHUNKED, &format!("1\r\na\r\n0\r\n{trailers}\r\n")).unwrap();
        assert_eq!((&*whole.body, whole.keeps_alive), (&b"a"[..], false));
    }
}

#[test]
fn extensions_that_outweigh_their_body_are_refused() {
    let chunk = format!("1;{}\r\na\r\n", "x".repeat(1000));
    let sent = format!("{}0\r\n\r\n", chunk.repeat(70));
    assert!(is_not_http(ok(CHUNKED, &sent)));
}
