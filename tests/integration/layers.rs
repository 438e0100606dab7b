//! The layers: a test that data flows one way, read out of the imports.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn read(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

/// The code of a module, its files below included and its tests left out.
fn code_of(module: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut code = String::new();
    for path in [root.join(format!("{module}.rs")), root.join(module)] {
        if path.is_dir() {
            for entry in fs::read_dir(&path).unwrap() {
                let name = entry.unwrap().path().strip_prefix(&root).unwrap().with_extension("");
                code += &code_of(name.to_str().unwrap());
            }
        } else if path.is_file() && !module.ends_with("_tests") {
            code += read(&path).split("#[cfg(test)]").next().unwrap();
        }
    }
    code
}

/// The names that follow `prefix`, in a path or in a group in braces.
fn named_after<'a>(code: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    let is_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.split(prefix).skip(1).flat_map(move |rest| {
        let group = rest.strip_prefix('{').and_then(|rest| rest.split('}').next());
        let names: Vec<&str> = group.map_or(vec![rest], |group| group.split(',').collect());
        names.into_iter().map(move |name| name.trim().split(|c| !is_of_name(c)).next().unwrap())
    })
}

fn modules(code: &str) -> Vec<&str> {
    code.lines()
        .filter_map(|line| {
            let line = line.trim_start_matches("pub ").trim_start_matches("pub(crate) ");
            line.strip_prefix("mod ")?.strip_suffix(';')
        })
        .filter(|module| !module.ends_with("tests"))
        .collect()
}

#[test]
fn a_module_uses_only_those_that_lib_rs_lists_before_it() {
    let lib = code_of("lib");
    let order = modules(&lib);
    assert!(order.len() > 25, "{order:?}");
    for (place, module) in order.iter().enumerate() {
        let code = code_of(module);
        for used in named_after(&code, "crate::") {
            let used_place = order.iter().position(|other| *other == used);
            assert!(used_place.is_none_or(|used| used <= place), "{module} uses {used}");
        }
    }
}

#[test]
fn the_files_of_a_folder_do_not_use_each_other_in_a_circle() {
    for folder in ["http", "watcher", "download"] {
        let own = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/{folder}/mod.rs")));
        let mut left: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for module in modules(&own) {
            let code = code_of(&format!("{folder}/{module}"));
            let used = named_after(&code, "super::").map(str::to_owned);
            left.insert(module, used.filter(|used| used != module).collect());
        }
        assert!(left.len() > 5, "{folder}: {left:?}");
        // Whatever uses none of those that are left cannot be part of a circle.
        while !left.is_empty() {
            let names: Vec<&str> = left.keys().copied().collect();
            let before = left.len();
            left.retain(|_, used| used.iter().any(|used| names.contains(&used.as_str())));
            assert!(left.len() < before, "{folder}: a circle among {left:?}");
        }
    }
}
