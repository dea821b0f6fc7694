//! The TLS of every client here.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};

/// TLS on ring and Mozilla's roots, both packaged: reading the system's certificates costs a
/// function more than the rest of its start.
pub(crate) fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}
