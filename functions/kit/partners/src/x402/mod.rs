//! Payments of x402 version 2, scheme `exact` on EVM networks: offers are read and checked, a
//! payment is signed, and what came of it is read.
//!
//! Method: EIP-3009 `TransferWithAuthorization`, signed as typed data (EIP-712) on secp256k1 with
//! nonces of RFC 6979, as the x402 specification's `exact` scheme for EVM has it. Only the assets
//! of [`AllowedAssets`] are paid with, and only under the names that this table gives them: what
//! an offer says of itself is compared, never believed.

mod assets;
mod eip712;
mod hex;
mod offer;
mod settlement;
mod wallet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::Secret;

pub use assets::AllowedAssets;
pub(crate) use offer::Quoted;
pub(crate) use settlement::Settlement;
pub use wallet::EvmWallet;

/// The version of the protocol that is spoken here.
const VERSION: u64 = 2;

const PAYMENT_REQUIRED: HeaderName = HeaderName::from_static("payment-required");
pub(crate) const PAYMENT_SIGNATURE: HeaderName = HeaderName::from_static("payment-signature");
const PAYMENT_RESPONSE: HeaderName = HeaderName::from_static("payment-response");

/// The longest header that is read or sent, in bytes of base 64.
const MAX_HEADER: usize = 16 * 1024;

/// A signed payment as the header that carries it; none when it is too large for one.
pub(crate) fn signature_header(payment: &Value) -> Option<HeaderValue> {
    let text = STANDARD.encode(payment.to_string());
    let header = HeaderValue::try_from(text).ok();
    header.filter(|header| header.len() <= MAX_HEADER)
}

/// What of a signed payment must be shown nowhere: its signature, and the header that carries it.
pub(crate) fn secrets_of(payment: &Value) -> Vec<Secret> {
    let signature = payment["payload"]["signature"].as_str().unwrap_or_default();
    let digits = signature.strip_prefix("0x").unwrap_or_default();
    let header = STANDARD.encode(payment.to_string());
    let texts = [header.as_str(), signature, digits];
    let texts = texts.into_iter().filter(|text| !text.is_empty());
    texts.map(Secret::new).collect()
}

/// The JSON in a header; none where there is no such header.
fn decoded(headers: &HeaderMap, name: &HeaderName) -> Option<Result<Value, String>> {
    let mut all = headers.get_all(name).iter();
    let header = all.next()?;
    let mut read = || {
        if all.next().is_some() {
            return Err("is there twice");
        }
        if header.len() > MAX_HEADER {
            return Err("is larger than 16 KB");
        }
        let json = STANDARD.decode(header.as_bytes());
        let json = json.map_err(|_| "is not in base 64")?;
        serde_json::from_slice(&json).map_err(|_| "holds no JSON")
    };
    Some(read().map_err(|wrong: &str| format!("{name}: {wrong}")))
}
