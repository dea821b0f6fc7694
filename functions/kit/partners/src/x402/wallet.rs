//! The wallet: a key that signs payments.

use std::fmt;

use baton_domain::marketplace::{MarketError, Offer, Wallet};
use baton_domain::{Money, Timestamp};
use k256::ecdsa::SigningKey;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::assets::AllowedAssets;
use super::eip712::{Transfer, account, shown, sign};
use super::{VERSION, hex};
use crate::{Secret, SettingError};

/// By how much a payment is valid before it was signed, in seconds: clocks differ.
const CLOCK_SKEW: u64 = 60;

/// The extension that makes a repeated payment harmless.
const IDENTIFIER: &str = "payment-identifier";

/// A wallet for EVM networks, which signs and moves nothing by itself. Its signatures follow from
/// its key and what is signed alone (RFC 6979).
pub struct EvmWallet {
    key: SigningKey,
    account: [u8; 20],
    assets: AllowedAssets,
    most: Money,
}

/// What one payment may be worth where nothing is set.
const USUAL_MOST: Money = Money::from_micro_usd(50_000_000);

impl EvmWallet {
    /// The most that one payment may be worth, in US dollars, such as `50` or `12.50`; 50 when it is
    /// not set. More is never signed, whoever approves it.
    pub const MAX_USD: &'static str = "X402_MAX_USD";

    /// The account's private key: 64 hexadecimal digits, with or without `0x` before them.
    pub const PRIVATE_KEY: &'static str = "X402_PRIVATE_KEY";

    /// The wallet that the environment asks for, none where no key is set; `development` says
    /// whether this is a developer's machine.
    ///
    /// # Errors
    /// A key that is none, or a limit that is no sum; as [`AllowedAssets::from_env`].
    pub fn from_env(development: bool) -> Result<Option<Self>, SettingError> {
        Self::from_lookup(|name| std::env::var(name).ok(), development)
    }

    /// The same from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// As [`EvmWallet::from_env`].
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
        development: bool,
    ) -> Result<Option<Self>, SettingError> {
        let most = lookup(Self::MAX_USD).filter(|most| !most.trim().is_empty());
        let most = most.map_or(Ok(USUAL_MOST), |most| most.trim().parse());
        let most = most.map_err(|_| SettingError {
            variable: Self::MAX_USD,
            message: "must be a sum in US dollars, such as 50 or 12.50",
        })?;
        let Some(key) = lookup(Self::PRIVATE_KEY).filter(|key| !key.is_empty()) else {
            return Ok(None);
        };
        let assets = AllowedAssets::from_lookup(lookup, development)?;
        let wallet = Self::new(&Secret::new(key), assets)?;
        Ok(Some(wallet.with_most(most)))
    }

    /// The same, signing payments of this worth at the most.
    #[must_use]
    pub fn with_most(self, most: Money) -> Self {
        Self { most, ..self }
    }

    /// The wallet of a private key, which signs payments of at most 50 US dollars.
    ///
    /// # Errors
    /// A key that is none.
    pub fn new(private_key: &Secret, assets: AllowedAssets) -> Result<Self, SettingError> {
        let wrong = SettingError {
            variable: Self::PRIVATE_KEY,
            message: "must be a private key: 64 hexadecimal digits",
        };
        let digits = private_key.reveal().trim();
        let digits = digits.strip_prefix("0x").unwrap_or(digits);
        let bytes: [u8; 32] = hex::decode_digits(digits).ok_or_else(|| wrong.clone())?;
        let key = SigningKey::from_slice(&bytes).map_err(|_| wrong)?;
        Ok(Self {
            account: account(key.verifying_key()),
            key,
            assets,
            most: USUAL_MOST,
        })
    }

    /// A signature on the transfer that an entry of `accepts` asks for.
    fn pay(
        &self,
        accepted: &Value,
        price_micro_usd: u64,
        now: Timestamp,
        nonce: [u8; 32],
    ) -> Result<Value, String> {
        let terms = self.assets.terms(accepted)?;
        if terms.amount > self.most.micro_usd() {
            return Err(format!(
                "amount: is more than the {} of {}",
                self.most,
                Self::MAX_USD
            ));
        }
        if terms.amount != price_micro_usd {
            return Err("amount: is not the price of the offer".to_owned());
        }
        if terms.to == self.account {
            return Err("payTo: is the wallet's own account".to_owned());
        }
        let now = u64::try_from(now.as_second()).map_err(|_| "now: is before 1970")?;
        let transfer = Transfer {
            from: self.account,
            to: terms.to,
            value: terms.amount,
            valid_after: now.saturating_sub(CLOCK_SKEW),
            valid_before: now + terms.valid_for,
            nonce,
        };
        let signature = sign(&self.key, &transfer.digest(&terms.asset.domain()));
        Ok(json!({
            "signature": hex::encode(&signature),
            "authorization": {
                "from": shown(self.account),
                // As the offer spells it: who compares texts finds it the same.
                "to": accepted["payTo"],
                "value": transfer.value.to_string(),
                "validAfter": transfer.valid_after.to_string(),
                "validBefore": transfer.valid_before.to_string(),
                "nonce": hex::encode(&nonce),
            },
        }))
    }
}

impl fmt::Debug for EvmWallet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let account = shown(self.account);
        f.debug_tuple("EvmWallet").field(&account).finish()
    }
}

impl Wallet for EvmWallet {
    fn address(&self) -> String {
        shown(self.account)
    }

    fn sign(
        &self,
        offer: &Offer,
        id: &str,
        now: Timestamp,
        nonce: [u8; 32],
    ) -> Result<Value, MarketError> {
        let Offer::X402 {
            price,
            accepted,
            resource,
            extensions,
        } = offer
        else {
            let wrong = "an offer of the token rail is not signed";
            return Err(MarketError::NotAllowed(wrong.to_owned()));
        };
        let payload = self.pay(accepted, price.micro_usd(), now, nonce);
        let payload = payload.map_err(MarketError::NotAllowed)?;
        let mut payment = json!({
            "x402Version": VERSION,
            "accepted": accepted,
            "payload": payload,
            "extensions": with_identifier(extensions, id),
        });
        if !resource.is_null() {
            payment["resource"] = resource.clone();
        }
        Ok(payment)
    }
}

/// The extensions of an offer, with the purchase's identifier where they ask for one.
fn with_identifier(extensions: &Value, id: &str) -> Value {
    let mut extensions = extensions.as_object().cloned().unwrap_or_default();
    if let Some(Value::Object(extension)) = extensions.get_mut(IDENTIFIER) {
        let info = extension
            .entry("info")
            .or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(info) = info {
            info.insert("id".to_owned(), json!(identifier(id)));
        }
    }
    Value::Object(extensions)
}

/// A purchase's name as the extension takes it, 16 to 128 of `A-Z a-z 0-9 _ -`; what does not fit
/// goes by its hash.
fn identifier(id: &str) -> String {
    let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    if (16..=128).contains(&id.len()) && id.bytes().all(fits) {
        return id.to_owned();
    }
    let digits = hex::encode(&Sha256::digest(id));
    format!("pay_{}", &digits[2..])
}

#[cfg(test)]
mod tests;
