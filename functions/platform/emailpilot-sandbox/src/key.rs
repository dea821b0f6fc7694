//! Who is let in. The function's address is open to the world, and the sandbox's own routes set
//! faults and show the books: all of it needs the key.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use baton_platform::Error;

/// The variable that holds the key, as callers of the sandbox hold it.
const API_KEY: &str = "EMAILPILOT_API_KEY";

/// The fewest bytes of a key.
const LEAST: usize = 16;

/// The key that callers bring as a bearer token.
///
/// # Errors
/// When it is not set, or can be guessed.
pub(crate) fn from_env() -> Result<Arc<str>, Error> {
    let key = std::env::var(API_KEY).unwrap_or_default();
    if key.len() < LEAST {
        return Err(format!("{API_KEY}: must have at least {LEAST} bytes").into());
    }
    Ok(key.into())
}

pub(crate) async fn admit(key: Arc<str>, request: Request, next: Next) -> Response {
    let brought = request.headers().get(header::AUTHORIZATION);
    let brought = brought.and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
    if brought.is_some_and(|brought| is_same(brought, key.as_bytes())) {
        return next.run(request).await;
    }
    StatusCode::UNAUTHORIZED.into_response()
}

/// Takes as long wherever the first difference is.
fn is_same(brought: &[u8], key: &[u8]) -> bool {
    let differences = brought.iter().zip(key).map(|(a, b)| a ^ b);
    brought.len() == key.len() && differences.fold(0, |all, one| all | one) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_key_is_the_key() {
        assert!(is_same(b"a long enough key", b"a long enough key"));
        for brought in [
            "",
            "a long enough",
            "a long enough kez",
            "a long enough key ",
        ] {
            assert!(
                !is_same(brought.as_bytes(), b"a long enough key"),
                "{brought}"
            );
        }
    }
}
