//! Secrets, which nothing prints.

use std::fmt;

/// A secret such as an API key. It can be used and compared, and shows itself nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps `secret` from being shown.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself, for the header that carries it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// `text` without the secret, should someone have quoted it.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        text.replace(&self.0, "…")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_itself_nowhere() {
        let secret = Secret::new("k-12345");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        assert_eq!(
            secret.hidden_in("the key k-12345 is bad"),
            "the key … is bad"
        );
        assert_eq!(Secret::new("").hidden_in("as it is"), "as it is");
    }
}
