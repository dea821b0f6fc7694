//! A calendar drawn up by a language model, and held to the same rules.
//!
//! The model names segments, themes, days and reasons; moments, sizes, expectations and names of
//! mails are ours. All that came from outside is fenced in the prompt, and whatever it makes the
//! model say, the rules of the calendar hold.

use baton_agent::{Bought, Report};
use baton_domain::campaign::{DayPart, ObjectiveKind, SendTime, Strategy};
use baton_model::{Model, ModelError, Prompt, PromptFile, Slot as Filled, structured};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use crate::calendar::{self, Text};
use crate::forecast::Forecast;
use crate::plan::Slot;
use crate::{Input, rules};

const PROMPT: &str = include_str!("../prompts/plan-month.md");

/// How sure a model's calendar is: the rules hold, its judgement is not known.
const CONFIDENCE: f64 = 0.7;

/// The most mails that a model is asked for: what it must write grows with them.
const MOST: u32 = 30;

/// What the model is asked for.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Draft {
    /// The plan in two or three sentences.
    #[schemars(length(min = 1, max = 800))]
    summary: String,
    /// The mails, in order of time.
    #[schemars(length(min = 1, max = 40))]
    emails: Vec<DraftEmail>,
    /// What was assumed, and which notes could not be followed.
    #[schemars(length(max = 12))]
    assumptions: Vec<String>,
}

/// One mail.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct DraftEmail {
    /// The `name` of a segment of the brand.
    segment: String,
    /// The `name` of a theme of the brand.
    theme: String,
    /// The day, such as `2024-11-05`.
    #[schemars(length(min = 10, max = 10))]
    day: String,
    /// The part of the day.
    part: Part,
    /// One of the brand's objectives.
    objective: Aim,
    /// Why this segment, theme and time, with numbers.
    #[schemars(length(min = 1, max = 800))]
    rationale: String,
    /// What two subject lines will test.
    #[schemars(length(min = 1, max = 500))]
    hypothesis: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Part {
    Morning,
    Afternoon,
    Evening,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Aim {
    Revenue,
    Engagement,
    Retention,
    Reactivation,
}

/// Asks the model for a calendar, and once more where what it answers breaks a rule.
///
/// # Errors
/// When the model gives no usable answer.
pub async fn draft(
    model: &dyn Model,
    input: &Input,
    zone: &TimeZone,
) -> Result<Report<Strategy>, ModelError> {
    let prompt = prompt(input, zone).map_err(ModelError::Schema)?;
    let forecast = Forecast::of(&input.brand, &input.insights);
    let check = |draft: &Draft| merged(draft, input, zone, &forecast).map(|_| ());
    let answer = structured(model, &prompt, check).await?;
    let strategy = merged(&answer.value, input, zone, &forecast).map_err(ModelError::Schema)?;
    let mut report = Report::new(strategy, CONFIDENCE, answer.method);
    report.bought = Bought {
        input_tokens: answer.input_tokens,
        output_tokens: answer.output_tokens,
        cost: answer.cost,
    };
    if answer.repaired {
        report
            .warnings
            .push("the model's first calendar broke a rule; this is its second".to_owned());
    }
    Ok(report)
}

/// The prompt; everything from outside in it is fenced.
fn prompt(input: &Input, zone: &TimeZone) -> Result<Prompt, String> {
    let json = |value: serde_json::Result<String>| value.map_err(|error| error.to_string());
    let brand = &input.brand;
    // What the plan needs to know, and no more: recipients of test mails are nobody's business.
    let brand = json!({
        "name": brand.name, "voice": brand.voice, "objectives": brand.objectives,
        "frequency": brand.frequency, "segments": brand.segments, "themes": brand.themes,
        "time_zone": brand.time_zone,
        "personalization_fields": brand.personalization_fields.iter().map(|f| &f.name).collect::<Vec<_>>(),
    });
    let brand = json(serde_json::to_string_pretty(&brand))?;
    let insights = json(serde_json::to_string_pretty(&input.insights))?;
    let previous = json(serde_json::to_string_pretty(&input.previous))?;
    let (days, notes, month) = (
        open_days(input, zone),
        list(&input.notes),
        input.month.to_string(),
    );
    let most = input.brand.frequency.per_month.min(MOST);
    let file = PromptFile::parse("plan-month", PROMPT).map_err(|error| error.to_string())?;
    let slots = [
        ("month", Filled::Data(&month)),
        ("brand", Filled::Data(&brand)),
        ("insights", Filled::Data(&insights)),
        ("open_days", Filled::Data(&days)),
        ("notes", Filled::Data(&notes)),
        ("previous", Filled::Data(&previous)),
        ("most", Filled::Number(i64::from(most))),
    ];
    file.render(&slots).map_err(|error| error.to_string())
}

fn list(notes: &[String]) -> String {
    if notes.is_empty() {
        return "nothing".to_owned();
    }
    let lines: Vec<String> = notes.iter().map(|note| format!("- {note}")).collect();
    lines.join("\n")
}

/// Every day with the parts at which a mail may still go out.
fn open_days(input: &Input, zone: &TimeZone) -> String {
    let open = |day: &Date| {
        let parts = [DayPart::Morning, DayPart::Afternoon, DayPart::Evening].into_iter();
        let parts = parts.filter(|part| {
            SendTime::moment(*day, *part, zone).is_some_and(|at| at >= input.not_before)
        });
        parts.map(DayPart::name).collect::<Vec<_>>()
    };
    let blackout = &input.brand.frequency.blackout_days;
    let days = input.month.days().filter(|day| !blackout.contains(day));
    let lines = days.filter(|day| !open(day).is_empty());
    let line = |day: Date| format!("{day} {:?}: {}", day.weekday(), open(&day).join(", "));
    lines.map(line).collect::<Vec<_>>().join(
        "
",
    )
}

/// The calendar that a draft describes, checked.
fn merged(
    draft: &Draft,
    input: &Input,
    zone: &TimeZone,
    forecast: &Forecast,
) -> Result<Strategy, String> {
    let texts = draft
        .emails
        .iter()
        .enumerate()
        .map(|(n, email)| text(email, input).map_err(|wrong| format!("emails[{n}].{wrong}")));
    let texts: Vec<Text> = texts.collect::<Result<_, _>>()?;
    for (n, text) in texts.iter().enumerate() {
        let at = SendTime::moment(text.slot.day, text.slot.part, zone);
        if at.is_none_or(|at| at < input.not_before) {
            return Err(format!(
                "emails[{n}].day: must be an open day, at an open part of it"
            ));
        }
    }
    let emails = calendar::emails(&input.brand, zone, texts, |slot| {
        calendar::expected(input, forecast, slot)
    });
    let strategy = Strategy {
        brand_id: input.brand.brand_id.clone(),
        month: input.month,
        summary: draft.summary.clone(),
        emails,
        assumptions: draft.assumptions.clone(),
    };
    rules::check(&strategy, &input.brand, input.month)?;
    Ok(strategy)
}

fn text(email: &DraftEmail, input: &Input) -> Result<Text, String> {
    let brand = &input.brand;
    let segment = brand
        .segments
        .iter()
        .position(|segment| segment.name == email.segment);
    let segment = segment.ok_or("segment: is none of the brand's names")?;
    let theme = brand
        .themes
        .iter()
        .position(|theme| theme.name == email.theme);
    let theme = theme.ok_or("theme: is none of the brand's names")?;
    if brand.segments[segment].size == 0 {
        return Err("segment: has no recipients".to_owned());
    }
    let slot = Slot {
        segment,
        theme,
        day: email
            .day
            .parse()
            .map_err(|_| "day: must be a date such as 2024-11-05")?,
        part: match email.part {
            Part::Morning => DayPart::Morning,
            Part::Afternoon => DayPart::Afternoon,
            Part::Evening => DayPart::Evening,
        },
        explores: false,
    };
    Ok(Text {
        slot,
        objective: match email.objective {
            Aim::Revenue => ObjectiveKind::Revenue,
            Aim::Engagement => ObjectiveKind::Engagement,
            Aim::Retention => ObjectiveKind::Retention,
            Aim::Reactivation => ObjectiveKind::Reactivation,
        },
        rationale: email.rationale.clone(),
        hypothesis: email.hypothesis.clone(),
    })
}

#[cfg(test)]
mod tests;
