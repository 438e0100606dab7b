//! Telling how far a download is.

use std::time::{Duration, Instant};

use crate::cancel::cancelled;
use crate::error::Result;

/// Told how many bytes there are, and how many there will be (0: unknown); `false` ends it.
pub type OnProgress<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// Between two of its calls, so that it costs nothing beside the transfer.
const PAUSE: Duration = Duration::from_millis(100);

/// Who is told, and when next.
pub(super) struct Progress<'a> {
    told: Option<OnProgress<'a>>,
    next: Instant,
}

impl<'a> Progress<'a> {
    pub(super) fn new(told: Option<OnProgress<'a>>) -> Progress<'a> {
        Progress { told, next: Instant::now() }
    }

    /// Whether enough time has gone by since it was told last.
    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    /// Tells it now.
    pub(super) fn tell(&mut self, done: u64, total: Option<u64>) -> Result<()> {
        let goes_on = self.told.as_mut().is_none_or(|told| told(done, total.unwrap_or(0)));
        self.next = Instant::now() + PAUSE;
        if goes_on { Ok(()) } else { Err(cancelled()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn it_is_due_at_once_and_then_only_after_a_pause() {
        let mut calls = Vec::new();
        let mut told = |done, total| {
            calls.push((done, total));
            calls.len() < 2
        };
        let mut progress = Progress::new(Some(&mut told));
        assert!(progress.is_due());
        progress.tell(1, None).unwrap();
        assert!(progress.next > Instant::now() + PAUSE / 2);
        assert_eq!(progress.tell(2, Some(3)).unwrap_err().code, Code::Cancelled);
        assert_eq!(calls, [(1, 0), (2, 3)]);
        assert!(Progress::new(None).tell(0, None).is_ok());
    }
}
