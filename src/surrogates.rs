//! Halves of characters in JSON. JavaScript cuts a text between the two halves of an emoji, and writes
//! the one that is left as an escape such as `\ud83d`: that is JSON, but no character.

use std::borrow::Cow;

const BACKSLASH: u8 = b'\\';

/// `json` with U+FFFD in place of each half that stands alone: of the same length.
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

/// The number that the escape at this place stands for, if it is one by number.
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
    fn halves_that_stand_alone_are_replaced_and_nothing_else() {
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
