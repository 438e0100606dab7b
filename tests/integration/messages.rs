//! All that the library says, in one list: `docs/MESSAGES.md` is made from the source, so that no
//! sentence can be added without being read among the others. `RECORD_MESSAGES=1 cargo test messages`
//! writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use pictory::error::Code;

const INTRODUCTION: &str = "\
# Messages

All that the library says, to be read in one go: does each sentence name the thing and the remedy, in
words that hold wherever they are shown? `tests/integration/messages.rs` makes this list from the source
and compares it. What stands in braces is filled in; a line that is no whole sentence completes the one
above that has a `{why}` or its like. Before anything is shown, secrets in it become `[key]`, and control
and direction-changing characters are escaped (`src/redaction.rs`).
";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of the source, but for those of tests, by their names below `src`.
fn files(folder: &Path, found: &mut Vec<(String, PathBuf)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(root().join("src")).unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            files(&path, found);
        } else if !name.ends_with("_tests.rs") && !name.ends_with("_properties.rs") {
            found.push((name, path));
        }
    }
}

/// The code of a file, without comments, attributes and tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let end = text.find("#[cfg(test)]\nmod tests").or(text.find("#[cfg(test)]\n#[path"));
    let code = &text[..end.unwrap_or(text.len())];
    let is_code = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("#[");
    code.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

/// The strings of `code`, as they are written, but for line breaks that are escaped.
fn strings(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = code.replace("'\"'", "").replace("b'\"'", "").replace("'\\\"'", "");
    while let Some((_, after)) = rest.split_once('"') {
        let mut text = String::new();
        let mut chars = after.chars();
        while let Some(c) = chars.next().filter(|c| *c != '"') {
            match c {
                '\\' => match chars.next() {
                    Some('\n') => chars = chars.as_str().trim_start().chars(),
                    Some(escaped) => text.extend(['\\', escaped]),
                    None => {}
                },
                c => text.push(c),
            }
        }
        found.push(text);
        rest = chars.as_str().to_owned();
    }
    found
}

/// Whether it is said to a person: several words, which no protocol has.
fn is_sentence(text: &str) -> bool {
    let mut words = text.split_whitespace().filter(|word| word.chars().any(char::is_alphabetic));
    words.nth(1).is_some() && !text.contains("\\r\\n") && !text.contains("HTTP/1.1\\")
}

fn list() -> String {
    let mut list = INTRODUCTION.to_owned();
    list += "\n## What the codes mean\n\n";
    for code in Code::ALL {
        let (name, meaning) = (code.name(), code.description());
        let _ = writeln!(list, "- `{}`: {}", trim(name), trim(meaning));
    }
    let mut sources = Vec::new();
    files(&root().join("src"), &mut sources);
    sources.sort();
    for (name, path) in sources {
        let code = code(&path);
        let mut sentences = strings(&code);
        sentences.retain(|text| is_sentence(text) && !is_a_description(text));
        if !sentences.is_empty() {
            let _ = writeln!(list, "\n## {name}\n");
        }
        for sentence in sentences {
            let _ = writeln!(list, "- {sentence}");
        }
    }
    list
}

fn trim(text: &str) -> &str {
    text.trim_end_matches('\0')
}

fn is_a_description(text: &str) -> bool {
    Code::ALL.iter().any(|code| trim(code.description()) == text)
}

#[test]
fn the_list_of_messages_is_that_of_the_source() {
    let (path, list) = (root().join("docs/MESSAGES.md"), list());
    if std::env::var_os("RECORD_MESSAGES").is_some() {
        fs::write(&path, &list).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == list, "RECORD_MESSAGES=1 cargo test messages, and read what has changed");
}

#[test]
fn no_message_names_a_function_of_c() {
    let list = list();
    let names = list.lines().filter(|line| line.starts_with("- ") && line.contains("pictory_"));
    assert_eq!(names.collect::<Vec<_>>(), [""; 0]);
}
