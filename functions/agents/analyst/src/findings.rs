//! What was found, in words with numbers.

use baton_domain::campaign::{Brand, Dimension, Lift, PastCampaign};
use jiff::tz::TimeZone;

use crate::compare::Compared;
use crate::{Input, baseline};

/// The most lifts that are put into words.
const MOST: usize = 8;

/// A lift stands up to many comparisons below this adjusted p value.
const LEVEL: f64 = 0.05;

/// The findings, most important first: all campaigns together, the lifts that are beyond chance, the
/// surest first, and how far to trust them.
pub fn of(
    brand: &Brand,
    used: &[&PastCampaign],
    compared: &[Compared],
    dispersion: f64,
    zone: &TimeZone,
) -> Vec<String> {
    let mut sure: Vec<&Compared> = compared.iter().filter(|c| c.lift.significant).collect();
    sure.sort_by(|a, b| a.adjusted_p.total_cmp(&b.adjusted_p));
    let mut findings = vec![of_baseline(brand, used, dispersion)];
    findings.extend(
        sure.iter()
            .take(MOST)
            .map(|compared| of_lift(brand, compared)),
    );
    if sure.is_empty() && !compared.is_empty() {
        let best = compared.first().map(|best| of_lift(brand, best));
        findings.push("No segment, send time or theme stands out beyond chance.".to_owned());
        findings.extend(best.map(|best| format!("Not established, but the best so far: {best}")));
    }
    if compared.is_empty() {
        findings.push("All campaigns were alike in segment, send time and theme: there is nothing to compare.".to_owned());
    }
    findings.extend(of_method(compared, dispersion));
    findings.push(period(used, zone));
    findings
}

/// All campaigns together.
pub fn of_baseline(brand: &Brand, used: &[&PastCampaign], dispersion: f64) -> String {
    let rates = baseline::rates(used);
    let (low, high) = baseline::interval(used, dispersion);
    format!(
        "{} campaigns of {}: {} of the mails were opened, {} clicked, {} led to a purchase (95 % interval {} to {}), \
         {} to an unsubscription; a mail brought {:.2} USD.",
        used.len(),
        brand.name,
        percent(rates.open),
        percent(rates.click),
        percent(rates.conversion),
        percent(low),
        percent(high),
        percent(rates.unsubscribe),
        rates.revenue_per_mail.value(),
    )
}

/// What is said where nothing was sent yet.
pub fn of_industry(brand: &Brand) -> String {
    let rates = baseline::INDUSTRY.rates();
    format!(
        "Nothing that {} sent could be looked at. Senders at large see {} of their mails opened and {} clicked; \
         {} purchases and {:.2} USD a mail are assumed, and may be a third or three times that.",
        brand.name,
        percent(rates.open),
        percent(rates.click),
        percent(rates.conversion),
        rates.revenue_per_mail.value(),
    )
}

fn of_lift(brand: &Brand, compared: &Compared) -> String {
    let Lift {
        dimension,
        value,
        campaigns,
        delivered,
        rates,
        lift,
        interval,
        ..
    } = &compared.lift;
    let more = if *lift < 0.0 { "less" } else { "more" };
    let stands = match compared {
        Compared { crude: true, .. } => "; segments could not be held apart",
        Compared { adjusted_p, .. } if *adjusted_p < LEVEL => {
            "; stands up to the number of comparisons"
        }
        _ => "; may be chance, given the number of comparisons",
    };
    format!(
        "{} converted {} {more} often than the others (95 % interval {} to {}): {} of {delivered} mails in {campaigns} \
         campaigns{stands}.",
        subject(brand, *dimension, value),
        percent(lift.abs()),
        signed(interval.0),
        signed(interval.1),
        percent(rates.conversion),
    )
}

fn subject(brand: &Brand, dimension: Dimension, value: &str) -> String {
    let segment = || brand.segments.iter().find(|segment| segment.name == value);
    let theme = || brand.themes.iter().find(|theme| theme.name == value);
    match dimension {
        Dimension::Segment => {
            let label = segment().map_or(value, |segment| &segment.label);
            format!("Mails to {label}")
        }
        Dimension::SendTime => format!("Mails at {value}"),
        Dimension::Theme => {
            let label = theme().map_or(value, |theme| &theme.label);
            format!("Mails about {label}")
        }
    }
}

fn of_method(compared: &[Compared], dispersion: f64) -> Option<String> {
    let number = compared.len();
    let by_chance = number as f64 * 0.05;
    (number > 0).then(|| {
        format!(
            "{number} comparisons were made, of which {by_chance:.1} would look established by chance alone. The \
             variance between campaigns to one segment is {dispersion:.1} times that of chance; the intervals allow for it.",
        )
    })
}

fn period(used: &[&PastCampaign], zone: &TimeZone) -> String {
    let day = |past: Option<&&PastCampaign>| {
        past.map(|past| zone.to_datetime(past.sent_at).date().to_string())
            .unwrap_or_default()
    };
    let mails = used
        .iter()
        .fold(0_u64, |sum, past| sum.saturating_add(past.delivered));
    format!(
        "The campaigns were sent from {} to {}; {mails} mails arrived.",
        day(used.first()),
        day(used.last())
    )
}

/// What a reader should know before relying on the insights.
pub fn warnings(input: &Input, used: &[&PastCampaign], compared: &[Compared]) -> Vec<String> {
    let mut warnings = Vec::new();
    let left_out = input.history.len() - used.len();
    if left_out > 0 {
        let month = input.month;
        warnings.push(format!(
            "{left_out} campaigns were left out: sent in {month} or later, or arrived nowhere"
        ));
    }
    let silent = input.brand.segments.iter();
    let silent = silent.filter(|segment| used.iter().all(|past| past.segment != segment.name));
    warnings.extend(silent.map(|segment| format!("nothing was ever sent to {}", segment.name)));
    let crude = compared.iter().filter(|compared| compared.crude).count();
    if crude > 0 {
        warnings.push(format!("{crude} comparisons could not hold segments apart"));
    }
    warnings
}

/// A share as people read it: three digits at most.
fn percent(share: f64) -> String {
    let hundredths = share * 100.0;
    let digits = match hundredths.abs() {
        ..1.0 => 2,
        1.0..10.0 => 1,
        _ => 0,
    };
    format!("{hundredths:.digits$} %")
}

fn signed(share: f64) -> String {
    let sign = if share < 0.0 { "-" } else { "+" };
    format!("{sign}{}", percent(share.abs()))
}
