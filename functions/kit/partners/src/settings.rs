//! Where outside services are and how they are called, read once at start.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;

use crate::Secret;

/// A setting that stops the start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {message}")]
pub struct SettingError {
    /// The environment variable to mend.
    pub variable: &'static str,
    /// What is wrong and what would be right; never a value, which may hold a secret.
    pub message: &'static str,
}

/// Where EmailPilot is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailPilotSettings {
    pub(crate) base_url: Url,
    pub(crate) api_key: Option<Secret>,
    pub(crate) timeout: Duration,
}

impl EmailPilotSettings {
    /// The address that its paths, such as `/v1/brands/acme`, are appended to.
    pub const BASE_URL: &'static str = "EMAILPILOT_BASE_URL";
    /// The key that is sent as a bearer token; optional, a sandbox needs none.
    pub const API_KEY: &'static str = "EMAILPILOT_API_KEY";
    /// Whole seconds that a call may take, 1 to 60; 10 when it is not set.
    pub const TIMEOUT: &'static str = "EMAILPILOT_TIMEOUT_SECONDS";

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
    /// As [`EmailPilotSettings::from_env`].
    pub fn from_lookup(
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, SettingError> {
        let set = |name| lookup(name).filter(|value| !value.is_empty());
        let Some(url) = set(Self::BASE_URL) else {
            return Ok(None);
        };
        let settings = Self::new(&url, set(Self::API_KEY).map(Secret::new))?;
        match set(Self::TIMEOUT) {
            Some(seconds) => settings.with_timeout_of(&seconds).map(Some),
            None => Ok(Some(settings)),
        }
    }

    /// The EmailPilot at `base_url`, with ten seconds for a call.
    ///
    /// # Errors
    /// An address that is not one, or that would carry the key in clear over a network; a key that
    /// no header can hold.
    pub fn new(base_url: &str, api_key: Option<Secret>) -> Result<Self, SettingError> {
        let base_url = address(Self::BASE_URL, base_url, api_key.is_some())?;
        let fits = |key: &Secret| HeaderValue::from_str(key.reveal()).is_ok();
        if !api_key.as_ref().is_none_or(fits) {
            return Err(SettingError {
                variable: Self::API_KEY,
                message: "must be visible ASCII characters",
            });
        }
        Ok(Self {
            base_url,
            api_key,
            timeout: Duration::from_secs(10),
        })
    }

    /// The same with another limit for a whole call.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    fn with_timeout_of(self, seconds: &str) -> Result<Self, SettingError> {
        seconds_of(Self::TIMEOUT, seconds).map(|timeout| self.with_timeout(timeout))
    }
}

/// The address of a service; one that is sent a secret is spoken to over https, or on this machine.
pub(crate) fn address(
    variable: &'static str,
    text: &str,
    sends_secret: bool,
) -> Result<Url, SettingError> {
    let refused = |message| SettingError { variable, message };
    let url: Url = text
        .parse()
        .map_err(|_| refused("must be a URL such as https://api.example.com"))?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !plain {
        return Err(refused("must have no user, query or fragment"));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if !sends_secret || is_this_machine(&url) => Ok(url),
        "http" => Err(refused(
            "must be https: a key goes over no network in clear",
        )),
        _ => Err(refused("must begin with https:// or http://")),
    }
}

/// How long a call may take.
pub(crate) fn seconds_of(variable: &'static str, seconds: &str) -> Result<Duration, SettingError> {
    match seconds.parse() {
        Ok(seconds @ 1..=60) => Ok(Duration::from_secs(seconds)),
        _ => Err(SettingError {
            variable,
            message: "must be a whole number of seconds from 1 to 60",
        }),
    }
}

pub(crate) fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Option<EmailPilotSettings>, SettingError> {
        EmailPilotSettings::from_lookup(|name| {
            let found = set.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn no_address_is_no_email_pilot() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[(EmailPilotSettings::BASE_URL, "")]), Ok(None));
    }

    #[test]
    fn a_setting_that_means_nothing_is_named_and_not_quoted() {
        use EmailPilotSettings as S;
        let good = (S::BASE_URL, "https://mail.example/api");
        for (set, named) in [
            (vec![(S::BASE_URL, "mail.example")], S::BASE_URL),
            (vec![(S::BASE_URL, "ftp://mail.example")], S::BASE_URL),
            (
                vec![(S::BASE_URL, "https://ada:s3cret@mail.example")],
                S::BASE_URL,
            ),
            (
                vec![(S::BASE_URL, "https://mail.example?key=s3cret")],
                S::BASE_URL,
            ),
            (
                vec![(S::BASE_URL, "http://mail.example"), (S::API_KEY, "s3cret")],
                S::BASE_URL,
            ),
            (vec![good, (S::API_KEY, "s3cret\n")], S::API_KEY),
            (vec![good, (S::TIMEOUT, "0")], S::TIMEOUT),
            (vec![good, (S::TIMEOUT, "61")], S::TIMEOUT),
            (vec![good, (S::TIMEOUT, "soon")], S::TIMEOUT),
        ] {
            let error = read(&set).unwrap_err();
            assert_eq!(error.variable, named, "{set:?}");
            assert!(
                !format!("{error} {error:?}").contains("s3cret"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn a_key_goes_in_clear_to_this_machine_alone() {
        for here in ["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1"] {
            assert!(
                EmailPilotSettings::new(here, Some(Secret::new("k"))).is_ok(),
                "{here}"
            );
        }
        for there in [
            "http://localhost.example",
            "http://10.0.0.1",
            "http://[2001:db8::1]",
        ] {
            assert!(
                EmailPilotSettings::new(there, Some(Secret::new("k"))).is_err(),
                "{there}"
            );
            assert!(EmailPilotSettings::new(there, None).is_ok(), "{there}");
        }
    }
}
