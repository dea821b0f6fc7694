//! Campaigns of one kind against all others.
//!
//! The ratio of conversion rates is Mantel and Haenszel's over segments, with the variance of its
//! logarithm by Greenland and Robins (1985); with one stratum these are the plain ratio and the
//! interval of Katz and others (1978). Where one side has no conversion at all, every count is
//! raised by a half (Haldane 1956, Anscombe 1956). Campaigns differ more than single recipients
//! would: the variance is multiplied by the dispersion, Pearson's statistic over its degrees of
//! freedom (Wedderburn 1974), which is a design effect with campaigns as clusters, and
//! the interval is Student's t. Many comparisons find something by chance: Holm's (1979) adjusted
//! p values say what stands all the same.

use std::collections::BTreeMap;

use baton_domain::campaign::{Dimension, Lift, PastCampaign, SendTime};
use jiff::tz::TimeZone;
use statrs::distribution::{ContinuousCDF, StudentsT};

use crate::baseline;

/// A lift, and how far it can be relied on.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The lift.
    pub lift: Lift,
    /// The p value after Holm's adjustment for all comparisons, 0 to 1.
    pub adjusted_p: f64,
    /// Whether segments could not be held apart, since none got both kinds.
    pub crude: bool,
}

/// No ratio is believed beyond a thousand times more or less: both ends of an interval stay finite.
const MAX_LOG_RATIO: f64 = 6.907_755;

/// Every comparison, the largest lift first.
pub fn all(used: &[&PastCampaign], zone: &TimeZone) -> Vec<Compared> {
    let mut found = Vec::new();
    for dimension in [Dimension::Segment, Dimension::SendTime, Dimension::Theme] {
        let mut values: BTreeMap<String, Vec<bool>> = BTreeMap::new();
        for (n, past) in used.iter().enumerate() {
            let value = value(past, dimension, zone);
            values
                .entry(value)
                .or_insert_with(|| vec![false; used.len()])[n] = true;
        }
        // Where there is one value, there are no others.
        if values.len() > 1 {
            let compared =
                |(value, among): (String, Vec<bool>)| one(used, dimension, value, &among);
            found.extend(values.into_iter().map(compared));
        }
    }
    adjust(&mut found);
    found.sort_by(|a, b| b.lift.lift.total_cmp(&a.lift.lift));
    found
}

/// What a campaign is in one dimension.
pub fn value(past: &PastCampaign, dimension: Dimension, zone: &TimeZone) -> String {
    match dimension {
        Dimension::Segment => past.segment.clone(),
        Dimension::SendTime => SendTime::of(past.sent_at, zone).to_string(),
        Dimension::Theme => past.theme.clone(),
    }
}

/// The campaigns that are `among` against the others.
fn one(used: &[&PastCampaign], dimension: Dimension, value: String, among: &[bool]) -> Compared {
    let by_segment = dimension != Dimension::Segment;
    let stratified = Table::strata(used, among, by_segment);
    let crude = !stratified.iter().any(Table::informs);
    let tables = if crude {
        Table::strata(used, among, false)
    } else {
        stratified
    };
    let spread = Dispersion::of(used, |n, past| {
        let segment = if crude { "" } else { past.segment.as_str() };
        (segment, among[n])
    });
    let ratio = Ratio::of(&tables, spread);
    let (low, high) = ratio.interval();
    let pairs = used.iter().zip(among);
    let inside: Vec<&PastCampaign> = pairs
        .filter_map(|(past, is_in)| is_in.then_some(*past))
        .collect();
    let lift = Lift {
        dimension,
        value,
        campaigns: u32::try_from(inside.len()).unwrap_or(u32::MAX),
        delivered: inside
            .iter()
            .fold(0, |sum, past| past.delivered.saturating_add(sum)),
        rates: baseline::rates(&inside),
        lift: less_one(ratio.log),
        interval: (low, high),
        significant: low > 0.0 || high < 0.0,
    };
    Compared {
        lift,
        adjusted_p: ratio.p_value(),
        crude: crude && by_segment,
    }
}

/// Mails and conversions of both sides in one stratum.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Table {
    inside: Side,
    others: Side,
}

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Side {
    mails: f64,
    conversions: f64,
}

impl Side {
    fn add(&mut self, past: &PastCampaign) {
        self.mails += past.delivered as f64;
        self.conversions += past.conversions as f64;
    }

    /// With a half more in each cell.
    fn raised(self) -> Self {
        Self {
            mails: self.mails + 1.0,
            conversions: self.conversions + 0.5,
        }
    }
}

impl Table {
    /// One table for each segment, or one for all.
    fn strata(used: &[&PastCampaign], among: &[bool], by_segment: bool) -> Vec<Self> {
        let mut strata: BTreeMap<&str, Self> = BTreeMap::new();
        for (past, is_in) in used.iter().zip(among) {
            let key = if by_segment {
                past.segment.as_str()
            } else {
                ""
            };
            let table = strata.entry(key).or_default();
            let side = if *is_in {
                &mut table.inside
            } else {
                &mut table.others
            };
            side.add(past);
        }
        strata.into_values().collect()
    }

    /// Whether both sides are there: else the stratum says nothing about their ratio.
    fn informs(&self) -> bool {
        self.inside.mails > 0.0 && self.others.mails > 0.0
    }
}

/// The logarithm of a ratio of rates.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ratio {
    log: f64,
    error: f64,
    freedom: f64,
}

impl Ratio {
    fn of(tables: &[Table], spread: Dispersion) -> Self {
        let mut tables: Vec<Table> = tables.iter().copied().filter(Table::informs).collect();
        let all =
            |side: fn(&Table) -> Side| tables.iter().map(|t| side(t).conversions).sum::<f64>();
        if all(|t| t.inside) == 0.0 || all(|t| t.others) == 0.0 {
            for table in &mut tables {
                table.inside = table.inside.raised();
                table.others = table.others.raised();
            }
        }
        let (mut above, mut below, mut spread_of_log) = (0.0, 0.0, 0.0);
        for Table { inside, others } in tables {
            let mails = inside.mails + others.mails;
            above += inside.conversions * others.mails / mails;
            below += others.conversions * inside.mails / mails;
            let both = (inside.conversions + others.conversions) * inside.mails * others.mails;
            spread_of_log +=
                (both - inside.conversions * others.conversions * mails) / (mails * mails);
        }
        let variance = spread_of_log / (above * below);
        // No table at all, or one in which every mail converted: the ratio is 1, and exact.
        let sound = |value: f64| if value.is_finite() { value } else { 0.0 };
        Self {
            log: sound((above / below).ln()).clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO),
            error: sound((variance * spread.factor).max(0.0).sqrt()),
            freedom: spread.freedom,
        }
    }

    /// Where the ratio less one lies with 95 % confidence.
    fn interval(self) -> (f64, f64) {
        let t = student(self.freedom).map_or(1.96, |student| student.inverse_cdf(0.975));
        let half = t * self.error;
        let bound = |log: f64| less_one(log.clamp(-2.0 * MAX_LOG_RATIO, 2.0 * MAX_LOG_RATIO));
        (bound(self.log - half), bound(self.log + half))
    }

    /// How often chance alone would find so much, on either side.
    fn p_value(self) -> f64 {
        if self.error <= 0.0 {
            return 1.0;
        }
        let t = (self.log / self.error).abs();
        student(self.freedom).map_or(1.0, |student| (2.0 * student.sf(t)).min(1.0))
    }
}

fn student(freedom: f64) -> Option<StudentsT> {
    StudentsT::new(0.0, 1.0, freedom).ok()
}

/// The ratio less one, rounded to a hundredth of a per cent.
fn less_one(log: f64) -> f64 {
    (log.exp_m1() * 1e4).round() / 1e4
}

/// How much more campaigns differ than chance would make them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Dispersion {
    /// By how much the variance is larger, 1 or more.
    factor: f64,
    /// From how many independent differences that is known, 1 or more. One where there is none:
    /// the interval is then as wide as Student's t can make it.
    freedom: f64,
}

impl Dispersion {
    /// Pearson's statistic over its degrees of freedom, where the campaigns of one cell share a
    /// rate.
    fn of<'a, K: Ord>(
        used: &[&'a PastCampaign],
        cell: impl Fn(usize, &'a PastCampaign) -> K,
    ) -> Self {
        let mut cells: BTreeMap<K, Side> = BTreeMap::new();
        for (n, past) in used.iter().enumerate() {
            cells.entry(cell(n, past)).or_default().add(past);
        }
        let pearson = |(n, past): (usize, &&'a PastCampaign)| {
            let Side { mails, conversions } = cells[&cell(n, past)];
            let rate = conversions / mails;
            let expected = past.delivered as f64 * rate;
            let variance = expected * (1.0 - rate);
            let difference = past.conversions as f64 - expected;
            if variance > 0.0 {
                difference * difference / variance
            } else {
                0.0
            }
        };
        let statistic: f64 = used.iter().enumerate().map(pearson).sum();
        let freedom = used.len().saturating_sub(cells.len()).max(1) as f64;
        Self {
            factor: (statistic / freedom).max(1.0),
            freedom,
        }
    }
}

/// How much more the campaigns to one segment differ than chance would make them, 1 or more.
pub fn dispersion_within_segments(used: &[&PastCampaign]) -> f64 {
    Dispersion::of(used, |_, past| past.segment.as_str()).factor
}

/// Holm's adjustment: the smallest p value times their number, the next times one less, and so on,
/// none smaller than the one before it.
fn adjust(found: &mut [Compared]) {
    found.sort_by(|a, b| a.adjusted_p.total_cmp(&b.adjusted_p));
    let (number, mut largest) = (found.len(), 0.0_f64);
    for (rank, compared) in found.iter_mut().enumerate() {
        largest = largest
            .max(compared.adjusted_p * (number - rank) as f64)
            .min(1.0);
        compared.adjusted_p = largest;
    }
}

#[cfg(test)]
mod tests;
