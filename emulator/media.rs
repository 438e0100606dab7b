//! Files to download: their content, and which part of it a request gets.

use super::script::Media;

/// The bytes of a file: each is fixed by its place and by the name of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes {
    seed: u64,
}

impl Bytes {
    pub fn of(name: &str) -> Bytes {
        // FNV-1a.
        let seed = name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Bytes { seed }
    }

    /// Appends `len` bytes, the first being byte `from` of the file.
    pub fn append(self, from: u64, len: u64, to: &mut Vec<u8>) {
        let (start, skip) = (to.len(), (from % 8) as usize);
        let words = (skip as u64 + len).div_ceil(8);
        to.reserve(words as usize * 8);
        for index in from / 8..from / 8 + words {
            to.extend_from_slice(&self.word(index).to_le_bytes());
        }
        to.drain(start..start + skip);
        to.truncate(start + len as usize);
    }

    /// Eight bytes of the file: splitmix64.
    fn word(self, index: u64) -> u64 {
        let z = self.seed.wrapping_add(index.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// The content of `name` as the emulator sends it.
pub fn media_bytes(name: &str, size: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    Bytes::of(name).append(0, size, &mut bytes);
    bytes
}

/// The range that a `Range` header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// All of it: the header is one to ignore. Lists of ranges are among these, as they may be.
    Whole,
    /// From the first to the last of these, both included.
    Part(u64, u64),
    Unsatisfiable,
}

/// The bytes that `range` asks of a file of that size (RFC 9110, 14.1.2).
pub fn wanted(range: &str, size: u64) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|r| r.split_once('-')) else {
        return Wanted::Whole;
    };
    match (number(first), number(last)) {
        (None, Some(0)) if first.is_empty() => Wanted::Unsatisfiable,
        // Satisfiable, but there is no way to write an empty part.
        (None, Some(_)) if first.is_empty() && size == 0 => Wanted::Whole,
        (None, Some(n)) if first.is_empty() => Wanted::Part(size.saturating_sub(n), size - 1),
        (Some(from), None) if last.is_empty() => part(from, u64::MAX, size),
        (Some(from), Some(to)) if from <= to => part(from, to, size),
        _ => Wanted::Whole,
    }
}

fn part(from: u64, to: u64, size: u64) -> Wanted {
    if from < size { Wanted::Part(from, to.min(size - 1)) } else { Wanted::Unsatisfiable }
}

/// Digits only; `parse` alone would take a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Whether `If-Range` still names this file (RFC 9110, 13.1.5): an ETag by strong comparison, a
/// date when it is the same to the letter.
pub fn unchanged(if_range: &str, media: &Media) -> bool {
    let known = if if_range.starts_with('"') { &media.etag } else { &media.last_modified };
    !if_range.starts_with("W/") && known.as_deref() == Some(if_range)
}
