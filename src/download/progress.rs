//! Progress of a download, for the callback that asked for it.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::cancel::{Heartbeat, cancelled};
use crate::error::Result;

/// The progress callback: how many bytes there are, and how many there will be (0: unknown); `false`
/// ends the download.
pub type OnProgress<'a> = &'a mut dyn FnMut(u64, u64) -> bool;

/// The pause between two calls, so that they cost nothing beside the transfer.
const PAUSE: Duration = Duration::from_millis(100);

/// The pause between two calls while nothing comes: so that at least one comes each second.
const SILENT_PAUSE: Duration = Duration::from_millis(500);

/// The callback, with what it was told last, and when it is due next.
pub(super) struct Progress<'a> {
    state: RefCell<State<'a>>,
}

struct State<'a> {
    callback: Option<OnProgress<'a>>,
    told: Instant,
    done: u64,
    total: u64,
    has_stopped: bool,
}

impl State<'_> {
    fn call(&mut self) {
        let goes_on = self.callback.as_mut().is_none_or(|callback| callback(self.done, self.total));
        self.has_stopped |= !goes_on;
        self.told = Instant::now();
    }
}

impl<'a> Progress<'a> {
    pub(super) fn new(callback: Option<OnProgress<'a>>) -> Progress<'a> {
        let (told, has_stopped) = (Instant::now(), false);
        let state = State { callback, told, done: 0, total: 0, has_stopped };
        Progress { state: RefCell::new(state) }
    }

    /// Notes how far the download is.
    pub(super) fn set(&self, done: u64, total: Option<u64>) {
        let mut state = self.state.borrow_mut();
        (state.done, state.total) = (done, total.unwrap_or(0));
    }

    /// How many bytes there are, and how many there will be.
    pub(super) fn get(&self) -> (u64, u64) {
        let state = self.state.borrow();
        (state.done, state.total)
    }

    /// Whether the pause since the last call is over.
    pub(super) fn is_due(&self) -> bool {
        self.state.borrow().told + PAUSE <= Instant::now()
    }

    /// Calls it now.
    pub(super) fn report(&self, done: u64, total: Option<u64>) -> Result<()> {
        self.set(done, total);
        self.state.borrow_mut().call();
        if self.has_stopped() { Err(cancelled()) } else { Ok(()) }
    }
}

impl Heartbeat for Progress<'_> {
    fn due(&self) -> Instant {
        self.state.borrow().told + SILENT_PAUSE
    }

    fn beat(&self) {
        self.state.borrow_mut().call();
    }

    fn has_stopped(&self) -> bool {
        self.state.borrow().has_stopped
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn it_is_due_only_after_a_pause_and_stops_for_good() {
        let mut calls = Vec::new();
        let mut callback = |done, total| {
            calls.push((done, total));
            calls.len() < 3
        };
        {
            let progress = Progress::new(Some(&mut callback));
            progress.report(1, None).unwrap();
            assert!(progress.due() > Instant::now() + SILENT_PAUSE / 2);
            assert_eq!(progress.get(), (1, 0));
            progress.beat();
            assert!(!progress.has_stopped());
            assert_eq!(progress.report(2, Some(3)).unwrap_err().code, Code::Cancelled);
            assert!(progress.has_stopped());
        }
        assert_eq!(calls, [(1, 0), (1, 0), (2, 3)]);
        assert!(Progress::new(None).report(0, None).is_ok());
    }
}
