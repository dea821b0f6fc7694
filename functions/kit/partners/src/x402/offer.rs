//! Offers, as `PAYMENT-REQUIRED` carries them.

use baton_domain::Money;
use baton_domain::marketplace::Offer;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::assets::{AllowedAssets, Asset};
use super::{PAYMENT_REQUIRED, VERSION, decoded, hex};
use crate::http::one_line;

/// The most offers of one answer that are looked at.
const MAX_OFFERS: usize = 20;

/// The longest that a payment may be valid, in seconds.
const MAX_VALID: u64 = 3_600;

/// The most characters of the largest amount: a billion dollars in millionths.
const MAX_AMOUNT: u64 = 1_000_000_000_000_000;

/// What an offer asks for, checked.
pub(super) struct Terms {
    pub(super) asset: &'static Asset,
    pub(super) to: [u8; 20],
    /// Atomic units, each a millionth of a dollar.
    pub(super) amount: u64,
    /// Seconds that the payment must be valid.
    pub(super) valid_for: u64,
}

/// What an answer offers.
#[derive(Debug, Default)]
pub(crate) struct Quoted {
    pub(crate) offers: Vec<Offer>,
    /// Why others were passed over.
    pub(crate) refusals: Vec<String>,
}

impl Quoted {
    /// The offers in an answer's headers; nothing where it has no such header.
    pub(crate) fn read(headers: &HeaderMap, assets: &AllowedAssets) -> Self {
        match decoded(headers, &PAYMENT_REQUIRED) {
            None => Self::default(),
            Some(Ok(required)) => Self::of(&required, assets),
            Some(Err(wrong)) => Self::refused(wrong),
        }
    }

    fn refused(wrong: String) -> Self {
        Self {
            offers: Vec::new(),
            refusals: vec![wrong],
        }
    }

    fn of(required: &Value, assets: &AllowedAssets) -> Self {
        if required["x402Version"].as_u64() != Some(VERSION) {
            return Self::refused("x402Version: only version 2 is spoken".to_owned());
        }
        let Some(accepts) = required["accepts"].as_array() else {
            return Self::refused("accepts: is missing".to_owned());
        };
        let mut quoted = Self::default();
        for (n, accepted) in accepts.iter().take(MAX_OFFERS).enumerate() {
            match assets.terms(accepted) {
                Ok(terms) => quoted.offers.push(Offer::X402 {
                    price: Money::from_micro_usd(terms.amount),
                    accepted: accepted.clone(),
                    resource: required["resource"].clone(),
                    extensions: required["extensions"].clone(),
                }),
                Err(wrong) => quoted.refusals.push(format!("accepts[{n}].{wrong}")),
            }
        }
        quoted
    }
}

impl AllowedAssets {
    /// What an entry of `accepts` asks for, or why it is not paid: the field and what is wrong.
    pub(super) fn terms(&self, accepted: &Value) -> Result<Terms, String> {
        let text = |field: &str| accepted[field].as_str().unwrap_or_default();
        if text("scheme") != "exact" {
            return Err("scheme: only exact is paid".to_owned());
        }
        let asset = self.find(text("network"), text("asset"));
        let asset = asset.ok_or_else(|| {
            let (network, asset) = (text("network"), text("asset"));
            let named = one_line(&format!("{asset} on {network}"), 120);
            format!("asset: {named} is not allowed")
        })?;
        let extra = &accepted["extra"];
        if extra["name"] != asset.name || extra["version"] != asset.version {
            return Err("extra: is not the name and version of the asset's contract".to_owned());
        }
        let method = extra.get("assetTransferMethod");
        if method.is_some_and(|method| method != "eip3009") {
            return Err("extra.assetTransferMethod: only eip3009 is signed".to_owned());
        }
        let to = hex::decode(text("payTo")).filter(|to| *to != [0; 20]);
        let valid_for = accepted["maxTimeoutSeconds"].as_u64();
        Ok(Terms {
            asset,
            to: to.ok_or("payTo: is not an account")?,
            amount: amount(&accepted["amount"]).ok_or("amount: is not a sum in atomic units")?,
            valid_for: valid_for
                .filter(|seconds| (1..=MAX_VALID).contains(seconds))
                .ok_or("maxTimeoutSeconds: must be from 1 to 3600")?,
        })
    }
}

/// A sum in decimal digits, without sign, spaces or leading zeros.
fn amount(amount: &Value) -> Option<u64> {
    let digits = amount.as_str()?;
    let plain = digits.bytes().all(|b| b.is_ascii_digit());
    let leading = digits.len() > 1 && digits.starts_with('0');
    let amount = digits.parse().ok().filter(|_| plain && !leading);
    amount.filter(|amount| *amount <= MAX_AMOUNT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The sample of the x402 specification.
    fn sample() -> Value {
        json!({
            "x402Version": 2,
            "error": "PAYMENT-SIGNATURE header is required",
            "resource": {"url": "https://api.example.com/premium-data"},
            "accepts": [{
                "scheme": "exact", "network": "eip155:84532", "amount": "10000",
                "asset": "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
                "payTo": "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
                "maxTimeoutSeconds": 60,
                "extra": {"name": "USDC", "version": "2"},
            }],
        })
    }

    fn quoted(required: &Value) -> Quoted {
        Quoted::of(required, &AllowedAssets::usual(false))
    }

    #[test]
    fn the_sample_of_the_specification_costs_a_cent() {
        let quoted = quoted(&sample());
        let [offer] = &quoted.offers[..] else {
            panic!("{quoted:?}");
        };
        assert_eq!(offer.price(), Money::from_micro_usd(10_000));
        let Offer::X402 {
            accepted,
            resource,
            extensions,
            ..
        } = offer
        else {
            panic!("{offer:?}");
        };
        assert_eq!(*accepted, sample()["accepts"][0]);
        assert_eq!(*resource, sample()["resource"]);
        assert!(extensions.is_null() && quoted.refusals.is_empty());
    }

    #[test]
    fn what_is_not_paid_is_named_and_the_rest_is_kept() {
        for (pointer, wrong, named) in [
            ("/scheme", json!("upto"), "scheme"),
            ("/network", json!("eip155:8453"), "asset"),
            ("/network", json!("solana:mainnet"), "asset"),
            (
                "/asset",
                json!("0x0000000000000000000000000000000000000001"),
                "asset",
            ),
            ("/amount", json!(10_000), "amount"),
            ("/amount", json!("-1"), "amount"),
            ("/amount", json!("+1"), "amount"),
            ("/amount", json!("1.5"), "amount"),
            ("/amount", json!("0x10"), "amount"),
            ("/amount", json!("010"), "amount"),
            ("/amount", json!(""), "amount"),
            ("/amount", json!("1000000000000001"), "amount"),
            ("/amount", json!("9".repeat(78)), "amount"),
            ("/payTo", json!("0x0"), "payTo"),
            ("/payTo", json!(format!("0x{}", "0".repeat(40))), "payTo"),
            ("/maxTimeoutSeconds", json!(0), "maxTimeoutSeconds"),
            ("/maxTimeoutSeconds", json!(3_601), "maxTimeoutSeconds"),
            ("/maxTimeoutSeconds", json!("60"), "maxTimeoutSeconds"),
            ("/extra/name", json!("USD Coin"), "extra"),
            (
                "/extra",
                json!({"name": "USDC", "version": "2", "assetTransferMethod": "permit2"}),
                "extra.assetTransferMethod",
            ),
        ] {
            let mut required = sample();
            let mut bad = required["accepts"][0].clone();
            *bad.pointer_mut(pointer).unwrap() = wrong;
            required["accepts"].as_array_mut().unwrap().insert(0, bad);
            let quoted = quoted(&required);
            assert_eq!(quoted.offers.len(), 1, "{pointer}");
            let refusal = &quoted.refusals[0];
            assert!(
                refusal.starts_with(&format!("accepts[0].{named}: ")),
                "{refusal}"
            );
        }
    }

    #[test]
    fn other_versions_are_refused() {
        for required in [json!({"x402Version": 1}), json!([]), json!(null)] {
            assert_eq!(quoted(&required).refusals.len(), 1);
        }
    }

    proptest! {
        /// An amount is read as what it says, or not at all.
        #[test]
        fn an_amount_means_what_it_says(text in "[0-9]{1,20}|\\PC{0,8}") {
            if let Some(read) = amount(&json!(text)) {
                prop_assert_eq!(read.to_string(), text);
            }
        }
    }
}
