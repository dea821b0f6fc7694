//! How far into a value an expression reads.

use std::collections::BTreeMap;

use jsonata_core::value::{JArray, JValue};
use serde_json::Value;

use super::convert::to_jsonata;

/// The fields that are read of a value, or all of it.
///
/// Steps by name give the same over a value that lacks its other fields, so only these are
/// converted for the evaluator: a workflow's input may be large, and expressions are many.
#[derive(Debug, Default)]
pub(super) struct Reach {
    whole: bool,
    fields: BTreeMap<String, Reach>,
}

impl Reach {
    /// Reads what a path leads to.
    pub(super) fn add<'p>(&mut self, mut path: impl Iterator<Item = &'p str>) {
        match path.next() {
            Some(field) => self.fields.entry(field.to_owned()).or_default().add(path),
            None => self.whole = true,
        }
    }

    /// Reads everything.
    pub(super) fn add_whole(&mut self) {
        self.whole = true;
    }

    /// What is read of a field, if anything is.
    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        if self.whole {
            return Some(self);
        }
        self.fields.get(name)
    }

    /// What is read of this value, for the evaluator.
    pub(super) fn project(&self, value: &Value) -> JValue {
        if self.whole {
            return to_jsonata(value);
        }
        match value {
            Value::Object(fields) => {
                let read = |(name, reach): (&String, &Self)| {
                    Some((name.clone(), reach.project(fields.get(name)?)))
                };
                JValue::object(self.fields.iter().filter_map(read).collect())
            }
            // A step by name maps over an array, however deep.
            Value::Array(items) => {
                let flat = !items.iter().any(Value::is_array);
                let items = items.iter().map(|item| self.project(item)).collect();
                JValue::Array(JArray::new_flat(items, flat))
            }
            scalar => to_jsonata(scalar),
        }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use crate::jsonata::expression::EvalProblem;
    use crate::jsonata::{Bindings, Expression, Scope};

    struct Bound(Arc<Value>);

    impl Bindings for Bound {
        fn variable(&self, name: &str) -> Option<Arc<Value>> {
            (name == "v").then(|| Arc::clone(&self.0))
        }

        fn context(&self, with_input: bool) -> Value {
            let input = if with_input {
                Value::clone(&self.0)
            } else {
                Value::Null
            };
            json!({"Execution": {"Input": input, "Id": 1}})
        }

        fn execution_input(&self) -> Arc<Value> {
            Arc::clone(&self.0)
        }

        fn item_value(&self) -> Option<Arc<Value>> {
            None
        }
    }

    const EXPRESSIONS: [&str; 28] = [
        "$states.input.a.b & 'x'",
        "$states.input.a[b = 1].c",
        "$states.input.a[0].b",
        "$states.input.a.b[0]",
        "$states.input.a[].b",
        "$states.input.a.b[]",
        "[$states.input.a.b, $states.input.a.c]",
        "{'k': $states.input.a, 'l': $v.b.c}",
        "$states.input.a{b: c}",
        "$states.input.a.{'x': b, 'y': $v.a}",
        "$states.input.a^(b).c",
        "$states.input.a.(b & c)",
        "$states.input.*.b",
        "$states.input.**.c",
        "$states.input.a.b.%.c",
        "$states.input.a#$i.b",
        "$states.input.a@$x.b",
        "$count($states.input.a.b)",
        "$map($v.a, function($x) { $x.b })",
        "$filter($v.a.b, function($x) { $x = $v.c })",
        "$states.input.a ~> |$|{'b': 2}|",
        "$exists($v.a.b) and $v.a.c",
        "$keys($v.a)",
        "$states.context.Execution.Input.a.b & ''",
        "$v.a = $states.input.a",
        "$lookup($v.a, 'b')",
        "($x := $v.a; $x.b)",
        "$v.a.$string(b)",
    ];

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            (0..3).prop_map(Value::from),
            "[xy]".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[abcd]", inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    fn evaluate(text: &str, value: &Arc<Value>) -> Result<Arc<Value>, EvalProblem> {
        let bound = Bound(Arc::clone(value));
        let rng = fastrand::Rng::with_seed(1);
        let scope = Scope::new(value, &bound, jiff::Timestamp::UNIX_EPOCH, rng);
        let expression = Expression::parse(text).expect("parses");
        expression.evaluate(&scope).map_err(|error| error.problem)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn what_is_left_out_makes_no_difference(value in value()) {
            let value = Arc::new(value);
            for text in EXPRESSIONS {
                // Naming the variables as a whole makes everything be converted.
                let whole = format!("($all := [$states, $v]; {text})");
                prop_assert_eq!(evaluate(text, &value), evaluate(&whole, &value), "{}", text);
            }
        }
    }
}
