//! From paths to the answer: each model, with names and what a reader should know.

use crate::markov::{self, Markov};
use crate::paths::{Path, Table};
use crate::{
    Credit, Credits, Error, Model, ModelCredits, Output, RemovalEffect, Totals, rules, shapley,
};

/// Divides the conversions of `paths` by each of `models`, and says what a reader should know.
///
/// # Errors
/// What [`Error`] says.
pub fn attribute(
    paths: &[Path],
    order: u8,
    half_life_days: f64,
    models: &[Model],
) -> Result<(Output, Vec<String>), Error> {
    let table = Table::of(paths)?;
    if table.walks() <= 0.0 {
        return Err(Error::NotEnoughData);
    }
    let totals = table.totals();
    let markov = if models.contains(&Model::Markov) {
        Some(markov::attribute(&table, order)?)
    } else {
        None
    };
    let credits = |model: &Model| match (model, &markov) {
        (Model::Markov, Some(markov)) => markov.credits.clone(),
        (Model::Markov, None) => Credits::none(table.channels().len()),
        (Model::Shapley, _) => shapley::covers(&table),
        (Model::First, _) => rules::first(&table),
        (Model::Last, _) => rules::last(&table),
        (Model::Linear, _) => rules::linear(&table),
        (Model::TimeDecay, _) => rules::time_decay(&table, half_life_days),
    };
    let models = models.iter().map(|model| ModelCredits {
        model: *model,
        credits: named(&table, &credits(model), totals.conversions),
    });
    let models = models.collect();
    let warnings = warnings(&table, &totals);
    let output = Output {
        totals,
        order,
        models,
        removal_effects: markov.map_or_else(Vec::new, |markov| effects(&table, &markov)),
    };
    Ok((output, warnings))
}

fn named(table: &Table, credits: &Credits, total: f64) -> Vec<Credit> {
    let amounts = credits.conversions.iter().zip(&credits.value);
    let named = table.channels().iter().zip(amounts);
    let credit = |(channel, (conversions, value)): (&String, (&f64, &f64))| Credit {
        channel: channel.clone(),
        conversions: round6(*conversions),
        value: round6(*value),
        share: if total > 0.0 {
            round6((conversions / total).clamp(0.0, 1.0))
        } else {
            0.0
        },
    };
    named.map(credit).collect()
}

fn effects(table: &Table, markov: &Markov) -> Vec<RemovalEffect> {
    let effects = markov.effects.conversions.iter().zip(&markov.effects.value);
    let named = table.channels().iter().zip(effects);
    let effect = |(channel, (conversions, value)): (&String, (&f64, &f64))| RemovalEffect {
        channel: channel.clone(),
        conversions: round6(*conversions),
        value: round6(*value),
    };
    named.map(effect).collect()
}

fn warnings(table: &Table, totals: &Totals) -> Vec<String> {
    let mut warnings = Vec::new();
    if totals.conversions <= 0.0 {
        warnings.push("nothing converted: every credit is 0".to_owned());
    }
    if totals.nulls <= 0.0 {
        warnings.push(
            "every path converted: without paths that did not, removal effects say only which \
             channels paths touch"
                .to_owned(),
        );
    }
    if !table.all_timed() {
        warnings.push(
            "touches without times count as a day apart in time_decay, in the order given"
                .to_owned(),
        );
    }
    warnings
}

/// Credits are shown to a millionth; nobody reads the noise behind it.
pub(crate) fn round6(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}
