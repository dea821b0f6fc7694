//! The rates of campaigns taken together.

use baton_domain::Amount;
use baton_domain::campaign::{PastCampaign, Rates};

/// Rates of senders at large, for a brand that never sent anything. Opens, clicks and unsubscribes
/// are the averages over all accounts without an industry in Mailchimp's benchmarks of October 2019, the
/// last before mail programs began to open mails by themselves. Nobody publishes conversions and
/// revenue over all industries; one purchase per thousand mails and ten cents a mail are our
/// assumption, which may well be wrong by a factor of three.
pub const INDUSTRY: Industry = Industry {
    open: 0.2271,
    click: 0.0291,
    conversion: 0.001,
    unsubscribe: 0.0025,
    revenue_per_mail: 0.1,
};

/// The type of [`INDUSTRY`].
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the fields are those of Rates")]
pub struct Industry {
    pub open: f64,
    pub click: f64,
    pub conversion: f64,
    pub unsubscribe: f64,
    pub revenue_per_mail: f64,
}

impl Industry {
    /// As rates.
    pub fn rates(self) -> Rates {
        Rates {
            open: self.open,
            click: self.click,
            conversion: self.conversion,
            unsubscribe: self.unsubscribe,
            revenue_per_mail: Amount::try_from(self.revenue_per_mail).unwrap_or_default(),
        }
    }
}

/// The rates of these campaigns together: sums divided by mails that arrived. Rates are rounded to
/// a millionth and revenue to a hundredth of a cent.
pub fn rates(campaigns: &[&PastCampaign]) -> Rates {
    let sum =
        |count: fn(&PastCampaign) -> f64| campaigns.iter().map(|past| count(past)).sum::<f64>();
    let mails = sum(|past| past.delivered as f64).max(1.0);
    let rate = |count| ((sum(count) / mails).min(1.0) * 1e6).round() / 1e6;
    let revenue = sum(|past| past.revenue.value()) / mails;
    Rates {
        open: rate(|past| past.opens as f64),
        click: rate(|past| past.clicks as f64),
        conversion: rate(|past| past.conversions as f64),
        unsubscribe: rate(|past| past.unsubscribes as f64),
        revenue_per_mail: Amount::try_from((revenue * 1e4).round() / 1e4).unwrap_or_default(),
    }
}

/// How sure the conversion rate of all campaigns is: one less its relative standard error, the
/// dispersion included, between 0.05 and 0.95.
pub fn confidence(campaigns: &[&PastCampaign], dispersion: f64) -> f64 {
    let conversions: f64 = campaigns.iter().map(|past| past.conversions as f64).sum();
    let error = (dispersion / conversions.max(1.0)).sqrt();
    ((1.0 - error).clamp(0.05, 0.95) * 1e4).round() / 1e4
}

/// Where the conversion rate of these campaigns lies with 95 % confidence (Wilson 1927), the number
/// of mails divided by the dispersion.
pub fn interval(campaigns: &[&PastCampaign], dispersion: f64) -> (f64, f64) {
    let mails: f64 = campaigns.iter().map(|past| past.delivered as f64).sum();
    let conversions: f64 = campaigns.iter().map(|past| past.conversions as f64).sum();
    wilson(conversions / dispersion, (mails / dispersion).max(1e-9))
}

fn wilson(successes: f64, trials: f64) -> (f64, f64) {
    const Z: f64 = 1.959_964;
    let p = (successes / trials).clamp(0.0, 1.0);
    let z2 = Z * Z / trials;
    let centre = (p + z2 / 2.0) / (1.0 + z2);
    let half = Z / (1.0 + z2) * (p * (1.0 - p) / trials + z2 / (4.0 * trials)).sqrt();
    ((centre - half).max(0.0), (centre + half).min(1.0))
}

/// Checks that rates lie between 0 and 1.
///
/// # Errors
/// The first that does not.
pub fn validate(field: &str, rates: &Rates) -> Result<(), String> {
    for (name, rate) in [
        ("open", rates.open),
        ("click", rates.click),
        ("conversion", rates.conversion),
        ("unsubscribe", rates.unsubscribe),
    ] {
        if !(0.0..=1.0).contains(&rate) {
            return Err(format!(
                "{field}.{name}: must lie between 0 and 1, got {rate}"
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I.
    #[test]
    fn wilson_s_interval_is_newcombe_s() {
        for (r, n, low, high) in [
            (81.0, 263.0, 0.2553, 0.3662),
            (15.0, 148.0, 0.0624, 0.1605),
            (0.0, 20.0, 0.0, 0.1611),
            (1.0, 29.0, 0.0061, 0.1718),
        ] {
            let (l, h) = wilson(r, n);
            assert!(
                (l - low).abs() < 6e-5 && (h - high).abs() < 6e-5,
                "{r}/{n}: {l} {h}"
            );
        }
    }
}
