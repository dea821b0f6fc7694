//! What a campaign makes, as people read it before they approve it.

use baton_domain::campaign::{Content, ContentSet, DeploymentPlan, QaReport, Severity, Strategy};
use jiff::Timestamp;
use owo_colors::OwoColorize as _;
use serde_json::Value;

use super::{plain, shortened};
use crate::table::{table, wrap_only};

/// An artifact by its name, for people; as JSON where it has no form of its own.
pub(crate) fn artifact(name: &str, content: &Value) -> String {
    let shown = match name {
        "strategy" => read(content).map(|read| strategy(&read)),
        "content" => read(content).map(|read| set(&read)),
        "deployment-plan" => read(content).map(|read| plan(&read)),
        name if name.starts_with("content.") => read(content).map(|read| mail(&read)),
        _ => None,
    };
    shown.unwrap_or_else(|| format!("{content:#}"))
}

fn read<T: serde::de::DeserializeOwned>(content: &Value) -> Option<T> {
    serde_json::from_value(content.clone()).ok()
}

/// How many columns a calendar with objectives needs, and how many one with reasons as well.
const WIDE: [u16; 2] = [100, 140];

/// A calendar.
fn strategy(strategy: &Strategy) -> String {
    let width = table(&[]).width();
    // A pipe has room for everything.
    let [has_objective, has_reason] = WIDE.map(|wide| width.is_none_or(|width| width >= wide));
    let mut header = vec!["mail", "goes out", "to", "people", "about", "brings"];
    header.extend(has_objective.then_some("for"));
    header.extend(has_reason.then_some("why"));
    let mut calendar = table(&header);
    for email in &strategy.emails {
        let objective = serde_json::to_value(email.objective).unwrap_or_default();
        let objective = objective.as_str().unwrap_or_default().to_owned();
        let mut row = vec![
            plain(&email.email_id),
            goes_out(email.send_at),
            plain(&email.segment),
            email.audience_size.to_string(),
            plain(&email.theme),
            format!("${:.0}", email.expected.revenue.value()),
        ];
        row.extend(has_objective.then_some(objective));
        row.extend(has_reason.then(|| shortened(&email.rationale, 160)));
        calendar.add_row(row);
    }
    // Where reasons stand, they give way; else the names that people chose do.
    let give_way: &[usize] = if has_reason { &[7] } else { &[2, 4] };
    wrap_only(&mut calendar, give_way);
    let mut lines = vec![plain(&strategy.summary), calendar.to_string()];
    let assumed = strategy.assumptions.iter();
    lines.extend(assumed.map(|assumption| format!("  assumed: {}", plain(assumption))));
    lines.join("\n")
}

fn set(set: &ContentSet) -> String {
    let shown = set.emails.iter().map(|content| {
        let report = set.qa.iter().find(|qa| qa.email_id == content.email_id);
        let checked =
            report.map_or_else(|| format!("  {} nobody checked it", "!".yellow()), findings);
        [mail(content), checked].join("\n").trim_end().to_owned()
    });
    shown.collect::<Vec<_>>().join("\n")
}

fn findings(report: &QaReport) -> String {
    let mut lines = Vec::new();
    if !report.passed {
        lines.push(format!("  {}", "did not pass the check".red().bold()));
    }
    lines.extend(report.findings.iter().map(|finding| {
        let mark = match finding.severity {
            Severity::Error => "✗".red().to_string(),
            Severity::Warning => "!".yellow().to_string(),
            Severity::Info => "·".dimmed().to_string(),
        };
        let (rule, place) = (plain(&finding.rule), plain(&finding.place));
        let message = shortened(&finding.message, 200);
        format!("  {mark} {rule} at {place}: {message}")
    }));
    lines.join("\n")
}

fn mail(content: &Content) -> String {
    let mut lines = vec![plain(&content.email_id).bold().to_string()];
    lines.extend(content.subject_lines.iter().map(|line| {
        let (variant, subject) = (plain(&line.variant), plain(&line.text));
        let preheader = plain(&line.preheader);
        format!(
            "  {variant}: {subject} {}",
            format!("| {preheader}").dimmed()
        )
    }));
    let button = &content.copy.call_to_action;
    let (headline, label) = (plain(&content.copy.headline), plain(&button.label));
    lines.push(format!("  {headline} [{label}] {}", plain(&button.url)));
    lines.join("\n")
}

fn plan(plan: &DeploymentPlan) -> String {
    let mut sends = table(&["mail", "goes out", "to", "people", "subject lines"]);
    for send in &plan.sends {
        let lines: Vec<String> = send.subject_lines.iter().map(|line| plain(line)).collect();
        sends.add_row([
            plain(&send.email_id),
            goes_out(send.send_at),
            plain(&send.segment),
            send.audience_size.to_string(),
            lines.join("\n"),
        ]);
    }
    wrap_only(&mut sends, &[4]);
    let tests = plan.test_recipients.len();
    format!(
        "{} mails to {} recipients; tested with {tests}\n{sends}",
        plan.sends.len(),
        plan.recipients
    )
}

fn goes_out(at: Timestamp) -> String {
    at.strftime("%a %Y-%m-%d %H:%MZ").to_string()
}
