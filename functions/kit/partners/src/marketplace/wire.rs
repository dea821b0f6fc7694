//! Answers as they are on the wire, made into what the domain knows. What cannot be used is
//! [`MarketError::Malformed`] and names the field; in lists it is passed over.

use std::collections::BTreeSet;

use baton_domain::marketplace::{Charge, Fetched, Listing, MarketError, Offer};
use serde_json::Value;

use super::answer::declined_softly;
use super::price::{self, units};
use crate::Secret;
use crate::http::one_line;
use crate::x402::Quoted;

/// The most sources that one search finds.
const MAX_LISTINGS: usize = 500;

/// The most refusals that are passed on, and the most characters of each.
const MAX_REFUSALS: usize = 24;
const MAX_REFUSAL_TEXT: usize = 500;

/// Whether a text can be the id of a source.
pub(super) fn is_source_id(id: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"._:-".contains(&b);
    (1..=128).contains(&id.len()) && id.bytes().all(fits)
}

/// The sources that were found, each once. One that cannot be asked for by its id, or has no name,
/// is passed over: it must not hide the others.
pub(super) fn listings(answer: &Value) -> Result<Vec<Listing>, MarketError> {
    let data = answer["data"].as_array();
    let data = data.ok_or_else(|| malformed("data: is not a list"))?;
    let mut seen = BTreeSet::new();
    let listings = data.iter().filter_map(|entry| {
        let source_id = id(&entry["id"]).filter(|id| is_source_id(id))?;
        let name = one_line(entry["name"].as_str()?.trim(), 200);
        (!name.is_empty()).then_some(Listing { source_id, name })
    });
    let listings = listings.filter(|listing| seen.insert(listing.source_id.clone()));
    Ok(listings.take(MAX_LISTINGS).collect())
}

/// The data of a source; `null` is nothing.
pub(super) fn data(
    data: Value,
    asked: &str,
    receipt: Option<String>,
) -> Result<Fetched, MarketError> {
    if data.is_null() {
        return Ok(Fetched::Nothing);
    }
    if !data.is_object() {
        return Err(malformed("it is not an object"));
    }
    // Some say whose data it is, as a number or a text.
    if id(&data["id"]).is_some_and(|id| id != asked) {
        return Err(malformed("id: is another source than was asked for"));
    }
    Ok(Fetched::Data { data, receipt })
}

/// What a 402 answer comes to: the offers of its headers and the price in its body, if that was not
/// too large.
pub(super) fn quoted(body: Option<&[u8]>, quoted: Quoted) -> Fetched {
    let Quoted {
        mut offers,
        mut refusals,
    } = quoted;
    let price = body.map_or_else(
        || Err("the body is larger than 16 KB".to_owned()),
        price::quoted,
    );
    match price {
        Ok(Some(price)) => offers.insert(0, Offer::Token { price }),
        Ok(None) => {}
        // A body says nothing where headers do.
        Err(_) if body.is_some_and(<[u8]>::is_empty) && !offers.is_empty() => {}
        Err(wrong) => refusals.push(wrong),
    }
    if offers.is_empty() && refusals.is_empty() {
        refusals.push("no price is named".to_owned());
    }
    refusals.truncate(MAX_REFUSALS);
    for refusal in &mut refusals {
        *refusal = one_line(refusal, MAX_REFUSAL_TEXT);
    }
    Fetched::PaymentRequired { offers, refusals }
}

/// The same without what could be spent, should the marketplace have quoted it.
pub(super) fn without_secrets(
    fetched: Result<Fetched, MarketError>,
    secrets: &[Secret],
) -> Result<Fetched, MarketError> {
    let hidden = |text: String| {
        let all = secrets.iter();
        let text = all.fold(text, |text, secret| secret.hidden_in(&text));
        one_line(&text, MAX_REFUSAL_TEXT)
    };
    match fetched {
        Ok(Fetched::PaymentRequired { offers, refusals }) => {
            let refusals = refusals.into_iter().map(hidden).collect();
            Ok(Fetched::PaymentRequired { offers, refusals })
        }
        Ok(Fetched::NotSettled {
            reason,
            certain,
            data,
        }) => Ok(Fetched::NotSettled {
            reason: hidden(reason),
            certain,
            data,
        }),
        Ok(fetched) => Ok(fetched),
        Err(MarketError::Refused { status, message }) => Err(MarketError::Refused {
            status,
            message: hidden(message),
        }),
        Err(MarketError::Authentication(said)) => Err(MarketError::Authentication(hidden(said))),
        Err(MarketError::Malformed(said)) => Err(MarketError::Malformed(hidden(said))),
        Err(error) => Err(error),
    }
}

/// What a charge came to.
pub(super) fn charge(answer: &Value, token: &Secret) -> Result<Charge, MarketError> {
    match answer["success"].as_bool() {
        Some(true) => {}
        Some(false) => return Err(declined_softly(answer, token)),
        None => return Err(malformed("success: is missing")),
    }
    let charged = &answer["amount_charged"];
    let charged = (!charged.is_null()).then(|| units(charged)).transpose();
    let transaction = id(&answer["transaction_id"]).filter(|id| !id.is_empty());
    Ok(Charge {
        transaction_id: transaction.map(|id| one_line(&token.hidden_in(&id), 200)),
        charged: charged.map_err(|wrong| malformed(&format!("amount_charged: {wrong}")))?,
        // Worth knowing, and not worth doubting the charge for.
        remaining: units(&answer["remaining_balance"]).ok(),
    })
}

/// An id, which some write as a number.
fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

pub(crate) fn malformed(wrong: &str) -> MarketError {
    MarketError::Malformed(wrong.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_listing_that_cannot_be_used_hides_no_other() {
        let answer = json!({"data": [
            {"id": 7, "name": "Acme\nAG"}, {"id": "a b", "name": "x"}, {"id": "../x", "name": "x"},
            {"id": "8"}, {"name": "x"}, 9, {"id": "7", "name": "Again"}, {"id": "x-1", "name": " "},
            {"id": "x-2", "name": "ü".repeat(500)},
        ]});
        let found = listings(&answer).unwrap();
        let ids: Vec<&str> = found.iter().map(|found| found.source_id.as_str()).collect();
        assert_eq!(ids, ["7", "x-2"]);
        assert_eq!(found[0].name, "Acme AG");
        assert_eq!(found[1].name.chars().count(), 200);
        assert!(listings(&json!([])).is_err());
        assert_eq!(listings(&json!({"data": []})), Ok(Vec::new()));
    }

    #[test]
    fn data_is_an_object_of_the_source_that_was_asked_for() {
        for good in [
            json!({"id": 7, "name": "Acme"}),
            json!({"id": "7"}),
            json!({"x": 1}),
        ] {
            let fetched = data(good.clone(), "7", None);
            let receipt = None;
            assert_eq!(
                fetched,
                Ok(Fetched::Data {
                    data: good,
                    receipt
                })
            );
        }
        assert_eq!(data(Value::Null, "7", None), Ok(Fetched::Nothing));
        for bad in [json!([]), json!("x"), json!({"id": 8})] {
            assert!(data(bad, "7", None).is_err());
        }
    }

    #[test]
    fn a_charge_says_what_it_knows() {
        let token = Secret::new("tok-1");
        let read = |answer: Value| charge(&answer, &token);
        let whole = read(json!({
            "success": true, "transaction_id": "txn-tok-1", "amount_charged": 12,
            "remaining_balance": 88, "timestamp": "2026-01-01T00:00:00Z",
        }));
        let whole = whole.unwrap();
        assert_eq!(whole.transaction_id.as_deref(), Some("txn-…"));
        assert_eq!(whole.charged.and_then(price::whole), Some(12));
        assert_eq!(whole.remaining.and_then(price::whole), Some(88));
        let bare = read(json!({"success": true, "remaining_balance": "?"})).unwrap();
        assert_eq!((bare.charged, bare.remaining), (None, None));
        for (bad, code) in [
            (
                json!({"success": true, "amount_charged": -1}),
                MarketError::MALFORMED,
            ),
            (json!({"success": "yes"}), MarketError::MALFORMED),
            (json!(null), MarketError::MALFORMED),
            (
                json!({"success": false, "error": "InsufficientBalance"}),
                MarketError::INSUFFICIENT,
            ),
            (
                json!({"success": false, "error": "tok-1?"}),
                MarketError::REFUSED,
            ),
        ] {
            let error = read(bad).unwrap_err();
            assert_eq!(error.code(), code);
            assert!(!error.to_string().contains("tok-1"));
        }
    }
}
