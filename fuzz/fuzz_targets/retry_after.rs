//! `Retry-After`, and on further lines the reply's `Date` and this side's clock in seconds.
#![no_main]

#[path = "../../src/retry_after.rs"]
mod retry_after;

use libfuzzer_sys::fuzz_target;
use retry_after::read;
use std::time::{Duration, SystemTime};

const MOST: Duration = Duration::from_secs(u32::MAX as u64);

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let value = lines.next().unwrap_or_default();
    let date = lines.next().filter(|date| !date.is_empty());
    let clock = lines.next().and_then(|clock| clock.parse::<u32>().ok()).unwrap_or(1_750_000_000);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(clock.into());
    let found = read(value, date, now);
    assert!(found.is_none_or(|wait| !wait.is_zero() && wait <= MOST), "{found:?}");
    assert_eq!(read(&format!("\t{value} "), date, now), found);
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = Duration::from_secs(value.parse().unwrap_or(u64::MAX)).min(MOST);
        assert_eq!(found, (!seconds.is_zero()).then_some(seconds));
    } else if date.is_none_or(|date| httpdate::parse_http_date(date.trim()).is_err()) {
        // With nothing else to count from, a second later is a second less.
        let later = read(value, None, now + Duration::from_secs(1));
        let less = found.map(|wait| wait - Duration::from_secs(1)).filter(|wait| !wait.is_zero());
        assert!(later == less || found == Some(MOST), "{found:?}, then {later:?}");
    }
});
