//! Lone surrogates in JSON. JavaScript cuts a string between the two halves of a surrogate pair,
//! such as an emoji's, and writes the half that is left as an escape, `\ud83d`: valid JSON, but no
//! character, so that a parser of UTF-8 refuses it.

use std::borrow::Cow;

const BACKSLASH: u8 = b'\\';

/// Replaces each lone surrogate of `json` by U+FFFD, which leaves its length as it is.
pub(crate) fn replaced(json: &[u8]) -> Cow<'_, [u8]> {
    let mut text = Cow::Borrowed(json);
    let mut at = 0;
    while let Some(next) = json.get(at..).and_then(|rest| rest.iter().position(is_backslash)) {
        at += next;
        at += match (unit(json, at), unit(json, at + 6)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(0xD800..=0xDFFF), _) => {
                if let Some(digits) = text.to_mut().get_mut(at + 2..at + 6) {
                    digits.copy_from_slice(b"fffd");
                }
                6
            }
            _ => 2,
        };
    }
    text
}

fn is_backslash(byte: &u8) -> bool {
    *byte == BACKSLASH
}

/// The UTF-16 code unit of the `\u` escape at this position, if there is one.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    match json.get(at..at + 6)? {
        [BACKSLASH, b'u', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => {
            u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_replaced_and_nothing_else() {
        for (json, wanted) in [
            (r#""a\ud83d""#, r#""a\ufffd""#),
            (r#""\uDE00b\ud83d\ud83D\uDe00\udbff\n""#, r#""\ufffdb\ufffd\ud83D\uDe00\ufffd\n""#),
            (r#""\\ud83d\\\ud83d""#, r#""\\ud83d\\\ufffd""#),
            (r#""\ud83dA\ue000""#, r#""\ufffdA\ue000""#),
        ] {
            assert_eq!(replaced(json.as_bytes()), wanted.as_bytes(), "{json}");
            assert!(serde_json::from_slice::<String>(&replaced(json.as_bytes())).is_ok(), "{json}");
        }
        for json in ["", r"\", r"\u", r"\ud83", r"\ud8+3", r#""\ud83d\ude00 ä""#, "\u{1F600}"] {
            assert!(matches!(replaced(json.as_bytes()), Cow::Borrowed(_)), "{json}");
        }
    }
}
