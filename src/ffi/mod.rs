//! The C skin: pointers become references, the core is called, its answer becomes a handle.
//!
//! Names are those of `include/pictory.h`, which is generated from these files, comments included.

#![allow(unsafe_code, non_camel_case_types)]
// Null is dealt with in `boundary`, and nothing else about a pointer can be checked.
#![allow(clippy::not_unsafe_ptr_arg_deref)]

mod boundary;

pub mod types;

pub mod version;

pub mod config;

pub mod client;

pub mod result;

pub mod job;

pub mod wait_options;

pub mod cancel_token;

pub mod watcher;

pub mod download_options;

pub mod download;

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn source(folder: &str) -> Vec<(String, String)> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap()
        {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
            if path.is_dir() {
                files.extend(source(&name));
            } else {
                files.push((name, std::fs::read_to_string(&path).unwrap()));
            }
        }
        files
    }

    #[test]
    fn every_exported_function_runs_inside_the_boundary_but_the_one_for_signal_handlers() {
        let mut outside = Vec::new();
        let mut count = 0;
        for (_, text) in source("src/ffi") {
            for function in text.split("#[unsafe(no_mangle)]\n").skip(1) {
                let body = function.split_once("\n}\n").unwrap().0;
                let name = body.split_once("fn ").unwrap().1.split_once('(').unwrap().0;
                let entry = body.split_once("{\n").unwrap().1.trim_start();
                count += 1;
                if !entry.starts_with("boundary::") {
                    outside.push(name.to_owned());
                }
            }
        }
        assert_eq!(outside, ["pictory_cancel_token_cancel"]);
        let header = include_str!("../../include/pictory.h");
        let declared = header.lines().filter(|line| {
            let is_code = line.starts_with(|c: char| c.is_ascii_lowercase());
            is_code
                && !line.starts_with("typedef")
                && line.contains("pictory_")
                && line.contains('(')
        });
        assert_eq!(count, declared.count());
    }

    #[test]
    fn unsafe_code_is_at_the_c_boundary_and_around_system_calls_alone() {
        let keyword = ["un", "safe"].concat();
        for (name, text) in source("src") {
            let allowed = name.starts_with("src/ffi/") || name.starts_with("src/sys/");
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let found = code.filter(|line| {
                line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == keyword)
            });
            let count = found.count();
            assert!(allowed || count == 0, "{name}: {count}");
        }
    }
}
