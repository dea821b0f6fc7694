//! What brand and calendar must keep to.

use std::collections::HashSet;

use baton_domain::FieldError;
use baton_domain::campaign::{Brand, Insights, Month, Rates, Strategy, Theme};

/// The most segments, and the most themes, that are planned for: what is searched grows with both.
pub const MAX_CHOICES: usize = 50;

/// The longest name and the longest label, in characters: both stand in sentences.
pub const MAX_NAME: usize = 120;

/// Whether a theme fits a month.
pub fn in_season(theme: &Theme, month: Month) -> bool {
    let number = month.first().month().unsigned_abs();
    theme.months.is_empty() || theme.months.contains(&number)
}

/// Checks a calendar, whoever drew it up: all that [`Strategy::validate`] checks with the brand, and
/// that it is for this month, for the brand's objectives, and about themes in their season.
///
/// # Errors
/// What is wrong, with the path of the field.
pub fn check(strategy: &Strategy, brand: &Brand, month: Month) -> Result<(), String> {
    if strategy.month != month {
        return Err(format!("month: must be {month}"));
    }
    strategy
        .validate(Some(brand))
        .map_err(|wrong| wrong.to_string())?;
    for (n, email) in strategy.emails.iter().enumerate() {
        if !brand
            .objectives
            .iter()
            .any(|objective| objective.kind == email.objective)
        {
            return Err(format!("emails[{n}].objective: is none of the brand's"));
        }
        let theme = brand.themes.iter().find(|theme| theme.name == email.theme);
        if !theme.is_some_and(|theme| in_season(theme, month)) {
            return Err(format!(
                "emails[{n}].theme: `{}` does not fit {month}",
                email.theme
            ));
        }
    }
    Ok(())
}

/// Checks what worked before: expected opens, clicks and purchases follow from these rates.
///
/// # Errors
/// The first rate that is none.
pub fn insights(insights: &Insights) -> Result<(), FieldError> {
    rates("baseline", &insights.baseline)?;
    for (n, lift) in insights.lifts.iter().enumerate() {
        rates(&format!("lifts[{n}].rates"), &lift.rates)?;
    }
    Ok(())
}

fn rates(field: &str, rates: &Rates) -> Result<(), FieldError> {
    for (name, rate) in [
        ("open", rates.open),
        ("click", rates.click),
        ("conversion", rates.conversion),
        ("unsubscribe", rates.unsubscribe),
    ] {
        if !(0.0..=1.0).contains(&rate) {
            let message = format!("must lie between 0 and 1, got {rate}");
            return Err(FieldError::new(format!("{field}.{name}"), message));
        }
    }
    Ok(())
}

/// Checks that a brand can be planned for.
///
/// # Errors
/// The first field that is wrong, such as `segments[1].name`.
pub fn brand(brand: &Brand) -> Result<(), FieldError> {
    named("name", &brand.name)?;
    let segments = brand
        .segments
        .iter()
        .map(|segment| (&segment.name, &segment.label));
    choices("segments", &segments.collect::<Vec<_>>())?;
    let themes = brand.themes.iter().map(|theme| (&theme.name, &theme.label));
    choices("themes", &themes.collect::<Vec<_>>())?;
    if brand.segments.iter().all(|segment| segment.size == 0) {
        return Err(FieldError::new("segments", "must have recipients"));
    }
    for (n, theme) in brand.themes.iter().enumerate() {
        if theme.months.iter().any(|month| !(1..=12).contains(month)) {
            let field = format!("themes[{n}].months");
            return Err(FieldError::new(field, "must lie between 1 and 12"));
        }
    }
    if brand.objectives.is_empty() {
        return Err(FieldError::new("objectives", "must not be empty"));
    }
    for (n, objective) in brand.objectives.iter().enumerate() {
        if !(objective.weight > 0.0 && objective.weight <= 1e6) {
            let field = format!("objectives[{n}].weight");
            return Err(FieldError::new(
                field,
                "must be above 0, and 1000000 at most",
            ));
        }
    }
    Ok(())
}

fn choices(field: &str, names: &[(&String, &String)]) -> Result<(), FieldError> {
    if names.is_empty() || names.len() > MAX_CHOICES {
        let message = format!("must hold 1 to {MAX_CHOICES}, has {}", names.len());
        return Err(FieldError::new(field, message));
    }
    let mut seen = HashSet::new();
    for (n, (name, label)) in names.iter().enumerate() {
        named(&format!("{field}[{n}].name"), name)?;
        named(&format!("{field}[{n}].label"), label)?;
        if !seen.insert(*name) {
            let message = format!("`{name}` is there twice");
            return Err(FieldError::new(format!("{field}[{n}].name"), message));
        }
    }
    Ok(())
}

fn named(field: &str, name: &str) -> Result<(), FieldError> {
    let length = name.chars().count();
    if name.trim().is_empty() || length > MAX_NAME {
        let message = format!("must have 1 to {MAX_NAME} characters, has {length}");
        return Err(FieldError::new(field, message));
    }
    Ok(())
}
