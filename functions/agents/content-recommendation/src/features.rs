//! What items are about, as sets: the category and the tags of each, without regard to case.

use std::collections::HashMap;

use baton_domain::CatalogItem;

/// The features of a list of items, by the items' positions.
#[derive(Debug, Clone, Default)]
pub struct Features {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
    items: Vec<Vec<usize>>,
}

impl Features {
    /// Category and tags of each item.
    pub fn of_items(items: &[CatalogItem]) -> Self {
        let mut features = Self::default();
        for item in items {
            let names = std::iter::once(&item.category).chain(&item.tags);
            features.push(names.map(String::as_str));
        }
        features
    }

    /// Items of which only the category is known.
    pub fn of_categories<'a>(categories: impl Iterator<Item = &'a str>) -> Self {
        let mut features = Self::default();
        for category in categories {
            features.push(std::iter::once(category));
        }
        features
    }

    fn push<'a>(&mut self, names: impl Iterator<Item = &'a str>) {
        let mut numbers: Vec<usize> = names.map(|name| self.number(name)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        self.items.push(numbers);
    }

    fn number(&mut self, name: &str) -> usize {
        let name = name.to_lowercase();
        if let Some(number) = self.numbers.get(&name) {
            return *number;
        }
        self.numbers.insert(name.clone(), self.names.len());
        self.names.push(name);
        self.names.len() - 1
    }

    /// The feature that is called so, if any item has it.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.numbers.get(&name.to_lowercase()).copied()
    }

    /// What a feature is called, in lower case.
    pub fn name(&self, feature: usize) -> &str {
        &self.names[feature]
    }

    /// How many different features there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }

    /// The features of the item at this position, in ascending order.
    pub fn of(&self, item: usize) -> &[usize] {
        &self.items[item]
    }

    /// Jaccard similarity of two items, from 0 to 1: shared features over all features of both.
    pub fn similarity(&self, a: usize, b: usize) -> f64 {
        let (a, b) = (self.of(a), self.of(b));
        let shared = a
            .iter()
            .filter(|feature| b.binary_search(feature).is_ok())
            .count();
        let all = a.len() + b.len() - shared;
        if all == 0 {
            0.0
        } else {
            shared as f64 / all as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similarity_counts_shared_features() {
        let mut features = Features::default();
        features.push(["Boots", "winter", "leather"].into_iter());
        features.push(["boots", "summer", "winter", "winter"].into_iter());
        features.push(["tents"].into_iter());
        assert!((features.similarity(0, 1) - 0.5).abs() < 1e-12);
        assert!((features.similarity(0, 0) - 1.0).abs() < 1e-12);
        assert!(features.similarity(0, 2).abs() < 1e-12);
        assert_eq!(features.find("BOOTS"), Some(0));
        assert_eq!(features.count(), 5);
    }
}
