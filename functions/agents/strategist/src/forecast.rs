//! What a mail brings, from the rates of the history.
//!
//! Lifts are noisy: each is drawn towards none by empirical Bayes (Efron and Morris 1975; the spread
//! of the true lifts by moments, as in meta-analysis, about a mean of none). A lift against
//! the others becomes one against all, and those of segment, theme and send time multiply.

use std::collections::HashMap;

use baton_domain::Amount;
use baton_domain::amount::MAX_AMOUNT;
use baton_domain::campaign::{Brand, Dimension, Expectation, Insights, Lift, Rates, SendTime};

/// What is known of every segment, theme and send time.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    baseline: Rates,
    segments: Vec<Factors>,
    themes: Vec<Factors>,
    times: HashMap<SendTime, f64>,
}

/// By how much the rates of one segment or theme differ from those of all.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Factors {
    open: f64,
    click: f64,
    conversion: f64,
    /// Of the revenue of a purchase.
    revenue: f64,
}

const NONE: Factors = Factors {
    open: 1.0,
    click: 1.0,
    conversion: 1.0,
    revenue: 1.0,
};

/// Rates of opens, clicks and revenue are drawn half way to those of all with so many campaigns.
const HALF_WAY: f64 = 3.0;

/// The smallest standard error of a logarithm that is believed.
const LEAST_ERROR: f64 = 0.02;

impl Forecast {
    /// What these insights say of the brand's segments and themes; those that they do not name are
    /// like all others.
    pub fn of(brand: &Brand, insights: &Insights) -> Self {
        let of = |dimension| Shrunk::of(insights, dimension);
        let (segments, themes, times) = (
            of(Dimension::Segment),
            of(Dimension::Theme),
            of(Dimension::SendTime),
        );
        let factors = |shrunk: &Shrunk, name: &str| shrunk.factors(name, &insights.baseline);
        Self {
            baseline: insights.baseline,
            segments: brand
                .segments
                .iter()
                .map(|s| factors(&segments, &s.name))
                .collect(),
            themes: brand
                .themes
                .iter()
                .map(|t| factors(&themes, &t.name))
                .collect(),
            times: times
                .lifts
                .iter()
                .filter_map(|(lift, factor)| Some((lift.value.parse().ok()?, *factor)))
                .collect(),
        }
    }

    /// By how much more a mail at this time converts than one at any.
    pub fn time_factor(&self, time: SendTime) -> f64 {
        self.times.get(&time).copied().unwrap_or(1.0)
    }

    /// The conversion rate of a segment's mails about all themes.
    pub fn segment_conversion(&self, segment: usize) -> f64 {
        (self.baseline.conversion * self.segments[segment].conversion).min(1.0)
    }

    /// The open rate of a segment's mails about a theme.
    pub fn open_rate(&self, segment: usize, theme: usize) -> f64 {
        let (segment, theme) = (self.segments[segment], self.themes[theme]);
        (self.baseline.open * segment.open * theme.open).min(1.0)
    }

    /// The share of a segment that usually does not open, times how much more than others the theme is
    /// opened.
    pub fn asleep(&self, segment: usize, theme: usize) -> f64 {
        let open = (self.baseline.open * self.segments[segment].open).min(1.0);
        (1.0 - open) * self.themes[theme].open
    }

    /// What a mail to `size` recipients of the segment about the theme at that time may bring.
    pub fn expect(&self, segment: usize, theme: usize, time: SendTime, size: u64) -> Expectation {
        let size = size as f64;
        let base = self.baseline;
        let open = self.open_rate(segment, theme);
        let (segment, theme) = (self.segments[segment], self.themes[theme]);
        let click = (base.click * segment.click * theme.click).min(1.0);
        let conversion = base.conversion * segment.conversion * theme.conversion;
        let conversion = (conversion * self.time_factor(time)).min(1.0);
        let purchase = ratio(base.revenue_per_mail.value(), base.conversion).unwrap_or(0.0);
        let revenue = size * conversion * purchase * segment.revenue * theme.revenue;
        let tenth = |value: f64| ((value * 10.0).round() / 10.0).min(size);
        Expectation {
            opens: tenth(size * open),
            clicks: tenth(size * click),
            conversions: tenth(size * conversion),
            revenue: Amount::try_from(revenue.min(MAX_AMOUNT))
                .unwrap_or_default()
                .round_to_cents(),
        }
    }
}

/// The lifts of one dimension, each with its shrunk factor against all campaigns.
struct Shrunk<'a> {
    lifts: Vec<(&'a Lift, f64)>,
}

impl<'a> Shrunk<'a> {
    fn of(insights: &'a Insights, dimension: Dimension) -> Self {
        let lifts = insights
            .lifts
            .iter()
            .filter(|lift| lift.dimension == dimension);
        let lifts: Vec<&Lift> = lifts.collect();
        let logs: Vec<(f64, f64)> = lifts.iter().map(|lift| log_and_error(lift)).collect();
        let delivered: f64 = lifts.iter().map(|lift| lift.delivered as f64).sum();
        let shrunk = shrink(&logs).into_iter().zip(&lifts);
        let against_all = |(log, lift): (f64, &&'a Lift)| {
            let share = lift.delivered as f64 / delivered.max(1.0);
            let others = log.exp();
            (*lift, others / (share * others + 1.0 - share))
        };
        Self {
            lifts: shrunk.map(against_all).collect(),
        }
    }

    fn factors(&self, name: &str, all: &Rates) -> Factors {
        let Some((lift, conversion)) = self.lifts.iter().find(|(lift, _)| lift.value == name)
        else {
            return NONE;
        };
        let trust = f64::from(lift.campaigns) / (f64::from(lift.campaigns) + HALF_WAY);
        let drawn = |own: f64, all: f64| ratio(own, all).map_or(1.0, |ratio| ratio.powf(trust));
        let purchase = |rates: &Rates| ratio(rates.revenue_per_mail.value(), rates.conversion);
        let revenue = purchase(&lift.rates).zip(purchase(all));
        Factors {
            open: drawn(lift.rates.open, all.open),
            click: drawn(lift.rates.click, all.click),
            conversion: *conversion,
            revenue: revenue.map_or(1.0, |(own, all)| drawn(own, all)),
        }
    }
}

fn ratio(above: f64, below: f64) -> Option<f64> {
    let ratio = above / below;
    (ratio.is_finite() && ratio > 0.0).then(|| ratio.clamp(1e-3, 1e6))
}

/// The logarithm of a ratio, and its standard error as far as the interval shows it.
fn log_and_error(lift: &Lift) -> (f64, f64) {
    let log = |less_one: f64| less_one.max(-0.999).ln_1p().clamp(-7.0, 7.0);
    let (low, high) = lift.interval;
    let error = (log(high) - log(low)) / (2.0 * 1.96);
    (log(lift.lift), error.max(LEAST_ERROR))
}

/// Draws estimates with these standard errors towards 0.
fn shrink(estimates: &[(f64, f64)]) -> Vec<f64> {
    let weight = |error: f64| 1.0 / (error * error);
    let weights: f64 = estimates.iter().map(|(_, error)| weight(*error)).sum();
    let spread: f64 = estimates
        .iter()
        .map(|(log, error)| weight(*error) * log * log)
        .sum();
    let between = ((spread - estimates.len() as f64) / weights.max(1e-12)).max(0.0);
    let drawn = |(log, error): &(f64, f64)| log * between / (between + error * error);
    estimates.iter().map(drawn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_drawn_to_nothing_and_signal_stays() {
        assert_eq!(shrink(&[(0.1, 0.5), (-0.1, 0.5)]), [0.0, 0.0]);
        let drawn = shrink(&[(1.0, 0.05), (-1.0, 0.05), (1.0, 2.0)]);
        assert!(drawn[0] > 0.99 && drawn[1] < -0.99, "{drawn:?}");
        assert!(
            (0.1..0.3).contains(&drawn[2]),
            "the unsure one moves: {drawn:?}"
        );
    }

    /// By hand: weights 25 and 4, so τ² = (25·.16 + 4·.04 − 2) / 29 = 2.16/29.
    #[test]
    fn the_spread_is_found_by_moments() {
        let between = 2.16 / 29.0;
        let drawn = shrink(&[(0.4, 0.2), (-0.2, 0.5)]);
        assert!((drawn[0] - 0.4 * between / (between + 0.04)).abs() < 1e-12);
        assert!((drawn[1] + 0.2 * between / (between + 0.25)).abs() < 1e-12);
    }
}
