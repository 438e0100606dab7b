//! Writes `include/pictory.h`, and names the shared library for the linker.

// A build script has nobody to report to but the person who reads its panic.
#![allow(clippy::expect_used)]

use std::path::Path;
use std::{env, fs};

/// The files of the header, in its order.
const SOURCES: [&str; 11] = [
    "types",
    "version",
    "config",
    "client",
    "result",
    "job",
    "wait_options",
    "cancel_token",
    "watcher",
    "download_options",
    "download",
];

const ABI_VERSION: u32 = 1;

/// The test for a C that has enums of a fixed width.
const STANDARD: &str = "__STDC_VERSION__ >= 202311L";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=cbindgen.toml");
    println!("cargo::rerun-if-changed=src/ffi");
    println!("cargo::rerun-if-changed=include/pictory.h");
    write_header();
    for argument in link_arguments(&env::var("CARGO_CFG_TARGET_OS").unwrap_or_default()) {
        println!("cargo::rustc-cdylib-link-arg=-Wl,{argument}");
    }
}

/// Without a name in the library (its soname or install name), programs would record the path that
/// they were linked with. Its threads and its fork handler must not lose their code to dlclose: hence
/// nodelete, wherever a linker knows it. Apple's dyld never unloads a library with thread-local
/// variables, which this one has.
fn link_arguments(system: &str) -> Vec<String> {
    let name = format!("libpictory.so.{ABI_VERSION}");
    let nodelete = "-z,nodelete".to_owned();
    match system {
        "linux" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" => {
            vec![format!("-soname,{name}"), nodelete]
        }
        // A package for Android holds only files that end in ".so".
        "android" => vec!["-soname,libpictory.so".to_owned(), nodelete],
        // The system's own linker has this spelling alone, which GNU's and LLVM's take too.
        "illumos" | "solaris" => vec![format!("-h,{name}"), nodelete],
        "macos" => vec![format!("-install_name,@rpath/libpictory.{ABI_VERSION}.dylib")],
        _ => Vec::new(),
    }
}

fn write_header() {
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let root = Path::new(&root);
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml");
    let sources = SOURCES.map(|name| root.join(format!("src/ffi/{name}.rs")));
    let builder = cbindgen::Builder::new().with_config(config);
    let builder = sources.iter().fold(builder, |builder, source| builder.with_src(source));
    let mut generated = Vec::new();
    builder.generate().expect("the header can be generated").write(&mut generated);
    let header = String::from_utf8(generated).expect("a header in UTF-8");
    let header = header.lines().map(finish).collect::<String>();
    let path = root.join("include/pictory.h");
    // Only when it differs: a time stamp would have everything built again, and a source tree may
    // be read-only.
    if fs::read_to_string(&path).ok().as_deref() != Some(&header) {
        fs::write(&path, header).expect("include/pictory.h can be written");
    }
}

/// One line as C compilers and import tools take it: a negative constant in parentheses, so that it
/// stays one value in every expression; the largest count as a literal; no comment that C90 does not
/// know, nor a macro that is not defined.
fn finish(line: &str) -> String {
    let line = line
        .split_once("//")
        .filter(|_| line.starts_with(['#', '}']))
        .map_or(line, |(code, _)| code);
    let line = line.trim_end();
    let line = line.replace("UINT32_MAX", "0xFFFFFFFFu");
    let line = line.replace(STANDARD, &format!("(defined(__STDC_VERSION__) && {STANDARD})"));
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("#define"), Some(name), Some(value), None) if value.starts_with('-') => {
            format!("#define {name} ({value})\n")
        }
        _ => format!("{line}\n"),
    }
}
