//! JSON as it comes in the world: a job that is paid for is not lost to a byte that a parser will not
//! have.

use std::borrow::Cow;

/// The byte order mark of UTF-8, which some editors and servers put before a text.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// The text of a body, without a byte order mark. Bytes that are not UTF-8 become U+FFFD.
pub(crate) fn text(body: &[u8]) -> Cow<'_, str> {
    let body = body.strip_prefix(MARK).unwrap_or(body);
    // Faster than the lossy conversion, which is needed once in a blue moon.
    match std::str::from_utf8(body) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(body),
    }
}

/// `json` with what scripts write, but no parser takes: lone surrogates become U+FFFD (JavaScript cuts
/// a string between the halves of an emoji), control characters in a string blanks, and numbers beyond
/// a double's range `null`. All else stays where it is. `None` if there is nothing to mend.
pub(crate) fn mended(json: &str) -> Option<String> {
    let mut bytes = json.as_bytes().to_vec();
    let mut is_in_string = false;
    let mut at = 0;
    while let Some(byte) = bytes.get_mut(at) {
        at += match (is_in_string, *byte) {
            (_, b'"') => {
                is_in_string = !is_in_string;
                1
            }
            (true, b'\\') => mend_escape(&mut bytes, at),
            (true, 0..b' ') => {
                *byte = b' ';
                1
            }
            (false, b'-' | b'0'..=b'9') => mend_number(&mut bytes, at),
            _ => 1,
        };
    }
    (bytes != json.as_bytes()).then(|| String::from_utf8(bytes).ok())?
}

/// Mends the escape at this position, and gives its length.
fn mend_escape(json: &mut [u8], at: usize) -> usize {
    match (unit(json, at), unit(json, at + 6)) {
        (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
        (Some(0xD800..=0xDFFF), _) => {
            if let Some(digits) = json.get_mut(at + 2..at + 6) {
                digits.copy_from_slice(b"fffd");
            }
            6
        }
        _ => 2,
    }
}

/// The UTF-16 code unit of the `\u` escape at this position, if there is one.
fn unit(json: &[u8], at: usize) -> Option<u16> {
    match json.get(at..at + 6)? {
        [b'\\', b'u', digits @ ..] if digits.iter().all(u8::is_ascii_hexdigit) => {
            u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        }
        _ => None,
    }
}

/// Mends the number at this position, and gives its length.
fn mend_number(json: &mut [u8], at: usize) -> usize {
    let is_of_number =
        |byte: &&mut u8| matches!(**byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let number = json.iter_mut().skip(at).take_while(is_of_number);
    let number: Vec<&mut u8> = number.collect();
    let spelled: String = number.iter().map(|byte| char::from(**byte)).collect();
    let length = number.len();
    if spelled.parse::<f64>().is_ok_and(f64::is_infinite) {
        // Never shorter than "1e309".
        let null = b"null".iter().chain(std::iter::repeat(&b' '));
        number.into_iter().zip(null).for_each(|(byte, new)| *byte = *new);
    }
    length
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
            let mended = mended(json).unwrap();
            assert_eq!(mended, wanted, "{json}");
            assert!(serde_json::from_str::<String>(&mended).is_ok(), "{json}");
        }
        for json in
            ["", r#""\"#, r#""\u"#, r#""\ud83"#, r#""\ud8+3"#, r#""\ud83d\ude00 ä""#, "\u{1F600}"]
        {
            assert_eq!(mended(json), None, "{json}");
        }
    }

    #[test]
    fn numbers_beyond_a_double_and_control_characters_in_strings_are_replaced() {
        let digits = "9".repeat(400);
        for (json, wanted) in [
            ("[1e400,-1e309]", "[null ,null  ]".to_owned()),
            (&*format!("[{digits}]"), format!("[null{}]", " ".repeat(396))),
            (r#"{"1e400":1E+400}"#, r#"{"1e400":null  }"#.to_owned()),
            ("{\t\"a\tb\n\": \"\\\"\u{1}\"}", "{\t\"a b \": \"\\\" \"}".to_owned()),
        ] {
            assert_eq!(mended(json).unwrap(), wanted, "{json}");
        }
        for json in ["[1e308, -0, 1e-400, 12.50]", "\t\n{}", r#""1e400 \" 1e400""#, "-", "1e400e"] {
            assert_eq!(mended(json), None, "{json}");
        }
    }

    #[test]
    fn a_mark_is_passed_over_and_bytes_that_are_no_text_are_replaced() {
        assert_eq!(text(b"\xEF\xBB\xBF{}"), "{}");
        assert!(matches!(text("ä".as_bytes()), Cow::Borrowed("ä")));
        assert_eq!(text(b"a\xFFb\xC3"), "a\u{FFFD}b\u{FFFD}");
    }
}
