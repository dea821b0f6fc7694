//! A caller of the HTTP API, for tests.

use axum::Router;
use baton_domain::{Catalog, Profile};
use baton_embedded::Embedded;
use baton_http::{Access, router};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A Baton that listens.
#[derive(Debug, Clone)]
pub struct Api {
    /// Where, without a slash at the end.
    pub url: String,
    client: Client,
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: StatusCode,
    /// `content-type`.
    pub content_type: String,
    /// Whether it came from an idempotency key.
    pub replayed: bool,
    /// `location`.
    pub location: String,
    /// JSON body; null when there is none.
    pub body: Value,
}

/// A client of plain HTTP. Where any crate of the build turns on TLS without choosing how, reqwest
/// makes no client before somebody has chosen.
pub fn http_client() -> Client {
    // Another test of this process may have been first; its choice is the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::new()
}

impl Api {
    /// An embedded Baton, listening in this process.
    pub async fn of(baton: &Embedded, access: Access) -> Self {
        Self::serving(router(baton.app(), access)).await
    }

    /// A router, listening in this process.
    pub async fn serving(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port is free");
        let address = listener.local_addr().expect("a bound port has an address");
        let server = axum::serve(listener, router);
        tokio::spawn(async move { server.await });
        Self::at(&format!("http://{address}"))
    }

    /// The Baton at `url`.
    pub fn at(url: &str) -> Self {
        Self {
            url: url.trim_end_matches('/').to_owned(),
            client: http_client(),
        }
    }

    /// Sends a request for a tenant, with headers and a body as it is.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        tenant: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Reply {
        let mut request = self
            .client
            .request(method.clone(), format!("{}{path}", self.url));
        request = request.header("x-tenant-id", tenant);
        if method != Method::GET {
            request = request
                .header("content-type", "application/json")
                .body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request
            .send()
            .await
            .unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        let header = |name| {
            let value = response.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        let (status, content_type) = (response.status(), header("content-type"));
        let replayed = header("idempotency-replayed") == "true";
        let location = header("location");
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply {
            status,
            content_type,
            replayed,
            location,
            body,
        }
    }

    /// Gets a path.
    pub async fn get(&self, path: &str, tenant: &str) -> Reply {
        self.send(Method::GET, path, tenant, &[], Vec::new()).await
    }

    /// Puts JSON.
    pub async fn put(&self, path: &str, tenant: &str, body: &Value) -> Reply {
        self.send(
            Method::PUT,
            path,
            tenant,
            &[],
            body.to_string().into_bytes(),
        )
        .await
    }

    /// Posts JSON to `/requests`.
    pub async fn request(&self, tenant: &str, body: &Value) -> Reply {
        let body = body.to_string().into_bytes();
        self.send(Method::POST, "/requests", tenant, &[], body)
            .await
    }

    /// Entries of today's log of a tenant, newest first.
    pub async fn log(&self, tenant: &str) -> Vec<Value> {
        let reply = self.get("/log?limit=100", tenant).await;
        assert_eq!(reply.status, StatusCode::OK, "{reply:?}");
        reply.body["entries"].as_array().expect("entries").clone()
    }

    /// Stores a catalogue and profiles for a tenant.
    pub async fn store(&self, tenant: &str, catalog: &Catalog, users: &[(&str, &Profile)]) {
        let reply = self.put("/catalog", tenant, &json!(catalog)).await;
        assert_eq!(reply.status, StatusCode::NO_CONTENT, "{reply:?}");
        for (user, profile) in users {
            let path = format!("/users/{user}/profile");
            let reply = self.put(&path, tenant, &json!(profile)).await;
            assert_eq!(reply.status, StatusCode::NO_CONTENT, "{reply:?}");
            assert_eq!(
                self.get(&path, tenant).await.body,
                json!(profile),
                "what was stored"
            );
        }
    }
}
