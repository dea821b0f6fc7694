//! The sections of the page: one for each part, with its pictures and their numbers.

use std::fmt::Write as _;

use attribution::Model;
use baton_domain::text::escaped;

use super::svg::{Picture, Width};
use super::table::details;
use super::{bars, funnel, line, sankey};
use crate::analyze::figures::{count, full, percent};
use crate::analyze::outcome::Part;
use crate::analyze::show::model_name;

/// A section, or why there is nothing in it.
pub(super) fn section<T>(title: &str, part: &Part<T>, show: fn(&T) -> String) -> String {
    let mut html = format!("<section>\n<h2>{title}</h2>\n");
    match part {
        Part::Skipped(reason) => html += &paragraph("soft", &format!("Skipped. {reason}")),
        Part::Failed(reason) => {
            html += &note(&format!(
                "Failed, and nothing stands in its place. {reason}"
            ));
        }
        Part::Found(found) => {
            if let Some(reason) = &found.replaced {
                html += &note(&format!(
                    "A fallback stands in the place of the agent's own method. {reason}"
                ));
            }
            html += &show(&found.output);
            for warning in &found.warnings {
                html += &note(warning);
            }
        }
    }
    html + "</section>\n"
}

/// What a reader should know.
pub(super) fn note(text: &str) -> String {
    paragraph("note", text)
}

fn paragraph(class: &str, text: &str) -> String {
    format!("<p class=\"{class}\">{}</p>\n", escaped(text))
}

/// A picture in both widths, and a few words under it.
fn figure(draw: impl Fn(Width) -> (Picture, f64), caption: &str) -> String {
    let mut html = "<figure>\n".to_owned();
    for width in Width::BOTH {
        let (picture, height) = draw(width);
        html += &picture.finish(height);
    }
    let _ = writeln!(
        html,
        "<figcaption>{}</figcaption>\n</figure>",
        escaped(caption)
    );
    html
}

/// Funnel and flows.
pub(super) fn journeys(output: &journey_analysis::Output) -> String {
    let totals = &output.totals;
    let rate = totals.conversion;
    let mut html = paragraph(
        "lead",
        &format!(
            "{} of {} journeys converted: {} ({} – {} at {}).",
            count(totals.converted),
            count(totals.journeys),
            percent(rate.rate),
            percent(rate.low),
            percent(rate.high),
            percent(output.level)
        ),
    );
    if let Some(steps) = &output.funnel {
        html += "<h3>Funnel</h3>\n";
        let whose = if steps.derived {
            " Its steps are those of the most frequent path that converted."
        } else {
            ""
        };
        let caption = format!(
            "Bars are shares of all journeys, lines their intervals by Wilson at {}. Other steps \
             may lie between.{whose}",
            percent(output.level)
        );
        let all = totals.journeys;
        html += &figure(
            |width| funnel::draw(all, &steps.steps, output.level, width),
            &caption,
        );
        html += &funnel_details(&steps.steps);
    }
    if !output.flows.is_empty() {
        html += &flows(output);
    }
    html
}

fn funnel_details(steps: &[journey_analysis::funnel::Step]) -> String {
    let row = |step: &journey_analysis::funnel::Step| {
        let (all, before) = (step.from_all, step.from_previous);
        vec![
            sankey::called(&step.stage).to_owned(),
            count(step.journeys),
            percent(all.rate),
            format!("{} – {}", percent(all.low), percent(all.high)),
            percent(before.rate),
            format!("{} – {}", percent(before.low), percent(before.high)),
            step.median_hours.map_or_else(|| "–".to_owned(), full),
        ]
    };
    let rows: Vec<Vec<String>> = steps.iter().map(row).collect();
    let header = [
        "Step",
        "Journeys",
        "Of all",
        "Interval",
        "Of those before",
        "Interval",
        "Median hours since",
    ];
    details("Funnel", &header, &rows)
}

fn flows(output: &journey_analysis::Output) -> String {
    let sankey = sankey::draw(&output.flows);
    let mut caption =
        "Each ribbon is as high as its journeys are many. Green leads to a conversion, \
                       orange out."
            .to_owned();
    if sankey.joined > 0 {
        let _ = write!(
            caption,
            " {} rarer steps are joined as Other, each at its place in the journey.",
            sankey.joined
        );
    }
    if sankey.goes_on {
        caption += " Journeys may go on behind the last column.";
    }
    let row = |flow: &journey_analysis::routes::Flow| {
        vec![
            sankey::called(&flow.from).to_owned(),
            sankey::called(&flow.to).to_owned(),
            (flow.step + 1).to_string(),
            count(flow.count),
        ]
    };
    let rows: Vec<Vec<String>> = output.flows.iter().map(row).collect();
    format!(
        "<h3>Journeys step by step</h3>\n<figure>\n<div class=\"scroll\" role=\"region\" \
         aria-label=\"Journeys step by step\" tabindex=\"0\">\n{}</div>\n<figcaption>{}</figcaption>\n\
         </figure>\n{}",
        sankey.picture.finish(sankey.height),
        escaped(&caption),
        details("Flows", &["From", "To", "Step", "Journeys"], &rows)
    )
}

/// The credits of every model.
pub(super) fn attribution(output: &attribution::Output) -> String {
    let totals = &output.totals;
    let models: Vec<Model> = output.models.iter().map(|model| model.model).collect();
    let mut html = paragraph(
        "lead",
        &format!(
            "Conversions: {}, worth {}. Walks without one: {}. Models: {}.",
            full(totals.conversions),
            full(totals.value),
            full(totals.nulls),
            models.len()
        ),
    );
    let (rows, rest) = bars::rows(output);
    if rows.is_empty() {
        return html;
    }
    html += "<h3>Credits of channels</h3>\n";
    let rest = rest.map_or_else(String::new, |rest| {
        format!(
            " {} other channels together have {} to {}; they are among the numbers.",
            rest.channels,
            percent(rest.shares.0),
            percent(rest.shares.1)
        )
    });
    let caption = format!(
        "Conversions that each model credits to each channel, all on one scale, with their share of \
         all conversions.{rest}"
    );
    html += &figure(|width| bars::draw(&rows, &models, width), &caption);
    let row = |row: bars::Row| {
        let credits = row.credits.iter();
        let credits = credits.map(|(c, s)| format!("{} ({})", full(*c), percent(*s)));
        std::iter::once(row.channel).chain(credits).collect()
    };
    let every: Vec<Vec<String>> = bars::every(output).into_iter().map(row).collect();
    let mut header = vec!["Channel"];
    header.extend(models.iter().map(|model| model_name(*model)));
    html + &details("Credits of channels", &header, &every)
}

/// History, forecast and anomalies.
pub(super) fn forecast(output: &predictive_analytics::Output) -> String {
    let mut html = paragraph(
        "lead",
        &format!(
            "Model: {}. Periods observed: {}, missing between them: {}. Mean error one period \
             ahead: {}.",
            output.model,
            output.observed,
            output.missing,
            full(output.accuracy.mae)
        ),
    );
    let levels = output.forecast.first().map_or(&[][..], |a| &a.intervals);
    let names: Vec<String> = levels.iter().map(|i| percent(i.level)).collect();
    let odd = if output.anomalies.is_empty() {
        String::new()
    } else {
        " Diamonds are anomalies, numbered as in the table.".to_owned()
    };
    let caption = format!(
        "Solid: observed. Dashed: expected. Areas: where it lies at {}.{odd}",
        names.join(" and ")
    );
    let _ = writeln!(html, "<h3>Values by {}</h3>", output.frequency.name());
    html += &figure(|width| line::draw(output, width), &caption);
    html + &forecast_details(output, &names) + &anomalies(output)
}

fn forecast_details(output: &predictive_analytics::Output, levels: &[String]) -> String {
    let maybe = |number: Option<f64>| number.map_or_else(|| "–".to_owned(), full);
    let past = output.history.iter().map(|past| {
        let mut row = vec![past.at.clone(), maybe(past.value), maybe(past.expected)];
        row.extend(levels.iter().map(|_| "–".to_owned()));
        row
    });
    let ahead = output.forecast.iter().map(|ahead| {
        let mut row = vec![ahead.at.clone(), "–".to_owned(), full(ahead.value)];
        let intervals = ahead.intervals.iter();
        row.extend(intervals.map(|i| format!("{} – {}", full(i.low), full(i.high))));
        row
    });
    let rows: Vec<Vec<String>> = past.chain(ahead).collect();
    let mut header = vec!["From", "Observed", "Expected"];
    header.extend(levels.iter().map(String::as_str));
    details("Values", &header, &rows)
}

fn anomalies(output: &predictive_analytics::Output) -> String {
    if output.anomalies.is_empty() {
        return String::new();
    }
    let row = |(number, anomaly): (usize, &predictive_analytics::Anomaly)| {
        vec![
            (number + 1).to_string(),
            anomaly.at.clone(),
            full(anomaly.value),
            full(anomaly.expected),
            full(anomaly.score),
        ]
    };
    let rows: Vec<Vec<String>> = output.anomalies.iter().enumerate().map(row).collect();
    let header = ["Number", "From", "Observed", "Expected", "Deviations"];
    let header = header.map(str::to_owned);
    format!(
        "<h3>Anomalies</h3>\n{}",
        super::table::table("Observations far from what was expected", &header, &rows)
    )
}
