//! What is measured, and how.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use attribution::paths::{Path as Walk, Table};
use attribution::{Model as Rule, attribute, markov, shapley};
use baton_domain::Timestamp;
use baton_lifetime::value::{Terms, value_many};
use baton_lifetime::{BgNbd, GammaGamma, Sbg, Scorer, Summary, predict_many};
use clap::ValueEnum;
use lead_scoring::features::Features;
use lead_scoring::logistic::Logistic;
use lead_scoring::model::Model;
use predictive_analytics::ets::{ErrorKind, Season, Spec, Trend, choose, fit};
use serde::{Deserialize, Serialize};

use crate::{data, rows};

/// One thing that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    /// BG/NBD on CDNOW's 2,357 customers.
    BgNbdFit,
    /// Gamma-Gamma on its 946 repeaters.
    GammaGammaFit,
    /// Shifted beta-geometric on eight periods.
    SbgFit,
    /// What a million customers will do in 13 weeks.
    MillionChurn,
    /// What a million customers are worth in a year.
    MillionLtv,
    /// Both with the intervals that `baton score` prints, ages in whole days.
    MillionScored,
    /// A logistic regression on 5,000 leads.
    LeadsFit,
    /// The same with its calibration on five folds.
    LeadsFitCalibrated,
    /// A million leads scored.
    MillionLeads,
    /// The same, calibrated.
    MillionLeadsCalibrated,
    /// Markov attribution of 100,000 paths, by the order of the chain.
    #[value(name = "markov-1")]
    #[serde(rename = "markov-1")]
    Markov1,
    /// See [`Part::Markov1`].
    #[value(name = "markov-2")]
    #[serde(rename = "markov-2")]
    Markov2,
    /// See [`Part::Markov1`].
    #[value(name = "markov-3")]
    #[serde(rename = "markov-3")]
    Markov3,
    /// The Shapley value of the same paths.
    Shapley,
    /// First, last and linear credit of the same paths.
    PositionRules,
    /// ETS(M,Ad,M) fitted to each of 1,000 monthly series.
    EtsThousand,
    /// The best of fifteen models for each of 100 of them.
    EtsChosenHundred,
}

impl Part {
    /// Every part, in the order of the table.
    pub(crate) const ALL: &[Self] = &[
        Self::BgNbdFit,
        Self::GammaGammaFit,
        Self::SbgFit,
        Self::MillionChurn,
        Self::MillionLtv,
        Self::MillionScored,
        Self::LeadsFit,
        Self::LeadsFitCalibrated,
        Self::MillionLeads,
        Self::MillionLeadsCalibrated,
        Self::Markov1,
        Self::Markov2,
        Self::Markov3,
        Self::Shapley,
        Self::PositionRules,
        Self::EtsThousand,
        Self::EtsChosenHundred,
    ];

    /// Measures the part in this process.
    ///
    /// # Errors
    /// Data that cannot be read, or a method that did not fit them.
    pub(crate) fn measure(self, folder: &Path) -> Result<Measured, Box<dyn Error>> {
        match self {
            Self::BgNbdFit | Self::GammaGammaFit | Self::SbgFit => self.fits(folder),
            Self::MillionChurn | Self::MillionLtv | Self::MillionScored => self.customers(folder),
            Self::LeadsFit | Self::LeadsFitCalibrated => self.leads_fit(folder),
            Self::MillionLeads | Self::MillionLeadsCalibrated => self.leads(folder),
            Self::Markov1 => self.markov(folder, 1),
            Self::Markov2 => self.markov(folder, 2),
            Self::Markov3 => self.markov(folder, 3),
            Self::Shapley | Self::PositionRules => self.rules(folder),
            Self::EtsThousand | Self::EtsChosenHundred => self.series(folder),
        }
    }

    fn fits(self, folder: &Path) -> Result<Measured, Box<dyn Error>> {
        let rows = rows::customers(folder, data::CDNOW_FILE)?;
        match self {
            Self::GammaGammaFit => best(self, "p", || Ok(GammaGamma::fit(&rows)?.model.p)),
            Self::SbgFit => {
                // The high-end segment of Fader and Hardie (2007).
                let survivors = [1_000, 869, 743, 653, 593, 551, 517, 491];
                best(self, "alpha", || {
                    Ok(Sbg::fit(black_box(&survivors))?.model.alpha)
                })
            }
            _ => best(self, "alpha", || Ok(BgNbd::fit(&rows)?.model.alpha)),
        }
    }

    fn customers(self, folder: &Path) -> Result<Measured, Box<dyn Error>> {
        let fitted = rows::customers(folder, data::CDNOW_FILE)?;
        let (model, spend) = (BgNbd::fit(&fitted)?.model, GammaGamma::fit(&fitted)?.model);
        let mut many: Vec<Summary> = rows::customers(folder, data::CUSTOMERS_FILE)?;
        let n = many.len() as f64;
        if self == Self::MillionChurn {
            return best(self, "mean purchases", || {
                let found = predict_many(&model, &many, 13.0);
                Ok(found.iter().map(|one| one.purchases).sum::<f64>() / n)
            });
        }
        let terms = Terms {
            weeks: 52.0,
            annual_rate: 0.1,
        };
        if self == Self::MillionScored {
            for one in &mut many {
                one.t = ((one.t * 7.0).round() / 7.0).max(one.t_x);
            }
            return best(self, "mean upper end", || {
                let mut scorer = Scorer::new(model, Some(spend), terms, 0.9);
                let high = many.iter().filter_map(|one| scorer.score(one).worth);
                Ok(high.map(|worth| worth.high).sum::<f64>() / n)
            });
        }
        best(self, "mean value", || {
            let found = value_many(&model, &spend, &many, terms);
            Ok(found.iter().map(|one| one.amount).sum::<f64>() / n)
        })
    }

    fn leads_fit(self, folder: &Path) -> Result<Measured, Box<dyn Error>> {
        let (rows, outcomes) = rows::leads(folder, data::LEADS_FILE)?;
        if self == Self::LeadsFit {
            return best(self, "log-likelihood", || {
                Ok(Logistic::fit(&rows, &outcomes, 0.0)?.log_likelihood)
            });
        }
        let leads = named(&rows);
        best(self, "Brier score", || {
            let model = Model::fit(&leads, &outcomes, 0.0, Timestamp::UNIX_EPOCH)?;
            Ok(model.reliability.map_or(f64::NAN, |found| found.brier))
        })
    }

    fn leads(self, folder: &Path) -> Result<Measured, Box<dyn Error>> {
        let (rows, outcomes) = rows::leads(folder, data::LEADS_FILE)?;
        let mut model = Model::fit(&named(&rows), &outcomes, 0.0, Timestamp::UNIX_EPOCH)?;
        if self == Self::MillionLeads {
            model.calibration = None;
        }
        let (many, _) = rows::leads(folder, data::MANY_LEADS_FILE)?;
        best(self, "mean chance", || {
            let found = model.score_many(&many);
            Ok(found.iter().sum::<f64>() / many.len() as f64)
        })
    }

    fn markov(self, folder: &Path, order: u8) -> Result<Measured, Box<dyn Error>> {
        let paths = rows::paths(folder, data::PATHS_FILE)?;
        best(self, "channel 0", || {
            let table = Table::of(&paths)?;
            let credits = markov::attribute(&table, order)?.credits.conversions;
            Ok(of_channel_0(&table, &credits))
        })
    }

    fn rules(self, folder: &Path) -> Result<Measured, Box<dyn Error>> {
        let paths: Vec<Walk> = rows::paths(folder, data::PATHS_FILE)?;
        if self == Self::Shapley {
            return best(self, "channel 0", || {
                let table = Table::of(&paths)?;
                Ok(of_channel_0(&table, &shapley::covers(&table).conversions))
            });
        }
        let wanted = [Rule::First, Rule::Last, Rule::Linear];
        best(self, "channel 0, linear", || {
            let (found, _) = attribute(&paths, 1, 7.0, &wanted)?;
            let credits = found.models[2].credits.iter();
            let mut of = credits.filter(|credit| credit.channel == "channel 0");
            Ok(of.next().map_or(f64::NAN, |credit| credit.conversions))
        })
    }

    fn series(self, folder: &Path) -> Result<Measured, Box<dyn Error>> {
        let mut series = rows::series(folder, data::SERIES_FILE)?;
        if self == Self::EtsChosenHundred {
            series.truncate(100);
            return best(self, "mean AICc", || {
                let chosen = series.iter().filter_map(|one| choose(one, 12));
                Ok(chosen.map(|(fit, _)| fit.aicc).sum::<f64>() / series.len() as f64)
            });
        }
        let spec = Spec::new(
            ErrorKind::Multiplicative,
            Trend::Damped,
            Season::Multiplicative,
        );
        best(self, "mean log-likelihood", || {
            let fitted = series.iter().filter_map(|one| fit(one, 12, spec));
            Ok(fitted.map(|fit| fit.log_likelihood).sum::<f64>() / series.len() as f64)
        })
    }
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}

/// What a part took and found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// The part.
    pub(crate) part: Part,
    /// The best time.
    pub(crate) seconds: f64,
    /// The most memory that the process held, data included; none where the system does not say.
    pub(crate) peak_mb: Option<f64>,
    /// Which figure was found.
    pub(crate) figure: String,
    /// The figure.
    pub(crate) found: f64,
}

/// How long a part is repeated, and how often at least.
const REPEATED: Duration = Duration::from_secs(4);
const AT_LEAST: u32 = 3;

fn best(
    part: Part,
    figure: &str,
    run: impl Fn() -> Result<f64, Box<dyn Error>>,
) -> Result<Measured, Box<dyn Error>> {
    let (started, mut best, mut times) = (Instant::now(), f64::INFINITY, 0);
    let mut found = f64::NAN;
    while times < AT_LEAST || started.elapsed() < REPEATED {
        let one = Instant::now();
        found = black_box(run()?);
        best = best.min(one.elapsed().as_secs_f64());
        times += 1;
    }
    Ok(Measured {
        part,
        seconds: best,
        peak_mb: peak_mb(),
        figure: figure.to_owned(),
        found,
    })
}

/// The most memory that this process has held, as Linux tells it.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1_024.0)
}

fn of_channel_0(table: &Table, credits: &[f64]) -> f64 {
    let channels = table.channels().iter().zip(credits);
    let mut of = channels.filter(|(channel, _)| *channel == "channel 0");
    of.next().map_or(f64::NAN, |(_, credit)| *credit)
}

fn named(rows: &[Vec<f64>]) -> Vec<Features> {
    let lead = |row: &Vec<f64>| {
        let names = (0..row.len()).map(|i| format!("f{i}"));
        names.zip(row.iter().copied()).collect()
    };
    rows.iter().map(lead).collect()
}
