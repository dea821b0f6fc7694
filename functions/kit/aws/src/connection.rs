//! How the SDK's clients reach AWS: credentials, region, endpoint, TLS, timeouts and retries.

use std::time::Duration;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{
    BehaviorVersion, Credentials, Region, SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpConnector;

use crate::caller::Caller;
use crate::{Config, ConfigError};

/// The roots that AWS's endpoints chain to. Five certificates parse in a fraction of the time
/// that the system's 140 take, which is most of a cold start otherwise.
const AMAZON_ROOTS: &str = include_str!("amazon-roots.pem");

/// A store answers in milliseconds: an attempt that takes a second is better repeated.
const STORE_ATTEMPT: Duration = Duration::from_secs(1);
const STORE_TOTAL: Duration = Duration::from_secs(2);

/// A workflow may take as long as the caller's gateway waits, less what it takes to say so.
const WORKFLOW_TOTAL: Duration = Duration::from_secs(27);

const CONNECT: Duration = Duration::from_secs(1);

/// One HTTP client with one pool of connections, shared by the clients of every service.
#[derive(Debug, Clone)]
pub struct Connection {
    http: SharedHttpClient,
    connector: SharedHttpConnector,
    credentials: Credentials,
    region: Region,
    endpoint: Option<String>,
}

impl Connection {
    /// Takes the credentials from `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, where it is
    /// set, `AWS_SESSION_TOKEN`. Lambda sets all three for the life of the process.
    ///
    /// # Errors
    /// A variable that is missing, or a certificate bundle that cannot be used, by name.
    pub fn from_env(config: &Config) -> Result<Self, ConfigError> {
        Self::from_lookup(config, |name| std::env::var(name).ok())
    }

    /// The same with credentials from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// As [`Connection::from_env`].
    pub fn from_lookup(
        config: &Config,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let required = |name| lookup(name).ok_or(ConfigError::Missing(name));
        let credentials = Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            lookup("AWS_SESSION_TOKEN").filter(|token| !token.is_empty()),
            None,
            "environment",
        );
        Ok(Self {
            http: http_client(config)?,
            connector: connector(config)?,
            credentials,
            region: Region::new(config.region.clone()),
            endpoint: config.endpoint.clone(),
        })
    }

    /// What signs and carries a call that no SDK makes.
    pub(crate) fn caller(&self, service: &'static str) -> Caller {
        Caller::new(
            self.connector.clone(),
            self.credentials.clone(),
            self.region.to_string(),
            service,
        )
    }

    /// Where an emulator listens, in place of AWS itself.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        self.endpoint.as_deref()
    }

    pub(crate) fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        let mut config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .credentials_provider(self.credentials.clone())
            .region(self.region.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(timeouts(STORE_ATTEMPT, STORE_TOTAL))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(self.endpoint.clone());
        aws_sdk_dynamodb::Client::from_conf(config.build())
    }

    /// A failed attempt is repeated only while the whole call has time: one that used all of it
    /// has started a workflow, and must not start another.
    pub(crate) fn sfn(&self) -> aws_sdk_sfn::Client {
        let mut config = aws_sdk_sfn::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .http_client(self.http.clone())
            .credentials_provider(self.credentials.clone())
            .region(self.region.clone())
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .timeout_config(timeouts(WORKFLOW_TOTAL, WORKFLOW_TOTAL))
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url(self.endpoint.clone());
        aws_sdk_sfn::Client::from_conf(config.build())
    }
}

fn timeouts(attempt: Duration, total: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(attempt)
        .operation_timeout(total)
        .build()
}

/// An emulator speaks plain HTTP: then no certificate is parsed at all.
fn http_client(config: &Config) -> Result<SharedHttpClient, ConfigError> {
    let Some(context) = tls_context(config)? else {
        return Ok(Builder::new().build_http());
    };
    Ok(Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .build_https())
}

/// A connection for calls that no SDK makes.
fn connector(config: &Config) -> Result<SharedHttpConnector, ConfigError> {
    let Some(context) = tls_context(config)? else {
        return Ok(SharedHttpConnector::new(Connector::builder().build_http()));
    };
    let connector = Connector::builder()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context)
        .build();
    Ok(SharedHttpConnector::new(connector))
}

/// Whom to trust; nothing where the endpoint speaks plain HTTP.
fn tls_context(config: &Config) -> Result<Option<TlsContext>, ConfigError> {
    let plain = |endpoint: &String| endpoint.starts_with("http://");
    if config.endpoint.as_ref().is_some_and(plain) {
        return Ok(None);
    }
    let roots = match &config.ca_bundle {
        Some(path) => read_bundle(path)?,
        None => AMAZON_ROOTS.to_owned(),
    };
    let store = TrustStore::empty().with_pem_certificate(roots);
    let context = TlsContext::builder().with_trust_store(store).build();
    let bad = |_| bad_bundle(config.ca_bundle.as_deref().unwrap_or_default());
    context.map(Some).map_err(bad)
}

fn read_bundle(path: &str) -> Result<String, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|_| bad_bundle(path))?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        Ok(text)
    } else {
        Err(bad_bundle(path))
    }
}

fn bad_bundle(path: &str) -> ConfigError {
    ConfigError::Invalid {
        name: "AWS_CA_BUNDLE",
        expected: "the path of a PEM file with certificates",
        value: path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use baton_domain::item::{Key, Table};
    use baton_domain::ports::Items as _;

    use super::*;
    use crate::{DynamoItems, Uses};

    fn connect(ca_bundle: Option<&str>) -> Result<DynamoItems, ConfigError> {
        let lookup = |name: &str| match name {
            // Nobody listens there.
            "AWS_ENDPOINT_URL" => Some("https://127.0.0.1:1".to_owned()),
            "AWS_CA_BUNDLE" => ca_bundle.map(str::to_owned),
            name if name.ends_with("_ARN") => Some("arn:aws:states:::stateMachine:m".to_owned()),
            _ => Some("x".to_owned()),
        };
        let config = Config::from_lookup(&Uses::ALL, lookup)?;
        let connection = Connection::from_lookup(&config, lookup)?;
        Ok(DynamoItems::new(&connection, &config))
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_reached_over_tls_is_an_error() {
        let (pk, sk) = ("p".to_owned(), "s".to_owned());
        let items = connect(None).unwrap();
        let error = items
            .get(Table::Profiles, &Key { pk, sk })
            .await
            .unwrap_err();
        assert!(error.0.starts_with("GetItem on profiles: "), "{error}");
    }

    #[test]
    fn a_bundle_without_certificates_is_refused() {
        for path in [
            "/does/not/exist.pem",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ] {
            let error = connect(Some(path)).unwrap_err().to_string();
            assert!(
                error.contains("AWS_CA_BUNDLE") && error.contains(path),
                "{error}"
            );
        }
    }
}
