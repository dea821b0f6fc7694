//! Customers under contract: scored from how often they renewed and whether they left.

use std::collections::HashMap;

use baton_domain::Timestamp;
use baton_lifetime::basis::{self, CONTRACT_PRIOR};
use baton_lifetime::{Basis, Parameters, Renewals, Sbg, sbg};

use super::customers::once;
use super::fitted::Fitted;
use super::ids::{Ids, Met};
use super::kind::Contracts;
use super::report::Report;
use super::sink::Sink;
use super::{LEVEL, Options, mismatch, unsigned_zero};
use crate::failure::Failure;
use crate::rows::Rows;

const COLUMNS: [&str; 8] = [
    "customer_id",
    "probability_alive",
    "churn_probability",
    "renewal_probability",
    "expected_renewals",
    "renewals_low",
    "renewals_high",
    "method",
];

/// Scores contracts. Those that score alike are few, so that each kind of them is written once.
pub(super) fn contracts(
    mut rows: Rows,
    columns: &Contracts,
    options: &Options,
    sink: &mut Sink,
    report: &mut Report,
) -> Result<Option<Fitted>, Failure> {
    let period = options.period_days.ok_or_else(|| {
        Failure::wrong(&"--period-days: say how long a period of a contract is; the file does not")
    })?;
    let as_of = options.as_of.unwrap_or_else(Timestamp::now);
    let (mut ids, mut met, mut all) = (Ids::default(), Met::default(), Vec::new());
    while rows.next()? {
        once(&rows, columns.id, &mut met)?;
        let tenure = rows.whole(columns.tenure, sbg::MAX_PERIODS as u32)?;
        let churned = columns.churned.map(|column| rows.yes_or_no(column));
        let churned = churned.transpose()?.flatten().unwrap_or(false);
        ids.push(rows.raw(columns.id));
        all.push((tenure, churned));
    }
    drop(met);
    report.rows = rows.read();
    let (model, basis, fitted) = choose(&all, options, as_of, report)?;
    let method = basis::method_name("sbg", basis);
    report.method.clone_from(&method);
    report.prior = basis == Basis::Prior;
    report.horizon_days = Some(options.horizon.days());
    report.level = Some(LEVEL);
    let ahead = options.horizon.days() / u32::from(period.get());
    if ahead == 0 {
        let warning = "no renewal is due within the horizon: nobody is expected to leave";
        report.warnings.push(warning.to_owned());
    }
    sink.header(&COLUMNS)?;
    let mut written: HashMap<(u32, bool), String> = HashMap::new();
    for (id, contract) in ids.iter().zip(all) {
        let cells = written.entry(contract);
        let cells = cells.or_insert_with(|| cells_of(&model, contract, ahead, &method));
        sink.row(id, cells.split(','))?;
        rows.progress().tick("scored", sink.rows())?;
    }
    Ok(fitted.map(Fitted::Customers))
}

fn cells_of(model: &Sbg, (tenure, churned): (u32, bool), ahead: u32, method: &str) -> String {
    let found = if churned {
        Renewals::of_ended()
    } else {
        Renewals::of_open(model, tenure, ahead)
    };
    let (low, high) = found.interval(LEVEL);
    format!(
        "{:.4},{:.4},{:.4},{:.4},{low},{high},{method}",
        unsigned_zero(found.alive()),
        unsigned_zero(1.0 - found.alive_after()),
        unsigned_zero(found.next()),
        unsigned_zero(found.expected()),
    )
}

/// What was fitted before, else a fit to these contracts, else a prior.
fn choose(
    all: &[(u32, bool)],
    options: &Options,
    as_of: Timestamp,
    report: &mut Report,
) -> Result<(Sbg, Basis, Option<Parameters>), Failure> {
    match &options.fitted {
        None => {}
        Some(Fitted::Customers(Parameters {
            sbg: Some(model),
            version,
            ..
        })) => {
            report.version = serde_json::to_value(version).ok();
            report.warnings.extend(version.warning());
            return Ok((*model, Basis::Parameters, None));
        }
        Some(other) => return Err(mismatch(other, "contracts")),
    }
    let longest = all.iter().map(|(tenure, _)| *tenure).max().unwrap_or(0) as usize;
    let (mut left, mut stayed) = (vec![0; longest + 1], vec![0; longest + 1]);
    for (tenure, churned) in all {
        let counts = if *churned { &mut left } else { &mut stayed };
        counts[*tenure as usize] += 1;
    }
    // Who left is known to have decided once more than who is there still.
    let decided = left.iter().rposition(|n| *n > 0).map_or(0, |k| k + 1);
    left.truncate(decided);
    match Parameters::fit_tenures(&left, &stayed, as_of) {
        Ok(fitted) => {
            report.version = serde_json::to_value(&fitted.version).ok();
            report.warnings.extend(fitted.version.warning());
            Ok((
                fitted.sbg.unwrap_or(CONTRACT_PRIOR),
                Basis::Cohort,
                Some(fitted),
            ))
        }
        Err(error) => {
            let warning = format!(
                "the contracts were not fitted ({error}): the model is a weak prior, not an \
                 estimate of these"
            );
            report.warnings.push(warning);
            Ok((CONTRACT_PRIOR, Basis::Prior, None))
        }
    }
}
