//! The marketplace over HTTP: one request for each operation of the port.

pub(crate) mod answer;
pub(crate) mod price;
mod settings;
mod wire;

use std::fmt;

use async_trait::async_trait;
use baton_domain::Money;
use baton_domain::marketplace::{Access, Charge, Fetched, Listing, MarketError, Marketplace};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::json;

use crate::http::{self, IDEMPOTENCY_KEY, MAX_REFUSAL, Unanswered, bounded};
use crate::x402::{self, PAYMENT_SIGNATURE, Quoted, Settlement};
use crate::{Secret, SettingError};
use answer::{failure, not_sent, success};
pub use settings::{MarketplaceSettings, PaymentManagerSettings};

const PAYMENT_TOKEN: HeaderName = HeaderName::from_static("x-payment-token");

/// The most characters of a keyword.
const MAX_KEYWORD: usize = 200;

/// The marketplace's HTTP API. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct MarketplaceClient {
    http: reqwest::Client,
    settings: MarketplaceSettings,
}

impl MarketplaceClient {
    /// A client of the marketplace that `settings` name. Nothing is called yet.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: MarketplaceSettings) -> Result<Self, SettingError> {
        let address = MarketplaceSettings::BASE_URL;
        let http = http::client(HeaderMap::new(), settings.timeout, address)?;
        Ok(Self { http, settings })
    }

    /// The client that the environment asks for; none where no address is set.
    ///
    /// # Errors
    /// As [`MarketplaceSettings::from_env`].
    pub fn from_env(development: bool) -> Result<Option<Self>, SettingError> {
        let settings = MarketplaceSettings::from_env(development)?;
        settings.map(Self::new).transpose()
    }

    fn get(&self, path: &[&str], query: (&str, &str)) -> Result<RequestBuilder, MarketError> {
        let url = http::url(&self.settings.base_url, path);
        let url = url.ok_or_else(|| not_sent("an address that cannot be"))?;
        Ok(self.http.get(url).query(&[query]))
    }

    /// What a 402 answer offers. What can be read of it is offered, whatever cannot.
    async fn quote(&self, response: Response) -> Result<Fetched, MarketError> {
        let quoted = Quoted::read(response.headers(), &self.settings.assets);
        let body = bounded(response, MAX_REFUSAL).await?;
        Ok(wire::quoted(body.as_deref(), quoted))
    }

    /// What an answer to a request for a source comes to.
    async fn fetched(
        &self,
        response: Response,
        settlement: Option<Settlement>,
        source_id: &str,
        secret: Option<&Secret>,
    ) -> Result<Fetched, MarketError> {
        let status = response.status();
        match settlement {
            Some(Settlement::Pending(transaction)) => Ok(Fetched::Pending { transaction }),
            Some(Settlement::Failed { reason, certain })
                if status.is_success() || status == StatusCode::PAYMENT_REQUIRED =>
            {
                let given = if status.is_success() {
                    success(response).await.ok()
                } else {
                    None
                };
                let given = given.map(|given| wire::data(given, source_id, None));
                let data = match given {
                    Some(Ok(Fetched::Data { data, .. })) => Some(data),
                    _ => None,
                };
                Ok(Fetched::NotSettled {
                    reason,
                    certain,
                    data,
                })
            }
            _ if status == StatusCode::PAYMENT_REQUIRED => self.quote(response).await,
            _ if status == StatusCode::NOT_FOUND => Ok(Fetched::Nothing),
            Some(Settlement::Settled(receipt)) if status.is_success() => {
                wire::data(success(response).await?, source_id, receipt)
            }
            _ if status.is_success() => wire::data(success(response).await?, source_id, None),
            _ => Err(failure(response, secret).await),
        }
    }
}

impl fmt::Debug for MarketplaceClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = &self.settings;
        f.debug_tuple("MarketplaceClient").field(settings).finish()
    }
}

#[async_trait]
impl Marketplace for MarketplaceClient {
    async fn search(&self, keyword: &str) -> Result<Vec<Listing>, MarketError> {
        if !(1..=MAX_KEYWORD).contains(&keyword.chars().count()) {
            return Err(not_sent("a keyword has 1 to 200 characters"));
        }
        let request = self.get(&["company", "basic"], ("keyword", keyword))?;
        let response = request.send().await.map_err(Unanswered::from)?;
        if !response.status().is_success() {
            return Err(failure(response, None).await);
        }
        wire::listings(&success(response).await?)
    }

    async fn detail(&self, source_id: &str, access: Access<'_>) -> Result<Fetched, MarketError> {
        if !wire::is_source_id(source_id) {
            return Err(not_sent("an id that no source has"));
        }
        let mut request = self.get(&["company", "detail"], ("id", source_id))?;
        let mut secrets = Vec::new();
        match access {
            Access::None => {}
            Access::Token(token) => {
                request = request.header(PAYMENT_TOKEN, token_header(token)?);
                secrets.push(Secret::new(token));
            }
            Access::Signed(payment) => {
                let header = x402::signature_header(payment);
                let header = header.ok_or_else(|| not_sent("a payment that no header holds"))?;
                request = request.header(PAYMENT_SIGNATURE, header);
                secrets = x402::secrets_of(payment);
            }
        }
        let response = request.send().await.map_err(Unanswered::from)?;
        let paid = matches!(access, Access::Signed(_));
        let settlement = paid.then(|| Settlement::read(response.headers())).flatten();
        let fetched = self
            .fetched(response, settlement, source_id, secrets.first())
            .await;
        wire::without_secrets(fetched, &secrets)
    }

    async fn pay(&self, token: &str, amount: Money, key: &str) -> Result<Charge, MarketError> {
        let units = price::whole(amount);
        let units = units.ok_or_else(|| not_sent("the amount is not whole dollars"))?;
        let key = http::key_header(key)
            .ok_or_else(|| not_sent("the key must be 1 to 255 visible ASCII characters"))?;
        let secret = Secret::new(token);
        let url = http::url(&self.settings.base_url, &["pay"]);
        let url = url.ok_or_else(|| not_sent("an address that cannot be"))?;
        let request = self.http.post(url).header(IDEMPOTENCY_KEY, key);
        let body = json!({ "tokenId": token, "amount": units });
        let response = request.json(&body).send().await;
        let response = response.map_err(Unanswered::from)?;
        if !response.status().is_success() {
            return Err(failure(response, Some(&secret)).await);
        }
        wire::charge(&success(response).await?, &secret)
    }
}

/// A token as a header, which no log shows.
fn token_header(token: &str) -> Result<HeaderValue, MarketError> {
    let visible = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
    let header = HeaderValue::from_str(token).ok().filter(|_| visible);
    let mut header = header.ok_or_else(|| {
        let wrong = "a token is visible ASCII characters".to_owned();
        MarketError::Authentication(wrong)
    })?;
    header.set_sensitive(true);
    Ok(header)
}
