//! Why a mail is where it is, and what it will test, in words with numbers.

use baton_domain::campaign::{Dimension, Insights, Lift, ObjectiveKind, PlannedEmail, SendTime};

use crate::Input;
use crate::forecast::Forecast;
use crate::plan::Slot;

/// Why this segment, theme and time.
pub fn rationale(input: &Input, forecast: &Forecast, slot: &Slot) -> String {
    let insights = &input.insights;
    let segment = &input.brand.segments[slot.segment];
    let all = percent(insights.baseline.conversion);
    let to = match lift(insights, Dimension::Segment, &segment.name) {
        Some(_) => {
            let own = percent(forecast.segment_conversion(slot.segment));
            format!("about {own} of their mails lead to a purchase, against {all} over all")
        }
        None => format!("nothing is known of them yet; {all} of all mails lead to a purchase"),
    };
    let theme = &input.brand.themes[slot.theme];
    let about = lift(insights, Dimension::Theme, &theme.name).map_or_else(
        || "not written about before, or never compared".to_owned(),
        compared,
    );
    let (weekday, part) = (slot.day.weekday(), slot.part);
    let time = SendTime { weekday, part }.to_string();
    let at = match (slot.explores, lift(insights, Dimension::SendTime, &time)) {
        (true, known) => {
            let known = known.map_or(0, |lift| lift.campaigns);
            format!("chosen to learn about it, with {known} campaigns so far")
        }
        (false, Some(lift)) => compared(lift),
        (false, None) => "spreads the mails over the month".to_owned(),
    };
    format!(
        "{} ({} recipients): {to}. {}: {about}. {weekday:?} {}: {at}.",
        capital(&segment.label),
        segment.size,
        capital(&theme.label),
        part.name(),
    )
}

fn lift<'a>(insights: &'a Insights, dimension: Dimension, value: &str) -> Option<&'a Lift> {
    insights
        .lifts
        .iter()
        .find(|lift| lift.dimension == dimension && lift.value == value)
}

fn compared(lift: &Lift) -> String {
    let sign = |share: f64| {
        format!(
            "{}{}",
            if share < 0.0 { "-" } else { "+" },
            percent(share.abs())
        )
    };
    let sure = if lift.significant {
        ""
    } else {
        ", which may be chance"
    };
    format!(
        "{} purchases against the others (95 % interval {} to {}, {} campaigns){sure}",
        sign(lift.lift),
        sign(lift.interval.0),
        sign(lift.interval.1),
        lift.campaigns
    )
}

/// What the two subject lines test, and how large a difference they can show.
pub fn hypothesis(
    input: &Input,
    forecast: &Forecast,
    slot: &Slot,
    objective: ObjectiveKind,
    n: usize,
) -> String {
    let segment = &input.brand.segments[slot.segment];
    let theme = &input.brand.themes[slot.theme];
    let personal = !input.brand.personalization_fields.is_empty();
    // Neighbours in the calendar do not test the same.
    let (line, other) = match (objective, n % 2) {
        (ObjectiveKind::Revenue, 0) => ("a benefit", "a number"),
        (ObjectiveKind::Revenue, _) | (ObjectiveKind::Engagement, 1) => ("a question", "a benefit"),
        (ObjectiveKind::Engagement, _) => ("a question", "a number"),
        (ObjectiveKind::Retention, 0) | (ObjectiveKind::Reactivation, 1) if personal => {
            ("a personal line", "a benefit")
        }
        (ObjectiveKind::Reactivation | ObjectiveKind::Retention, _) if personal => {
            ("a personal line", "a question")
        }
        (ObjectiveKind::Reactivation | ObjectiveKind::Retention, _) => ("a question", "a benefit"),
    };
    let side = segment.size / 2;
    let shown = detectable(forecast.open_rate(slot.segment, slot.theme), side as f64);
    format!(
        "For {}, {line} about {} is opened more often than {other}. With {side} recipients on each side, a difference \
         of {} can be seen (power 80 %, level 5 %).",
        segment.label,
        theme.label,
        shown.map_or("no size".to_owned(), |shown| format!(
            "{:.1} points",
            shown * 100.0
        )),
    )
}

/// The smallest difference of two rates near `rate` that is found four times out of five, at the
/// level of 5 % on both sides, with `side` recipients each; the normal approximation (Fleiss 1981).
fn detectable(rate: f64, side: f64) -> Option<f64> {
    const Z: f64 = 1.959_964 + 0.841_621;
    let shown = Z * (2.0 * rate * (1.0 - rate) / side).sqrt();
    (shown.is_finite() && (0.0..1.0).contains(&shown) && shown > 0.0).then_some(shown)
}

/// The plan in two sentences.
pub fn summary(input: &Input, emails: &[PlannedEmail]) -> String {
    let mut segments: Vec<&str> = emails.iter().map(|email| email.segment.as_str()).collect();
    segments.sort_unstable();
    segments.dedup();
    let sum = |of: fn(&PlannedEmail) -> f64| emails.iter().map(of).sum::<f64>();
    let mut themes: Vec<&str> = emails.iter().map(|email| email.theme.as_str()).collect();
    themes.sort_unstable();
    themes.dedup();
    format!(
        "{} mails to {} segments about {} themes in {}. They may lead to {:.0} purchases worth {:.0} USD, by the rates \
         of {} earlier campaigns.",
        emails.len(),
        segments.len(),
        themes.len(),
        input.month,
        sum(|email| email.expected.conversions),
        sum(|email| email.expected.revenue.value()),
        input.insights.campaigns,
    )
}

/// A label as a sentence begins.
fn capital(label: &str) -> String {
    let mut rest = label.chars();
    let first = rest.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(rest).collect()
}

fn percent(share: f64) -> String {
    let hundredths = share * 100.0;
    let digits = match hundredths.abs() {
        ..1.0 => 2,
        1.0..10.0 => 1,
        _ => 0,
    };
    format!("{hundredths:.digits$} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// n = 2 · 7.849 · 0.25 / 0.1² = 392 a side, as in any table of sample sizes.
    #[test]
    fn larger_groups_show_smaller_differences() {
        let shown = detectable(0.5, 392.0).unwrap();
        assert!((shown - 0.1).abs() < 1e-3, "{shown}");
        assert_eq!(detectable(0.5, 0.0), None);
        assert_eq!(detectable(0.0, 100.0), None);
    }
}
