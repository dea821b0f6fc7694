//! Which elements pass a filter.

use std::cmp::Ordering;

use serde_json::Value;

use super::filter::{Filter, Operand, Operator};
use super::find::{self, Budget};
use super::same;

impl Filter {
    /// Whether an element passes; `data` is what `$` means.
    pub(super) fn accepts(&self, element: &Value, data: &Value, budget: &Budget) -> bool {
        let accepts = |part: &Self| part.accepts(element, data, budget);
        let value = |operand: &Operand| operand.value(element, data, budget);
        match self {
            Self::Any(parts) => parts.iter().any(accepts),
            Self::All(parts) => parts.iter().all(accepts),
            Self::Not(part) => !accepts(part),
            Self::Exists(operand) => match operand {
                Operand::Literal(value) => value.as_bool().unwrap_or(true),
                operand => value(operand).is_some(),
            },
            Self::Compare(left, operator, right) => {
                operator.holds(value(left).as_ref(), value(right).as_ref())
            }
            Self::Fits(operand, regex) => {
                let text = value(operand);
                text.as_ref()
                    .and_then(Value::as_str)
                    .is_some_and(|text| regex.is_match(text))
            }
        }
    }
}

impl Operand {
    fn value(&self, element: &Value, data: &Value, budget: &Budget) -> Option<Value> {
        let (steps, from) = match self {
            Self::Element(steps) => (steps, element),
            Self::Data(steps) => (steps, data),
            Self::Literal(value) => return Some(value.clone()),
        };
        find::lenient(steps, from, data, budget)
    }
}

impl Operator {
    fn holds(self, left: Option<&Value>, right: Option<&Value>) -> bool {
        let (Some(left), Some(right)) = (left, right) else {
            let both = left.is_none() && right.is_none();
            return match self {
                Self::Equal => both,
                Self::Unequal => !both,
                Self::NotIn => true,
                _ => false,
            };
        };
        let order = || order(left, right);
        match self {
            Self::Equal => alike(left, right),
            Self::Unequal => !alike(left, right),
            Self::Less => order() == Some(Ordering::Less),
            Self::Greater => order() == Some(Ordering::Greater),
            Self::LessOrEqual => order().is_some_and(Ordering::is_le),
            Self::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
            Self::In => holds_item(right, left),
            Self::NotIn => !holds_item(right, left),
            Self::Contains => match (left, right) {
                (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
                _ => holds_item(left, right),
            },
            Self::SubsetOf => items(left).all(|item| holds_item(right, item)),
            Self::AnyOf => items(left).any(|item| holds_item(right, item)),
            Self::NoneOf => !items(left).any(|item| holds_item(right, item)),
            Self::Size => length(left).is_some_and(|length| right.as_u64() == Some(length)),
            Self::Empty => length(left).is_some_and(|length| right.as_bool() == Some(length == 0)),
        }
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn length(value: &Value) -> Option<u64> {
    match value {
        Value::Array(items) => Some(items.len() as u64),
        Value::String(text) => Some(text.chars().count() as u64),
        _ => None,
    }
}

fn holds_item(list: &Value, item: &Value) -> bool {
    let items = list.as_array();
    items.is_some_and(|items| items.iter().any(|other| alike(item, other)))
}

/// Equality; a number and its text are alike.
fn alike(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(number), Value::String(text))
        | (Value::String(text), Value::Number(number)) => {
            text.parse::<f64>().ok() == number.as_f64()
        }
        _ => same(left, right),
    }
}

fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64()?.partial_cmp(&right.as_f64()?),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
