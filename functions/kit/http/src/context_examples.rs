//! What a context may bring for each agent, by example: the inputs that the agents' events have.

use serde_json::Value;
use utoipa::openapi::schema::{Object, Schema};
use utoipa::openapi::{OpenApi, RefOr};

/// The inputs by the results that they are for.
const EXAMPLES: [(&str, &str); 10] = [
    (
        "lead",
        include_str!("../../../../events/lead-scoring/happy.json"),
    ),
    (
        "churn",
        include_str!("../../../../events/churn-prediction/happy.json"),
    ),
    (
        "ltv",
        include_str!("../../../../events/ltv-prediction/happy.json"),
    ),
    (
        "journeys",
        include_str!("../../../../events/journey-analysis/happy.json"),
    ),
    (
        "attribution",
        include_str!("../../../../events/attribution/happy.json"),
    ),
    (
        "forecast",
        include_str!("../../../../events/predictive-analytics/happy.json"),
    ),
    (
        "ads",
        include_str!("../../../../events/ad-assembly/happy.json"),
    ),
    (
        "copy",
        include_str!("../../../../events/copywriting/happy.json"),
    ),
    (
        "images",
        include_str!("../../../../events/image-generation/happy.json"),
    ),
    (
        "script",
        include_str!("../../../../events/avatar-script/happy.json"),
    ),
];

/// Gives each input of the schema `Context` its example.
pub(crate) fn add(document: &mut OpenApi) {
    let components = document.components.as_mut();
    let schema = components.and_then(|known| known.schemas.get_mut("Context"));
    let Some(RefOr::T(Schema::Object(context))) = schema else {
        return;
    };
    for (result, event) in EXAMPLES {
        let event: Value = serde_json::from_str(event).unwrap_or_default();
        if let Some(RefOr::T(Schema::Object(Object { example, .. }))) =
            context.properties.get_mut(result)
        {
            *example = event.get("input").cloned();
        }
    }
}
