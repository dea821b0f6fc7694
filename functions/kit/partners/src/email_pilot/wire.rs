//! Answers as they are on the wire, made into what the domain knows. What cannot be used is
//! [`PartnerError::Malformed`] and names the field.

use baton_domain::BrandId;
use baton_domain::campaign::{Brand, Delivery, DeliveryState, Month, PastCampaign};
use baton_domain::email_pilot::PartnerError;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::answer::Answer;

/// The campaigns of some months. Fields that are not known are passed over: a service may add some.
#[derive(Deserialize)]
struct WireHistory {
    campaigns: Vec<PastCampaign>,
}

/// A campaign as every operation on it answers.
#[derive(Deserialize)]
struct WireDelivery {
    campaign_id: String,
    email_id: String,
    state: DeliveryState,
}

/// The brand that was asked for.
pub(super) fn brand(answer: &Answer<'_>, asked: &BrandId) -> Result<Brand, PartnerError> {
    let brand: Brand = parse(answer)?;
    if brand.brand_id != *asked {
        return Err(answer.malformed("brand_id: is another brand than was asked for"));
    }
    Ok(brand)
}

/// Campaigns from before a month, oldest first.
pub(super) fn history(
    answer: &Answer<'_>,
    before: Month,
) -> Result<Vec<PastCampaign>, PartnerError> {
    let WireHistory { mut campaigns } = parse(answer)?;
    for (n, campaign) in campaigns.iter().enumerate() {
        check(campaign, before).map_err(|(field, wrong)| {
            answer.malformed(&format!("campaigns[{n}].{field}: {wrong}"))
        })?;
    }
    campaigns.sort_by(|a, b| (a.sent_at, &a.campaign_id).cmp(&(b.sent_at, &b.campaign_id)));
    Ok(campaigns)
}

/// What no statistics could use.
fn check(campaign: &PastCampaign, before: Month) -> Result<(), (&'static str, &'static str)> {
    let of_delivered = [
        ("opens", campaign.opens),
        ("clicks", campaign.clicks),
        ("conversions", campaign.conversions),
        ("unsubscribes", campaign.unsubscribes),
    ];
    if let Some((field, _)) = of_delivered.iter().find(|(_, n)| *n > campaign.delivered) {
        return Err((field, "is more than delivered"));
    }
    // A day of grace: a brand's month may end up to twelve hours after the one of UTC.
    let end = before.first().tomorrow().unwrap_or(before.first());
    let end = end
        .to_zoned(TimeZone::UTC)
        .map_err(|_| ("sent_at", "is out of range"))?;
    if campaign.sent_at >= end.timestamp() {
        return Err(("sent_at", "is not before the month that was asked for"));
    }
    Ok(())
}

/// A delivery, of the campaign or mail that was meant.
pub(super) fn delivery(
    answer: &Answer<'_>,
    campaign_id: Option<&str>,
    email_id: Option<&str>,
) -> Result<Delivery, PartnerError> {
    let wire: WireDelivery = parse(answer)?;
    if wire.campaign_id.is_empty() {
        return Err(answer.malformed("campaign_id: is empty"));
    }
    if campaign_id.is_some_and(|meant| meant != wire.campaign_id) {
        return Err(answer.malformed("campaign_id: is another campaign than was meant"));
    }
    if email_id.is_some_and(|meant| meant != wire.email_id) {
        return Err(answer.malformed("email_id: is another mail than was meant"));
    }
    Ok(Delivery {
        email_id: wire.email_id,
        campaign_id: wire.campaign_id,
        state: wire.state,
    })
}

/// The delivery, if it came into one of `states`.
pub(super) fn expect_state(
    answer: &Answer<'_>,
    delivery: Delivery,
    states: &[DeliveryState],
) -> Result<Delivery, PartnerError> {
    if states.contains(&delivery.state) {
        return Ok(delivery);
    }
    Err(answer.malformed("state: is not what was asked for"))
}

fn parse<T: DeserializeOwned>(answer: &Answer<'_>) -> Result<T, PartnerError> {
    let mut json = serde_json::Deserializer::from_slice(&answer.body);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let field = error.path().to_string();
        answer.malformed(&format!("{field}: {}", error.into_inner()))
    })?;
    json.end()
        .map_err(|_| answer.malformed("something follows the JSON"))?;
    Ok(read)
}
