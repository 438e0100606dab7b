use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::text::quote;

fn said(text: &str, secrets: &[&str]) -> String {
    let secrets: Vec<Secret> = secrets.iter().map(|secret| Secret::new((*secret).into())).collect();
    redact(text, secrets.iter())
}

#[test]
fn a_secret_is_masked_in_any_spelling() {
    for spelled in [
        "s3cr+t/\"é",
        "S3CR+T/\\\"é",
        "s3cr%2Bt%2f%22%C3%A9",
        "%53%33%63%72%2B%74%2F%22%c3%a9",
        r#"s3cr+t\/\"\u00e9"#,
        r#"\u0053\u0033cr\u002bt\u002f%22é"#,
    ] {
        assert_eq!(said(&format!("a {spelled} b"), &["s3cr+t/\"é"]), "a [key] b", "{spelled}");
    }
    assert_eq!(said("a+b%20c\\u0020d", &["a b c d"]), "[key]");
    assert_eq!(said("x%2525%2525", &["%25%25"]), "x[key]");
    assert_eq!(said("x%25%25", &["%25%25"]), "x[key]");
}

#[test]
fn of_secrets_that_overlap_nothing_is_left() {
    assert_eq!(said("x secret-long y", &["secret", "secret-long"]), "x [key] y");
    assert_eq!(said("x secret-long y", &["secret-long", "secret"]), "x [key] y");
    assert_eq!(said("abcdefgh", &["abcdef", "defgh"]), "[key]");
    assert_eq!(said("aaaaaaa", &["aaaa"]), "[key]");
    assert_eq!(said("abcd abcd", &["abcd"]), "[key] [key]");
}

#[test]
fn the_beginning_of_a_secret_is_masked_where_a_quotation_was_cut() {
    for secret in ["pass_abcde", "\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}\u{1F511}"] {
        let length = secret.chars().count();
        for shown in SHORTEST_MASKED..length {
            let text = quote(&("x".repeat(300 - shown) + secret));
            assert_eq!(said(&text, &[secret]), "x".repeat(300 - shown) + "[key]…");
        }
    }
    for part in ["%", "%5", "\\", "\\u", "\\u0", "\\u006"] {
        assert_eq!(said(&format!("a pass_{part}…"), &["pass_abcde"]), "a [key]…", "{part}");
    }
    assert_eq!(said("a pas…", &["pass_abcde"]), "a pas…");
}

#[test]
fn what_follows_a_scheme_is_a_secret_too() {
    assert_eq!(said("got dXNlcg", &["Basic dXNlcg=="]), "got [key]");
    assert_eq!(said("got Basic dXNlcg==", &["Basic dXNlcg=="]), "got [key]");
    assert_eq!(said("got Bearer t0ken", &["bearer t0ken"]), "got [key]");
    assert_eq!(said("got words", &["other words"]), "got words");
}

#[test]
fn a_key_of_pictorys_is_one_whoever_has_it() {
    for key in ["pictai_abc-DEF_9", "PICTAI_ABC"] {
        assert_eq!(said(&format!("'{key}' is not"), &[]), "'[key]' is not");
    }
    assert_eq!(said("it begins with pictai_", &[]), "it begins with pictai_");
}

#[test]
fn the_user_name_and_password_of_a_url_are_never_shown() {
    for (url, shown) in [
        ("http://user:pass@host/x", "http://[key]@host/x"),
        ("'ftp://u@host'", "'ftp://[key]@host'"),
        (r"http:\/\/u:p@host\/x", r"http:\/\/[key]@host\/x"),
        ("http://u:p@q@host?x=@", "http://[key]@host?x=@"),
        ("https://host/a@2x.png", "https://host/a@2x.png"),
        ("http://@host", "http://@host"),
        ("http://host and a@b", "http://host and a@b"),
    ] {
        assert_eq!(said(url, &[]), shown);
    }
}

#[test]
fn control_and_direction_changing_characters_are_escaped() {
    assert_eq!(said("a\r\n\tb\u{1b}[0m\u{7f}\u{85}", &[]), "a\\r\\n\\tb\\u001b[0m\\u007f\\u0085");
    assert_eq!(said("\u{202e}a\u{2066}\u{200f}\u{2028}", &[]), "\\u202ea\\u2066\\u200f\\u2028");
    assert_eq!(said("größe ✓ 👍", &[]), "größe ✓ 👍");
}

/// A limit that a search of all the rest from each character misses by minutes, and any machine keeps.
#[test]
fn long_texts_take_time_by_their_length_alone() {
    let begun = Instant::now();
    for piece in ["a", "secre", "pictai_", "://", ":\\/\\/", "%73", "\\u0073", "a://b@"] {
        let text = piece.repeat(1_000_000 / piece.len());
        let clean = said(&text, &["secret-of-some-length"]);
        assert!(!clean.is_empty() && clean.len() <= 2 * text.len());
    }
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
}

/// One of the spellings that `redact` promises to see, for each character.
fn spell(secret: &str, choices: &[u8]) -> String {
    let mut spelled = String::new();
    for (c, choice) in secret.chars().zip(choices.iter().cycle()) {
        let mut buffer = [0; 4];
        let bytes = c.encode_utf8(&mut buffer).bytes();
        match choice % 6 {
            0 => bytes.for_each(|byte| spelled += &format!("%{byte:02X}")),
            1 => bytes.for_each(|byte| spelled += &format!("%{byte:02x}")),
            2 => {
                let mut units = [0; 2];
                let units = c.encode_utf16(&mut units);
                units.iter().for_each(|unit| spelled += &format!("\\u{unit:04x}"));
            }
            3 => {
                let json = serde_json::to_string(&c).unwrap();
                spelled += &json[1..json.len() - 1];
            }
            4 => spelled.push(c.to_ascii_uppercase()),
            _ => spelled.push(c.to_ascii_lowercase()),
        }
    }
    spelled
}

proptest! {
    #[test]
    fn no_spelling_of_a_secret_is_left(
        secret in "[!-~][ -~é🔑]{2,30}[!-~]",
        choices in prop::collection::vec(any::<u8>(), 1..8),
        before in "[ -~]{0,20}",
        after in "[ -~]{0,20}",
    ) {
        let spelled = spell(&secret, &choices);
        let shown = said(&format!("{before}<<{spelled}>>{after}"), &[&secret]);
        prop_assert!(shown.contains(MASK), "{shown}");
        // Where it stood, nothing of it is left but what belongs to its surroundings.
        prop_assert!(!shown.contains(&format!("<<{spelled}>>")), "{shown}");
        prop_assert!(end_of_any(&shown.replace(MASK, "\u{1F600}"), &secret).is_none(), "{shown}");
        prop_assert_eq!(said(&shown, &[]), shown);
    }
}

fn end_of_any(text: &str, secret: &str) -> Option<usize> {
    text.char_indices().find_map(|(start, _)| end_of(secret, text, start))
}
