//! A length of time as a reply spells it.
#![no_main]

#[path = "../../src/seconds.rs"]
mod seconds;

use libfuzzer_sys::fuzz_target;
use seconds::read;

fuzz_target!(|text: &str| {
    let found = read(text);
    assert!(found.is_none_or(|seconds| seconds.is_finite() && seconds >= 0.0), "{found:?}");
    assert_eq!(read(&format!(" {text}\t")), found);
    assert_eq!(read(&text.to_ascii_uppercase()), found);
    // A lone number is what everybody takes it for.
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let number = text.parse().ok().filter(|number: &f64| number.is_finite());
        assert_eq!(found, number);
        assert_eq!(read(&format!("{text}s")), number);
    }
});
