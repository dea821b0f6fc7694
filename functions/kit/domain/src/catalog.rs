//! What a tenant offers: the items that can be recommended, and the policy that prices obey.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{Amount, FieldError};

/// One tenant's catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// ISO 4217 code of every amount in the catalogue and in the profiles.
    pub currency: String,
    /// What can be recommended.
    #[serde(default)]
    pub items: Vec<CatalogItem>,
    /// How prices may be set; without it nothing is priced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<PricePolicy>,
}

/// One item that can be recommended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CatalogItem {
    /// The tenant's own id of the item.
    pub item_id: String,
    /// What people read.
    pub title: String,
    /// The one group that the item belongs to.
    pub category: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Its price, if it is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Amount>,
    /// Share of users who took it, from 0 to 1; ranks items for people of whom nothing is known.
    #[serde(default)]
    pub popularity: f64,
    /// Segments that the item was made for; empty means everyone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<String>,
}

/// The bounds within which a price may move, and the tiers it may take.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PricePolicy {
    /// The tiers, in any order.
    pub tiers: Vec<PriceTier>,
    /// Name of the tier that is shown to people of whom nothing is known.
    pub list_tier: String,
    /// No price lies below.
    pub floor: Amount,
    /// No price lies above.
    pub ceiling: Amount,
    /// The most that a user's price may move in one step, as a share of the last one, above 0 to 1.
    pub max_step: f64,
    /// Units left to sell; with demand on the tiers, cheap tiers close when units are scarce.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<u32>,
    /// Discount by segment, as a share from 0 to 1.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segment_discounts: BTreeMap<String, f64>,
}

/// One price that the policy allows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PriceTier {
    /// What the tier is called.
    pub name: String,
    /// Its price.
    pub price: Amount,
    /// Expected demand at this tier in the selling period, for revenue management.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Demand>,
}

/// A normally distributed demand, in units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// Its mean, 0 or more.
    pub mean: f64,
    /// Its standard deviation, 0 or more.
    pub std_dev: f64,
}

/// The most items of a catalogue: it travels through a workflow, whose state is bounded.
pub const MAX_ITEMS: usize = 500;

impl Catalog {
    /// Checks what types alone cannot.
    ///
    /// # Errors
    /// The first field that breaks a rule.
    pub fn validate(&self) -> Result<(), FieldError> {
        if self.currency.len() != 3 || !self.currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(FieldError::new(
                "currency",
                "must be an ISO 4217 code such as USD",
            ));
        }
        if self.items.len() > MAX_ITEMS {
            let message = format!("has {} entries; at most {MAX_ITEMS}", self.items.len());
            return Err(FieldError::new("items", message));
        }
        let mut seen = BTreeSet::new();
        for (i, item) in self.items.iter().enumerate() {
            check_share(&format!("items[{i}].popularity"), item.popularity)?;
            for (n, segment) in item.segments.iter().enumerate() {
                check_segment(&format!("items[{i}].segments[{n}]"), segment)?;
            }
            if item.item_id.is_empty() || !seen.insert(&item.item_id) {
                let message = "must be present and unique in the catalogue";
                return Err(FieldError::new(format!("items[{i}].item_id"), message));
            }
        }
        self.pricing.as_ref().map_or(Ok(()), PricePolicy::validate)
    }
}

impl PricePolicy {
    /// Checks that the policy can be obeyed and may be: bounds in order, a list tier that exists,
    /// every tier within the bounds, and discounts by [`SEGMENTS`] alone, so that no price can be
    /// made to depend on a protected attribute.
    ///
    /// # Errors
    /// The first field that breaks a rule, by its path from the catalogue.
    pub fn validate(&self) -> Result<(), FieldError> {
        if self.floor > self.ceiling {
            return Err(FieldError::new(
                "pricing.floor",
                "must not lie above pricing.ceiling",
            ));
        }
        if !(self.max_step > 0.0 && self.max_step <= 1.0) {
            return Err(FieldError::new(
                "pricing.max_step",
                "must be above 0 and at most 1",
            ));
        }
        if !self.tiers.iter().any(|tier| tier.name == self.list_tier) {
            return Err(FieldError::new(
                "pricing.list_tier",
                "must name one of pricing.tiers",
            ));
        }
        for (segment, discount) in &self.segment_discounts {
            let field = format!("pricing.segment_discounts.{segment}");
            check_segment(&field, segment)?;
            check_share(&field, *discount)?;
        }
        self.tiers
            .iter()
            .enumerate()
            .try_for_each(|(i, tier)| self.validate_tier(i, tier))
    }

    fn validate_tier(&self, i: usize, tier: &PriceTier) -> Result<(), FieldError> {
        if tier.price < self.floor || tier.price > self.ceiling {
            let message = "must lie between pricing.floor and pricing.ceiling";
            return Err(FieldError::new(
                format!("pricing.tiers[{i}].price"),
                message,
            ));
        }
        if self.tiers[..i].iter().any(|other| other.name == tier.name) {
            let message = "must be unique among the tiers";
            return Err(FieldError::new(format!("pricing.tiers[{i}].name"), message));
        }
        let usable = |d: Demand| d.mean >= 0.0 && d.std_dev >= 0.0;
        if !tier.demand.is_none_or(usable) {
            let message = "mean and std_dev must be 0 or more";
            return Err(FieldError::new(
                format!("pricing.tiers[{i}].demand"),
                message,
            ));
        }
        Ok(())
    }
}

/// Every segment that `user-segmentation` may name: groups by what people bought, and by nothing
/// that they are.
pub const SEGMENTS: [&str; 12] = [
    "champions",
    "loyal",
    "potential_loyalist",
    "new_customers",
    "promising",
    "need_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose",
    "hibernating",
    "lost",
    "prospects",
];

fn check_segment(field: &str, segment: &str) -> Result<(), FieldError> {
    if SEGMENTS.contains(&segment) {
        return Ok(());
    }
    Err(FieldError::new(
        field,
        format!("is no segment; there are: {}", SEGMENTS.join(", ")),
    ))
}

fn check_share(field: &str, share: f64) -> Result<(), FieldError> {
    if (0.0..=1.0).contains(&share) {
        Ok(())
    } else {
        Err(FieldError::new(field, "must be a share from 0 to 1"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn catalog() -> Value {
        json!({
            "currency": "USD",
            "items": [{"item_id": "a", "title": "A", "category": "c", "popularity": 0.5}],
            "pricing": {
                "tiers": [{"name": "list", "price": 20}, {"name": "saver", "price": 15}],
                "list_tier": "list", "floor": 10, "ceiling": 30, "max_step": 0.2
            }
        })
    }

    fn refused(pointer: &str, value: Value) -> String {
        let mut catalog = catalog();
        *catalog.pointer_mut(pointer).unwrap() = value;
        serde_json::from_value::<Catalog>(catalog)
            .unwrap()
            .validate()
            .unwrap_err()
            .field
    }

    #[test]
    fn a_sound_catalog_passes() {
        assert_eq!(
            serde_json::from_value::<Catalog>(catalog())
                .unwrap()
                .validate(),
            Ok(())
        );
    }

    #[test]
    fn a_discount_is_by_segment_and_by_nothing_else() {
        for name in [
            "female",
            "Frauen",
            "age_60",
            "nationality:de",
            "champion",
            "",
        ] {
            let mut catalog = catalog();
            catalog["pricing"]["segment_discounts"] = json!({ name: 0.1 });
            let catalog: Catalog = serde_json::from_value(catalog).unwrap();
            let field = format!("pricing.segment_discounts.{name}");
            assert_eq!(catalog.validate().unwrap_err().field, field);
        }
        let mut catalog = catalog();
        catalog["pricing"]["segment_discounts"] = json!({"champions": 0.1, "at_risk": 0.2});
        let catalog: Catalog = serde_json::from_value(catalog).unwrap();
        assert_eq!(catalog.validate(), Ok(()));
    }

    #[test]
    fn each_broken_rule_names_its_field() {
        assert_eq!(refused("/currency", json!("usd")), "currency");
        assert_eq!(
            refused("/items/0/popularity", json!(1.5)),
            "items[0].popularity"
        );
        assert_eq!(refused("/items/0/item_id", json!("")), "items[0].item_id");
        assert_eq!(refused("/pricing/floor", json!(40)), "pricing.floor");
        assert_eq!(refused("/pricing/max_step", json!(0)), "pricing.max_step");
        assert_eq!(
            refused("/pricing/list_tier", json!("none")),
            "pricing.list_tier"
        );
        assert_eq!(
            refused("/pricing/tiers/1/price", json!(5)),
            "pricing.tiers[1].price"
        );
        assert_eq!(
            refused("/pricing/tiers/1/name", json!("list")),
            "pricing.tiers[1].name"
        );
    }
}
