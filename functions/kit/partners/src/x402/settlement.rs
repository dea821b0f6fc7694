//! What came of a payment, as `PAYMENT-RESPONSE` says.

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{PAYMENT_RESPONSE, decoded};
use crate::http::one_line;

/// What came of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// It was made.
    Settled(Option<String>),
    /// It is on its way, and may yet be made.
    Pending(Option<String>),
    /// It was not made, it says.
    Failed {
        /// Why.
        reason: String,
        /// Whether nothing else says that it may have been, or may yet be: a transaction, or that
        /// the payment was used before.
        certain: bool,
    },
}

impl Settlement {
    /// What an answer's headers say; nothing where they say nothing that can be used.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let answer = decoded(headers, &PAYMENT_RESPONSE)?.ok()?;
        Self::of(&answer)
    }

    fn of(answer: &Value) -> Option<Self> {
        let transaction = answer["transaction"]
            .as_str()
            .filter(|hash| !hash.is_empty());
        let transaction = transaction.map(|hash| one_line(hash, 200));
        let reason = answer["errorReason"].as_str().unwrap_or_default();
        // Pending is not final, whatever else is said.
        if reason == "settlement_pending" {
            return Some(Self::Pending(transaction));
        }
        if answer["success"].as_bool()? {
            return Some(Self::Settled(transaction));
        }
        Some(Self::Failed {
            certain: transaction.is_none() && !is_of_one_that_was_used(reason),
            reason: match reason {
                "" => "it does not say why".to_owned(),
                reason => reason.to_owned(),
            },
        })
    }
}

/// Whether it was not made for having been made before.
fn is_of_one_that_was_used(reason: &str) -> bool {
    let reason = reason.to_ascii_lowercase();
    let words = ["nonce", "used", "already", "duplicate", "replay", "settled"];
    words.iter().any(|word| reason.contains(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failed(reason: &str, certain: bool) -> Settlement {
        let reason = reason.to_owned();
        Settlement::Failed { reason, certain }
    }

    #[test]
    fn a_payment_is_made_pending_or_refused() {
        let hash = "0x89c91c789e57059b17285e7ba1716a1f5ff4c5dace0ea5a5135f26158d0421b9";
        let network = "eip155:84532";
        for (answer, meant) in [
            (
                json!({"success": true, "transaction": hash, "network": network, "payer": "0x1"}),
                Some(Settlement::Settled(Some(hash.to_owned()))),
            ),
            (
                json!({"success": false, "errorReason": "insufficient_funds", "transaction": "", "network": network}),
                Some(failed("insufficient_funds", true)),
            ),
            (
                json!({"success": false, "errorReason": "transaction_failed", "transaction": hash}),
                Some(failed("transaction_failed", false)),
            ),
            (
                json!({"success": false, "errorReason": "invalid_exact_evm_nonce_already_used"}),
                Some(failed("invalid_exact_evm_nonce_already_used", false)),
            ),
            (
                json!({"success": false, "errorReason": "settlement_pending", "transaction": hash}),
                Some(Settlement::Pending(Some(hash.to_owned()))),
            ),
            (
                json!({"success": true, "errorReason": "settlement_pending"}),
                Some(Settlement::Pending(None)),
            ),
            (
                json!({"success": false}),
                Some(failed("it does not say why", true)),
            ),
            (json!({"success": "yes"}), None),
            (json!(7), None),
        ] {
            assert_eq!(Settlement::of(&answer), meant, "{answer}");
        }
    }
}
