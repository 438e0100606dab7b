//! How far a job or a file is in its steps: by the count of requests, by time, or by bytes sent.

use super::step::{Step, Steps, Until};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The requests for one job or file so far.
#[derive(Default)]
pub struct History {
    first: Option<Instant>,
    /// The bytes of bodies that were sent.
    pub sent: Arc<AtomicU64>,
    step: usize,
    /// The requests that this step has answered.
    answered: usize,
}

impl History {
    /// The step for the next request.
    pub fn next(&mut self, steps: &Steps) -> Arc<Step> {
        let first = *self.first.get_or_insert_with(Instant::now);
        loop {
            let (step, until) = steps.get(self.step);
            let is_over = match until {
                Until::Count(count) => self.answered >= count,
                Until::Time(time) => first.elapsed() >= time,
                Until::Bytes(bytes) => self.sent.load(Ordering::SeqCst) >= bytes,
            };
            if !is_over || steps.is_last(self.step) {
                self.answered += 1;
                return step;
            }
            self.step += 1;
            self.answered = 0;
        }
    }
}
