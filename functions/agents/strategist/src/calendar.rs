//! From slots to a calendar.

use baton_domain::campaign::{Brand, Expectation, ObjectiveKind, PlannedEmail, SendTime, Strategy};
use jiff::tz::TimeZone;

use crate::forecast::Forecast;
use crate::notes::Orders;
use crate::plan::{Slot, gains};
use crate::{Input, words};

/// The offline calendar of these slots, which are in order of time.
pub fn of(
    input: &Input,
    zone: &TimeZone,
    forecast: &Forecast,
    slots: &[Slot],
    orders: &Orders,
) -> Strategy {
    let objectives = objectives(input, forecast, slots);
    let texts = slots
        .iter()
        .zip(objectives)
        .enumerate()
        .map(|(n, (slot, objective))| Text {
            slot: *slot,
            objective,
            rationale: words::rationale(input, forecast, slot),
            hypothesis: words::hypothesis(input, forecast, slot, objective, n),
        });
    let emails = emails(&input.brand, zone, texts.collect(), |slot| {
        expected(input, forecast, slot)
    });
    Strategy {
        brand_id: input.brand.brand_id.clone(),
        month: input.month,
        summary: words::summary(input, &emails),
        emails,
        assumptions: assumptions(input, orders),
    }
}

/// A slot with its words.
pub struct Text {
    /// The slot.
    pub slot: Slot,
    /// What for.
    pub objective: ObjectiveKind,
    /// Why.
    pub rationale: String,
    /// What it tests.
    pub hypothesis: String,
}

/// The mails of these slots, by time and named so. Slots on a day that the zone left out are left
/// out as well.
pub fn emails(
    brand: &Brand,
    zone: &TimeZone,
    texts: Vec<Text>,
    expected: impl Fn(&Slot) -> Expectation,
) -> Vec<PlannedEmail> {
    let timed = texts.into_iter().filter_map(|text| {
        let at = SendTime::moment(text.slot.day, text.slot.part, zone)?;
        Some((at, text))
    });
    let mut timed: Vec<_> = timed.collect();
    timed.sort_by_key(|(at, text)| (*at, text.slot.segment));
    let mail = |(n, (send_at, text)): (usize, (_, Text))| PlannedEmail {
        email_id: format!("email-{:02}", n + 1),
        day: text.slot.day,
        send_at,
        segment: brand.segments[text.slot.segment].name.clone(),
        audience_size: brand.segments[text.slot.segment].size,
        theme: brand.themes[text.slot.theme].name.clone(),
        objective: text.objective,
        expected: expected(&text.slot),
        rationale: text.rationale,
        hypothesis: text.hypothesis,
    };
    timed.into_iter().enumerate().map(mail).collect()
}

/// What the mail of a slot may bring.
pub fn expected(input: &Input, forecast: &Forecast, slot: &Slot) -> Expectation {
    let size = input.brand.segments[slot.segment].size;
    let time = SendTime {
        weekday: slot.day.weekday(),
        part: slot.part,
    };
    forecast.expect(slot.segment, slot.theme, time, size)
}

/// An objective for each mail: each objective has its share of the mails by weight (largest
/// remainders), and gets those that serve it best against what they do for the others.
fn objectives(input: &Input, forecast: &Forecast, slots: &[Slot]) -> Vec<ObjectiveKind> {
    let objectives = &input.brand.objectives;
    let mut quotas = quotas(
        &objectives.iter().map(|o| o.weight).collect::<Vec<_>>(),
        slots.len(),
    );
    let indexes: Vec<Vec<f64>> = objectives
        .iter()
        .map(|objective| {
            let gains = gains(input, forecast, objective.kind);
            let own: Vec<f64> = slots
                .iter()
                .map(|slot| gains[slot.segment][slot.theme])
                .collect();
            let mean = own.iter().sum::<f64>() / own.len().max(1) as f64;
            own.iter()
                .map(|gain| if mean > 0.0 { gain / mean } else { 1.0 })
                .collect()
        })
        .collect();
    let mut pairs: Vec<(f64, usize, usize)> = Vec::new();
    for n in 0..slots.len() {
        let all: f64 = indexes.iter().map(|own| own[n]).sum();
        pairs.extend((0..objectives.len()).map(|o| (indexes[o][n] / all.max(1e-12), o, n)));
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut given = vec![None; slots.len()];
    for (_, o, n) in pairs {
        if quotas[o] > 0 && given[n].is_none() {
            quotas[o] -= 1;
            given[n] = Some(objectives[o].kind);
        }
    }
    given
        .into_iter()
        .map(|kind| kind.unwrap_or(objectives[0].kind))
        .collect()
}

/// `number` in whole parts by weight: what is left goes to the largest remainders.
fn quotas(weights: &[f64], number: usize) -> Vec<usize> {
    let sum: f64 = weights.iter().sum();
    let exact: Vec<f64> = weights
        .iter()
        .map(|weight| weight / sum * number as f64)
        .collect();
    let mut quotas: Vec<usize> = exact.iter().map(|share| share.floor() as usize).collect();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().total_cmp(&exact[*a].fract()));
    let left = number.saturating_sub(quotas.iter().sum());
    for n in order.into_iter().cycle().take(left) {
        quotas[n] += 1;
    }
    quotas
}

fn assumptions(input: &Input, orders: &Orders) -> Vec<String> {
    let mut assumptions = vec![
        "What was sent in the last days of the month before does not count against the caps."
            .to_owned(),
        "Each further mail to a segment is worth 40 % less than the one before it.".to_owned(),
    ];
    if input.insights.campaigns == 0 {
        assumptions.push("Nothing was sent before: all rates are guesses.".to_owned());
    } else if input.insights.lifts.is_empty() {
        assumptions.push(
            "Segments, themes and send times were not compared: all count as alike.".to_owned(),
        );
    }
    let applied = orders
        .applied
        .iter()
        .map(|note| format!("Followed the note: {note}"));
    let ignored = orders
        .ignored
        .iter()
        .map(|note| format!("Could not follow the note: {note}"));
    assumptions.extend(applied.chain(ignored));
    assumptions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_go_by_largest_remainders() {
        assert_eq!(quotas(&[0.6, 0.25, 0.15], 8), [5, 2, 1]);
        assert_eq!(quotas(&[1.0, 1.0, 1.0], 2), [1, 1, 0]);
        assert_eq!(quotas(&[3.0], 4), [4]);
    }
}
