//! Mutations of JSON and of its text.

use fastrand::Rng;
use serde_json::{Map, Number, Value, json};

/// Texts that mean something to an engine.
const WORDS: &[&str] = &[
    "",
    "$",
    "$$",
    "$.a",
    "$.a[*].b",
    "$..a",
    "$.a[?(@.b > 1)]",
    "$.a[-1:]",
    "$x",
    "$x.y",
    "$.*",
    "$states.input",
    "{% $states.input %}",
    "{% $states.result %}",
    "{% $states.context %}",
    "{% $x %}",
    "{% ( $f := function($n) { $n = 0 ? 0 : $f($n - 1) }; $f(1e9) ) %}",
    "{% $map([1..100000], function($v) { $v * $v }) %}",
    "{% [1..10000000] %}",
    "{% 1/0 %}",
    "{% $string($states.input) & $uuid() %}",
    "{% $range(0, 1e12, 1e-3) %}",
    "{% ((((( %}",
    "{% $pad('x', 1000000000) %}",
    "{% $split('aaaa', /(a*)*b/) %}",
    "{% $partition([1], 0) %}",
    "{% $parse('[[[[[[[[') %}",
    "{% $eval('1') %}",
    "{% function($x) { $x } %}",
    "{% $power(10, 400) %}",
    "States.Format('{}{}', $.a, 1)",
    "States.Array($.a, 'b', 1, null)",
    "States.MathAdd(1, $.a)",
    "States.ArrayRange(0, 1000000000, 1)",
    "States.ArrayPartition($, 0)",
    "States.StringToJson($)",
    "States.JsonMerge($, $, false)",
    "States.Base64Decode('%%')",
    "States.Hash($, 'MD5')",
    "States.ArrayGetItem($.a, -1)",
    "States.MathRandom(5, 1)",
    "States.UUID()",
    "States.Format('{",
    "States.ALL",
    "States.Timeout",
    "States.TaskFailed",
    "States.Runtime",
    "JSONPath",
    "JSONata",
    "Task",
    "Pass",
    "Choice",
    "Wait",
    "Succeed",
    "Fail",
    "Parallel",
    "Map",
    "INLINE",
    "DISTRIBUTED",
    "FULL",
    "NONE",
    "arn:aws:states:::lambda:invoke",
    "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "arn:aws:states:::states:startExecution.sync:2",
    "arn:aws:lambda:eu-west-1:1:function:f",
    "2026-01-01T00:00:00Z",
    "+999999-01-01T00:00:00Z",
    "2026-01-01",
    "\u{0}",
    "\u{1F600}",
    "__proto__",
];

/// Names of fields.
const FIELDS: &[&str] = &[
    "Type",
    "Next",
    "End",
    "StartAt",
    "States",
    "Branches",
    "ItemProcessor",
    "Iterator",
    "Items",
    "ItemsPath",
    "ItemSelector",
    "Parameters",
    "Parameters.$",
    "a.$",
    "ResultSelector",
    "ResultPath",
    "InputPath",
    "OutputPath",
    "Arguments",
    "Output",
    "Assign",
    "Choices",
    "Condition",
    "Default",
    "Variable",
    "And",
    "Or",
    "Not",
    "StringMatches",
    "NumericEqualsPath",
    "TimestampLessThan",
    "IsPresent",
    "Retry",
    "Catch",
    "ErrorEquals",
    "IntervalSeconds",
    "BackoffRate",
    "MaxAttempts",
    "MaxDelaySeconds",
    "JitterStrategy",
    "Seconds",
    "SecondsPath",
    "Timestamp",
    "TimestampPath",
    "TimeoutSeconds",
    "TimeoutSecondsPath",
    "HeartbeatSeconds",
    "MaxConcurrency",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
    "ItemBatcher",
    "ItemReader",
    "ResultWriter",
    "QueryLanguage",
    "Error",
    "Cause",
    "ErrorPath",
    "Resource",
    "Result",
    "Comment",
];

/// A value without parts, or a small one.
pub(crate) fn leaf(rng: &mut Rng) -> Value {
    match rng.u8(..16) {
        0 => Value::Null,
        1 => rng.bool().into(),
        2 => rng.i64(-3..100).into(),
        3 => Number::from_f64(f64::from_bits(rng.u64(..))).map_or(Value::Null, Value::Number),
        4 => json!([u64::MAX, i64::MIN, 1e308, -0.0, 99_999_999])[rng.usize(..5)].clone(),
        5 => json!([]),
        6 => json!({}),
        7 => nested(rng.usize(..300)),
        8 => "x".repeat(rng.usize(..70_000)).into(),
        9 => json!([1, "a", {"b": [null]}, [[]]]),
        _ => WORDS[rng.usize(..WORDS.len())].into(),
    }
}

fn nested(levels: usize) -> Value {
    (0..levels).fold(json!(1), |inner, level| match level % 2 {
        0 => json!([inner]),
        _ => json!({"a": inner}),
    })
}

/// A value with a few changes, some of them taken from another.
pub(crate) fn json(rng: &mut Rng, value: &Value, other: &Value) -> Value {
    let mut value = value.clone();
    for _ in 0..rng.usize(1..5) {
        change(rng, &mut value, other);
    }
    value
}

/// Goes down at random and changes what it finds there.
fn change(rng: &mut Rng, value: &mut Value, other: &Value) {
    let deeper = rng.u8(..8) > 0;
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let name = fields.keys().nth(rng.usize(..fields.len())).cloned();
            let name = name.unwrap_or_default();
            match rng.u8(..12) {
                0 => drop(fields.remove(&name)),
                1 => rename(rng, fields, &name),
                2 => drop(fields.insert(field(rng), part(rng, other))),
                _ => change(rng, &mut fields[&name], other),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let index = rng.usize(..items.len());
            match rng.u8(..8) {
                0 => drop(items.remove(index)),
                1 => items.push(items[index].clone()),
                _ => change(rng, &mut items[index], other),
            }
        }
        place => *place = part(rng, other),
    }
}

fn field(rng: &mut Rng) -> String {
    FIELDS[rng.usize(..FIELDS.len())].to_owned()
}

fn rename(rng: &mut Rng, fields: &mut Map<String, Value>, name: &str) {
    if let Some(value) = fields.remove(name) {
        fields.insert(field(rng), value);
    }
}

/// A leaf, or some part of a value.
fn part(rng: &mut Rng, value: &Value) -> Value {
    let mut part = value;
    if rng.bool() {
        return leaf(rng);
    }
    while rng.u8(..4) > 0 {
        let inner = match part {
            Value::Object(fields) if !fields.is_empty() => {
                fields.values().nth(rng.usize(..fields.len()))
            }
            Value::Array(items) if !items.is_empty() => items.get(rng.usize(..items.len())),
            _ => None,
        };
        let Some(inner) = inner else { break };
        part = inner;
    }
    part.clone()
}

/// Now and then, a text with some letters changed, cut or doubled.
pub(crate) fn text(rng: &mut Rng, text: String) -> String {
    if rng.u8(..8) > 0 || text.is_empty() {
        return text;
    }
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..rng.usize(1..4) {
        let at = rng.usize(..letters.len());
        match rng.u8(..3) {
            0 => letters[at] = rng.char('\u{1}'..'\u{7f}'),
            1 => drop(letters.remove(at)),
            _ => letters.insert(
                at,
                ['{', '[', '"', '%', '\\', '$', '\u{fffd}'][rng.usize(..7)],
            ),
        }
        if letters.is_empty() {
            break;
        }
    }
    letters.into_iter().collect()
}
