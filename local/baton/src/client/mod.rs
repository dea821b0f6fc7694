//! A Baton over HTTP: `baton serve`, the demo's, or one that is deployed. They answer alike.

mod answer;
mod events;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use baton_domain::TenantId;
use clap::Args;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, Url};
use rustls::{ClientConfig, RootCertStore};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use answer::CallError;
pub(crate) use events::{Follower, News};

use crate::failure::Failure;

/// Which Baton, and as whom.
#[derive(Args, Clone)]
#[command(next_help_heading = "Which Baton")]
pub(crate) struct Server {
    /// Where it is
    #[arg(
        long,
        env = "BATON_URL",
        default_value = "http://127.0.0.1:8100",
        value_parser = base_url,
        global = true
    )]
    url: Url,
    /// The tenant, where callers name their own; a token names it otherwise
    #[arg(long, env = "BATON_TENANT", default_value = "default", global = true)]
    tenant: TenantId,
    /// A bearer token; better in the environment, where no list of processes shows it
    #[arg(long, env = "BATON_TOKEN", hide_env_values = true, global = true)]
    token: Option<String>,
}

/// How long a connection may take to come up.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an answer may take, but for streams: a gateway's patience.
const ANSWER: Duration = Duration::from_secs(35);

/// How long a stream may be silent: three times as long as it promises to be.
const SILENCE: Duration = Duration::from_secs(30);

/// A Baton that is spoken to.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
}

impl Server {
    /// The Baton at `url`, as a tenant of a development server.
    pub(crate) fn at(url: Url, tenant: TenantId) -> Self {
        Self::reached(url, tenant, None)
    }

    /// The Baton at `url`, as whoever a token names where there is one.
    pub(crate) fn reached(url: Url, tenant: TenantId, token: Option<String>) -> Self {
        Self { url, tenant, token }
    }

    /// Sets up the way there. Nothing is sent.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        Client::new(self)
    }
}

impl Client {
    fn new(server: &Server) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        let tenant = HeaderValue::from_str(server.tenant.as_str());
        headers.insert("x-tenant-id", tenant.map_err(|e| Failure::wrong(&e))?);
        let local = is_this_machine(&server.url);
        if let Some(token) = &server.token {
            if server.url.scheme() != "https" && !local {
                let message = "--url must be https: a token goes over no network in clear";
                return Err(Failure::wrong(&message));
            }
            let bearer = HeaderValue::try_from(format!("Bearer {token}"));
            let wrong = |_| Failure::wrong(&"--token must be visible ASCII characters");
            let mut bearer = bearer.map_err(wrong)?;
            bearer.set_sensitive(true);
            headers.insert(AUTHORIZATION, bearer);
        }
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls().map_err(|e| Failure::failed(&e))?)
            .default_headers(headers)
            .user_agent(concat!("baton/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            // A redirect would take the token to an address that nobody named.
            .redirect(reqwest::redirect::Policy::none());
        if local {
            http = http.no_proxy();
        }
        Ok(Self {
            http: http.build().map_err(|e| Failure::failed(&e))?,
            base: server.url.clone(),
        })
    }

    /// Where it is, without a slash at the end.
    pub(crate) fn url(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Reads something.
    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<T, CallError> {
        let request = self.http.request(Method::GET, self.queried(path, query)?);
        answer::read(self.send(request.timeout(ANSWER)).await?).await
    }

    /// Reads something that is no JSON.
    pub(crate) async fn text(
        &self,
        path: &[&str],
        query: &[(&str, String)],
    ) -> Result<String, CallError> {
        let request = self.http.request(Method::GET, self.queried(path, query)?);
        answer::text(self.send(request.timeout(ANSWER)).await?).await
    }

    /// Changes something.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        body: &impl Serialize,
        options: Options<'_>,
    ) -> Result<T, CallError> {
        let url = self.path(path)?;
        let mut request = self.http.request(Method::POST, url).timeout(ANSWER);
        if let Some(version) = options.if_version {
            request = request.header("if-match", format!("\"{version}\""));
        }
        if let Some(key) = options.key {
            request = request.header("idempotency-key", key);
        }
        answer::read(self.send(request.json(body)).await?).await
    }

    /// A stream of events, after the event `last`.
    async fn stream(&self, path: &[&str], last: u64) -> Result<Response, CallError> {
        let request = self.http.request(Method::GET, self.path(path)?);
        let request = request
            .header("accept", "text/event-stream")
            .header("last-event-id", last.to_string());
        answer::streamed(self.send(request).await?).await
    }

    async fn send(&self, request: RequestBuilder) -> Result<Response, CallError> {
        let sent = request.send().await;
        sent.map_err(|error| CallError::unreachable(self.url(), &error))
    }

    fn queried(&self, path: &[&str], query: &[(&str, String)]) -> Result<Url, CallError> {
        let mut url = self.path(path)?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// The address of a path, each of whose parts is a name and no step.
    fn path(&self, parts: &[&str]) -> Result<Url, CallError> {
        if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return Err(CallError::wrong("an id must not be empty, `.` or `..`"));
        }
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(parts);
        }
        Ok(url)
    }
}

/// What goes with a change.
#[derive(Clone, Copy, Default)]
pub(crate) struct Options<'a> {
    /// The version that the change is meant for.
    pub(crate) if_version: Option<u64>,
    /// The key under which it may be repeated.
    pub(crate) key: Option<&'a str>,
}

/// The address of a Baton, as a command line names it.
pub(crate) fn base_url(text: &str) -> Result<Url, String> {
    let url: Url = text
        .parse()
        .map_err(|_| "must be a URL such as https://baton.example".to_owned())?;
    let plain = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    let spoken = matches!(url.scheme(), "http" | "https");
    if plain && spoken && url.has_host() {
        Ok(url)
    } else {
        Err("must be http or https, without user, query or fragment".to_owned())
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// TLS on ring and Mozilla's roots, both packaged.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

#[cfg(test)]
mod tests;
