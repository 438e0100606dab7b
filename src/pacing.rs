//! Backoff and stagger: the pace that many waits of one client keep together, pure and without a clock.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::schedule::{LONGEST_PUSH_BACK, doubled};

/// The polls that may fall on one moment before they are spread.
pub(crate) const UNSTAGGERED: usize = 8;

/// The pause of a client whose watches were refused with 429, which doubles each time (backoff).
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    /// When the last refusal came.
    since: Option<Instant>,
    until: Option<Instant>,
    doublings: u8,
}

impl Backoff {
    /// A request that was sent at `sent`, for a wait with this interval, was refused with 429.
    pub(crate) fn refuse(
        &mut self,
        sent: Instant,
        now: Instant,
        interval: Duration,
        retry_after: Option<Duration>,
    ) {
        // Of many that were under way together, one counts.
        let is_echo = self.since.is_some_and(|since| sent < since);
        let span = match retry_after {
            Some(asked) => asked.min(LONGEST_PUSH_BACK),
            None => {
                self.doublings = self.doublings.saturating_add(u8::from(!is_echo));
                doubled(interval, self.doublings.max(1))
            }
        };
        if retry_after.is_some() || !is_echo {
            self.until = self.until.max(Some(now + span));
        }
        self.since = Some(now);
    }

    /// A request that was sent at `sent` was answered well.
    pub(crate) fn relent(&mut self, sent: Instant) {
        if self.since.is_none_or(|since| sent >= since) {
            self.doublings = 0;
        }
    }

    /// Until when it lasts, if it does.
    pub(crate) fn until(&self, now: Instant) -> Option<Instant> {
        self.until.filter(|until| *until > now)
    }
}

/// Spreads polls that would fall together over the interval that they have in common.
#[derive(Debug, Default)]
pub(crate) struct Stagger {
    /// For each interval, when the slots that were assigned end.
    taken: BTreeMap<Duration, Instant>,
}

impl Stagger {
    /// A slot for a poll that is due at `wanted`, among `count` with this interval: then, or
    /// later if the slots around it are assigned.
    pub(crate) fn slot(&mut self, wanted: Instant, interval: Duration, count: usize) -> Instant {
        let gap = interval / u32::try_from(count).unwrap_or(u32::MAX).max(1);
        let taken = self.taken.remove(&interval);
        let first_free = taken.and_then(|taken| taken.checked_sub(gap * UNSTAGGERED as u32));
        let latest = wanted + interval;
        let slot = first_free.map_or(wanted, |free| free.clamp(wanted, latest));
        // Those that lie behind now are of no use any more.
        self.taken.retain(|_, end| *end + interval > wanted);
        self.taken.insert(interval, taken.map_or(slot, |taken| taken.max(slot)) + gap);
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn length(pause: &Backoff, now: Instant) -> f64 {
        pause.until(now).map_or(0.0, |until| (until - now).as_secs_f64())
    }

    #[test]
    fn a_pause_lasts_as_long_as_the_server_asks_but_no_longer_than_300_seconds() {
        let now = Instant::now();
        let mut pause = Backoff::default();
        assert_eq!(pause.until(now), None);
        pause.refuse(now, now, SECOND, Some(SECOND * 7));
        assert_eq!(length(&pause, now), 7.0);
        assert_eq!(pause.until(now + SECOND * 7), None);
        pause.refuse(now, now, SECOND, Some(SECOND * 1000));
        assert_eq!(length(&pause, now), 300.0);
        // A later one that asks for less takes nothing back.
        pause.refuse(now, now, SECOND, Some(SECOND));
        assert_eq!(length(&pause, now), 300.0);
    }

    #[test]
    fn without_retry_after_pauses_double_up_to_a_minute_until_a_good_reply() {
        let mut pause = Backoff::default();
        let mut now = Instant::now();
        for wanted in [30.0, 60.0, 60.0] {
            pause.refuse(now, now, SECOND * 15, None);
            assert_eq!(length(&pause, now), wanted);
            now += SECOND * 60;
        }
        pause.relent(now);
        pause.refuse(now, now, SECOND * 15, None);
        assert_eq!(length(&pause, now), 30.0);
    }

    #[test]
    fn an_interval_over_a_minute_is_the_longest_pause() {
        let now = Instant::now();
        let mut pause = Backoff::default();
        pause.refuse(now, now, SECOND * 90, None);
        assert_eq!(length(&pause, now), 90.0);
    }

    #[test]
    fn refusals_of_requests_that_were_under_way_together_count_once() {
        let sent = Instant::now();
        let now = sent + SECOND;
        let mut pause = Backoff::default();
        for _ in 0..100 {
            pause.refuse(sent, now, SECOND, None);
        }
        assert_eq!(length(&pause, now), 2.0);
        // Nor does a good reply among them end what they began.
        pause.relent(sent);
        pause.refuse(now, now + SECOND, SECOND, None);
        assert_eq!(length(&pause, now + SECOND), 4.0);
    }

    #[test]
    fn few_polls_keep_their_moments() {
        let now = Instant::now();
        let mut stagger = Stagger::default();
        assert!((0..8).all(|_| stagger.slot(now, SECOND, 8) == now));
    }

    #[test]
    fn many_polls_that_fall_together_are_spread_over_the_interval() {
        let now = Instant::now();
        let mut stagger = Stagger::default();
        let slots: Vec<_> = (0..1000).map(|_| stagger.slot(now, SECOND * 10, 1000)).collect();
        assert!(slots.iter().all(|slot| (*slot - now) < SECOND * 10));
        for tenth in 0..10 {
            let begin = now + SECOND * tenth;
            let count = slots.iter().filter(|p| (begin..begin + SECOND).contains(*p)).count();
            assert!((90..=110).contains(&count), "{tenth}: {count}");
        }
        // Those with another interval have places of their own.
        assert_eq!(stagger.slot(now, SECOND, 8), now);
        // A poll that is due when all that is over keeps its place.
        let late = now + SECOND * 30;
        assert_eq!(stagger.slot(late, SECOND * 10, 1000), late);
    }
}
