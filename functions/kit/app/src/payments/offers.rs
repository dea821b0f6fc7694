//! What the marketplace would take for a source, and which of it this run can and may give.

use baton_domain::Money;
use baton_domain::marketplace::{Access, Fetched, MarketError, Offer};
use baton_domain::payment::{Account, Rail};
use serde_json::Value;

use super::{Place, conflict};
use crate::{App, FunctionError};

/// What came of asking for a source without paying.
#[derive(Debug)]
pub(super) enum Asked {
    /// It is free.
    Data(Value),
    /// It costs this, at the least.
    Offer(Offer),
    /// It cannot be bought, for this reason.
    Refused(String),
}

/// The longest reason.
const MAX_REASON: usize = 300;

impl App {
    /// Asks for a source without paying.
    pub(super) async fn ask(&self, at: &Place, account: &Account) -> Result<Asked, FunctionError> {
        let fetched = self.fetch(at, Access::None).await?;
        match fetched {
            Fetched::Data { data, .. } => Ok(Asked::Data(data)),
            Fetched::Nothing => Ok(Asked::Refused("not found".to_owned())),
            Fetched::PaymentRequired { offers, refusals } => {
                let cheapest = self.cheapest(offers, account);
                Ok(cheapest.map_or_else(|| Asked::Refused(no_offer(&refusals)), Asked::Offer))
            }
            Fetched::Pending { .. } | Fetched::NotSettled { .. } => {
                Err(conflict("the marketplace is not ready to answer"))
            }
        }
    }

    /// Asks for a source. What the marketplace says is kept in the log and in reasons, so what
    /// could be spent is struck out of it.
    pub(super) async fn fetch(
        &self,
        at: &Place,
        access: Access<'_>,
    ) -> Result<Fetched, FunctionError> {
        let marketplace = self.marketplace()?;
        let fetched = marketplace.detail(&at.source, access).await;
        let mut secrets = Vec::new();
        match access {
            Access::None => {}
            Access::Token(token) => secrets.push(token),
            Access::Signed(signed) => signatures(signed, &mut secrets),
        }
        match fetched {
            Ok(Fetched::PaymentRequired {
                offers,
                mut refusals,
            }) => {
                for refusal in &mut refusals {
                    *refusal = quiet(refusal, &secrets);
                }
                Ok(Fetched::PaymentRequired { offers, refusals })
            }
            Ok(Fetched::NotSettled {
                reason,
                certain,
                data,
            }) => Ok(Fetched::NotSettled {
                reason: quiet(&reason, &secrets),
                certain,
                data,
            }),
            Ok(fetched) => Ok(fetched),
            Err(error) => Err(heard(&error, &secrets)),
        }
    }

    /// The cheapest offer that this run can pay; of two, the one on the token.
    fn cheapest(&self, offers: Vec<Offer>, account: &Account) -> Option<Offer> {
        let can = |offer: &Offer| match offer {
            Offer::Token { .. } => account.token() > 0,
            Offer::X402 { .. } => self.market.wallet.is_some(),
        };
        let offers = offers.into_iter().filter(|offer| can(offer));
        offers
            .filter(|offer| offer.price() > Money::ZERO)
            .min_by_key(|offer| (offer.price(), Rail::from(offer) != Rail::Token))
    }
}

/// A failure of the marketplace, without what could be spent.
pub(super) fn heard(error: &MarketError, secrets: &[&str]) -> FunctionError {
    FunctionError::new(error.code(), quiet(&error.to_string(), secrets))
}

/// A text without these secrets in it, and not too long.
pub(super) fn quiet(text: &str, secrets: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, "…");
    }
    text.chars().take(MAX_REASON).collect()
}

/// The signatures in what was signed, with and without what marks them as hexadecimal.
fn signatures<'a>(signed: &'a Value, found: &mut Vec<&'a str>) {
    let inner: Vec<&Value> = match signed {
        Value::Object(fields) => fields.values().collect(),
        Value::Array(values) => values.iter().collect(),
        _ => return,
    };
    if let Some(signature) = signed["signature"].as_str() {
        found.push(signature);
        found.extend(signature.strip_prefix("0x"));
    }
    for value in inner {
        signatures(value, found);
    }
}

/// Why none of the offers will do.
pub(super) fn no_offer(refusals: &[String]) -> String {
    let refusals = refusals.join("; ");
    let reason = match refusals.as_str() {
        "" => "no offer that this run can pay".to_owned(),
        refusals => format!("no offer that this run can pay: {refusals}"),
    };
    quiet(&reason, &[])
}
