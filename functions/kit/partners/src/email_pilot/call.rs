//! What goes out: addresses, headers, bodies, and the connection that carries them.

use std::time::Duration;

use baton_domain::email_pilot::PartnerError;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Url};
use serde_json::Value;

use crate::tls::tls;
use crate::{EmailPilotSettings, SettingError};

const CONNECT: Duration = Duration::from_secs(3);
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest key that is sent.
const MAX_KEY: usize = 255;

/// A call that is yet to be made.
pub(super) struct Call {
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    key: Option<HeaderValue>,
    body: Option<Value>,
}

impl Call {
    pub(super) fn get(path: &[&str]) -> Self {
        Self {
            method: Method::GET,
            path: path.iter().map(|part| (*part).to_owned()).collect(),
            query: Vec::new(),
            key: None,
            body: None,
        }
    }

    /// A call that changes something, and is therefore never without a key.
    pub(super) fn post(path: &[&str], key: &str, body: Value) -> Result<Self, PartnerError> {
        let visible =
            (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic());
        let header = HeaderValue::from_str(key).ok().filter(|_| visible);
        let header =
            header.ok_or_else(|| not_sent("the key must be 1 to 255 visible ASCII characters"))?;
        Ok(Self {
            method: Method::POST,
            key: Some(header),
            body: Some(body),
            ..Self::get(path)
        })
    }

    pub(super) fn with_query(self, query: &[(&'static str, String)]) -> Self {
        let query = query.to_vec();
        Self { query, ..self }
    }

    pub(super) fn request(
        self,
        http: &Client,
        base_url: &Url,
    ) -> Result<RequestBuilder, PartnerError> {
        let mut request = http.request(self.method.clone(), self.url(base_url)?);
        if let Some(key) = self.key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        Ok(request)
    }

    fn url(&self, base_url: &Url) -> Result<Url, PartnerError> {
        // `.` and `..` would be steps of the path, not names in it: another address altogether.
        if self
            .path
            .iter()
            .any(|part| matches!(part.as_str(), "" | "." | ".."))
        {
            return Err(PartnerError::NotFound(
                "an id that no address can hold".to_owned(),
            ));
        }
        let mut url = base_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(&self.path);
        }
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}

/// A call that is wrong before anything is sent.
pub(super) fn not_sent(message: &str) -> PartnerError {
    PartnerError::Refused {
        status: 400,
        message: message.to_owned(),
    }
}

/// A client that follows no redirect: one would take the key and the content to an address that
/// nobody configured, and may turn a POST into a GET.
pub(super) fn http_client(settings: &EmailPilotSettings) -> Result<Client, SettingError> {
    let mut headers = HeaderMap::new();
    if let Some(key) = &settings.api_key {
        let bearer = HeaderValue::try_from(format!("Bearer {}", key.reveal()));
        let mut bearer = bearer.map_err(|_| SettingError {
            variable: EmailPilotSettings::API_KEY,
            message: "must be visible ASCII characters",
        })?;
        bearer.set_sensitive(true);
        headers.insert(AUTHORIZATION, bearer);
    }
    let unusable = SettingError {
        variable: EmailPilotSettings::BASE_URL,
        message: "no connection can be set up",
    };
    Client::builder()
        .tls_backend_preconfigured(tls().map_err(|_| unusable.clone())?)
        .default_headers(headers)
        .user_agent(concat!("baton/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT.min(settings.timeout))
        .timeout(settings.timeout)
        .redirect(Policy::none())
        .build()
        .map_err(|_| unusable)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(base: &str, path: &[&str]) -> Result<String, PartnerError> {
        let url = Call::get(path).url(&base.parse().unwrap());
        url.map(|url| url.to_string())
    }

    #[test]
    fn paths_follow_the_base_with_and_without_a_slash() {
        for base in ["https://mail.example/api", "https://mail.example/api/"] {
            let found = url(base, &["v1", "campaigns"]).unwrap();
            assert_eq!(found, "https://mail.example/api/v1/campaigns");
        }
    }

    #[test]
    fn a_key_that_no_header_can_hold_is_not_sent() {
        for bad in ["", "a b", "a\nb", "ü", &"k".repeat(256)] {
            let error = Call::post(&["v1"], bad, Value::Null).err();
            assert!(
                matches!(error, Some(PartnerError::Refused { status: 400, .. })),
                "{bad:?}"
            );
        }
    }

    proptest! {
        /// Whatever an id is, it stays one segment of the path, or is refused.
        #[test]
        fn an_id_never_leaves_its_place(id in "\\PC{0,20}|[./%?#\\\\]{0,6}") {
            match url("https://mail.example/api", &["v1", "campaigns", &id, "cancel"]) {
                Ok(found) => {
                    let found: Url = found.parse().unwrap();
                    let parts: Vec<&str> = found.path_segments().unwrap().collect();
                    prop_assert_eq!(parts.len(), 5, "{}", found);
                    prop_assert_eq!((parts[0], parts[4]), ("api", "cancel"));
                    prop_assert_eq!((found.query(), found.fragment()), (None, None));
                }
                Err(error) => prop_assert_eq!(error.code(), PartnerError::NOT_FOUND),
            }
        }
    }
}
