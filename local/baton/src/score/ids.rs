//! The ids of many customers in little memory.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

/// Ids in the order in which they came, one behind the other.
#[derive(Default)]
pub(super) struct Ids {
    text: String,
    ends: Vec<usize>,
}

impl Ids {
    /// Adds an id.
    pub(super) fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// All of them, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let one = |(start, end): (usize, &usize)| &self.text[start..*end];
        starts.zip(&self.ends).map(one)
    }
}

/// Ids that were met, with a number for each. They are known by 128 bits of two keyed hashes: a million
/// ids share one with a chance of less than 10⁻²⁶.
#[derive(Default)]
pub(super) struct Met {
    keys: [RandomState; 2],
    numbers: HashMap<(u64, u64), u32>,
}

impl Met {
    /// The number under which the id was met before, or none: it is then met under `number`.
    pub(super) fn meet(&mut self, id: &str, number: u32) -> Option<u32> {
        let [first, second] = &self.keys;
        let key = (first.hash_one(id), second.hash_one(id));
        match self.numbers.entry(key) {
            std::collections::hash_map::Entry::Occupied(met) => Some(*met.get()),
            std::collections::hash_map::Entry::Vacant(new) => {
                new.insert(number);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back_in_order_and_are_met_once() {
        let (mut ids, mut met) = (Ids::default(), Met::default());
        for (number, id) in ["a", "", "ünï", "=1+1"].into_iter().enumerate() {
            ids.push(id);
            assert_eq!(met.meet(id, number as u32), None);
        }
        assert_eq!(ids.len(), 4);
        assert_eq!(ids.iter().collect::<Vec<_>>(), ["a", "", "ünï", "=1+1"]);
        assert_eq!(met.meet("ünï", 9), Some(2));
    }
}
