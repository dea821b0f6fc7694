//! 402 answers: prices in a body of either shape, offers of x402 in a header.

use axum::Json;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::catalogue::Source;
use super::faults::Kind;
use super::signature::{ASSET, ASSET_NAME, ASSET_VERSION, NETWORK, PAY_TO};

pub(super) const PAYMENT_REQUIRED: &str = "payment-required";
pub(super) const PAYMENT_RESPONSE: &str = "payment-response";

/// How often a price rises by a dollar, or by a cent for x402.
const RISE: u64 = 10_000;

/// What a source costs now.
#[derive(Clone, Copy)]
pub(super) struct Price {
    pub(super) source: &'static Source,
    /// How often it rose.
    pub(super) rises: u64,
}

impl Price {
    /// For tokens, in whole dollars.
    pub(super) fn token(self) -> Option<u64> {
        self.source.token.map(|price| price + self.rises)
    }

    /// For x402, in millionths of a dollar.
    pub(super) fn x402(self) -> Option<u64> {
        self.source.x402.map(|price| price + self.rises * RISE)
    }

    /// The offer of x402, as it must be echoed.
    pub(super) fn accepted(self) -> Option<Value> {
        let offer = |amount: u64| {
            json!({
                "scheme": "exact",
                "network": NETWORK,
                "amount": amount.to_string(),
                "asset": ASSET,
                "payTo": PAY_TO,
                "maxTimeoutSeconds": 120,
                "extra": { "name": ASSET_NAME, "version": ASSET_VERSION },
            })
        };
        self.x402().map(offer)
    }

    /// Status 402 with every price; `wrong` is what is wrong with them.
    pub(super) fn asked(self, error: &str, wrong: Option<Kind>) -> Response {
        let mut headers = HeaderMap::new();
        if let Some(required) = self.required(error, wrong) {
            put(&mut headers, PAYMENT_REQUIRED, &required);
        }
        (
            StatusCode::PAYMENT_REQUIRED,
            headers,
            Json(self.body(wrong)),
        )
            .into_response()
    }

    fn body(self, wrong: Option<Kind>) -> Value {
        let Some(price) = self.token() else {
            return json!({ "message": "payment required" });
        };
        let price = match wrong {
            Some(Kind::NegativePrice) => json!(-5),
            Some(Kind::HugePrice) => json!(9_000_000_000_000_u64),
            Some(Kind::TextPrice) => json!("a fortune"),
            _ => json!(price),
        };
        let currency = match wrong {
            Some(Kind::ForeignAsset) => "XAU",
            _ => "USD",
        };
        if self.source.nested {
            return json!({ "detail": { "price": price, "currency": currency } });
        }
        json!({ "price": price, "currency": currency, "message": "payment required" })
    }

    fn required(self, error: &str, wrong: Option<Kind>) -> Option<Value> {
        let mut accepted = self.accepted()?;
        match wrong {
            Some(Kind::NegativePrice) => accepted["amount"] = json!("-5"),
            Some(Kind::HugePrice) => accepted["amount"] = json!("9".repeat(40)),
            Some(Kind::TextPrice) => accepted["amount"] = json!("a fortune"),
            Some(Kind::ForeignAsset) => accepted["asset"] = json!(format!("0x{}", "66".repeat(20))),
            _ => {}
        }
        let mut accepts = vec![accepted.clone()];
        if wrong == Some(Kind::Duplicates) {
            accepts.push(accepted);
        }
        let mut required = json!({
            "x402Version": 2,
            "error": error,
            "resource": {
                "url": format!("/company/detail?id={}", self.source.id),
                "description": self.source.name,
                "mimeType": "application/json",
            },
            "accepts": accepts,
        });
        if self.source.identifier {
            required["extensions"] = json!({
                "payment-identifier": { "info": { "required": true } },
            });
        }
        Some(required)
    }
}

/// Puts JSON into a header, in base 64.
pub(super) fn put(headers: &mut HeaderMap, name: &'static str, value: &Value) {
    if let Ok(value) = HeaderValue::try_from(STANDARD.encode(value.to_string())) {
        headers.insert(name, value);
    }
}
