//! Text for C: UTF-8 that ends in a NUL and has none inside.

use std::borrow::Cow;
use std::collections::TryReserveError;
use std::ffi::{CStr, CString};

/// An owned or static string for C, which is lent without another copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(Cow<'static, CStr>);

impl Text {
    /// Copies `text`; a NUL inside becomes U+FFFD.
    pub fn new(text: &str) -> Text {
        let clean = without_nul(text).into_owned();
        Text(Cow::Owned(CString::new(clean).unwrap_or_default()))
    }

    /// A literal.
    pub const fn fixed(text: &'static CStr) -> Text {
        Text(Cow::Borrowed(text))
    }

    /// Makes the text anew by `change`, unless it is a literal.
    pub(crate) fn change(&mut self, change: impl Fn(&str) -> String) {
        if matches!(self.0, Cow::Owned(_)) {
            *self = Text::new(&change(self.view().as_str()));
        }
    }

    /// A view of this text.
    pub fn view(&self) -> View<'_> {
        View(self.0.to_bytes_with_nul())
    }
}

/// Replaces each NUL by U+FFFD.
pub(crate) fn without_nul(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => text.replace('\0', "\u{FFFD}").into(),
        false => text.into(),
    }
}

/// A borrowed string for C: its bytes, the last of them the only NUL. Not a `CStr`, which would
/// measure the text on every access.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct View<'a>(&'a [u8]);

impl<'a> View<'a> {
    /// A view of `bytes`, which must end in their only NUL.
    pub(crate) fn of(bytes: &'a [u8]) -> View<'a> {
        debug_assert_eq!(bytes.iter().position(|byte| *byte == 0), bytes.len().checked_sub(1));
        View(bytes)
    }

    /// The bytes, with the NUL.
    pub fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The text, without the NUL.
    pub fn as_str(self) -> &'a str {
        let text = self.0.split_last().map_or(&[][..], |(_, text)| text);
        std::str::from_utf8(text).unwrap_or_default()
    }
}

/// An array of optional strings for C in one allocation. They come from one reply, whose size is
/// bounded far below what a `u32` counts.
#[derive(Debug, Clone)]
pub(crate) struct Texts<const N: usize> {
    bytes: Box<[u8]>,
    /// The begin and end of each text in `bytes`, its NUL included; an absent text has an empty
    /// span.
    spans: [(u32, u32); N],
}

impl<const N: usize> Texts<N> {
    /// Copies `parts`, which must hold no NUL, and may be as large as a reply.
    pub(crate) fn new(parts: [Option<&str>; N]) -> Result<Texts<N>, TryReserveError> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(parts.iter().flatten().map(|part| part.len() + 1).sum())?;
        let spans = parts.map(|part| {
            let Some(part) = part else { return (0, 0) };
            debug_assert!(!part.contains('\0'));
            let start = bytes.len() as u32;
            bytes.extend_from_slice(part.as_bytes());
            bytes.push(0);
            (start, bytes.len() as u32)
        });
        Ok(Texts { bytes: bytes.into_boxed_slice(), spans })
    }

    pub(crate) fn get(&self, index: usize) -> Option<View<'_>> {
        let (start, end) = *self.spans.get(index)?;
        let bytes = self.bytes.get(start as usize..end as usize)?;
        (!bytes.is_empty()).then_some(View(bytes))
    }
}

/// The ellipsis at the end of a quotation that was cut short.
pub(crate) const CUT: char = '…';

/// Quotes text from outside in a message: shortened. What it must not hold, `redact` takes out.
pub(crate) fn quote(foreign: &str) -> String {
    const LONGEST: usize = 300;
    let mut quoted: String = foreign.trim().chars().take(LONGEST).collect();
    if foreign.trim().chars().nth(LONGEST).is_some() {
        quoted.push(CUT);
    }
    quoted
}

/// A number of digits alone: `parse` would accept a sign as well.
pub(crate) fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nul_inside_becomes_the_replacement_character() {
        assert_eq!(Text::new("a\0b").view().as_str(), "a\u{FFFD}b");
        let texts = Texts::new([Some("ab"), None, Some(""), Some("c")]).unwrap();
        assert_eq!(texts.get(0).unwrap().as_str(), "ab");
        assert_eq!(texts.get(1), None);
        assert_eq!(texts.get(2).unwrap().as_str(), "");
        assert_eq!(texts.get(3).unwrap().bytes(), b"c\0");
        assert_eq!(texts.get(4), None);
    }

    #[test]
    fn a_quotation_is_short() {
        assert_eq!(quote(" a b "), "a b");
        assert_eq!(quote(&"ä".repeat(301)), "ä".repeat(300) + "…");
    }

    #[test]
    fn a_number_is_of_digits_alone() {
        assert_eq!(digits("12"), Some(12));
        for text in ["", "-1", "+1", " 1", "1.0", "99999999999999999999"] {
            assert_eq!(digits(text), None, "{text}");
        }
    }
}
