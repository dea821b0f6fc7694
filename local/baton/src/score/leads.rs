//! Leads: a model is fitted to those whose outcome is known, and all of them are scored.

mod sample;

use baton_domain::Timestamp;
use lead_scoring::Model;
use lead_scoring::features::Features;
use lead_scoring::history::{MAX_FEATURES, MIN_EITHER, MIN_LEADS};
use lead_scoring::model::MAX_FEATURE;

use super::customers::once;
use super::fitted::Fitted;
use super::ids::{Ids, Met};
use super::kind::Leads;
use super::report::Report;
use super::sink::Sink;
use super::{Options, mismatch};
use crate::failure::Failure;
use crate::rows::Rows;
use crate::show::plain;
use sample::Sample;

const COLUMNS: [&str; 10] = [
    "customer_id",
    "probability",
    "log_odds",
    "driver_1",
    "effect_1",
    "driver_2",
    "effect_2",
    "driver_3",
    "effect_3",
    "method",
];

/// The precision of the prior of each standardised coefficient, as the agent takes it by default.
const RIDGE: f64 = 1.0;

/// Scores leads. With a model that was fitted before, each is scored as it is read.
pub(super) fn leads(
    mut rows: Rows,
    columns: &Leads,
    options: &Options,
    sink: &mut Sink,
    report: &mut Report,
) -> Result<Option<Fitted>, Failure> {
    let mut met = Met::default();
    let stored = match &options.fitted {
        None => None,
        Some(Fitted::Leads(model)) => Some(Model::clone(model)),
        Some(other) => return Err(mismatch(other, "leads")),
    };
    if let Some(model) = stored {
        let features = known(&rows, columns, &model, report)?;
        let mut bench = Bench::of(model, "logistic", &features, report);
        sink.header(&COLUMNS)?;
        let mut lead = Vec::new();
        while rows.next()? {
            once(&rows, columns.id, &mut met)?;
            lead.clear();
            read(&rows, &features, &mut lead)?;
            bench.write(sink, rows.raw(columns.id), &lead)?;
        }
        bench.tell(report);
        report.rows = rows.read();
        return Ok(None);
    }
    let features = &columns.features;
    if features.is_empty() || features.len() > MAX_FEATURES {
        let message = format!(
            "{}, line 1: leads have {} columns of features, and must have 1 to {MAX_FEATURES}; \
             --ignore leaves columns out",
            rows.name(),
            features.len()
        );
        return Err(Failure::wrong(&message));
    }
    let (mut ids, mut all, mut sample) = (Ids::default(), Vec::new(), Sample::default());
    while rows.next()? {
        once(&rows, columns.id, &mut met)?;
        let start = all.len();
        read(&rows, features, &mut all)?;
        ids.push(rows.raw(columns.id));
        let outcome = columns.converted.map(|column| rows.yes_or_no(column));
        if let Some(outcome) = outcome.transpose()?.flatten() {
            sample.offer(&all[start..], outcome);
        }
    }
    drop(met);
    report.rows = rows.read();
    rows.progress().say("fitting");
    let as_of = options.as_of.unwrap_or_else(Timestamp::now);
    let model = fit(&rows, features, sample, as_of, report)?;
    let mut bench = Bench::of(model.clone(), "logistic-history", features, report);
    sink.header(&COLUMNS)?;
    for (id, lead) in ids.iter().zip(all.chunks(features.len())) {
        bench.write(sink, id, lead)?;
        rows.progress().tick("scored", sink.rows())?;
    }
    bench.tell(report);
    Ok(Some(Fitted::Leads(Box::new(model))))
}

/// Reads the features of a lead; one that is empty is no number.
fn read(rows: &Rows, features: &[(usize, String)], lead: &mut Vec<f64>) -> Result<(), Failure> {
    for (column, _) in features {
        if rows.text(*column).is_empty() {
            lead.push(f64::NAN);
            continue;
        }
        let value = rows.number(*column).map_err(|mut failure| {
            failure.message.push_str(
                "; every column beside the id and `converted` is a feature: write categories as \
                 columns of 0 and 1, or leave a column out by --ignore",
            );
            failure
        })?;
        if value.abs() > MAX_FEATURE {
            return Err(rows.refuse(*column, &format!("must be within ±{MAX_FEATURE:e}")));
        }
        lead.push(value);
    }
    Ok(())
}

/// The columns that a model knows.
fn known(
    rows: &Rows,
    columns: &Leads,
    model: &Model,
    report: &mut Report,
) -> Result<Vec<(usize, String)>, Failure> {
    let (known, others): (Vec<_>, Vec<_>) = columns
        .features
        .iter()
        .cloned()
        .partition(|(_, name)| model.features.contains_key(name));
    let lacks: Vec<&str> = model
        .features
        .keys()
        .filter(|name| !known.iter().any(|(_, known)| known == *name))
        .map(String::as_str)
        .collect();
    if known.is_empty() {
        let message = format!(
            "{}, line 1: has none of the model's features: {}",
            rows.name(),
            plain(&lacks.join(", "))
        );
        return Err(Failure::wrong(&message));
    }
    if !lacks.is_empty() {
        let lacks = lacks.join(", ");
        report.warnings.push(format!(
            "the file lacks features of the model, which count as average: {lacks}"
        ));
    }
    if !others.is_empty() {
        let others: Vec<String> = others.into_iter().map(|(_, name)| name).collect();
        let others = others.join(", ");
        report
            .warnings
            .push(format!("the model knows nothing of: {others}"));
    }
    Ok(known)
}

/// A model of the leads whose outcome and features are known.
fn fit(
    rows: &Rows,
    features: &[(usize, String)],
    sample: Sample,
    as_of: Timestamp,
    report: &mut Report,
) -> Result<Model, Failure> {
    if let Some(warning) = sample.warning() {
        report.warnings.push(warning);
    }
    let (leads, outcomes) = sample.taken();
    let converted = outcomes.iter().filter(|outcome| **outcome).count();
    let either = converted.min(outcomes.len() - converted);
    if outcomes.len() < MIN_LEADS || either < MIN_EITHER {
        let message = format!(
            "{}: a fit needs {MIN_LEADS} leads with all features whose `converted` is known, \
             {MIN_EITHER} of either outcome; there are {} and {either}. --fitted takes a model \
             that was fitted before",
            rows.name(),
            outcomes.len()
        );
        return Err(Failure::wrong(&message));
    }
    let names = features.iter().map(|(_, name)| name.clone());
    let model = Model::fit_rows(names.collect(), &leads, &outcomes, RIDGE, as_of);
    model.map_err(|error| Failure::failed(&format!("{}: {error}", rows.name())))
}

/// What scores leads, and how it writes them down.
struct Bench {
    model: Model,
    method: &'static str,
    names: Vec<String>,
    lead: Features,
    incomplete: u64,
}

impl Bench {
    fn of(
        model: Model,
        method: &'static str,
        features: &[(usize, String)],
        report: &mut Report,
    ) -> Self {
        method.clone_into(&mut report.method);
        report.version = serde_json::to_value(&model.version).ok();
        let reliability = model.reliability.as_ref();
        report.reliability = reliability.and_then(|r| serde_json::to_value(r).ok());
        Self {
            model,
            method,
            names: features.iter().map(|(_, name)| name.clone()).collect(),
            lead: Features::new(),
            incomplete: 0,
        }
    }

    /// Says how many leads lack something.
    fn tell(&self, report: &mut Report) {
        if self.incomplete > 0 {
            let leads = self.incomplete;
            report.warnings.push(format!(
                "{leads} leads lack a feature, which counts as average in their score"
            ));
        }
    }

    /// Scores a lead and writes the row. A feature that is empty counts as average.
    fn write(&mut self, sink: &mut Sink, id: &str, lead: &[f64]) -> Result<(), Failure> {
        self.incomplete += u64::from(lead.iter().any(|value| value.is_nan()));
        for (name, value) in self.names.iter().zip(lead) {
            if value.is_nan() {
                self.lead.remove(name);
            } else if let Some(known) = self.lead.get_mut(name) {
                *known = *value;
            } else {
                self.lead.insert(name.clone(), *value);
            }
        }
        let score = self.model.score(&self.lead);
        let chance = format!("{:.4}", score.probability);
        let log_odds = places(score.log_odds);
        let effects = [0, 1, 2].map(|i| {
            let driver = score.drivers.get(i);
            driver.map(|driver| (driver.feature.as_str(), places(driver.contribution)))
        });
        let drivers = effects.iter().flat_map(|effect| {
            let effect = effect.as_ref();
            effect.map_or(["", ""], |(name, effect)| [*name, effect.as_str()])
        });
        let cells = [chance.as_str(), log_odds.as_str()].into_iter();
        sink.row(id, cells.chain(drivers).chain([self.method]))
    }
}

/// Four places, and no zero below zero.
fn places(value: f64) -> String {
    format!("{:.4}", (value * 1e4).round() / 1e4 + 0.0)
}
