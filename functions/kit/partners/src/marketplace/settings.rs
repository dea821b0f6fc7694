//! Where the marketplace and the Payment Manager are.

use std::fmt;
use std::time::Duration;

use reqwest::Url;

use crate::SettingError;
use crate::settings::{address, seconds_of};
use crate::x402::AllowedAssets;

/// How long a call may take where nothing is set: a task of a workflow has 25 seconds for some.
const USUAL_TIMEOUT: Duration = Duration::from_secs(8);

/// Whole seconds that a call may take, 1 to 60; 8 when it is not set.
pub(crate) const TIMEOUT: &str = "HTTP_TIMEOUT";

/// The limit of a call that a variable sets.
pub(crate) fn timeout(set: Option<String>) -> Result<Duration, SettingError> {
    set.filter(|seconds| !seconds.is_empty())
        .map_or(Ok(USUAL_TIMEOUT), |seconds| seconds_of(TIMEOUT, &seconds))
}

/// Where the marketplace is, and what it may be paid with.
#[derive(Clone, PartialEq, Eq)]
pub struct MarketplaceSettings {
    pub(super) base_url: Url,
    pub(super) timeout: Duration,
    pub(super) assets: AllowedAssets,
}

impl MarketplaceSettings {
    /// The address that its paths, such as `/company/basic`, are appended to.
    pub const BASE_URL: &'static str = "MARKETPLACE_URL";
    /// Whole seconds that a call may take, 1 to 60; 8 when it is not set.
    pub const TIMEOUT: &'static str = TIMEOUT;

    /// Reads the settings from the environment; none where no address is set. `development` says
    /// whether this is a developer's machine, where the sandbox's money is taken.
    ///
    /// # Errors
    /// A setting that means nothing, by name.
    pub fn from_env(development: bool) -> Result<Option<Self>, SettingError> {
        Self::from_lookup(|name| std::env::var(name).ok(), development)
    }

    /// The same from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// As [`MarketplaceSettings::from_env`].
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
        development: bool,
    ) -> Result<Option<Self>, SettingError> {
        let Some(url) = lookup(Self::BASE_URL).filter(|url| !url.is_empty()) else {
            return Ok(None);
        };
        let timeout = timeout(lookup(Self::TIMEOUT))?;
        let assets = AllowedAssets::from_lookup(lookup, development)?;
        let settings = Self::new(&url, assets)?;
        Ok(Some(settings.with_timeout(timeout)))
    }

    /// The marketplace at `base_url`, with eight seconds for a call.
    ///
    /// # Errors
    /// An address that is not one, or that would carry tokens in clear over a network.
    pub fn new(base_url: &str, assets: AllowedAssets) -> Result<Self, SettingError> {
        Ok(Self {
            base_url: address(Self::BASE_URL, base_url, true)?,
            timeout: USUAL_TIMEOUT,
            assets,
        })
    }

    /// The same with another limit for a whole call.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

impl fmt::Debug for MarketplaceSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MarketplaceSettings")
            .field("base_url", &shown(&self.base_url))
            .field("timeout", &self.timeout)
            .field("assets", &self.assets)
            .finish()
    }
}

/// An address without its path, in which there may be a key.
fn shown(url: &Url) -> String {
    format!("{}/…", url.origin().ascii_serialization())
}

/// Where the Payment Manager is.
#[derive(Clone, PartialEq, Eq)]
pub struct PaymentManagerSettings {
    pub(crate) base_url: Url,
    pub(crate) timeout: Duration,
}

impl fmt::Debug for PaymentManagerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PaymentManagerSettings")
            .field("base_url", &shown(&self.base_url))
            .field("timeout", &self.timeout)
            .finish()
    }
}

impl PaymentManagerSettings {
    /// The address that its paths, such as `/token`, are appended to.
    pub const BASE_URL: &'static str = "PAYMENT_MANAGER_URL";
    /// Whole seconds that a call may take, 1 to 60; 8 when it is not set.
    pub const TIMEOUT: &'static str = TIMEOUT;

    /// Reads the settings from the environment; none where no address is set.
    ///
    /// # Errors
    /// A setting that means nothing, by name.
    pub fn from_env() -> Result<Option<Self>, SettingError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// The same from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// As [`PaymentManagerSettings::from_env`].
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, SettingError> {
        let Some(url) = lookup(Self::BASE_URL).filter(|url| !url.is_empty()) else {
            return Ok(None);
        };
        let timeout = timeout(lookup(Self::TIMEOUT))?;
        Ok(Some(Self::new(&url)?.with_timeout(timeout)))
    }

    /// The Payment Manager at `base_url`, with eight seconds for a call.
    ///
    /// # Errors
    /// An address that is not one, or that would carry voices in clear over a network.
    pub fn new(base_url: &str) -> Result<Self, SettingError> {
        Ok(Self {
            base_url: address(Self::BASE_URL, base_url, true)?,
            timeout: USUAL_TIMEOUT,
        })
    }

    /// The same with another limit for a whole call.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn market(set: &[(&str, &str)]) -> Result<Option<MarketplaceSettings>, SettingError> {
        let lookup = |name: &str| {
            let found = set.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        MarketplaceSettings::from_lookup(lookup, true)
    }

    #[test]
    fn what_is_set_is_read_and_what_means_nothing_is_named() {
        use MarketplaceSettings as S;
        assert_eq!(market(&[]), Ok(None));
        assert_eq!(market(&[(S::BASE_URL, "")]), Ok(None));
        let good = (S::BASE_URL, "http://localhost:8002");
        let seconds = |set: &[_]| market(set).unwrap().unwrap().timeout.as_secs();
        assert_eq!(seconds(&[good]), 8);
        assert_eq!(seconds(&[good, (S::TIMEOUT, "30")]), 30);
        for (set, named) in [
            (vec![(S::BASE_URL, "localhost:8002")], S::BASE_URL),
            (vec![(S::BASE_URL, "http://market.example")], S::BASE_URL),
            (
                vec![(S::BASE_URL, "https://a:b@market.example")],
                S::BASE_URL,
            ),
            (vec![good, (S::TIMEOUT, "0")], S::TIMEOUT),
            (vec![good, (S::TIMEOUT, "61")], S::TIMEOUT),
            (
                vec![good, (AllowedAssets::NETWORKS, "bitcoin")],
                AllowedAssets::NETWORKS,
            ),
        ] {
            assert_eq!(market(&set).unwrap_err().variable, named, "{set:?}");
        }
    }

    #[test]
    fn no_path_is_shown() {
        let keyed = "https://market.example/secret-key/";
        let market = MarketplaceSettings::new(keyed, AllowedAssets::usual(false)).unwrap();
        let manager = PaymentManagerSettings::new(keyed).unwrap();
        let shown = format!("{market:?} {manager:?}");
        assert!(shown.contains("https://market.example/…"), "{shown}");
        assert!(!shown.contains("secret"), "{shown}");
    }

    #[test]
    fn the_payment_manager_is_there_or_not() {
        let read = |url: &str| {
            PaymentManagerSettings::from_lookup(|name| {
                (name == PaymentManagerSettings::BASE_URL).then(|| url.to_owned())
            })
        };
        assert_eq!(read(""), Ok(None));
        assert!(read("http://127.0.0.1:8001").unwrap().is_some());
        let error = read("http://payments.example").unwrap_err();
        assert_eq!(error.variable, PaymentManagerSettings::BASE_URL);
    }
}
