//! JSON in which no object has a field twice.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// The JSON pointers of fields that stand a second time in their object.
pub(crate) fn duplicates(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let seed = Seed {
        path: String::new(),
        found: &mut found,
    };
    // Text that is not JSON is reported by whoever parses it.
    let _ = seed.deserialize(&mut serde_json::Deserializer::from_str(text));
    found
}

/// A value at a path.
struct Seed<'f> {
    path: String,
    found: &'f mut Vec<String>,
}

impl Seed<'_> {
    fn inner(&mut self, step: &str) -> Seed<'_> {
        let step = step.replace('~', "~0").replace('/', "~1");
        Seed {
            path: format!("{}/{step}", self.path),
            found: self.found,
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        let mut index = 0_usize;
        while items
            .next_element_seed(self.inner(&index.to_string()))?
            .is_some()
        {
            index += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut fields: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            let inner = self.inner(&name);
            if !names.insert(name) {
                inner.found.push(inner.path.clone());
            }
            fields.next_value_seed(inner)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::duplicates;

    #[test]
    fn a_field_that_is_there_twice_is_found_wherever_it_is() {
        assert_eq!(
            duplicates(r#"{"a": 1, "b": [{"c/d": 1, "c/d": {}}], "a": 2}"#),
            ["/b/0/c~1d", "/a"]
        );
        assert!(duplicates(r#"{"a": {"a": 1}, "b": [1.5, null, true, "x"]}"#).is_empty());
    }
}
