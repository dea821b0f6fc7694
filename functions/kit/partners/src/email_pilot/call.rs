//! What goes out: addresses, headers, bodies, and the connection that carries them.

use baton_domain::email_pilot::PartnerError;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Url};
use serde_json::Value;

use crate::http::{self, IDEMPOTENCY_KEY};
use crate::{EmailPilotSettings, SettingError};

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
        let header = http::key_header(key)
            .ok_or_else(|| not_sent("the key must be 1 to 255 visible ASCII characters"))?;
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
        let unusable = || PartnerError::NotFound("an id that no address can hold".to_owned());
        let mut url = http::url(base_url, &self.path).ok_or_else(unusable)?;
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

/// A client that sends the key with every call.
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
    http::client(headers, settings.timeout, EmailPilotSettings::BASE_URL)
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
