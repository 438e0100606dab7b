//! The buffer of received bytes that were not read yet.

use super::error::{Error, Result};

/// A buffer between a connection and the reader of its lines and bodies.
#[derive(Debug)]
pub(super) struct ReadBuffer {
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// The length of the beginning that is known to hold no line break.
    searched: usize,
}

impl ReadBuffer {
    /// `bytes` is a buffer, whatever it holds.
    pub(super) fn new(bytes: Vec<u8>) -> ReadBuffer {
        ReadBuffer { bytes, start: 0, end: 0, searched: 0 }
    }

    pub(super) fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// The first line, with its line break, if it is whole. However slowly a line comes, no byte of it
    /// is looked at twice.
    pub(super) fn line(&mut self) -> Option<&[u8]> {
        let unread = self.bytes.get(self.start..self.end)?;
        match unread.iter().skip(self.searched).position(|byte| *byte == b'\n') {
            Some(more) => unread.get(..=self.searched + more),
            None => {
                self.searched = unread.len();
                None
            }
        }
    }

    pub(super) fn consume(&mut self, count: usize) {
        self.start = (self.start + count).min(self.end);
        self.searched = self.searched.saturating_sub(count);
    }

    /// The free part of a buffer of at least `room` bytes, for [`add`](Self::add).
    pub(super) fn free(&mut self, room: usize) -> Result<&mut [u8]> {
        if self.start > 0 {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if let Some(more) = room.checked_sub(self.bytes.len()) {
            self.bytes.try_reserve_exact(more).map_err(Error::no_memory)?;
            self.bytes.resize(room, 0);
        }
        Ok(self.bytes.get_mut(self.end..).unwrap_or_default())
    }

    /// Notes bytes that were received into the free part.
    pub(super) fn add(&mut self, count: usize) {
        self.end = (self.end + count).min(self.bytes.len());
    }

    /// The buffer, if all of it was read.
    pub(super) fn into_empty(self) -> Option<Vec<u8>> {
        (self.start == self.end).then_some(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_out_once_they_are_whole() {
        let mut buffer = ReadBuffer::new(Vec::new());
        let mut lines = Vec::new();
        for piece in [&b"a"[..], b"b\r", b"\nc\n\nd", b"e"] {
            buffer.free(8).unwrap().get_mut(..piece.len()).unwrap().copy_from_slice(piece);
            buffer.add(piece.len());
            while let Some(line) = buffer.line() {
                let length = line.len();
                lines.push(line.to_vec());
                buffer.consume(length);
            }
        }
        assert_eq!(lines, [&b"ab\r\n"[..], b"c\n", b"\n"]);
        assert_eq!(buffer.filled(), b"de");
        buffer.consume(9);
        assert_eq!(buffer.into_empty().unwrap().len(), 8);
    }
}
