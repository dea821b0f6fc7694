//! What the marketplace sells: sources about companies that do not exist, and about one that does,
//! with the figures that it published for 2022 and 2023.
//!
//! Prices lie between nothing and 40 dollars; some sources are free, some are sold for tokens
//! alone, some for x402 alone, some for both. Sources about one company may contradict each other,
//! one tries to instruct its reader, and one is listed with nothing behind it.

use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Value, json};

/// A source.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its id.
    pub id: String,
    /// Its name, which searches look in.
    pub name: String,
    /// Its price for tokens, in whole dollars; none where tokens do not buy it.
    #[serde(default)]
    pub token: Option<u64>,
    /// Its price for x402, in millionths of a dollar; none where x402 does not buy it.
    #[serde(default)]
    pub x402: Option<u64>,
    /// Whether its 402 answers name the price in `detail`.
    #[serde(default)]
    pub nested: bool,
    /// Whether its x402 payments need an identifier, which makes repeating one harmless.
    #[serde(default)]
    pub identifier: bool,
    data: Value,
}

impl Source {
    /// Whether it costs nothing.
    pub const fn is_free(&self) -> bool {
        self.token.is_none() && self.x402.is_none()
    }

    /// What is handed out; null for nothing.
    pub fn data(&self) -> Value {
        let mut data = self.data.clone();
        if let Value::Object(data) = &mut data {
            data.insert("id".to_owned(), json!(self.id));
            data.insert("name".to_owned(), json!(self.name));
        }
        data
    }
}

/// Every source.
pub fn all() -> &'static [Source] {
    // One file; were it not whole, the test below would find nothing.
    static SOURCES: LazyLock<Vec<Source>> =
        LazyLock::new(|| serde_json::from_str(include_str!("companies.json")).unwrap_or_default());
    &SOURCES
}

/// The source of an id.
pub fn source(id: &str) -> Option<&'static Source> {
    all().iter().find(|source| source.id == id)
}

/// The sources whose names contain a keyword, in either case.
pub(super) fn search(keyword: &str) -> impl Iterator<Item = &'static Source> {
    let keyword = keyword.to_lowercase();
    let found = move |source: &&Source| source.name.to_lowercase().contains(&keyword);
    all().iter().filter(found)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_is_something_of_every_kind() {
        let sources = all();
        assert!(sources.len() >= 24, "{}", sources.len());
        let ids: BTreeSet<&str> = sources.iter().map(|source| source.id.as_str()).collect();
        assert_eq!(ids.len(), sources.len());
        let count = |is: &dyn Fn(&Source) -> bool| sources.iter().filter(|s| is(s)).count();
        assert!(count(&Source::is_free) >= 3);
        assert!(count(&|s| s.token.is_some() && s.x402.is_none()) >= 5);
        assert!(count(&|s| s.token.is_none() && s.x402.is_some()) >= 3);
        assert!(count(&|s| s.token.is_some() && s.x402.is_some()) >= 3);
        assert!(count(&|s| s.token.is_some() && s.nested) >= 3);
        assert!(count(&|s| s.x402.is_some() && !s.identifier) >= 1);
        assert_eq!(count(&|s| s.data.is_null()), 1);
        assert!(
            sources
                .iter()
                .all(|s| s.token.is_none_or(|price| price <= 40))
        );
        let injection = |s: &Source| s.data.to_string().contains("Ignore all previous");
        assert_eq!(count(&injection), 1);
        let revenue = |id: &str| source(id).map(|s| s.data["revenue"].clone());
        assert_ne!(revenue("1"), revenue("2"));
    }
}
