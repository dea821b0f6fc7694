//! Sample data to analyze, as tables in CSV: events of customers with steps and channels, and a
//! monthly series.

use std::fmt::Write as _;

use baton_domain::Timestamp;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ToSpan as _};

use super::random::Random;

const CUSTOMERS: u64 = 260;

/// A channel with its weight among visits, and by how many of a hundred its visitors go on more
/// readily than others.
const CHANNELS: [(&str, u64, u64); 6] = [
    ("search", 30, 4),
    ("social", 24, 0),
    ("newsletter", 18, 9),
    ("direct", 14, 6),
    ("display", 9, 0),
    ("referral", 5, 11),
];

/// A step, where it leads with which weights, and by how many of a hundred visits end here.
struct Place {
    name: &'static str,
    next: &'static [(usize, u64)],
    ends: u64,
}

const PLACES: [Place; 6] = [
    Place {
        name: "home",
        next: &[(1, 60), (2, 32), (5, 8)],
        ends: 28,
    },
    Place {
        name: "search results",
        next: &[(2, 85), (0, 15)],
        ends: 25,
    },
    Place {
        name: "product",
        next: &[(3, 52), (1, 28), (5, 20)],
        ends: 30,
    },
    Place {
        name: "cart",
        next: &[(4, 80), (2, 20)],
        ends: 26,
    },
    Place {
        name: "payment",
        next: &[],
        ends: 22,
    },
    Place {
        name: "help",
        next: &[(2, 70), (0, 30)],
        ends: 35,
    },
];

/// The step after which a visit has converted.
const LAST: usize = 4;

/// The most steps of a journey.
const MOST_STEPS: usize = 9;

/// Events in the sixty days before `as_of`, with the columns `customer_id`, `at`, `step`,
/// `channel`, `converted` and `value`. A channel stands at the first step of each visit.
pub fn events_csv(seed: u64, as_of: Timestamp) -> String {
    let mut random = Random::new(seed);
    let mut csv = "customer_id,at,step,channel,converted,value\n".to_owned();
    for customer in 1..=CUSTOMERS {
        let minutes = random.between((6 * 1440, 60 * 1440));
        let mut at = as_of.saturating_sub(span(minutes)).unwrap_or(as_of);
        let (mut place, mut visits) = (0, 1);
        let (mut channel, mut ready) = pick_channel(&mut random);
        for _ in 0..MOST_STEPS {
            let step = &PLACES[place];
            let leaves = random.chance(step.ends.saturating_sub(ready));
            let converts = place == LAST && !leaves;
            let value = if converts {
                random.between((24, 210)).to_string()
            } else {
                String::new()
            };
            let moment = at.strftime("%Y-%m-%dT%H:%M:%SZ");
            let _ = writeln!(
                csv,
                "customer-{customer:03},{moment},{},{channel},{converts},{value}",
                step.name
            );
            if converts || (leaves && (visits == 3 || !random.chance(58))) {
                break;
            }
            channel = "";
            let mut pause = random.between((1, 9));
            if leaves || step.next.is_empty() {
                visits += 1;
                (channel, ready) = pick_channel(&mut random);
                place = 2 * random.between((0, 1)) as usize;
                pause = random.between((600, 2800));
            } else {
                place = weighted(&mut random, step.next);
            }
            at = at.saturating_add(span(pause)).unwrap_or(at);
        }
    }
    csv
}

/// Forty months up to the one before `as_of`, with the columns `at` and `value`: growth, a season,
/// noise, one month that fell short and one of which nothing is known.
pub fn series_csv(seed: u64, as_of: Timestamp) -> String {
    const SEASON: [u64; 12] = [84, 86, 95, 98, 101, 106, 104, 97, 99, 103, 118, 131];
    const MONTHS: u64 = 40;
    const SHORT: u64 = 27;
    const UNKNOWN: u64 = 15;
    let mut random = Random::new(seed);
    let mut csv = "at,value\n".to_owned();
    let today = as_of.to_zoned(TimeZone::UTC).date();
    for month in 0..MONTHS {
        let ago = i32::try_from(MONTHS - month).unwrap_or_default();
        let at = today.first_of_month().saturating_sub(ago.months());
        let season = SEASON[usize::from(at.month().unsigned_abs()) - 1];
        let noise = random.between((955, 1045));
        let mut value = (8_200 + 115 * month) * season * noise / 100_000;
        if month == SHORT {
            value = value * 58 / 100;
        }
        if month != UNKNOWN {
            let _ = writeln!(csv, "{},{value}", at.strftime("%Y-%m"));
        }
    }
    csv
}

fn span(minutes: u64) -> SignedDuration {
    SignedDuration::from_mins(i64::try_from(minutes).unwrap_or_default())
}

fn pick_channel(random: &mut Random) -> (&'static str, u64) {
    let weights: Vec<(usize, u64)> = CHANNELS.iter().map(|c| c.1).enumerate().collect();
    let (name, _, ready) = CHANNELS[weighted(random, &weights)];
    (name, ready)
}

/// One of `all`, by weight.
fn weighted(random: &mut Random, all: &[(usize, u64)]) -> usize {
    let sum: u64 = all.iter().map(|(_, weight)| weight).sum();
    let mut drawn = random.between((1, sum));
    for (which, weight) in all {
        if drawn <= *weight {
            return *which;
        }
        drawn -= weight;
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_793_491_200).unwrap()
    }

    #[test]
    fn the_same_seed_makes_the_same_tables() {
        assert_eq!(events_csv(7, now()), events_csv(7, now()));
        assert_ne!(events_csv(7, now()), events_csv(8, now()));
        assert_ne!(series_csv(7, now()), series_csv(8, now()));
    }

    #[test]
    fn there_is_something_to_see() {
        let events = events_csv(7, now());
        let converted = events.lines().filter(|line| line.contains(",true,"));
        let share = converted.count() as f64 / CUSTOMERS as f64;
        assert!((0.1..0.6).contains(&share), "{share}");
        for (channel, ..) in CHANNELS {
            assert!(events.contains(&format!(",{channel},")), "{channel}");
        }
        let last = events
            .lines()
            .skip(1)
            .filter_map(|line| line.split(',').nth(1));
        assert!(last.max() < Some("2026-11-01"), "nothing lies ahead");
    }

    #[test]
    fn the_series_ends_before_the_month_of_the_sample() {
        let series = series_csv(7, now());
        let lines: Vec<&str> = series.lines().collect();
        assert_eq!(lines.len(), 40, "a header, and forty months without one");
        assert!(lines[1].starts_with("2023-0"), "{}", lines[1]);
        assert!(lines[39].starts_with("2026-0") || lines[39].starts_with("2026-10"));
    }
}
