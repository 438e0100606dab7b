//! `Retry-After` (RFC 9110, 10.2.3): how long a server asks to be left alone.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

/// Reads a `Retry-After` of seconds or of an HTTP-date. A date counts from the reply's own `Date`,
/// so that a wrong clock on this side does no harm, else from `now`. `None` is what the rest of the
/// library takes for "nothing was asked": garbage, nought, negative, past.
pub(crate) fn read(value: &str, date: Option<&str>, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a number that is too large fails here.
        Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX)))
    } else {
        let until = http_date(value)?;
        let from = date.and_then(http_date).unwrap_or(now);
        until.duration_since(from).ok()?
    };
    (!wait.is_zero()).then_some(wait.min(Duration::from_secs(u64::from(u32::MAX))))
}

/// Reads an HTTP-date, whose zone is always GMT (RFC 9110, 5.6.7); some servers spell that otherwise.
fn http_date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    let spelled = ["+0000", "-0000", "UTC"].iter().find_map(|zone| text.strip_suffix(zone));
    let text = spelled.map_or(Cow::Borrowed(text), |start| format!("{start}GMT").into());
    httpdate::parse_http_date(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn seconds(value: &str, date: Option<&str>, now: u64) -> Option<u64> {
        read(value, date, at(now)).map(|wait| wait.as_secs())
    }

    const NOV_6_1994_08_49_37: u64 = 784_111_777;

    #[test]
    fn seconds_are_read() {
        assert_eq!(seconds("120", None, 0), Some(120));
        assert_eq!(seconds(" 7 ", None, 0), Some(7));
        assert_eq!(seconds("99999999999999999999999", None, 0), Some(u64::from(u32::MAX)));
    }

    #[test]
    fn a_date_counts_from_the_replys_own_date() {
        let until = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(seconds(until, Some("Sun, 06 Nov 1994 08:49:07 GMT"), 0), Some(30));
        assert_eq!(
            seconds("Sunday, 06-Nov-94 08:49:37 GMT", None, NOV_6_1994_08_49_37 - 5),
            Some(5)
        );
    }

    #[test]
    fn greenwich_mean_time_may_be_spelled_otherwise() {
        for zone in ["GMT", "UTC", "+0000", "-0000"] {
            let until = format!("Sun, 06 Nov 1994 08:49:37 {zone}");
            let date = format!(" Sun, 06 Nov 1994 08:49:07 {zone} ");
            assert_eq!(seconds(&until, Some(&date), 0), Some(30), "{zone}");
        }
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 +0100", None, NOV_6_1994_08_49_37 - 5), None);
    }

    #[test]
    fn a_date_counts_from_the_wall_clock_where_the_reply_has_none() {
        let until = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(seconds(until, None, NOV_6_1994_08_49_37 - 60), Some(60));
        assert_eq!(seconds(until, Some("yesterday"), NOV_6_1994_08_49_37 - 60), Some(60));
    }

    #[test]
    fn garbage_nought_negative_and_past_ask_for_nothing() {
        for value in ["", "0", "-1", "soon", "1.5", "1e3", "12 s", "Sun, 99 Nov 1994 08:49:37 GMT"]
        {
            assert_eq!(seconds(value, None, NOV_6_1994_08_49_37), None, "{value}");
        }
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT", None, NOV_6_1994_08_49_37 + 1), None);
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:37 GMT", None, NOV_6_1994_08_49_37), None);
    }
}
