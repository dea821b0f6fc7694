//! From journeys to the answer, with what a reader should know.

use crate::chain::Chain;
use crate::funnel::{self, Funnel};
use crate::journeys::{Journey, OTHER, Table};
use crate::routes::{self, MAX_LINKS};
use crate::{Error, Outlook, Output, Settings, State, Totals, check, rate};

/// Fewer journeys than this say little.
const FEW: usize = 30;

/// Analyses journeys.
///
/// # Errors
/// What [`Error`] says.
pub fn analyse(journeys: &[Journey], settings: &Settings) -> Result<(Output, Vec<String>), Error> {
    check::settings(settings).map_err(Error::InvalidSettings)?;
    let table = Table::of(journeys)?;
    if table.is_empty() {
        return Err(Error::NotEnoughData);
    }
    let mut warnings = warnings(&table);
    let chain = Chain::of(&table);
    let (start, outlooks) = chain.outlooks();
    let state = |(i, outlook): (usize, Outlook)| State {
        state: table.stages()[i].clone(),
        visits: chain.visits[i],
        journeys: chain.journeys[i],
        outlook,
        dropped: chain.dropped[i],
        drop_off: rate::wilson(chain.dropped[i], chain.visits[i], settings.level),
    };
    let mut links = routes::links(&table, &chain);
    if links.len() > MAX_LINKS {
        let count = links.len();
        warnings.push(format!(
            "of {count} links the {MAX_LINKS} most frequent are answered"
        ));
        links.truncate(MAX_LINKS);
    }
    let funnel = through(&table, settings, &mut warnings);
    let converted = chain.converted.iter().sum();
    let output = Output {
        totals: Totals {
            journeys: table.len() as u64,
            events: table.events() as u64,
            converted,
            conversion: rate::wilson(converted, table.len() as u64, settings.level),
        },
        level: settings.level,
        start: Some(start),
        states: outlooks.into_iter().enumerate().map(state).collect(),
        links,
        flows: routes::flows(&table),
        funnel,
        paths: routes::routes(&table, settings.paths),
    };
    Ok((output, warnings))
}

fn through(table: &Table, settings: &Settings, warnings: &mut Vec<String>) -> Option<Funnel> {
    let derived = settings.funnel.is_empty();
    let stages = if derived {
        funnel::derive(table)
    } else {
        settings.funnel.clone()
    };
    for stage in stages.iter().filter(|stage| table.stage(stage).is_none()) {
        warnings.push(format!(
            "no journey came through {stage}, a stage of the funnel"
        ));
    }
    (!stages.is_empty()).then(|| Funnel {
        derived,
        steps: funnel::funnel(table, &stages, settings.level),
    })
}

fn warnings(table: &Table) -> Vec<String> {
    let mut warnings = Vec::new();
    if table.len() < FEW {
        let count = table.len();
        warnings.push(format!(
            "{count} journeys say little; the intervals say how little"
        ));
    }
    if table.untimed() > 0 {
        let count = table.untimed();
        warnings.push(format!(
            "{count} journeys lack times: their events count in the order given, and no hours are \
             answered"
        ));
    }
    if table.joined() > 0 {
        let count = table.joined();
        warnings.push(format!(
            "the {count} rarest stages are joined under {OTHER}"
        ));
    }
    warnings
}
