//! Files: their content, the parts of them, and how they break.

use super::client::{Agent, Client, End};
use crate::emulator::media::{Wanted, wanted};
use crate::emulator::{Emulator, Script, media_bytes};
use serde_json::{Value, json};

fn media(media: Value) -> Emulator {
    Emulator::start(Script::from_value(json!({ "media": { "a.mp4": media } })))
}

#[test]
fn ranges_are_read_as_the_rfc_says() {
    let cases = [
        ("bytes=0-", Wanted::Part(0, 9)),
        ("bytes=9-", Wanted::Part(9, 9)),
        ("bytes=10-", Wanted::Unsatisfiable),
        ("bytes=2-3", Wanted::Part(2, 3)),
        ("bytes=2-300", Wanted::Part(2, 9)),
        ("bytes=12-300", Wanted::Unsatisfiable),
        ("bytes=-3", Wanted::Part(7, 9)),
        ("bytes=-30", Wanted::Part(0, 9)),
        ("bytes=-0", Wanted::Unsatisfiable),
        ("bytes=3-2", Wanted::Whole),
        ("bytes=-", Wanted::Whole),
        ("bytes=+1-2", Wanted::Whole),
        ("bytes=1", Wanted::Whole),
        ("bytes=0-1,3-4", Wanted::Whole),
        ("pieces=0-1", Wanted::Whole),
    ];
    for (range, expected) in cases {
        assert_eq!(wanted(range, 10), expected, "{range}");
    }
    assert_eq!(wanted("bytes=0-", 0), Wanted::Unsatisfiable);
    assert_eq!(wanted("bytes=-5", 0), Wanted::Whole);
}

#[test]
fn content_is_fixed_by_name_and_place() {
    let (all, start) = (media_bytes("a", 1000), media_bytes("a", 100));
    assert_eq!(&all[..100], start);
    assert_ne!(media_bytes("b", 100), start);
}

#[test]
fn files_are_sent_whole_and_in_parts() {
    let size = 200_000;
    let emulator = media(json!({ "size": size }));
    let all = media_bytes("a.mp4", size);
    let agent = Agent::to(&emulator);
    let get = |headers: &[(&str, &str)]| agent.get("/media/a.mp4?signed=1", headers);
    let reply = get(&[]);
    assert_eq!((reply.status, &reply.body), (200, &all));
    assert_eq!(
        (reply.header("ETag"), reply.header("Accept-Ranges")),
        (Some("\"v1\""), Some("bytes"))
    );
    assert_eq!(reply.header("Content-Type"), Some("video/mp4"));
    let reply = get(&[("Range", "bytes=70003-140004")]);
    assert_eq!((reply.status, &reply.body[..]), (206, &all[70_003..140_005]));
    assert_eq!(reply.header("Content-Range"), Some("bytes 70003-140004/200000"));
    let reply = get(&[("Range", "bytes=200000-")]);
    assert_eq!((reply.status, reply.header("Content-Range")), (416, Some("bytes */200000")));
}

#[test]
fn if_range_decides_between_part_and_whole() {
    let emulator = media(json!({ "size": 10 }));
    let agent = Agent::to(&emulator);
    let status = |known: &str| {
        agent.get("/media/a.mp4", &[("Range", "bytes=5-"), ("If-Range", known)]).status
    };
    assert_eq!(status("\"v1\""), 206);
    assert_eq!(status("\"v2\""), 200);
    assert_eq!(status("W/\"v1\""), 200);
    assert_eq!(status("Wed, 01 Jan 2025 00:00:00 GMT"), 206);
    assert_eq!(status("Wed, 01 Jan 2025 00:00:01 GMT"), 200);
}

#[test]
fn files_may_lack_ranges_and_validators() {
    let emulator =
        media(json!({ "size": 10, "ranges": false, "etag": null, "last_modified": null }));
    let reply = Agent::to(&emulator).get("/media/a.mp4", &[("Range", "bytes=5-")]);
    assert_eq!((reply.status, reply.body.len()), (200, 10));
    assert!(reply.header("ETag").is_none() && reply.header("Last-Modified").is_none());
}

#[test]
fn head_has_the_length_and_no_body() {
    use std::io::Write;
    let emulator = media(json!({ "size": 10 }));
    let mut client = Client::to(&emulator);
    write!(client.socket, "HEAD /media/a.mp4 HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    assert!(client.head().contains("Content-Length: 10\r\n"));
    assert_eq!(client.rest(), (Vec::new(), End::Fin));
}

#[test]
fn steps_break_files_and_replace_them() {
    let emulator = Emulator::start(Script::from_value(json!({ "media": {
        "a.mp4": { "size": 300_000, "steps": [
            { "cut_at_body": 100_001 },
            { "status": 403 },
            { "media": "b.mp4", "headers": { "X-New": "yes" } },
        ] },
        "b.mp4": { "size": 3, "content": "other", "etag": "\"v2\"" },
    } })));
    let mut client = Client::to(&emulator);
    client.send("/media/a.mp4", "");
    assert!(client.head().contains("Content-Length: 300000\r\n"));
    assert_eq!(client.rest(), (media_bytes("a.mp4", 100_001), End::Fin));
    let agent = Agent::to(&emulator);
    assert_eq!(agent.get("/media/a.mp4", &[]).status, 403);
    let reply = agent.get("/media/a.mp4", &[("Range", "bytes=1-"), ("If-Range", "\"v1\"")]);
    assert_eq!((reply.status, reply.header("X-New")), (200, Some("yes")));
    assert_eq!(reply.body, media_bytes("other", 3));
}

#[test]
fn files_come_in_chunks_too() {
    let emulator = media(json!({ "size": 6, "steps": [{ "chunked": true }] }));
    assert_eq!(Agent::to(&emulator).get("/media/a.mp4", &[]).body, media_bytes("a.mp4", 6));
    let mut client = Client::to(&emulator);
    client.send("/media/a.mp4", "");
    client.head();
    let bytes = media_bytes("a.mp4", 6);
    let chunk = |at: usize| [b"2\r\n", &bytes[at..at + 2], b"\r\n"].concat();
    let body = [chunk(0), chunk(2), chunk(4), b"0\r\n\r\n".to_vec()].concat();
    assert_eq!(client.exactly(body.len()), body);
}

#[test]
fn a_reset_loses_nothing_that_was_sent_before() {
    let emulator = media(json!({ "size": 500_000, "steps": [{ "reset_at_body": 400_000 }] }));
    let mut client = Client::to(&emulator);
    client.send("/media/a.mp4", "");
    client.head();
    assert!(client.exactly(400_000) == media_bytes("a.mp4", 400_000));
    assert_eq!(client.rest(), (Vec::new(), End::Reset));
}

#[test]
fn a_step_may_stand_until_so_many_bytes_were_sent() {
    let emulator =
        media(json!({ "size": 10, "steps": [{ "until_bytes": 15 }, { "status": 403 }] }));
    let agent = Agent::to(&emulator);
    let ask = |range: &str| agent.get("/media/a.mp4", &[("Range", range)]).status;
    // What goes beyond the limit is sent to its end.
    assert_eq!([ask("bytes=0-9"), ask("bytes=0-3"), ask("bytes=0-3")], [206, 206, 206]);
    assert_eq!([ask("bytes=0-3"), ask("bytes=0-3")], [403, 403]);
}

#[test]
fn a_step_may_stand_until_some_time_after_the_first_request() {
    let steps = json!([{ "status": 404, "until_ms": 300 }, { "repeat": 2 }, { "status": 410 }]);
    let emulator = media(json!({ "size": 10, "steps": steps }));
    let agent = Agent::to(&emulator);
    let begun = std::time::Instant::now();
    let mut statuses = Vec::new();
    while !statuses.contains(&410) {
        statuses.push(agent.get("/media/a.mp4", &[]).status);
        // However slow the machine is, the first request is one of the first step.
        let is_early = begun.elapsed() < std::time::Duration::from_millis(300);
        assert!(!is_early || statuses.iter().all(|status| *status == 404), "{statuses:?}");
    }
    let late: Vec<_> = statuses.iter().skip_while(|status| **status == 404).collect();
    assert!(statuses[0] == 404 && late == [&200, &200, &410], "{statuses:?}");
}
