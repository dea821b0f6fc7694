//! Digests of JSON that do not depend on the order of keys or on white space.

use serde::Serialize;
use sha2::{Digest, Sha256};

/// SHA-256, in hexadecimal, of a value's canonical JSON (RFC 8785).
pub(crate) fn digest(value: &impl Serialize) -> String {
    // Canonical JSON exists for every value without NaN, which JSON that was parsed cannot hold.
    let canonical = serde_json_canonicalizer::to_vec(value).unwrap_or_default();
    let hash = Sha256::digest(canonical);
    hash.iter()
        .fold(String::with_capacity(64), |mut hex, byte| {
            use std::fmt::Write as _;
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_and_spelling_of_numbers_do_not_matter() {
        let one: serde_json::Value = serde_json::from_str(r#"{"a":1.0,"b":[1,2]}"#).unwrap();
        assert_eq!(digest(&one), digest(&json!({"b": [1, 2], "a": 1})));
        assert_ne!(digest(&one), digest(&json!({"b": [2, 1], "a": 1})));
    }
}
