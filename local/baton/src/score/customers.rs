//! Customers who order when they like: scored from their orders, or from summaries of them.

mod book;

use std::fmt::Write as _;

use baton_domain::Timestamp;
use baton_lifetime::basis::{self, Chosen};
use baton_lifetime::value::Terms;
use baton_lifetime::{GammaGamma, Parameters, Scorer, Summary, summary};

use super::fitted::Fitted;
use super::ids::{Ids, Met};
use super::kind::{Orders, Summaries};
use super::report::Report;
use super::sink::Sink;
use super::{LEVEL, Options, TimeUnit, mismatch, unsigned_zero};
use crate::failure::Failure;
use crate::rows::Rows;
use crate::show::plain;
use book::Book;

const COLUMNS: [&str; 10] = [
    "customer_id",
    "probability_alive",
    "churn_probability",
    "expected_purchases",
    "purchases_low",
    "purchases_high",
    "ltv",
    "ltv_low",
    "ltv_high",
    "method",
];

/// Scores the customers behind orders.
pub(super) fn orders(
    mut rows: Rows,
    columns: &Orders,
    options: &Options,
    sink: &mut Sink,
    report: &mut Report,
) -> Result<Option<Fitted>, Failure> {
    let mut book = Book::read(&mut rows, columns, options.as_of)?;
    let as_of = options.as_of.or(book.latest).unwrap_or_else(Timestamp::now);
    report.as_of = Some(as_of);
    report.rows = rows.read();
    report.warnings.extend(book.notes());
    let mean_order = mean(book.orders.iter().map(|(_, _, amount)| *amount));
    let (ids, customers) = book.summarised(as_of);
    let known: Vec<Summary> = customers.iter().flatten().copied().collect();
    if known.is_empty() {
        let message = format!("{}: holds no order by {as_of}", rows.name());
        return Err(Failure::wrong(&message));
    }
    rows.progress().say("fitting");
    let mut bench = Bench::of(&known, mean_order, options, as_of, report)?;
    drop(known);
    sink.header(&COLUMNS)?;
    for (id, customer) in ids.iter().zip(customers) {
        bench.write(sink, id, customer.as_ref())?;
        rows.progress().tick("scored", sink.rows())?;
    }
    report.without_orders = bench.unknown;
    bench.note(report);
    Ok(bench.fitted)
}

/// Scores customers who were summarised before. With what was fitted before, each is scored as it is
/// read.
pub(super) fn summaries(
    mut rows: Rows,
    columns: &Summaries,
    options: &Options,
    sink: &mut Sink,
    report: &mut Report,
) -> Result<Option<Fitted>, Failure> {
    let unit = options.time_unit.ok_or_else(|| {
        Failure::wrong(
            &"--time-unit: say whether recency and T are in `days` or `weeks`; the file does not",
        )
    })?;
    let as_of = options.as_of.unwrap_or_else(Timestamp::now);
    let mut met = Met::default();
    if options.fitted.is_some() {
        let mut bench = Bench::of(&[], None, options, as_of, report)?;
        sink.header(&COLUMNS)?;
        while rows.next()? {
            let customer = read(&rows, columns, unit, &mut met)?;
            bench.write(sink, rows.raw(columns.id), Some(&customer))?;
        }
        report.rows = rows.read();
        bench.note(report);
        return Ok(None);
    }
    let (mut ids, mut customers) = (Ids::default(), Vec::new());
    while rows.next()? {
        customers.push(read(&rows, columns, unit, &mut met)?);
        ids.push(rows.raw(columns.id));
    }
    drop(met);
    report.rows = rows.read();
    rows.progress().say("fitting");
    let mean_spend = mean(customers.iter().map(|customer| customer.mean_spend));
    let mut bench = Bench::of(&customers, mean_spend, options, as_of, report)?;
    sink.header(&COLUMNS)?;
    for (id, customer) in ids.iter().zip(&customers) {
        bench.write(sink, id, Some(customer))?;
        rows.progress().tick("scored", sink.rows())?;
    }
    bench.note(report);
    Ok(bench.fitted)
}

fn read(
    rows: &Rows,
    columns: &Summaries,
    unit: TimeUnit,
    met: &mut Met,
) -> Result<Summary, Failure> {
    once(rows, columns.id, met)?;
    let weeks = |column: usize| rows.number(column).map(|time| time / unit.per_week());
    let spend = columns
        .spend
        .filter(|column| !rows.text(*column).is_empty());
    let summary = Summary {
        x: rows.whole(columns.repeats, summary::MAX_REPEATS)?,
        t_x: weeks(columns.recency)?,
        t: weeks(columns.age)?,
        mean_spend: spend.map_or(Ok(0.0), |column| rows.amount(column))?,
        customers: 1,
    };
    summary.check().map_err(|message| {
        // By the names that the columns have, whatever the models call them.
        let named = |word: &str| {
            let column = match word {
                "x" => Some(columns.repeats),
                "t_x" => Some(columns.recency),
                "t" => Some(columns.age),
                "mean_spend" => columns.spend,
                _ => None,
            };
            let title = column.and_then(|column| rows.header().get(column));
            title.map_or_else(|| word.to_owned(), |title| format!("`{}`", plain(title)))
        };
        let words: Vec<String> = message.split(' ').map(named).collect();
        rows.refuse_row(&format!("{} (in weeks)", words.join(" ")))
    })?;
    Ok(summary)
}

/// Refuses an id that is empty or was there before.
pub(super) fn once(rows: &Rows, column: usize, met: &mut Met) -> Result<(), Failure> {
    if rows.text(column).is_empty() {
        return Err(rows.refuse(column, "is empty"));
    }
    let line = u32::try_from(rows.line()).unwrap_or(u32::MAX);
    met.meet(rows.raw(column), line).map_or(Ok(()), |before| {
        let message = format!("is the same as in line {before}: one row for each");
        Err(rows.refuse(column, &message))
    })
}

/// What scores customers, and how it writes them down.
struct Bench {
    scorer: Scorer,
    method: String,
    fitted: Option<Fitted>,
    unknown: u64,
    once: u64,
    cells: String,
}

impl Bench {
    /// By what was fitted before, else by a fit to these customers, else by a prior.
    fn of(
        known: &[Summary],
        mean: Option<f64>,
        options: &Options,
        as_of: Timestamp,
        report: &mut Report,
    ) -> Result<Self, Failure> {
        let stored = stored(options)?;
        let chosen = basis::choose(stored, known, &options.currency, as_of);
        let chosen = chosen.map_err(|error| Failure::failed(&error))?;
        let spend = chosen.spend.or_else(|| prior_spend(mean, report));
        let mut method = basis::method_name(
            if spend.is_some() {
                "bgnbd-gamma-gamma"
            } else {
                "bgnbd"
            },
            chosen.basis,
        );
        if spend.is_some() && chosen.spend.is_none() && !method.ends_with("-prior") {
            method.push_str("-spend-prior");
        }
        let Chosen {
            model,
            version,
            fitted,
            warnings,
            ..
        } = chosen;
        report.warnings.extend(warnings);
        report.method.clone_from(&method);
        report.prior = method.ends_with("-prior");
        report.version = version.and_then(|version| serde_json::to_value(version).ok());
        report.horizon_days = Some(options.horizon.days());
        report.level = Some(LEVEL);
        let terms = Terms {
            weeks: options.horizon.weeks(),
            annual_rate: options.annual_rate,
        };
        Ok(Self {
            scorer: Scorer::new(model, spend, terms, LEVEL),
            method,
            fitted: fitted.map(Fitted::Customers),
            unknown: 0,
            once: 0,
            cells: String::new(),
        })
    }

    /// Says of how many customers the model cannot tell whether they are lost.
    fn note(&self, report: &mut Report) {
        if self.once > 0 {
            let (once, warning) = (self.once, basis::ONE_PURCHASE);
            let note = format!("{once} of the customers bought once: {warning}");
            report.warnings.push(note);
        }
    }

    /// Scores a customer, if there is an order, and writes the row.
    fn write(
        &mut self,
        sink: &mut Sink,
        id: &str,
        customer: Option<&Summary>,
    ) -> Result<(), Failure> {
        let Some(customer) = customer else {
            self.unknown += 1;
            return sink.row(id, ",,,,,,,,none".split(','));
        };
        self.once += u64::from(customer.x == 0);
        let score = self.scorer.score(customer);
        let (found, (low, high)) = (score.prediction, score.purchases);
        self.cells.clear();
        // Writing to a text does not fail.
        let _ = write!(
            self.cells,
            "{:.4},{:.4},{:.4},{low},{high},",
            unsigned_zero(found.alive),
            unsigned_zero(1.0 - found.alive_after),
            unsigned_zero(found.purchases),
        );
        let _ = match score.worth {
            Some(worth) => {
                write!(
                    self.cells,
                    "{:.2},{:.2},{:.2},",
                    worth.amount, worth.low, worth.high
                )
            }
            None => write!(self.cells, ",,,"),
        };
        self.cells.push_str(&self.method);
        sink.row(id, self.cells.split(','))
    }
}

/// What was fitted before, if it was to such customers and knows spend in the currency.
fn stored(options: &Options) -> Result<Option<Parameters>, Failure> {
    let parameters = match &options.fitted {
        None => return Ok(None),
        Some(Fitted::Customers(parameters)) if parameters.bg_nbd.is_some() => parameters,
        Some(other) => return Err(mismatch(other, "customers by their orders")),
    };
    let spend = &parameters.gamma_gamma;
    if !spend.is_empty() && !spend.contains_key(&options.currency) {
        let known: Vec<&str> = spend.keys().map(String::as_str).collect();
        let message = format!(
            "--currency: spend was not fitted in {}, but in {}",
            options.currency,
            known.join(", ")
        );
        return Err(Failure::wrong(&message));
    }
    Ok(Some(parameters.clone()))
}

/// A prior around what customers spend on the mean, where too few came back for a fit.
fn prior_spend(mean: Option<f64>, report: &mut Report) -> Option<GammaGamma> {
    let warning = if mean.is_some() {
        "spend was not fitted, since too few are known to have come back: a prior around the mean stands in"
    } else {
        "no spend is known: there is no value, only numbers of purchases"
    };
    report.warnings.push(warning.to_owned());
    mean.map(basis::prior_spend)
}

/// The mean of the amounts above 0.
fn mean(amounts: impl Iterator<Item = f64>) -> Option<f64> {
    let above = amounts.filter(|amount| *amount > 0.0);
    let (sum, count) = above.fold((0.0, 0_u64), |(sum, count), amount| {
        (sum + amount, count + 1)
    });
    (count > 0).then(|| sum / count as f64)
}
