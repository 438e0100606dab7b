//! Which scripts are taken, and what is said of the others.

use crate::emulator::Script;

#[test]
fn wrong_scripts_are_refused_with_a_reason() {
    let cases = [
        ("{", "EOF"),
        (r#"{ "job": {} }"#, "unknown field `job`"),
        (r#"{ "default": [{ "exampel": "failed" }] }"#, "unknown field `exampel`"),
        (r#"{ "default": [{ "example": "done" }] }"#, "unknown variant `done`"),
        (r#"{ "default": [] }"#, "a list of steps is empty"),
        (r#"{ "default": [{ "repeat": 0 }] }"#, "`repeat` must be at least 1"),
        (r#"{ "default": [{ "repeat": 2, "until_ms": 5 }] }"#, "can have one of `repeat`"),
        (r#"{ "default": [{ "status": 99 }] }"#, "`status` must have three digits"),
        (r#"{ "default": [{ "cut_after": 1, "reset_after": 1 }] }"#, "can have one of the cut"),
        (r#"{ "default": [{ "example": "failed", "body": "" }] }"#, "can have one of `example`"),
        (r#"{ "default": [{ "chunked": true, "no_length": true }] }"#, "exclude each other"),
        (r#"{ "default": [{ "no_length": true, "then": "keep" }] }"#, "cannot be kept"),
        (r#"{ "default": [{ "body_hex": "abc" }] }"#, "hexadecimal"),
        (r#"{ "default": [{ "raw_hex": "+1" }] }"#, "hexadecimal"),
        (r#"{ "default": [{ "headers": { "A": 1 } }] }"#, "a string or a list of strings"),
        (r#"{ "default": [{ "dribble": { "bytes": 0, "every_ms": 1 } }] }"#, "at least 1 byte"),
        (r#"{ "default": [{ "http": "2" }] }"#, "unknown variant `2`"),
        (r#"{ "default": [{ "media": "a" }] }"#, "`a`, which is not among the media"),
        (r#"{ "jobs": { "a": [{}], "A": [{}] } }"#, "is listed twice"),
        (r#"{ "media": { "a": {} } }"#, "missing field `size`"),
        (r#"{ "media": { "a": { "size": 1, "tag": "" } } }"#, "unknown field `tag`"),
        (r#"{ "connections": ["shut"] }"#, "unknown variant `shut`"),
    ];
    for (text, reason) in cases {
        let error = Script::from_json(text).expect_err(text);
        assert!(error.contains(reason), "{text}: {error}");
    }
    let error = Script::from_json("{\n  \"job\": {}\n}").unwrap_err();
    assert!(error.contains("line 2"), "{error}");
}

#[test]
fn every_member_is_taken() {
    let text = r#"{
        "api_key": "k",
        "jobs": { "a": [{ "example": "failed", "repeat": 2, "delay_ms": 1, "chunked": true,
            "headers": { "A": "b", "C": ["d", "e"] }, "then": "close", "http": "1.1" }] },
        "default": [{ "raw": "x", "cut_after": 1 }, { "raw_hex": "00", "reset_after": 1 },
            { "body": null, "stall_after": 1 }, { "status": 200, "reason": "r", "cut_at_body": -1 },
            { "body_hex": "", "reset_at_body": 1 }, { "no_length": true, "stall_at_body": 1 },
            { "dribble": { "bytes": 1, "every_ms": 0 }, "close_after_ms": 5 }],
        "media": { "m": { "size": 1, "etag": null, "last_modified": null, "content_type": "a/b",
            "content": "n", "ranges": false, "steps": [{ "until_ms": 1 }, { "until_bytes": 1 },
            { "media": "m" }] } },
        "connections": [null, "stall", "close", "reset", "garbage", { "stall_after_bytes": 1 }]
    }"#;
    Script::from_json(text).unwrap();
    Script::from_json("{}").unwrap();
    Script::examples();
}
