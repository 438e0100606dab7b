//! What many watches owe each other and the server.

use std::sync::mpsc;

use pictory::watcher::OnPoll;

use super::*;

const COUNT: u64 = 100;

#[test]
fn the_first_polls_of_a_burst_start_at_once_and_later_ones_are_spread_over_the_interval() {
    let (watcher, emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    let interval = Duration::from_secs(2);
    let begun = Instant::now();
    for number in 0..COUNT {
        watcher.add(&job(number), options(2000), 0).unwrap();
    }
    assert!(emulator.wait_for_requests(2 * COUNT as usize));
    let mut polls = HashMap::<u64, Vec<Instant>>::new();
    for (number, at) in arrivals(&emulator).iter() {
        polls.entry(*number).or_default().push(*at);
    }
    assert!(polls.values().all(|times| times[0] - begun < interval), "the first at once");
    let second: Vec<_> = polls.values().filter_map(|times| times.get(1)).collect();
    let early = begun + interval * 3 / 2;
    let early = second.iter().filter(|at| ***at < early).count();
    // Without spreading, all of them would come after 1.1 intervals at the latest.
    assert!(early <= 70, "{early} of {} second polls in the first half", second.len());
    for times in polls.values() {
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= interval * 9 / 10));
    }
}

#[test]
fn few_watches_are_polled_at_their_interval() {
    let (watcher, emulator) = watcher(json!({ "default": [{ "example": "in-progress" }] }));
    for number in 0..8 {
        watcher.add(&job(number), options(600), 0).unwrap();
    }
    assert!(emulator.wait_for_requests(16));
    let arrivals = arrivals(&emulator);
    let first = arrivals[0].1;
    // All second polls come before a third one could.
    assert!(arrivals[8..16].iter().all(|(_, at)| *at - first >= Duration::from_millis(540)));
    let numbers = |from: usize| {
        let mut numbers: Vec<_> = arrivals[from..from + 8].iter().map(|(n, _)| *n).collect();
        numbers.sort();
        numbers
    };
    assert_eq!(numbers(0), (0..8).collect::<Vec<_>>());
    assert_eq!(numbers(8), (0..8).collect::<Vec<_>>());
}

#[test]
fn under_a_rate_limit_first_polls_come_in_the_order_added_and_not_too_fast() {
    let emulator =
        Emulator::start(Script::from_value(json!({ "default": [{ "example": "in-progress" }] })));
    let mut config = config(&emulator.url());
    config.set_rate_limit(50.0).unwrap();
    let watcher = watcher_of(Client::new(&config).unwrap());
    let begun = Instant::now();
    (0..30).for_each(|number| watcher.add(&job(number), options(NEVER), 0).unwrap());
    assert!(emulator.wait_for_requests(30));
    assert!(begun.elapsed() >= Duration::from_millis(29 * 20));
    let order: Vec<_> = arrivals(&emulator).iter().map(|(number, _)| *number).collect();
    assert_eq!(order, (0..30).collect::<Vec<_>>());
}

#[test]
fn a_rate_limit_holds_over_all_watchers_and_calls_of_a_client() {
    let emulator =
        Emulator::start(Script::from_value(json!({ "default": [{ "example": "in-progress" }] })));
    let mut config = config(&emulator.url());
    config.set_rate_limit(40.0).unwrap();
    let client = Arc::new(Client::new(&config).unwrap());
    let watchers = [Watcher::new(&client).unwrap(), Watcher::new(&client).unwrap()];
    let begun = Instant::now();
    for number in 0..10 {
        watchers.iter().for_each(|watcher| watcher.add(&job(number), options(NEVER), 0).unwrap());
    }
    (0..5).for_each(|_| assert_eq!(client.get(&job(0), None).code(), Code::Ok));
    assert!(emulator.wait_for_requests(25));
    assert!(begun.elapsed() >= Duration::from_millis(24 * 25));
}

/// Job 1 gets this, all others are in progress. Tells when requests came after that answer.
fn after_a_refusal(refusal: Value, pause: Duration) -> Vec<u64> {
    let (watcher, emulator) = watcher(json!({
        "jobs": { job(1).as_str(): [refusal, { "example": "completed" }] },
        "default": [{ "example": "in-progress" }, { "example": "completed" }],
    }));
    for number in 2..10 {
        watcher.add(&job(number), options(NEVER), number).unwrap();
    }
    assert!(emulator.wait_for_requests(8));
    // The pause has begun once the callback is told of the refusal.
    let (tell, told) = mpsc::channel();
    let on_poll: OnPoll = Box::new(move |_| tell.send(()).is_ok());
    watcher.add(&job(1), Options { on_poll: Some(on_poll), ..options(400) }, 1).unwrap();
    told.recv().unwrap();
    let refused = arrivals(&emulator)[8].1;
    for number in 2..10 {
        watcher.poke(&job(number)).unwrap();
    }
    while watcher.next(None).is_some() {}
    let arrivals = arrivals(&emulator);
    let late = &arrivals[9..];
    assert!(late.iter().all(|(_, at)| *at - refused >= pause), "a request came in the pause");
    late.iter().map(|(number, _)| *number).collect()
}

#[test]
fn a_429_pauses_all_watches_of_the_client_for_its_retry_after_poked_ones_included() {
    let refusal = json!({ "status": 429, "headers": { "Retry-After": "1" } });
    let polled = after_a_refusal(refusal, Duration::from_secs(1));
    assert_eq!(polled.len(), 9, "{polled:?}");
}

#[test]
fn a_429_without_retry_after_pauses_them_for_twice_the_interval_of_the_watch_that_got_it() {
    let polled = after_a_refusal(json!({ "status": 429 }), Duration::from_millis(800));
    assert_eq!(polled.len(), 9, "{polled:?}");
}

#[test]
fn a_deadline_ends_a_watch_in_the_pause() {
    let (watcher, emulator) =
        watcher(json!({ "default": [{ "status": 429, "headers": { "Retry-After": "300" } }] }));
    watcher.add(&job(1), options(10), 1).unwrap();
    assert!(emulator.wait_for_requests(1));
    watcher.add(&job(2), with_rules(quick_rules(300, 10)), 2).unwrap();
    let outcome = next(&watcher);
    assert_eq!((outcome.tag(), outcome.code()), (2, Code::WaitTimeout));
}

#[test]
fn a_hundred_thousand_idle_watches_can_be_added() {
    let emulator =
        Emulator::start(Script::from_value(json!({ "default": [{ "example": "in-progress" }] })));
    let mut config = config(&emulator.url());
    config.set_rate_limit(1.0).unwrap();
    let watcher = watcher_of(Client::new(&config).unwrap());
    let begun = Instant::now();
    for number in 0..100_000 {
        watcher.add(&job(number), options(NEVER), number).unwrap();
    }
    // Far more than it takes, optimised or not.
    assert!(begun.elapsed() < Duration::from_secs(30));
    assert_eq!(watcher.pending(), 100_000);
    assert!(emulator.requests().len() < 100);
    watcher.remove(&job(99_999), 99_999).unwrap();
    assert_eq!(watcher.pending(), 99_999);
}
