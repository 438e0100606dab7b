use super::*;

const SECOND: Duration = Duration::from_secs(1);

/// A wait without a clock: polls are answered as told, and time passes as the schedule says.
struct Run {
    schedule: Schedule,
    start: Instant,
    now: Instant,
    jitter: f64,
}

impl Run {
    fn new(rules: Rules) -> Run {
        let start = Instant::now();
        Run { schedule: Schedule::new(rules, start), start, now: start, jitter: 0.0 }
    }

    fn at(&self) -> f64 {
        (self.now - self.start).as_secs_f64()
    }

    /// Sleeps as told until a poll is due; `None` once it is settled.
    fn next_poll(&mut self) -> Option<f64> {
        loop {
            match self.schedule.step(self.now) {
                Step::Poll { .. } => return Some(self.at()),
                Step::Sleep { until } => {
                    assert!(until > self.now, "a sleep without end");
                    self.now = until;
                }
                Step::Settled(_) => return None,
            }
        }
    }

    fn verdict(&mut self) -> Verdict {
        match self.schedule.step(self.now) {
            Step::Settled(verdict) => verdict,
            step => panic!("not settled at {}: {step:?}", self.at()),
        }
    }

    fn answer(&mut self, answer: Result<Status, &Error>, took: f64, retry_after: Option<f64>) {
        let took = Duration::from_secs_f64(took);
        self.now += took;
        let retry_after = retry_after.map(Duration::from_secs_f64);
        self.schedule.record(Poll { answer, retry_after, took }, self.now, self.jitter);
    }

    /// A poll is due, and is answered at once.
    fn poll(&mut self, answer: Result<Status, &Error>) {
        assert!(self.next_poll().is_some(), "no poll is due any more");
        self.answer(answer, 0.0, None);
    }

    /// Answers with a `Retry-After`; gives how long the next gap is.
    fn gap_after(&mut self, answer: Result<Status, &Error>, retry_after: Option<f64>) -> f64 {
        self.next_poll().unwrap();
        self.answer(answer, 0.0, retry_after);
        let from = self.at();
        self.next_poll().unwrap() - from
    }
}

fn rules(max_wait: u64, poll_interval: u64) -> Rules {
    Rules {
        max_wait: Some(SECOND * max_wait as u32),
        poll_interval: SECOND * poll_interval as u32,
        ..Rules::default()
    }
}

fn for_ever(poll_interval: u64) -> Rules {
    Rules { max_wait: None, ..rules(1, poll_interval) }
}

fn error(code: Code, status: u16) -> Error {
    Error::new(code, "a failure").with_status(status)
}

fn lost() -> Error {
    error(Code::ConnectionLost, 0)
}

fn limited() -> Error {
    error(Code::RateLimited, 429)
}

const RUNNING: Result<Status, &Error> = Ok(Status::InProgress);

#[test]
fn the_first_poll_is_made_at_once_and_then_every_interval() {
    let mut run = Run::new(for_ever(15));
    assert_eq!(run.next_poll(), Some(0.0));
    assert_eq!(run.gap_after(RUNNING, None), 15.0);
    assert_eq!(run.gap_after(RUNNING, None), 15.0);
}

#[test]
fn the_interval_varies_by_a_tenth() {
    for (jitter, gap) in [(-1.0, 13.5), (1.0, 16.5), (7.0, 16.5), (-7.0, 13.5)] {
        let mut run = Run::new(for_ever(15));
        run.jitter = jitter;
        assert_eq!(run.gap_after(RUNNING, None), gap);
    }
}

#[test]
fn the_interval_counts_from_the_end_of_a_poll() {
    let mut run = Run::new(for_ever(15));
    run.next_poll();
    run.answer(RUNNING, 20.0, None);
    assert_eq!(run.next_poll(), Some(35.0));
}

#[test]
fn a_settled_job_ends_the_wait() {
    for (status, code) in [
        (Status::Completed, Code::Ok),
        (Status::Failed, Code::JobFailed),
        (Status::Cleaned, Code::JobCleaned),
    ] {
        let mut run = Run::new(rules(600, 15));
        run.poll(Ok(status));
        assert_eq!(run.verdict(), Verdict::Decided(code));
        assert_eq!(run.schedule.next_poll(), None);
    }
}

#[test]
fn a_final_failure_ends_the_wait_at_once() {
    for code in [Code::Unauthorized, Code::Forbidden, Code::JobNotFound, Code::Tls, Code::Api] {
        let mut run = Run::new(rules(600, 15));
        run.poll(Err(&error(code, 0)));
        assert_eq!(run.verdict(), Verdict::Failed);
    }
}

#[test]
fn a_passing_failure_is_a_blip_and_the_next_poll_comes_an_interval_later() {
    let mut run = Run::new(rules(600, 15));
    for failure in [lost(), error(Code::InvalidResponse, 200), error(Code::Server, 500)] {
        assert_eq!(run.gap_after(Err(&failure), None), 15.0);
    }
}

#[test]
fn so_many_failures_in_a_row_end_the_wait() {
    let mut run = Run::new(for_ever(15));
    for _ in 0..4 {
        run.poll(Err(&lost()));
    }
    assert!(run.schedule.verdict().is_none());
    run.poll(Err(&lost()));
    assert_eq!(run.verdict(), Verdict::Failed);
}

#[test]
fn a_good_reply_resets_the_count_of_failures() {
    let mut run = Run::new(for_ever(15));
    for _ in 0..3 {
        for _ in 0..4 {
            run.poll(Err(&lost()));
        }
        run.poll(RUNNING);
    }
    assert!(run.schedule.verdict().is_none());
}

#[test]
fn a_429_does_not_count_as_a_failure() {
    let mut run = Run::new(for_ever(15));
    for _ in 0..4 {
        run.poll(Err(&lost()));
    }
    for _ in 0..20 {
        run.poll(Err(&limited()));
    }
    assert!(run.schedule.verdict().is_none());
    run.poll(Err(&lost()));
    assert_eq!(run.verdict(), Verdict::Failed);
}

#[test]
fn unlimited_failures_never_end_the_wait() {
    let mut run = Run::new(Rules { max_failures: None, ..for_ever(15) });
    for _ in 0..1000 {
        run.poll(Err(&lost()));
    }
    assert!(run.schedule.verdict().is_none());
}

#[test]
fn retry_after_on_any_reply_stretches_the_gap() {
    let unavailable = error(Code::Server, 503);
    for answer in [RUNNING, Err(&limited()), Err(&unavailable), Ok(Status::Unknown)] {
        let mut run = Run::new(for_ever(15));
        assert_eq!(run.gap_after(answer, Some(40.0)), 40.0);
    }
}

#[test]
fn a_short_retry_after_does_not_shorten_the_gap() {
    let mut run = Run::new(for_ever(15));
    assert_eq!(run.gap_after(RUNNING, Some(2.0)), 15.0);
    assert_eq!(run.gap_after(Err(&limited()), Some(2.0)), 15.0);
}

#[test]
fn retry_after_is_heeded_up_to_300_seconds_and_read_anew_from_each_reply() {
    let mut run = Run::new(for_ever(15));
    assert_eq!(run.gap_after(RUNNING, Some(86_400.0)), 300.0);
    assert_eq!(run.gap_after(RUNNING, None), 15.0);
}

#[test]
fn a_429_without_retry_after_doubles_the_gap_up_to_60_seconds() {
    let mut run = Run::new(for_ever(10));
    let gaps: Vec<f64> = (0..5).map(|_| run.gap_after(Err(&limited()), None)).collect();
    assert_eq!(gaps, [20.0, 40.0, 60.0, 60.0, 60.0]);
    assert_eq!(run.gap_after(RUNNING, None), 10.0);
    assert_eq!(run.gap_after(Err(&limited()), None), 20.0);
}

#[test]
fn a_429_stretches_no_gap_that_is_longer_than_60_seconds() {
    let mut run = Run::new(for_ever(90));
    assert_eq!(run.gap_after(Err(&limited()), None), 90.0);
}

#[test]
fn the_doubled_gap_lasts_until_a_good_reply() {
    let mut run = Run::new(for_ever(10));
    run.gap_after(Err(&limited()), None);
    assert_eq!(run.gap_after(Err(&lost()), None), 20.0);
    assert_eq!(run.gap_after(Err(&limited()), Some(1.0)), 20.0);
}

#[test]
fn a_last_poll_is_made_just_before_the_deadline() {
    // Twice the slowest request, but at least 50 ms and at most 2 s.
    for (took, last) in [(0.0, 99.95), (0.01, 99.95), (0.3, 99.4), (5.0, 98.0)] {
        let mut run = Run::new(rules(100, 60));
        run.next_poll();
        run.answer(RUNNING, took, None);
        run.poll(RUNNING);
        let at = run.next_poll().unwrap();
        assert!((at - last).abs() < 1e-6, "{took}: {at} instead of {last}");
        run.answer(RUNNING, 0.0, None);
        assert_eq!(run.verdict(), Verdict::TimeUp(Code::WaitTimeout));
    }
}

#[test]
fn the_last_poll_leaves_three_quarters_of_a_short_wait_before_it() {
    let mut run = Run::new(Rules { max_wait: Some(SECOND / 10), ..rules(1, 15) });
    run.poll(RUNNING);
    assert_eq!(run.next_poll(), Some(0.075));
}

#[test]
fn a_job_that_completes_in_the_last_gap_is_found() {
    let mut run = Run::new(rules(20, 15));
    run.poll(RUNNING);
    run.poll(RUNNING);
    assert_eq!(run.next_poll(), Some(19.95));
    run.answer(Ok(Status::Completed), 0.02, None);
    assert_eq!(run.verdict(), Verdict::Decided(Code::Ok));
}

#[test]
fn the_deadline_cuts_a_poll_and_that_is_no_failure() {
    let mut run = Run::new(Rules { max_failures: Some(1), ..rules(20, 15) });
    run.poll(RUNNING);
    run.next_poll();
    run.answer(Err(&error(Code::Timeout, 0)), 5.0, None);
    assert_eq!(run.verdict(), Verdict::TimeUp(Code::WaitTimeout));
}

#[test]
fn every_poll_is_given_the_deadline() {
    let mut run = Run::new(rules(20, 15));
    let deadline = Some(run.start + 20 * SECOND);
    assert_eq!(run.schedule.step(run.now), Step::Poll { deadline });
    assert_eq!(Run::new(for_ever(1)).schedule.step(Instant::now()), Step::Poll { deadline: None });
}

#[test]
fn a_failed_last_poll_is_a_wait_timeout() {
    let mut run = Run::new(rules(10, 15));
    run.poll(RUNNING);
    run.poll(Err(&lost()));
    assert_eq!(run.verdict(), Verdict::TimeUp(Code::WaitTimeout));
}

#[test]
fn retry_after_does_not_keep_the_last_poll_from_being_made() {
    let failed = error(Code::Server, 500);
    for answer in [RUNNING, Err(&failed)] {
        let mut run = Run::new(rules(100, 15));
        run.poll(RUNNING);
        run.next_poll();
        run.answer(answer, 0.0, Some(200.0));
        assert_eq!(run.next_poll(), Some(99.95));
    }
}

#[test]
fn a_429_or_503_that_asks_for_more_time_than_there_is_gets_no_last_poll() {
    for refusal in [limited(), error(Code::Server, 503)] {
        let mut run = Run::new(rules(100, 15));
        run.next_poll();
        run.answer(Err(&refusal), 0.0, Some(200.0));
        assert_eq!(run.schedule.next_poll(), None);
        assert_eq!(run.next_poll(), None);
        assert_eq!(run.at(), 100.0);
        assert_eq!(run.verdict(), Verdict::TimeUp(Code::WaitTimeout));
    }
}

#[test]
fn a_429_that_asks_for_almost_all_the_time_left_gets_its_poll_then() {
    let mut run = Run::new(rules(100, 15));
    run.next_poll();
    run.answer(Err(&limited()), 0.0, Some(99.97));
    assert!((run.next_poll().unwrap() - 99.97).abs() < 1e-6);
    run.answer(RUNNING, 0.0, None);
    assert_eq!(run.verdict(), Verdict::TimeUp(Code::WaitTimeout));
}

#[test]
fn a_429_without_retry_after_still_gets_the_last_poll() {
    let mut run = Run::new(rules(20, 15));
    run.poll(Err(&limited()));
    assert_eq!(run.next_poll(), Some(19.95));
}

#[test]
fn an_unknown_status_goes_on_being_polled_and_is_reported_when_time_is_up() {
    let mut run = Run::new(rules(100, 15));
    while run.next_poll().is_some() {
        run.answer(Ok(Status::Unknown), 0.0, None);
    }
    assert_eq!(run.verdict(), Verdict::TimeUp(Code::UnexpectedStatus));
}

#[test]
fn a_failed_poll_does_not_make_an_unknown_status_known() {
    let mut run = Run::new(rules(20, 15));
    run.poll(Ok(Status::Unknown));
    run.poll(Err(&lost()));
    run.poll(Err(&lost()));
    assert_eq!(run.verdict(), Verdict::TimeUp(Code::UnexpectedStatus));
}

#[test]
fn an_unknown_status_ends_the_wait_when_told_to_stop_on_it() {
    let mut run = Run::new(Rules { stop_on_unknown_status: true, ..rules(100, 15) });
    run.poll(Ok(Status::Unknown));
    assert_eq!(run.verdict(), Verdict::Decided(Code::UnexpectedStatus));
}

#[test]
fn a_wait_whose_time_is_up_before_its_next_step_polls_no_more() {
    let mut run = Run::new(rules(100, 15));
    run.poll(RUNNING);
    run.now += 100 * SECOND;
    assert_eq!(run.verdict(), Verdict::TimeUp(Code::WaitTimeout));
}

#[test]
fn a_get_pauses_half_a_second_and_then_twice_as_long_each_time() {
    let pauses = |jitter| -> Vec<f64> {
        (0..4).map(|n| retry_pause(n, None, jitter).unwrap().as_secs_f64()).collect()
    };
    assert_eq!(pauses(0.0), [0.5, 1.0, 2.0, 4.0]);
    assert_eq!(pauses(1.0), [0.625, 1.25, 2.5, 5.0]);
    assert_eq!(pauses(-1.0), [0.375, 0.75, 1.5, 3.0]);
    assert_eq!(retry_pause(u32::MAX, None, 0.0), Some(LONGEST_BACK_OFF));
}

#[test]
fn a_get_sits_out_a_retry_after_of_30_seconds_and_no_more() {
    assert_eq!(retry_pause(0, Some(SECOND * 30), 0.7), Some(SECOND * 30));
    assert_eq!(retry_pause(3, Some(SECOND), 0.0), Some(SECOND));
    assert_eq!(retry_pause(0, Some(SECOND * 31), 0.0), None);
}
