//! Properties of every wait, whatever the server does.

use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
struct Answer {
    kind: u8,
    took: Duration,
    retry_after: Option<Duration>,
    jitter: f64,
}

fn milliseconds(range: std::ops::Range<u64>) -> impl Strategy<Value = Duration> {
    range.prop_map(Duration::from_millis)
}

fn answer() -> impl Strategy<Value = Answer> {
    let retry_after = proptest::option::weighted(0.3, milliseconds(1..1_000_000));
    (0_u8..8, milliseconds(0..40_000), retry_after, -1.0..=1.0)
        .prop_map(|(kind, took, retry_after, jitter)| Answer { kind, took, retry_after, jitter })
}

fn rules(max_wait: impl Strategy<Value = Option<Duration>>) -> impl Strategy<Value = Rules> {
    (max_wait, milliseconds(10..100_000), proptest::option::of(1_u32..20), any::<bool>()).prop_map(
        |(max_wait, poll_interval, max_failures, stop_on_unknown_status)| Rules {
            max_wait,
            poll_interval,
            max_failures,
            stop_on_unknown_status,
        },
    )
}

/// When polls began, and when the wait was over, on a clock that starts at 0.
struct Course {
    polls: Vec<Duration>,
    end: Option<Duration>,
}

/// Runs a wait against these answers, over and over. Requests are cut at the deadline, as the
/// client cuts them.
fn run(rules: Rules, answers: &[Answer], most_steps: usize) -> Course {
    let start = Instant::now();
    let deadline = rules.max_wait.map(|max_wait| start + max_wait);
    let mut schedule = Schedule::new(rules, start);
    let mut course = Course { polls: Vec::new(), end: None };
    let mut answers = answers.iter().cycle();
    let mut now = start;
    for _ in 0..most_steps {
        match schedule.step(now) {
            Step::Poll { .. } => {
                course.polls.push(now - start);
                let answer = answers.next().unwrap();
                let done = now + answer.took;
                let is_cut = deadline.is_some_and(|deadline| done > deadline);
                let end = if is_cut { deadline.unwrap() } else { done };
                let error = failure(if is_cut { 2 } else { answer.kind });
                let poll = Poll {
                    answer: match answer.kind {
                        0 if !is_cut => Ok(Status::InProgress),
                        1 if !is_cut => Ok(Status::Unknown),
                        _ => Err(&error),
                    },
                    retry_after: answer.retry_after.filter(|_| !is_cut),
                    took: end - now,
                };
                now = end;
                schedule.record(poll, now, answer.jitter);
            }
            Step::Sleep { until } => {
                assert!(until > now, "a sleep that does not pass time");
                now = until;
            }
            Step::Settled(_) => {
                course.end = Some(now - start);
                break;
            }
        }
    }
    course
}

fn failure(kind: u8) -> Error {
    let (code, status) = match kind {
        3 => (Code::RateLimited, 429),
        4 => (Code::Server, 503),
        5 => (Code::Server, 500),
        6 => (Code::InvalidResponse, 200),
        _ => (Code::Timeout, 0),
    };
    Error::new(code, "a failure").with_status(status)
}

proptest! {
    #[test]
    fn a_wait_with_a_limit_ends_and_never_after_it(
        rules in rules(milliseconds(1..1_000_000).prop_map(Some)),
        answers in proptest::collection::vec(answer(), 1..20),
    ) {
        let max_wait = rules.max_wait.unwrap();
        // A poll and a sleep for each interval, at its shortest, and the last poll.
        let most = (max_wait.as_secs_f64() / rules.poll_interval.as_secs_f64() / 0.9) as usize;
        let course = run(rules, &answers, 2 * most + 8);
        prop_assert!(course.end.is_some_and(|end| end <= max_wait), "{:?}", course.end);
        prop_assert!(course.polls.iter().all(|begun| *begun < max_wait));
    }

    #[test]
    fn polls_are_never_closer_than_nine_tenths_of_the_interval_but_for_the_last(
        rules in rules(proptest::option::of(milliseconds(1..1_000_000))),
        answers in proptest::collection::vec(answer(), 1..20),
    ) {
        let course = run(rules, &answers, 500);
        let gaps = course.polls.windows(2).map(|pair| pair[1] - pair[0]);
        let last = usize::from(course.end.is_some() && rules.max_wait.is_some());
        let counted = (course.polls.len().saturating_sub(1)).saturating_sub(last);
        for gap in gaps.take(counted) {
            prop_assert!(gap >= rules.poll_interval.mul_f64(0.9), "{gap:?}");
        }
    }

    #[test]
    fn a_retry_after_is_never_cut_short_but_for_a_last_poll(
        poll_interval in milliseconds(10..100_000),
        asked in milliseconds(1..1_000_000),
        jitter in -1.0..=1.0,
    ) {
        let rules = Rules { max_wait: None, poll_interval, ..Rules::default() };
        let answer =
            Answer { kind: 3, took: Duration::ZERO, retry_after: Some(asked), jitter };
        let course = run(rules, &[answer], 4);
        prop_assert!(course.polls[1] >= asked.min(LONGEST_PUSH_BACK));
    }
}
