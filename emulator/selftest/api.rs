//! The emulator's answers, and its record of requests.

use super::client::{Agent, Client, End, ID};
use crate::emulator::page::Example;
use crate::emulator::{Emulator, Script, media_bytes};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};

fn emulator(script: serde_json::Value) -> Emulator {
    Emulator::start(Script::from_value(script))
}

#[test]
fn examples_are_sent_byte_for_byte() {
    let all = ["in-progress", "completed", "failed", "not-found", "unauthorized"];
    let steps: Vec<_> = all.iter().map(|name| json!({ "example": name })).collect();
    let emulator = emulator(json!({ "jobs": { ID: steps } }));
    let reply = Client::to(&emulator).poll();
    assert!(reply.head.starts_with("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"));
    assert_eq!(
        reply.text(),
        "{\n    \"job_id\": \"4a09edf9-d071-4847-bda5-8dea913d80fe\",\n    \"success\": true,\n    \
         \"data\": {\n        \"status\": \"in-progress\"\n    }\n}"
    );
    let agent = Agent::to(&emulator);
    for example in [Example::Completed, Example::Failed, Example::NotFound] {
        let reply = agent.poll();
        assert_eq!((reply.status, reply.text()), (200, &*example.body(ID)));
    }
    let reply = agent.poll();
    assert_eq!((reply.status, reply.text()), (401, "{\n    \"message\": \"Unauthorized\"\n}"));
}

#[test]
fn examples_carry_the_id_asked_for() {
    let emulator = emulator(json!({ "default": [{ "example": "failed" }] }));
    let other = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    let reply = Agent::to(&emulator).poll_of(other);
    assert_eq!(reply.text(), Example::Failed.body(ID).replace(ID, other));
}

#[test]
fn one_connection_serves_many_requests() {
    let emulator = emulator(json!({ "default": [{ "repeat": 199 }, { "example": "completed" }] }));
    let agent = Agent::to(&emulator);
    for _ in 0..199 {
        assert!(agent.poll().text().contains("in-progress"));
    }
    for _ in 0..3 {
        assert!(agent.poll().text().contains("completed"));
    }
    assert_eq!((emulator.connections(), emulator.requests().len()), (1, 202));
}

#[test]
fn polls_are_counted_for_each_job_whatever_its_case() {
    let steps = json!([{ "status": 500 }, { "status": 501 }]);
    let emulator = emulator(json!({ "jobs": { ID.to_uppercase(): steps }, "default": steps }));
    let agent = Agent::to(&emulator);
    assert_eq!(agent.poll_of(ID).status, 500);
    assert_eq!(agent.poll_of("other").status, 500);
    assert_eq!(agent.poll_of(&ID.to_uppercase()).status, 501);
    assert_eq!(agent.poll_of("OTHER").status, 501);
}

#[test]
fn keys_are_checked() {
    let emulator = emulator(json!({ "default": [{ "example": "completed" }] }));
    let agent = Agent::to(&emulator);
    let status = |headers: &[(&str, &str)]| agent.get(&format!("/v1/jobs/{ID}"), headers).status;
    assert_eq!(status(&[]), 401);
    for refused in ["", "Bearer pictai_key"] {
        assert_eq!(status(&[("Authorization", refused)]), 401);
    }
    assert_eq!(status(&[("Authorization", "pictai_key")]), 200);
    emulator.set_script(Script::from_value(json!({ "api_key": "pictai_right" })));
    assert_eq!(status(&[("Authorization", "pictai_key")]), 401);
    assert_eq!(status(&[("authorization", "pictai_right")]), 200);
}

#[test]
fn a_new_script_starts_at_its_beginning() {
    let script = || Script::from_value(json!({ "default": [{ "status": 500 }, {}] }));
    let emulator = Emulator::start(script());
    let agent = Agent::to(&emulator);
    assert_eq!(agent.poll().status, 500);
    assert_eq!(agent.poll().status, 200);
    emulator.set_script(script());
    assert_eq!(agent.poll().status, 500);
}

#[test]
fn what_is_not_a_poll_is_not_found() {
    let emulator = emulator(json!({ "default": [{}] }));
    for path in ["/v1/jobs/", "/v1/jobs", "/v1/jobs/a/b", "/media/none.mp4"] {
        let reply = Agent::to(&emulator).get(path, &[("Authorization", "k")]);
        assert_eq!((reply.status, reply.text()), (404, "{\"message\":\"Not Found\"}"));
    }
    let reply = Agent::to(&emulator).post(&format!("/v1/jobs/{ID}"), "{}");
    assert_eq!(reply.header("Connection"), Some("close"));
    let mut client = Client::to(&emulator);
    client.socket.write_all(b"what\r\n\r\n").unwrap();
    assert_eq!(client.reply().status(), "400");
}

#[test]
fn headers_bodies_and_statuses_are_the_scripts() {
    let emulator = emulator(json!({ "default": [
        { "status": 503, "reason": "Busy", "headers": { "Retry-After": "2", "content-type": "a/b" } },
        { "body": { "n": [1] }, "headers": { "Set-Cookie": ["a", "b"], "Date": [] } },
        { "body": "as it is", "status": 404 },
        { "body_hex": "ff00" },
        { "example": "not-found", "status": 404 },
    ] }));
    let reply = Client::to(&emulator).poll();
    // No client shows how a header's name was spelled, or the reason.
    assert!(reply.head.starts_with("HTTP/1.1 503 Busy\r\n"));
    assert_eq!((reply.header("Retry-After"), reply.header("Content-Type")), (Some("2"), None));
    assert!(reply.header("Date").is_some() && reply.body.is_empty());
    let agent = Agent::to(&emulator);
    let reply = agent.poll();
    assert_eq!(reply.headers("Set-Cookie"), ["a", "b"]);
    assert_eq!((reply.text(), reply.header("Date")), ("{\"n\":[1]}", None));
    let reply = agent.poll();
    assert_eq!((reply.status, reply.text()), (404, "as it is"));
    assert_eq!(agent.poll().body, [0xff, 0]);
    let reply = agent.poll();
    assert_eq!((reply.status, reply.text()), (404, &*Example::NotFound.body(ID)));
}

#[test]
fn requests_are_remembered() {
    let emulator = Emulator::start(Script::examples());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seeing = Arc::clone(&seen);
    emulator.on_request(Box::new(move |request, answer| {
        seeing.lock().unwrap().push(format!("{} {answer}", request.method));
    }));
    Client::to(&emulator).poll();
    Client::to(&emulator).get("/else?a=b", "X-Two:  words \r\n");
    assert!(emulator.wait_for_requests(2) && emulator.wait_for_connections(2));
    let requests = emulator.requests();
    assert_eq!(requests[0].path, format!("/pictoryapis/v1/jobs/{ID}"));
    assert_eq!(requests[0].job_id.as_deref(), Some(ID));
    assert_eq!((requests[0].connection, requests[1].connection), (0, 1));
    assert_eq!(
        (requests[1].path.as_str(), requests[1].job_id.as_ref()),
        ("/pictoryapis/else?a=b", None)
    );
    assert_eq!(requests[1].header("x-two"), Some("words"));
    assert!(requests[0].at <= requests[1].at);
    assert_eq!(*seen.lock().unwrap(), ["GET 200 in-progress", "GET 404"]);
    let raw = emulator.raw();
    assert!(raw.windows(10).any(|bytes| bytes == b"pictai_key"));
    assert!(emulator.wait_for_open_connections(0));
}

#[test]
fn idle_connections_can_be_closed() {
    let emulator = emulator(json!({ "default": [{ "delay_ms": 3_600_000 }], "media": {} }));
    let (mut fresh, mut used, mut busy) =
        (Client::to(&emulator), Client::to(&emulator), Client::to(&emulator));
    used.get("/else", "");
    busy.send_poll();
    assert!(emulator.wait_for_requests(2));
    fresh.get("/else", "");
    emulator.close_idle();
    assert_eq!((fresh.end(), used.end(), busy.end()), (End::Fin, End::Fin, End::Silence));
    assert_eq!(emulator.open_connections(), 1);
}

fn members(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn names(object: &Value) -> Vec<&String> {
    object.as_object().unwrap().keys().collect()
}

#[test]
fn the_examples_are_played_without_a_script() {
    let emulator = Emulator::start(Script::examples());
    let agent = Agent::to(&emulator);
    for _ in 0..3 {
        assert_eq!(agent.poll().text(), Example::InProgress.body(ID));
    }
    let completed = agent.poll().text().to_string();
    let (completed, page) = (members(&completed), members(&Example::Completed.body(ID)));
    let url = format!("{}/media/video.mp4", emulator.url());
    assert_eq!(completed["data"]["url"], url);
    assert_eq!(agent.get("/media/video.mp4", &[]).body, media_bytes("video.mp4", 4_000_000));
    assert_eq!(names(&completed), names(&page));
    assert_eq!(names(&completed["data"]), names(&page["data"]));
    let get = |id: &str| agent.poll_of(id).text().to_string();
    let failed = "fa11ed00-0000-4000-8000-000000000000";
    assert_eq!(get(failed), Example::Failed.body(failed));
    let endless = "00000000-0000-4000-8000-000000000000";
    assert_eq!(get(endless), Example::InProgress.body(endless));
    let unknown = "99999999-0000-4000-8000-000000000000";
    assert_eq!(get(unknown), Example::NotFound.body(unknown));
}
