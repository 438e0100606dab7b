//! The library as the linker, the loader and the kernel see it.

use super::harness::{is_missing, library};
use super::{Program, completed, connections_used};
use crate::emulator::{Emulator, Script};
use serde_json::json;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn output_of(tool: &str, options: &str) -> String {
    let output = Command::new(tool).arg(options).arg(library()).output().expect("the tool");
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// Runs it, and tells that each use of the library connected anew and left nothing open.
fn load(program: Program) {
    let emulator = completed();
    program.against(&emulator).run();
    assert_eq!(connections_used(&emulator), (0..100).collect::<Vec<_>>());
    assert!(emulator.wait_for_open_connections(0));
}

#[test]
fn the_library_can_be_loaded_used_and_closed_a_hundred_times() {
    load(Program::new("load", ""));
}

#[test]
fn two_copies_of_the_library_work_in_one_process() {
    let copy = env::temp_dir().join(format!("pictory-copy-{}.so", std::process::id()));
    fs::copy(library(), &copy).expect("a copy of the library");
    load(Program::new("load", "").with("PICTORY_TEST_SECOND_LIBRARY", &copy));
    fs::remove_file(&copy).expect("the copy goes");
}

#[test]
fn every_exported_symbol_begins_with_pictory() {
    if is_missing("nm") {
        return;
    }
    let exported = output_of("nm", "-D");
    let names = exported.lines().filter_map(|line| {
        let mut words = line.split_whitespace().rev();
        let (name, kind) = (words.next()?, words.next()?);
        kind.chars().all(|c| c.is_uppercase() && c != 'U').then_some(name)
    });
    let names: Vec<_> = names.collect();
    let foreign: Vec<_> = names.iter().filter(|name| !name.starts_with("pictory_")).collect();
    assert!(foreign.is_empty(), "{foreign:?}");
    // And what the header declares is there.
    let header = Path::new(env!("CARGO_MANIFEST_DIR")).join("include/pictory.h");
    let header = fs::read_to_string(header).expect("the header");
    let declared = header.lines().filter(|line| line.starts_with(|c: char| c.is_lowercase()));
    for line in declared.filter(|line| !line.starts_with("typedef") && line.contains('(')) {
        let before = line.split('(').next().unwrap_or_default();
        let name = before.rsplit([' ', '*']).next().unwrap_or_default();
        assert!(names.contains(&name), "{name} is declared, but not exported");
    }
    assert!(names.len() > 60, "only {} symbols", names.len());
}

/// What would change the host's process, or listen to an environment that is not to be trusted.
#[test]
fn the_library_calls_nothing_that_changes_the_process() {
    // What counts coverage writes it down at the end of the process.
    if is_missing("nm") || std::env::var_os("LLVM_PROFILE_FILE").is_some() {
        return;
    }
    let undefined = output_of("nm", "-D");
    let called = |name: &str| {
        let is_it = |word: &str| word.split('@').next() == Some(name);
        undefined.lines().any(|line| line.split_whitespace().next_back().is_some_and(is_it))
    };
    assert!(called("secure_getenv"), "a setuid program would take its key from its user");
    for name in [
        "sigaction",
        "signal",
        "atexit",
        "__cxa_atexit",
        "on_exit",
        "setlocale",
        "umask",
        "setenv",
        "putenv",
        "unsetenv",
        "printf",
        "puts",
    ] {
        assert!(!called(name), "{name} is called");
    }
}

#[test]
fn the_library_needs_only_the_systems_own_and_has_its_soname() {
    if is_missing("readelf") {
        return;
    }
    let entries = output_of("readelf", "-d");
    let named = |kind: &str| -> Vec<String> {
        let lines = entries.lines().filter(|line| line.contains(kind));
        let name = |line: &str| Some(line.split_once('[')?.1.split_once(']')?.0.to_owned());
        lines.filter_map(name).collect()
    };
    assert_eq!(named("(SONAME)"), ["libpictory.so.1"]);
    for needed in named("(NEEDED)") {
        // Threads and dlopen are in libraries of their own before glibc 2.34.
        let is_the_systems = [
            "libc.so",
            "libgcc_s.so",
            "libm.so",
            "ld-linux",
            "ld64.so",
            "libpthread.so",
            "libdl.so",
        ]
        .iter()
        .any(|name| needed.starts_with(name));
        assert!(is_the_systems, "{needed} is needed");
    }
    assert!(entries.contains("NODELETE"), "dlclose would take away the code of its fork handler");
    assert!(named("(RPATH)").is_empty() && named("(RUNPATH)").is_empty());
}

/// Runs the program under strace, and gives the system calls of its 200 gets. `name` is that of the
/// trace.
fn calls_of_gets(name: &str, program: Program) -> Option<Vec<String>> {
    if is_missing("strace") {
        return None;
    }
    let file =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.{}", std::process::id()));
    let words = ["strace", "-f", "-o"].map(OsStr::new);
    program.by(&[&words[..], &[file.as_os_str()]].concat()).run();
    let trace = fs::read_to_string(&file).expect("what strace has written");
    let _ = fs::remove_file(&file);
    let lines = trace.lines().skip_while(|line| !line.contains("/pictory-begin")).skip(1);
    let lines = lines.take_while(|line| !line.contains("/pictory-end"));
    Some(lines.map(str::to_owned).collect())
}

/// A connection that the server has reset would raise SIGPIPE.
#[test]
fn no_system_calls_that_send_over_tls_raise_sigpipe() {
    let steps = json!({ "default": [{ "example": "completed" }] });
    let emulator = Emulator::start_tls(Script::from_value(steps));
    let program = Program::new("calls", "gets_between_marks").against_tls(&emulator);
    let Some(calls) = calls_of_gets("tls", program) else { return };
    assert!(calls.iter().any(|line| line.contains("MSG_NOSIGNAL")));
    let writes = calls.iter().find(|line| line.contains(" write"));
    assert_eq!(writes, None, "as by writev");
}

#[test]
fn a_get_on_a_live_connection_makes_at_most_four_system_calls() {
    const GETS: usize = 200;
    let emulator = completed();
    let program = Program::new("calls", "gets_between_marks").against(&emulator);
    let Some(calls) = calls_of_gets("http", program) else { return };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &calls {
        let call = line.split_once(' ').map_or("", |(_, call)| call.trim_start());
        *counts.entry(call.split('(').next().unwrap_or_default()).or_default() += 1;
        // Or a connection that the server has reset would raise SIGPIPE.
        assert!(!call.starts_with("send") || call.contains("MSG_NOSIGNAL"), "{call}");
    }
    println!("{} system calls in {GETS} gets: {counts:?}", calls.len());
    assert!(!counts.keys().any(|call| call.contains("clone")), "a thread was started: {counts:?}");
    assert!(calls.len() >= 2 * GETS, "the tracer has lost some: {counts:?}");
    assert!(calls.len() <= 4 * GETS, "{counts:?}");
    assert_eq!(connections_used(&emulator), [0; 20 + GETS]);
}
