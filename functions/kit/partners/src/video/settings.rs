//! Who makes videos, and with which key.

use std::time::Duration;

use baton_domain::video::Provider;
use reqwest::Url;

use super::VideoClient;
use super::webhook::WebhookSecrets;
use crate::settings::{address, seconds_of};
use crate::{Secret, SettingError};

/// How long a call may take where nothing is said.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The longest that may be said.
const LONGEST: Duration = Duration::from_secs(18);

/// An account of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    pub(super) base_url: Url,
    pub(super) api_key: Secret,
}

/// The accounts that are there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VideoSettings {
    d_id: Option<Account>,
    heygen: Option<Account>,
    timeout: Option<Duration>,
    preferred: Option<Provider>,
    /// What webhooks are known by.
    pub webhooks: WebhookSecrets,
}

/// The variables of a provider's address and key.
pub(super) fn variables(provider: Provider) -> (&'static str, &'static str) {
    match provider {
        Provider::DId => ("D_ID_BASE_URL", "D_ID_API_KEY"),
        Provider::HeyGen => ("HEYGEN_BASE_URL", "HEYGEN_API_KEY"),
    }
}

impl VideoSettings {
    /// Which provider is taken where a video does not say: `d-id` or `heygen`.
    pub const PROVIDER: &'static str = "VIDEO_PROVIDER";
    /// Whole seconds that a call may take, 1 to 18; 15 when it is not set. A submission is two
    /// calls, and must be over before the workflow, which waits 40 s, tries it again.
    pub const TIMEOUT: &'static str = "VIDEO_TIMEOUT_SECONDS";

    /// Reads the settings from the environment: `D_ID_API_KEY` as D-ID shows it, `HEYGEN_API_KEY`,
    /// other addresses in `D_ID_BASE_URL` and `HEYGEN_BASE_URL`, [`Self::PROVIDER`],
    /// [`Self::TIMEOUT`], and those of [`WebhookSecrets`]. Without keys there is no account.
    ///
    /// # Errors
    /// A setting that means nothing, by name.
    pub fn from_env() -> Result<Self, SettingError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// The same from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// As [`VideoSettings::from_env`].
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        let set = |name: &str| {
            let value = lookup(name).map(|value| value.trim().to_owned());
            value.filter(|value| !value.is_empty())
        };
        let account = |provider, public: &str| {
            let (url, key) = variables(provider);
            let Some(api_key) = set(key).map(Secret::new) else {
                return Ok(None);
            };
            let base_url = set(url).unwrap_or_else(|| public.to_owned());
            let base_url = address(url, &base_url, true)?;
            Ok(Some(Account { base_url, api_key }))
        };
        let preferred = set(Self::PROVIDER).map(|name| {
            Provider::named(&name).ok_or(SettingError {
                variable: Self::PROVIDER,
                message: "must be d-id or heygen",
            })
        });
        let timeout = set(Self::TIMEOUT).map(|text| match seconds_of(Self::TIMEOUT, &text)? {
            timeout if timeout <= LONGEST => Ok(timeout),
            _ => Err(SettingError {
                variable: Self::TIMEOUT,
                message: "must be a whole number of seconds from 1 to 18",
            }),
        });
        Ok(Self {
            d_id: account(Provider::DId, "https://api.d-id.com")?,
            heygen: account(Provider::HeyGen, "https://api.heygen.com")?,
            timeout: timeout.transpose()?,
            preferred: preferred.transpose()?,
            webhooks: WebhookSecrets::from_lookup(set)?,
        })
    }

    /// Whether there is any account.
    pub fn is_offline(&self) -> bool {
        self.d_id.is_none() && self.heygen.is_none()
    }

    /// A client of the provider that is wished, else of the preferred one, else of the one that is
    /// there; none where that one has no account.
    ///
    /// # Errors
    /// As [`VideoClient::new`].
    pub fn client(&self, wished: Option<Provider>) -> Result<Option<VideoClient>, SettingError> {
        let there = match self.d_id {
            Some(_) => Provider::DId,
            None => Provider::HeyGen,
        };
        let provider = wished.or(self.preferred).unwrap_or(there);
        let account = match provider {
            Provider::DId => &self.d_id,
            Provider::HeyGen => &self.heygen,
        };
        let timeout = self.timeout.unwrap_or(TIMEOUT);
        let client = account
            .clone()
            .map(|account| VideoClient::new(provider, account, timeout));
        client.transpose()
    }
}
