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

/// The enums of the header.
const ENUMS: [&str; 4] = ["pictory_code", "pictory_status", "pictory_log_level", "pictory_output"];

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
    let header = ENUMS.iter().fold(header, |header, name| with_plain_enum(&header, name));
    let path = root.join("include/pictory.h");
    // Only when it differs: a time stamp would have everything built again, and a source tree may
    // be read-only.
    if fs::read_to_string(&path).ok().as_deref() != Some(&header) {
        fs::write(&path, header).expect("include/pictory.h can be written");
    }
}

/// One line as C compilers and import tools take it: a negative constant in parentheses, so that it
/// stays one value in every expression; the largest count as a literal; no comment that C90 does not
/// know.
fn finish(line: &str) -> String {
    let is_comment = line.starts_with(['#', '}']) && line.contains("//");
    let line = line.split("//").next().filter(|_| is_comment).unwrap_or(line).trim_end();
    let line = line.replace("UINT32_MAX", "0xFFFFFFFFu");
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("#define"), Some(name), Some(value), None) if value.starts_with('-') => {
            format!("#define {name} ({value})\n")
        }
        _ => format!("{line}\n"),
    }
}

/// The header with an enum that is 32 bits wide in every standard: in C++ by its underlying type, in C as
/// an integer beside it, whose name is not that of the enum, since C++ has one name for both.
fn with_plain_enum(header: &str, name: &str) -> String {
    let (before, rest) = header.split_once(&format!("enum {name}\n#if")).expect("an enum");
    let (_, rest) = rest.split_once(" {\n").expect("its beginning");
    let (body, rest) = rest.split_once("};\n#ifndef __cplusplus\n").expect("its end");
    let (_, rest) = rest.split_once("#endif\n#endif\n").expect("the end of its type");
    format!(
        "{before}#ifdef __cplusplus\nenum {name} : int32_t {{\n#else\ntypedef int32_t {name};\n\
         enum {name}_number {{\n#endif\n{body}}};\n{rest}"
    )
}
