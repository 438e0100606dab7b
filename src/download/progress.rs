//! Progress of a download, for the callback that asked for it.

use std::time::{Duration, Instant};

use crate::cancel::cancelled;
use crate::error::Result;

/// The progress callback: how many bytes there are, and how many there will be (0: unknown); `false`
/// ends the download.
pub type OnProgress<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// The pause between two calls, so that they cost nothing beside the transfer.
const PAUSE: Duration = Duration::from_millis(100);

/// The callback, and when it is due next.
pub(super) struct Progress<'a> {
    callback: Option<OnProgress<'a>>,
    next: Instant,
}

impl<'a> Progress<'a> {
    pub(super) fn new(callback: Option<OnProgress<'a>>) -> Progress<'a> {
        Progress { callback, next: Instant::now() }
    }

    /// Whether the pause since the last call is over.
    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.next
    }

    /// Calls it now.
    pub(super) fn report(&mut self, done: u64, total: Option<u64>) -> Result<()> {
        let goes_on =
            self.callback.as_mut().is_none_or(|callback| callback(done, total.unwrap_or(0)));
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
        let mut callback = |done, total| {
            calls.push((done, total));
            calls.len() < 2
        };
        let mut progress = Progress::new(Some(&mut callback));
        assert!(progress.is_due());
        progress.report(1, None).unwrap();
        assert!(progress.next > Instant::now() + PAUSE / 2);
        assert_eq!(progress.report(2, Some(3)).unwrap_err().code, Code::Cancelled);
        assert_eq!(calls, [(1, 0), (2, 3)]);
        assert!(Progress::new(None).report(0, None).is_ok());
    }
}
