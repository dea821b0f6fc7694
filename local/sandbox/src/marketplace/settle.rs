//! x402 payments: what they must be, and what becomes of them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::State;
use super::entry::Event;
use super::faults::Kind;
use super::quote::Price;
use super::signature::{Authorization, NETWORK, PAY_TO, is_signed, keccak, shown};
use crate::journal::BooksError;

/// What a wallet has to spend, in millionths of a dollar.
const FUNDS: u64 = 1_000_000_000;

/// What became of a payment.
pub(super) enum Outcome {
    /// It was made: what `PAYMENT-RESPONSE` says.
    Settled(Value),
    /// It was not made, or not yet.
    Refused(Value),
    /// The identifier was used for another payment.
    Conflict,
    /// The identifier is missing.
    NoIdentifier,
}

/// A payment that was understood.
struct Payment<'a> {
    authorization: Authorization<'a>,
    signature: &'a str,
    accepted: &'a Value,
    id: Option<&'a str>,
    digest: String,
}

impl State {
    /// Makes a payment, once.
    pub(super) fn settle(
        &mut self,
        price: Price,
        header: &[u8],
        wrong: Option<Kind>,
    ) -> Result<Outcome, BooksError> {
        let json = STANDARD.decode(header).ok();
        let json: Option<Value> = json.and_then(|json| serde_json::from_slice(&json).ok());
        let json = json.unwrap_or_default();
        let Some(payment) = read(&json, header) else {
            return Ok(refused("invalid_payload", ""));
        };
        if price.source.identifier && payment.id.is_none() {
            return Ok(Outcome::NoIdentifier);
        }
        let from = payment.authorization.from.to_lowercase();
        if let Some(outcome) = self.seen(&from, &payment)? {
            return Ok(outcome);
        }
        if let Some(reason) = self.objection(price, &payment, wrong) {
            return Ok(refused(reason, &from));
        }
        let transaction = shown(&keccak(payment.digest.as_bytes()));
        let pending = wrong == Some(Kind::SettlementPending);
        let event = Event::Settled {
            transaction: transaction.clone(),
            from: from.clone(),
            nonce: payment.authorization.nonce.to_lowercase(),
            source_id: price.source.id.clone(),
            amount: payment.authorization.value.parse().unwrap_or(0),
            payment_id: payment.id.map(str::to_owned),
            digest: payment.digest,
            pending,
        };
        self.books.append(self.now(), event)?;
        Ok(made(&transaction, &from, pending))
    }

    /// What a payment comes to that was seen before.
    fn seen(&mut self, from: &str, payment: &Payment<'_>) -> Result<Option<Outcome>, BooksError> {
        let same_id = payment.id.and_then(|id| self.books.settlement_of(id));
        if same_id.is_some_and(|settled| settled.digest != payment.digest) {
            return Ok(Some(Outcome::Conflict));
        }
        let nonce = payment.authorization.nonce.to_lowercase();
        let mut settlements = self.books.settlements(from).iter();
        let Some(settled) = settlements.find(|settled| settled.nonce == nonce) else {
            return Ok(None);
        };
        let same = settled.digest == payment.digest;
        let transaction = settled.transaction.clone();
        if same && settled.pending {
            let transaction = transaction.clone();
            self.books
                .append(self.now(), Event::Confirmed { transaction })?;
        } else if !same || payment.id.is_none() {
            // Without an identifier nobody can tell a repetition from a theft.
            let reason = "invalid_exact_evm_nonce_already_used";
            return Ok(Some(refused(reason, from)));
        }
        Ok(Some(made(&transaction, from, false)))
    }

    /// Why a payment is not taken.
    fn objection(
        &self,
        price: Price,
        payment: &Payment<'_>,
        wrong: Option<Kind>,
    ) -> Option<&'static str> {
        let Payment {
            authorization,
            accepted,
            ..
        } = payment;
        let now = self.now().as_second();
        let time = |text: &str| text.parse::<i64>().ok();
        let amount = price.x402().unwrap_or(0);
        if price.accepted().as_ref() != Some(*accepted) {
            return Some("invalid_payment_requirements");
        }
        if !authorization.to.eq_ignore_ascii_case(PAY_TO) {
            return Some("invalid_exact_evm_payload_recipient_mismatch");
        }
        if authorization.value != amount.to_string() {
            return Some("invalid_exact_evm_payload_authorization_value");
        }
        if time(authorization.valid_after).is_none_or(|after| now <= after) {
            return Some("invalid_exact_evm_payload_authorization_valid_after");
        }
        if time(authorization.valid_before).is_none_or(|before| now >= before) {
            return Some("invalid_exact_evm_payload_authorization_valid_before");
        }
        if !is_signed(authorization, payment.signature) {
            return Some("invalid_exact_evm_payload_signature");
        }
        let from = authorization.from.to_lowercase();
        let spent = self.books.settlements(&from).iter();
        let spent: u64 = spent.map(|settled| settled.amount.micro_usd()).sum();
        let broke = wrong == Some(Kind::SettlementFails) || spent + amount > FUNDS;
        broke.then_some("insufficient_funds")
    }
}

fn read<'a>(json: &'a Value, header: &[u8]) -> Option<Payment<'a>> {
    let authorization = &json["payload"]["authorization"];
    let text = |field: &str| authorization[field].as_str();
    let id = json["extensions"]["payment-identifier"]["info"]["id"].as_str();
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let fits = |id: &&str| (16..=128).contains(&id.len()) && id.bytes().all(fits);
    (json["x402Version"] == 2).then_some(())?;
    Some(Payment {
        authorization: Authorization {
            from: text("from")?,
            to: text("to")?,
            value: text("value")?,
            valid_after: text("validAfter")?,
            valid_before: text("validBefore")?,
            nonce: text("nonce")?,
        },
        signature: json["payload"]["signature"].as_str()?,
        accepted: &json["accepted"],
        id: id.filter(fits),
        digest: shown(&keccak(header)),
    })
}

fn made(transaction: &str, from: &str, pending: bool) -> Outcome {
    let mut response = json!({
        "success": !pending,
        "transaction": transaction,
        "network": NETWORK,
        "payer": from,
    });
    if pending {
        response["errorReason"] = json!("settlement_pending");
        return Outcome::Refused(response);
    }
    Outcome::Settled(response)
}

fn refused(reason: &str, from: &str) -> Outcome {
    Outcome::Refused(json!({
        "success": false,
        "errorReason": reason,
        "transaction": "",
        "network": NETWORK,
        "payer": from,
    }))
}
