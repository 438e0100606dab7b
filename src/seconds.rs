//! Durations as the API spells them.

/// Parses a duration into seconds: `"8s"`, `"1m 5s"`, `"1:05"` or `"12.5"`. `None` for anything
/// else.
pub(crate) fn read(text: &str) -> Option<f64> {
    let text = text.trim();
    let seconds = if text.contains(':') { clock(text)? } else { units(text)? };
    (seconds.is_finite() && seconds >= 0.0).then_some(seconds)
}

/// Parses `[hours:]minutes:seconds`, of which only the first may be 60 or more, and only the last
/// may have a fraction.
fn clock(text: &str) -> Option<f64> {
    let mut total = 0.0;
    let mut parts = text.split(':').enumerate().peekable();
    while let Some((index, part)) = parts.next() {
        let value = decimal(part)?;
        let is_last = parts.peek().is_none();
        if index > 2 || (index > 0 && value >= 60.0) || (!is_last && part.contains('.')) {
            return None;
        }
        total = total * 60.0 + value;
    }
    Some(total)
}

/// Parses numbers with a unit each, from the largest unit to the smallest; a lone number is
/// seconds.
fn units(text: &str) -> Option<f64> {
    if let Some(seconds) = decimal(text) {
        return Some(seconds);
    }
    let mut total = 0.0;
    let mut smallest = f64::INFINITY;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at_checked(end)?;
        let tail = tail.trim_start();
        let unit_end = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, tail) = tail.split_at_checked(unit_end)?;
        let factor = match unit.to_ascii_lowercase().as_str() {
            "ms" => 0.001,
            "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
            "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
            "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0,
            _ => return None,
        };
        if factor >= smallest {
            return None;
        }
        smallest = factor;
        total += decimal(number)? * factor;
        rest = tail.trim_start();
    }
    (smallest < f64::INFINITY).then_some(total)
}

/// Parses digits with at most one point: no sign, no exponent, no "inf".
fn decimal(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn the_spellings_of_the_contract_are_understood() {
        for (text, seconds) in [
            ("8s", 8.0),
            ("1m 5s", 65.0),
            ("1:05", 65.0),
            ("12.5", 12.5),
            ("0", 0.0),
            (" 8 s ", 8.0),
            ("1h2m3s", 3723.0),
            ("1:00:01.5", 3601.5),
            ("90:00", 5400.0),
            ("1 min 5 sec", 65.0),
            ("1500ms", 1.5),
        ] {
            assert_eq!(read(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_duration() {
        for text in [
            "", " ", "s", "-8s", "8x", "8s 1m", "5s 5s", "inf", "nan", "1e3", "1:60", "1:2:3:4",
            ":", "1:", "1.5:00", "1.2.3", "٣s", "8s,", "0x8",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
