//! What is known of a user: every request is enriched with it before it is routed.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Amount, FieldError};

/// The stored profile of one user of one tenant. Every part is optional: agents say what they miss.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Declared facts such as `plan` or `country`. Pricing never sees them, protected or not.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Value>,
    /// Declared topics, most important first, in the words of the catalogue's categories and tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interests: Vec<String>,
    /// What the user bought, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<Order>,
    /// What the user did, in any order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Event>,
    /// Answers to the four Van Westendorp questions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub survey: Option<PriceSurvey>,
    /// Prices that were shown and accepted or declined.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<PriceChoice>,
    /// The price that the user was last offered: pricing moves from it by bounded steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_price: Option<Amount>,
}

/// One purchase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// When it was placed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// What was paid in all.
    pub total: Amount,
    /// The catalogue items bought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub item_ids: Vec<String>,
}

/// One thing that a user did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// On which catalogue item, if on one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<String>,
    /// The price that was shown, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Amount>,
}

/// The kinds of events that agents understand, from weak to strong interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Looked at an item or a page.
    View,
    /// Followed a link or a recommendation.
    Click,
    /// Put an item into the cart.
    AddToCart,
    /// Started to pay and did not finish.
    AbandonCheckout,
    /// Bought an item.
    Purchase,
    /// Said that an item is not wanted.
    Dismiss,
}

/// One respondent's four prices (Van Westendorp 1976), in whole units of the catalogue's currency.
/// They must not decrease.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PriceSurvey {
    /// So cheap that its quality is doubted.
    pub too_cheap: Amount,
    /// A bargain.
    pub cheap: Amount,
    /// Getting expensive, still considered.
    pub expensive: Amount,
    /// Too expensive to consider.
    pub too_expensive: Amount,
}

/// One price that was offered, and what the user did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PriceChoice {
    /// The price offered.
    pub price: Amount,
    /// Whether the user took it.
    pub accepted: bool,
}

/// The most orders, events or choices that a profile holds: older ones belong in a warehouse.
pub const MAX_HISTORY: usize = 500;

impl Profile {
    /// Checks what types alone cannot.
    ///
    /// # Errors
    /// The first field that breaks a rule.
    pub fn validate(&self) -> Result<(), FieldError> {
        for (field, len) in [
            ("orders", self.orders.len()),
            ("events", self.events.len()),
            ("choices", self.choices.len()),
            ("interests", self.interests.len()),
        ] {
            if len > MAX_HISTORY {
                let message = format!("has {len} entries; keep the {MAX_HISTORY} most recent");
                return Err(FieldError::new(field, message));
            }
        }
        self.survey.map_or(Ok(()), |survey| survey.validate())
    }
}

impl PriceSurvey {
    fn validate(&self) -> Result<(), FieldError> {
        let prices = [
            ("survey.cheap", self.too_cheap, self.cheap),
            ("survey.expensive", self.cheap, self.expensive),
            ("survey.too_expensive", self.expensive, self.too_expensive),
        ];
        for (field, lower, upper) in prices {
            if upper < lower {
                return Err(FieldError::new(
                    field,
                    "the four prices must not decrease from too_cheap to too_expensive",
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn validate(profile: Value) -> Result<(), FieldError> {
        serde_json::from_value::<Profile>(profile)
            .unwrap()
            .validate()
    }

    #[test]
    fn an_empty_profile_is_a_profile() {
        assert_eq!(validate(json!({})), Ok(()));
    }

    #[test]
    fn survey_prices_must_not_decrease() {
        let survey = json!({"too_cheap": 5, "cheap": 9, "expensive": 8, "too_expensive": 20});
        assert_eq!(
            validate(json!({"survey": survey})).unwrap_err().field,
            "survey.expensive"
        );
    }

    #[test]
    fn a_history_is_bounded() {
        let choices = vec![json!({"price": 1, "accepted": true}); MAX_HISTORY + 1];
        assert_eq!(
            validate(json!({"choices": choices})).unwrap_err().field,
            "choices"
        );
    }
}
