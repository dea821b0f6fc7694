//! When a failed attempt is made again.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use baton_domain::Timestamp;

/// How often a failed attempt is made again.
pub(crate) const RETRIES: u32 = 2;

/// The pause before the first retry; it doubles.
const FIRST_PAUSE: Duration = Duration::from_millis(500);

/// Whether a status may be different next time: timeouts, throttles and the provider's own faults,
/// among them Anthropic's 529.
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 425 | 429) || (500..600).contains(&status) && status != 501
}

/// How long to pause before the retry of this number, from 0. A provider's own word is taken
/// where it gave one; else the pause doubles, and is up to half as long again, by the prompt, so that
/// agents that were throttled together do not come back together.
pub(crate) fn pause(retry: u32, asked: Option<Duration>, prompt: &str) -> Duration {
    asked.unwrap_or_else(|| {
        let mut hasher = DefaultHasher::new();
        (retry, prompt).hash(&mut hasher);
        let spread = (hasher.finish() % 1_000) as u32;
        let pause = FIRST_PAUSE * 2_u32.pow(retry);
        pause + pause * spread / 2_000
    })
}

/// What `Retry-After` asks for: seconds, or an HTTP date (RFC 9110, section 10.2.3). A date that has
/// passed asks for no pause; what cannot be read asks for nothing.
pub(crate) fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(value);
    let wait = date.ok()?.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_providers_word_is_read_in_both_forms() {
        let now = "2026-11-21T08:00:00Z".parse().unwrap();
        for (value, seconds) in [
            ("3", Some(3)),
            (" 0 ", Some(0)),
            ("Sat, 21 Nov 2026 08:00:07 GMT", Some(7)),
            ("Sat, 21 Nov 2026 07:59:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(
                retry_after(value, now),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }

    #[test]
    fn pauses_double_and_spread() {
        let pauses: Vec<Duration> = (0..50).map(|i| pause(0, None, &i.to_string())).collect();
        assert!(pauses.iter().all(|p| (500..=750).contains(&p.as_millis())));
        assert!(pauses.iter().any(|p| *p != pauses[0]));
        assert!((1_000..=1_500).contains(&pause(1, None, "x").as_millis()));
        assert_eq!(pause(1, None, "x"), pause(1, None, "x"));
        assert_eq!(
            pause(1, Some(Duration::from_secs(9)), "x"),
            Duration::from_secs(9)
        );
    }

    #[test]
    fn what_the_caller_did_wrong_is_not_repeated() {
        assert!(
            [408, 429, 500, 502, 503, 504, 529]
                .into_iter()
                .all(is_transient)
        );
        assert!(
            ![301, 400, 401, 403, 404, 413, 422, 501]
                .into_iter()
                .any(is_transient)
        );
    }
}
