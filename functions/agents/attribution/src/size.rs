//! Answers that a workflow can carry: of too many channels the smallest are summed up.
//!
//! Credits are sums, so that those of several channels may be added whatever the model. The models
//! themselves see every channel: channels that were joined before would be others.

use std::collections::BTreeSet;

use baton_agent::{MAX_OUTPUT_BYTES, json_bytes};

use crate::answer::round6;
use crate::{Credit, ModelCredits, Output};

/// Under what name the smallest channels are summed up.
pub(crate) const OTHER: &str = "(other)";

/// Sums up the channels of least credit until the answer has [`MAX_OUTPUT_BYTES`] at most, and says
/// so.
pub(crate) fn fit(output: &mut Output) -> Option<String> {
    let bytes = json_bytes(output);
    if bytes <= MAX_OUTPUT_BYTES {
        return None;
    }
    let channels = by_credit(output);
    let mut kept = channels.len();
    let mut found = (bytes, output.clone());
    while found.0 > MAX_OUTPUT_BYTES && kept > 1 {
        // Names differ in length: the next guess may be one too many still.
        kept = (kept * MAX_OUTPUT_BYTES / found.0).clamp(1, kept - 1);
        let shorter = with(output, &channels[..kept].iter().copied().collect());
        found = (json_bytes(&shorter), shorter);
    }
    *output = found.1;
    Some(format!(
        "of {} channels, the {kept} of most credit are answered and the others summed up as {OTHER}: \
         an answer has {MAX_OUTPUT_BYTES} bytes at most, and fewer `models` leave room for more channels",
        channels.len(),
    ))
}

/// The channels' places, those of most credit first, over all models.
fn by_credit(output: &Output) -> Vec<usize> {
    let Some(first) = output.models.first() else {
        return Vec::new();
    };
    let of = |channel: usize| -> f64 {
        // What the caller calls by the name of the sum belongs into it.
        if first.credits[channel].channel == OTHER {
            return -1.0;
        }
        let models = output.models.iter();
        models.map(|model| model.credits[channel].share).sum()
    };
    let mut channels: Vec<usize> = (0..first.credits.len()).collect();
    channels.sort_by(|a, b| of(*b).total_cmp(&of(*a)));
    channels
}

/// The answer with these channels and the sum of all others.
fn with(output: &Output, kept: &BTreeSet<usize>) -> Output {
    let model = |model: &ModelCredits| {
        let mut credits: Vec<Credit> = kept.iter().map(|c| model.credits[*c].clone()).collect();
        let rest = |total: f64, of: fn(&Credit) -> f64| {
            let sum: f64 = credits.iter().map(of).sum();
            round6((total - sum).max(0.0))
        };
        let totals = output.totals;
        let conversions = rest(totals.conversions, |credit| credit.conversions);
        let other = Credit {
            channel: OTHER.to_owned(),
            conversions,
            value: rest(totals.value, |credit| credit.value),
            share: if totals.conversions > 0.0 {
                round6((conversions / totals.conversions).clamp(0.0, 1.0))
            } else {
                0.0
            },
        };
        credits.push(other);
        ModelCredits {
            model: model.model,
            credits,
        }
    };
    let effects = output.removal_effects.iter().enumerate();
    Output {
        totals: output.totals,
        order: output.order,
        models: output.models.iter().map(model).collect(),
        removal_effects: effects
            .filter(|(channel, _)| kept.contains(channel))
            .map(|(_, effect)| effect.clone())
            .collect(),
    }
}
