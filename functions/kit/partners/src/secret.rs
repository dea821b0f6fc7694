//! Secrets, which nothing prints.

use std::fmt;

/// How much of a long secret gives it away, in bytes.
const BEGINNING: usize = 24;

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

    /// `text` without the secret, should someone have quoted it. Of a long one its beginning is
    /// found as well: a text may have been cut off in the middle of it.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        if self.0.is_empty() {
            return text.to_owned();
        }
        let text = text.replace(&self.0, "…");
        let Some(beginning) = self.0.get(..BEGINNING).filter(|_| self.0.len() > BEGINNING) else {
            return text;
        };
        let mut shown = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(at) = rest.find(beginning) {
            shown.push_str(&rest[..at]);
            shown.push('…');
            let quoted = &rest[at..];
            let same = quoted
                .chars()
                .zip(self.0.chars())
                .take_while(|(a, b)| a == b);
            let length = same.map(|(c, _)| c.len_utf8()).sum();
            rest = &quoted[length..];
        }
        shown + rest
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
        let long = Secret::new("0123456789".repeat(5));
        let cut = format!("not {}", "0123456789".repeat(3));
        assert_eq!(long.hidden_in(&cut), "not …");
        assert_eq!(long.hidden_in("not 0123"), "not 0123");
        assert_eq!(Secret::new("").hidden_in("as it is"), "as it is");
    }
}
