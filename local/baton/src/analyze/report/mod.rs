//! An analysis as one page that needs nothing else: no script, no other file, no network.
//!
//! Every picture is drawn twice, for wide and for narrow screens, and the style sheet shows one of
//! them. Whatever comes from the data is escaped.

mod bars;
mod funnel;
mod line;
mod part;
mod sankey;
mod scale;
mod svg;
mod table;
mod text;

use std::fmt::Write as _;

use baton_domain::text::{escaped, moment};

use super::figures::{count, full, percent};
use super::outcome::{Found, Outcome, Part};

const STYLE: &str = include_str!("style.css");

/// Nothing but the page's own style.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; \
                      base-uri 'none'";

/// The page of an analysis, well-formed as XML too.
pub(super) fn page(outcome: &Outcome) -> String {
    let mut body = String::new();
    let _ = writeln!(
        body,
        "<header>\n<h1>Analysis</h1>\n<p>As of <time datetime=\"{}\">{}</time>. Answered: {}.</p>\n\
         </header>\n<main>",
        outcome.as_of,
        moment(outcome.as_of),
        outcome.status
    );
    body += &facts(outcome);
    for note in &outcome.notes {
        body += &part::note(note);
    }
    body += &part::section("Journeys", &outcome.journeys, part::journeys);
    body += &part::section("Attribution", &outcome.attribution, part::attribution);
    body += &part::section("Forecast", &outcome.forecast, part::forecast);
    body += &about(outcome);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n\
         <meta charset=\"utf-8\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta name=\"robots\" content=\"noindex\"/>\n<title>Analysis · Baton</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n{body}</main>\n</body>\n</html>\n"
    )
}

/// What to know at a glance.
fn facts(outcome: &Outcome) -> String {
    let mut facts = String::new();
    let mut fact = |name: &str, figure: &str, more: &str| {
        let _ = writeln!(
            facts,
            "<div><dt>{name}</dt><dd>{}<small>{}</small></dd></div>",
            escaped(figure),
            escaped(more)
        );
    };
    if let Part::Found(found) = &outcome.journeys {
        let totals = found.output.totals;
        let rate = totals.conversion;
        let events = format!("events: {}", count(totals.events));
        fact("Journeys", &count(totals.journeys), &events);
        let interval = format!(
            "{} – {} at {}",
            percent(rate.low),
            percent(rate.high),
            percent(found.output.level)
        );
        fact("Conversion", &percent(rate.rate), &interval);
    }
    if let Part::Found(found) = &outcome.attribution {
        let totals = found.output.totals;
        let value = format!("worth {}", full(totals.value));
        fact("Conversions attributed", &full(totals.conversions), &value);
    }
    if let Part::Found(found) = &outcome.forecast
        && let Some(next) = found.output.forecast.first()
    {
        let interval = next.intervals.last();
        let interval = interval.map(|i| {
            let (low, high) = (full(i.low), full(i.high));
            format!("{low} – {high} at {}", percent(i.level))
        });
        let name = format!("Expected, {}", escaped(&next.at));
        fact(&name, &full(next.value), &interval.unwrap_or_default());
    }
    if facts.is_empty() {
        return facts;
    }
    format!("<dl class=\"facts\">\n{facts}</dl>\n")
}

/// How the page was made.
fn about(outcome: &Outcome) -> String {
    let mut methods = Vec::new();
    methods.extend(method("Journeys", &outcome.journeys));
    methods.extend(method("Attribution", &outcome.attribution));
    methods.extend(method("Forecast", &outcome.forecast));
    let mut about = "<section>\n<h2>About this page</h2>\n<ul>\n".to_owned();
    for source in &outcome.sources {
        let (name, what) = (escaped(&source.name), escaped(&source.what));
        let _ = writeln!(about, "<li>Data: <bdi>{name}</bdi>, {what}.</li>");
    }
    let way = if outcome.by_workflow {
        "The workflow analyze answered, in this process."
    } else {
        "The data is larger than the workflow analyze passes on: its agents were called one by one, \
         in this process."
    };
    let _ = write!(
        about,
        "<li>{way}</li>\n<li>Everything was computed offline: no language model and no outside \
         service was asked, and nothing was sent anywhere.</li>\n<li>Made at {}.</li>\n</ul>\n",
        moment(outcome.made_at)
    );
    if !methods.is_empty() {
        let header = ["Part", "Agent", "Method and version", "Confidence"];
        let header = header.map(str::to_owned);
        about += &table::table("How each part was answered", &header, &methods);
    }
    about + "</section>\n"
}

fn method<T>(name: &str, part: &Part<T>) -> Option<Vec<String>> {
    let Part::Found(found) = part else {
        return None;
    };
    let Found { agent, method, .. } = &**found;
    let confidence = format!("{:.2}", found.confidence);
    let name = name.to_owned();
    Some(vec![name, agent.clone(), method.clone(), confidence])
}

#[cfg(test)]
mod tests;
