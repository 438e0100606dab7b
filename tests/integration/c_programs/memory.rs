//! An allocator that refuses large blocks.

use super::{Program, in_progress};
use crate::downloads::{Folder, NAME, Shop};
use crate::emulator::{Emulator, Script};
use serde_json::json;

/// valgrind has an allocator of its own.
fn program(case: &'static str) -> Program {
    Program::new("memory", case).exempt_from_valgrind()
}

#[test]
fn a_large_body_without_memory_is_a_system_error() {
    let large = "x".repeat(600_000);
    for is_chunked in [false, true] {
        let step = json!({
            "body": { "data": { "status": "in-progress", "extra": large } }, "chunked": is_chunked,
        });
        let emulator = Emulator::start(Script::from_value(json!({ "default": [step] })));
        program("a_large_body_without_memory_is_a_system_error").against(&emulator).run();
    }
}

#[test]
fn a_parsed_body_without_memory_is_a_system_error() {
    program("a_parsed_body_without_memory_is_a_system_error").run();
}

#[test]
fn a_download_without_a_buffer_is_a_system_error() {
    let data = json!({ "status": "completed", "url": format!("{{base}}/media/{NAME}") });
    let shop = Shop::of(json!({
        "default": [{ "body": { "data": data } }],
        "media": { NAME: { "size": 1000 } },
    }));
    let folder = Folder::new();
    program("a_download_without_a_buffer_is_a_system_error")
        .against(&shop.emulator)
        .with("PICTORY_TEST_PATH", folder.0.join(NAME))
        .run();
}

#[test]
fn a_watch_without_room_is_refused() {
    program("a_watch_without_room_is_refused").against(&in_progress()).run();
}
