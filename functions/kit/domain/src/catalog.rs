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
    /// every tier within the bounds, and no discount by a protected attribute (see
    /// [`PROTECTED_WORDS`]).
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
            if let Some(word) = protected_word(segment) {
                let message =
                    format!("names a protected attribute ({word}): no price may depend on one");
                return Err(FieldError::new(field, message));
            }
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

/// Words that name an attribute which law protects in many places, or one of its values. A segment
/// that contains one as a word (`female`, `age_60`, `ageGroup`) cannot be given another price. Words
/// with an everyday meaning (`single`, `old`) are not listed: the list errs towards refusing what is
/// plainly meant, and a segment that is hit by accident can be renamed.
#[rustfmt::skip] // A line for each attribute.
pub const PROTECTED_WORDS: &[&str] = &[
    "age", "aged", "ages", "elderly", "senior", "seniors", "youth",
    "gender", "sex", "male", "males", "female", "females", "man", "men", "woman", "women",
    "transgender", "nonbinary",
    "race", "racial", "ethnic", "ethnicity", "caste", "ancestry",
    "religion", "religious", "christian", "muslim", "jewish", "hindu", "buddhist",
    "nationality", "citizenship", "immigrant", "immigrants",
    "disability", "disabled", "genetic",
    "marital", "married", "divorced", "widowed",
    "pregnancy", "pregnant", "maternity",
    "sexual", "orientation", "gay", "lesbian", "bisexual", "homosexual", "heterosexual",
];

/// The first protected word in a segment's name. Words end at anything but a letter, and where a
/// small letter meets a capital one.
fn protected_word(segment: &str) -> Option<&'static str> {
    let mut spaced = String::with_capacity(segment.len());
    let mut after_small = false;
    for letter in segment.chars() {
        if after_small && letter.is_uppercase() {
            spaced.push(' ');
        }
        after_small = letter.is_lowercase();
        spaced.extend(letter.to_lowercase());
    }
    let mut words = spaced.split(|c: char| !c.is_alphabetic());
    words.find_map(|word| {
        PROTECTED_WORDS
            .iter()
            .find(|listed| **listed == word)
            .copied()
    })
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
    fn no_discount_by_a_protected_attribute() {
        for segment in [
            "female",
            "age_60",
            "AGE",
            "ageGroup",
            "over-60/seniors",
            "age60",
            "marital_status",
            "sexual_orientation",
            "Married women",
            "nationality:de",
        ] {
            let mut catalog = catalog();
            catalog["pricing"]["segment_discounts"] = json!({ segment: 0.1 });
            let catalog: Catalog = serde_json::from_value(catalog).unwrap();
            let error = catalog.validate().unwrap_err();
            assert!(error.message.contains("protected"), "{segment}: {error}");
        }
    }

    #[test]
    fn other_segments_may_have_a_discount() {
        for segment in [
            "champions",
            "new_customers",
            "package_buyers",
            "menu",
            "essex",
            "stage2",
            "at_risk",
        ] {
            assert_eq!(protected_word(segment), None, "{segment}");
        }
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
