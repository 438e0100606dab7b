//! Redaction: the one function that everything passes which leaves the library in words. Secrets become
//! `[key]`, however they are spelled and whoever brought them; control characters are escaped.

use std::fmt::Write as _;
use std::ops::Range;

use crate::secret::Secret;
use crate::text::CUT;

/// The text that stands in a secret's place.
pub(crate) const MASK: &str = "[key]";

/// Shorter secrets tell nothing, and masking them would only garble a message.
const SHORTEST_MASKED: usize = 4;

/// The beginning of every key of Pictory's: one that this client does not have is one all the same,
/// such as a key in the place of a job id.
const KEY_PREFIX: &str = "pictai_";

/// `text` without `secrets`, without Pictory's keys and without the user names and passwords of URLs,
/// on one line and free of characters that change what a terminal shows.
pub(crate) fn redact<'a>(text: &str, secrets: impl Iterator<Item = &'a Secret>) -> String {
    let mut spans = logins(text);
    spans.extend(keys(text));
    for secret in secrets.flat_map(parts).filter(|secret| secret.len() >= SHORTEST_MASKED) {
        let starts = text.char_indices().map(|(start, _)| start);
        spans.extend(starts.filter_map(|start| Some(start..end_of(secret, text, start)?)));
    }
    spans.sort_unstable_by_key(|span| span.start);
    let mut clean = String::with_capacity(text.len());
    let mut shown = 0;
    for Range { start, end } in spans {
        if start >= shown {
            escape(text.get(shown..start).unwrap_or_default(), &mut clean);
            clean.push_str(MASK);
        }
        shown = shown.max(end);
    }
    escape(text.get(shown..).unwrap_or_default(), &mut clean);
    clean
}

/// The secret, and what follows its scheme, if it has one: either may be echoed.
fn parts(secret: &Secret) -> impl Iterator<Item = &str> {
    let text = secret.as_str();
    let scheme = text.split_once(' ').filter(|(scheme, _)| {
        ["basic", "bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
    });
    // Base64 may be echoed without its padding.
    [text].into_iter().chain(scheme.map(|(_, rest)| rest.trim_end_matches('=')))
}

/// The end of `secret` in `text`, if it begins at `start`: as it is or in another letter case, with
/// any of its characters percent-encoded or escaped as in JSON, or its beginning alone where a
/// quotation was cut.
fn end_of(secret: &str, text: &str, start: usize) -> Option<usize> {
    // Most starts end here, without an allocation.
    spellings(text.get(start..)?, secret.chars().next()?).into_iter().flatten().next()?;
    let mut ends = vec![start];
    for (count, wanted) in secret.chars().enumerate() {
        let mut next = Vec::new();
        for rest in ends.iter().filter_map(|end| text.get(*end..)) {
            let at = text.len() - rest.len();
            next.extend(spellings(rest, wanted).into_iter().flatten().map(|length| at + length));
        }
        if next.is_empty() {
            let is_long = count >= SHORTEST_MASKED;
            return is_long.then(|| ends.into_iter().find_map(|end| cut_at(text, end)))?;
        }
        next.sort_unstable();
        next.dedup();
        ends = next;
    }
    ends.last().copied()
}

/// Where a quotation was cut, if that is here, or within a character's spelling that begins here.
fn cut_at(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    // No further: a long text is looked at from each of its characters.
    let is_cut = |length: &usize| rest.get(*length..).is_some_and(|rest| rest.starts_with(CUT));
    let cut = (0.."\\u0000\\u0000".len()).find(is_cut)?;
    let spelling = rest.get(..cut)?;
    let is_part = spelling.starts_with(['%', '\\'])
        && spelling.bytes().all(|byte| byte.is_ascii_hexdigit() || b"%\\u".contains(&byte));
    (spelling.is_empty() || is_part).then_some(at + cut)
}

/// The lengths of the spellings of `wanted` that `text` begins with.
fn spellings(text: &str, wanted: char) -> [Option<usize>; 3] {
    [plain(text, wanted), percent_encoded(text, wanted), escaped(text, wanted)]
}

fn plain(text: &str, wanted: char) -> Option<usize> {
    let found = text.chars().next()?;
    let is_form_blank = found == '+' && wanted == ' ';
    (found.eq_ignore_ascii_case(&wanted) || is_form_blank).then(|| found.len_utf8())
}

fn percent_encoded(text: &str, wanted: char) -> Option<usize> {
    let mut rest = text;
    for wanted in wanted.encode_utf8(&mut [0; 4]).bytes() {
        rest = rest.strip_prefix('%')?;
        let byte = u8::from_str_radix(rest.get(..2)?, 16).ok()?;
        byte.eq_ignore_ascii_case(&wanted).then_some(())?;
        rest = rest.get(2..)?;
    }
    Some(text.len() - rest.len())
}

fn escaped(text: &str, wanted: char) -> Option<usize> {
    let unit = |at: usize| {
        let digits = text.get(at..)?.strip_prefix("\\u")?.get(..4)?;
        u16::from_str_radix(digits, 16).ok()
    };
    if let Some(first) = unit(0) {
        let units = [Some(first), unit(6)].into_iter().flatten();
        let found = char::decode_utf16(units).next()?.ok()?;
        return found.eq_ignore_ascii_case(&wanted).then_some(6 * found.len_utf16());
    }
    let found = match text.strip_prefix('\\')?.chars().next()? {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        found if found.is_ascii_punctuation() => found,
        _ => return None,
    };
    (found == wanted).then_some(2)
}

/// The user names and passwords of all URLs.
fn logins(text: &str) -> Vec<Range<usize>> {
    let ends = ["://", ":\\/\\/"]
        .into_iter()
        .flat_map(|mark| text.match_indices(mark).map(move |(start, _)| start + mark.len()));
    let login = |start: usize| {
        let rest = text.get(start..)?;
        let is_end = |c: char| c.is_whitespace() || "/\\?#'\"<>".contains(c);
        let authority = rest.get(..rest.find(is_end).unwrap_or(rest.len()))?;
        Some(start..start + authority.rfind('@')?)
    };
    ends.filter_map(login).filter(|span| !span.is_empty()).collect()
}

/// The ranges that look like keys of Pictory's; one that begins within another ends with it.
fn keys(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let (mut found, mut from) = (Vec::new(), 0);
    while let Some(start) = lower.get(from..).and_then(|rest| rest.find(KEY_PREFIX)) {
        let (start, behind) = (from + start, from + start + KEY_PREFIX.len());
        let is_end = |c: char| !c.is_ascii_alphanumeric() && !"_-".contains(c);
        let rest = lower.get(behind..).unwrap_or_default();
        from = behind + rest.find(is_end).unwrap_or(rest.len());
        if from > behind {
            found.push(start..from);
        }
    }
    found
}

/// Appends `text` with its control and direction-changing characters escaped as in JSON.
fn escape(text: &str, clean: &mut String) {
    for c in text.chars() {
        match c {
            '\n' => clean.push_str("\\n"),
            '\r' => clean.push_str("\\r"),
            '\t' => clean.push_str("\\t"),
            c if c.is_control() || changes_direction(c) => {
                let _ = write!(clean, "\\u{:04x}", u32::from(c));
            }
            c => clean.push(c),
        }
    }
}

/// Whether the character changes the order or the lines in which text is shown (UAX #9, 2).
fn changes_direction(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
#[path = "redaction_tests.rs"]
mod tests;
