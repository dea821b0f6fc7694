//! Which campaigns are looked at.

use std::collections::HashSet;

use baton_domain::FieldError;
use baton_domain::campaign::{Month, PastCampaign};
use jiff::tz::TimeZone;

/// Checks that no campaign contradicts itself and that none is there twice.
///
/// # Errors
/// The first field that does, such as `history[3].opens`.
pub fn check(history: &[PastCampaign]) -> Result<(), FieldError> {
    let mut seen = HashSet::new();
    for (n, past) in history.iter().enumerate() {
        check_one(past).map_err(|wrong| {
            FieldError::new(format!("history[{n}].{}", wrong.field), wrong.message)
        })?;
        if !seen.insert(key(past)) {
            let message = format!("`{}` went to {} twice", past.campaign_id, past.segment);
            return Err(FieldError::new(
                format!("history[{n}].campaign_id"),
                message,
            ));
        }
    }
    Ok(())
}

/// A campaign that went to several segments has one entry for each.
fn key(past: &PastCampaign) -> (&str, &str) {
    (&past.campaign_id, &past.segment)
}

fn check_one(past: &PastCampaign) -> Result<(), FieldError> {
    for (field, value) in [
        ("opens", past.opens),
        ("clicks", past.clicks),
        ("conversions", past.conversions),
        ("unsubscribes", past.unsubscribes),
    ] {
        if value > past.delivered {
            let message = format!(
                "must be at most the {} delivered, got {value}",
                past.delivered
            );
            return Err(FieldError::new(field, message));
        }
    }
    for (field, value) in [("segment", &past.segment), ("theme", &past.theme)] {
        if value.is_empty() {
            return Err(FieldError::new(field, "must not be empty"));
        }
    }
    Ok(())
}

/// The campaigns that do not contradict themselves and arrived somewhere, each once.
pub fn sound(history: &[PastCampaign]) -> Vec<&PastCampaign> {
    let mut seen = HashSet::new();
    let mut sound: Vec<&PastCampaign> = history.iter().collect();
    sound.retain(|past| past.delivered > 0 && check_one(past).is_ok() && seen.insert(key(past)));
    sound
}

/// The campaigns that arrived somewhere before the month, oldest first: the order in which they are
/// given decides nothing.
pub fn usable<'a>(
    history: &'a [PastCampaign],
    month: Month,
    zone: &TimeZone,
) -> Vec<&'a PastCampaign> {
    let arrived = |past: &&PastCampaign| past.delivered > 0 && is_before(past, month, zone);
    let mut used: Vec<&PastCampaign> = history.iter().filter(arrived).collect();
    used.sort_by(|a, b| (a.sent_at, key(a)).cmp(&(b.sent_at, key(b))));
    used
}

/// Whether a campaign was sent before the month began for the brand's audience.
pub fn is_before(past: &PastCampaign, month: Month, zone: &TimeZone) -> bool {
    zone.to_datetime(past.sent_at).date() < month.first()
}
