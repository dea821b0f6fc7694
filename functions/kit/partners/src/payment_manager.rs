//! The Payment Manager over HTTP: one request for each operation of the port.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use baton_domain::marketplace::{MarketError, PaymentManager, Token};
use baton_domain::{Money, Timestamp};
use reqwest::StatusCode;
use reqwest::header::HeaderMap;
use serde_json::{Value, json};

use crate::http::{self, Unanswered};
use crate::marketplace::PaymentManagerSettings;
use crate::marketplace::answer::{failure, not_sent, success};
use crate::marketplace::price::{units, whole};
use crate::{Secret, SettingError};

/// The most characters of a token.
const MAX_TOKEN: usize = 512;

/// The longest life of a token that is believed, in seconds: a year.
const MAX_LIFE: u64 = 366 * 24 * 3_600;

/// The Payment Manager's HTTP API. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct PaymentManagerClient {
    http: reqwest::Client,
    settings: PaymentManagerSettings,
}

impl PaymentManagerClient {
    /// A client of the Payment Manager that `settings` name. Nothing is called yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: PaymentManagerSettings) -> Result<Self, SettingError> {
        let address = PaymentManagerSettings::BASE_URL;
        let http = http::client(HeaderMap::new(), settings.timeout, address)?;
        Ok(Self { http, settings })
    }

    /// The client that the environment asks for; none where no address is set.
    ///
    /// # Errors
    /// As [`PaymentManagerSettings::from_env`].
    pub fn from_env() -> Result<Option<Self>, SettingError> {
        let settings = PaymentManagerSettings::from_env()?;
        settings.map(Self::new).transpose()
    }

    fn url(&self, path: &[&str]) -> Result<reqwest::Url, MarketError> {
        let url = http::url(&self.settings.base_url, path);
        url.ok_or_else(|| MarketError::Authentication("a token that no address holds".to_owned()))
    }
}

impl fmt::Debug for PaymentManagerClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        f.debug_tuple("PaymentManagerClient")
            .field(settings)
            .finish()
    }
}

#[async_trait]
impl PaymentManager for PaymentManagerClient {
    async fn token(&self, budget: Money, voice_id: &str) -> Result<Token, MarketError> {
        let budget = whole(budget).ok_or_else(|| not_sent("the budget is not whole dollars"))?;
        let body = json!({ "budget": budget, "voice_id": voice_id });
        // From before the call: a token never ends sooner than is believed.
        let asked = Timestamp::now();
        let request = self.http.post(self.url(&["token"])?).json(&body);
        let response = request.send().await.map_err(Unanswered::from)?;
        let status = response.status();
        if !status.is_success() {
            let voice = Secret::new(voice_id);
            return Err(match failure(response, Some(&voice)).await {
                MarketError::Refused { message, .. } if status == StatusCode::FORBIDDEN => {
                    MarketError::Authentication(message)
                }
                error => error,
            });
        }
        token(&success(response).await?, asked)
    }

    async fn balance(&self, token: &str) -> Result<Option<Money>, MarketError> {
        let request = self.http.get(self.url(&["balance", token])?);
        let response = request.send().await.map_err(Unanswered::from)?;
        match response.status() {
            StatusCode::NOT_FOUND
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED => Ok(None),
            status if status.is_success() => {
                let balance = &success(response).await?["balance"];
                let wrong = |wrong| MarketError::Malformed(format!("balance: {wrong}"));
                units(balance).map(Some).map_err(wrong)
            }
            _ => Err(failure(response, Some(&Secret::new(token))).await),
        }
    }
}

/// The token that was given, and when it ends by what was said of it.
fn token(answer: &Value, asked: Timestamp) -> Result<Token, MarketError> {
    let malformed = |wrong: &str| MarketError::Malformed(wrong.to_owned());
    let token_id = answer["token_id"].as_str().unwrap_or_default();
    let usable = (1..=MAX_TOKEN).contains(&token_id.len())
        && token_id.bytes().all(|b| b.is_ascii_graphic())
        // They would be steps of a path.
        && !matches!(token_id, "." | "..");
    if !usable {
        return Err(malformed("token_id: must be 1 to 512 visible characters"));
    }
    let life = ["expire_in", "expires_in"].map(|field| answer[field].as_u64());
    let life = life.into_iter().flatten().find(|life| *life <= MAX_LIFE);
    Ok(Token {
        token_id: token_id.to_owned(),
        expires_at: life.and_then(|life| asked.checked_add(Duration::from_secs(life)).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_usable_and_ends_when_it_says() {
        let asked = Timestamp::from_second(1_000).unwrap();
        let read = |answer: Value| token(&answer, asked);
        let whole = read(json!({"token_id": "tok-1", "expire_in": 3_600})).unwrap();
        assert_eq!(whole.token_id, "tok-1");
        assert_eq!(whole.expires_at, Timestamp::from_second(4_600).ok());
        for vague in [json!(null), json!(-1), json!("3600"), json!(u64::MAX)] {
            let answer = json!({"token_id": "tok-1", "expire_in": vague});
            assert_eq!(read(answer).unwrap().expires_at, None);
        }
        for bad in [
            json!(""),
            json!(7),
            json!("a b"),
            json!(".."),
            json!("t".repeat(513)),
        ] {
            let error = read(json!({ "token_id": bad })).unwrap_err();
            assert!(error.to_string().contains("token_id"), "{error}");
        }
    }
}
