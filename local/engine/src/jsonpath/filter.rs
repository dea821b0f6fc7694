//! Filters: `[?(@.price > 10 && @.name)]`.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use super::find::{self, Budget};
use super::parse::{self, Cursor};
use super::path::Step;
use super::same;

/// Nested deeper, a filter is refused.
const DEEPEST: usize = 32;

/// A condition on one element.
#[derive(Debug, Clone)]
pub(super) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    /// The path finds something.
    Exists(Operand),
    Compare(Operand, Operator, Operand),
    /// `=~ /…/`: the whole text fits the expression.
    Fits(Operand, Regex),
}

/// One side of a comparison.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// `@.a`: from the element.
    Element(Vec<Step>),
    /// `$.a`: from the whole data.
    Data(Vec<Step>),
    Literal(Value),
}

/// How two sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Contains,
    SubsetOf,
    AnyOf,
    NoneOf,
    Size,
    Empty,
}

/// Longer signs stand before those that they begin with.
const OPERATORS: [(&str, Operator); 14] = [
    ("==", Operator::Equal),
    ("!=", Operator::Unequal),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
    ("in ", Operator::In),
    ("nin ", Operator::NotIn),
    ("contains ", Operator::Contains),
    ("subsetof ", Operator::SubsetOf),
    ("anyof ", Operator::AnyOf),
    ("noneof ", Operator::NoneOf),
    ("size ", Operator::Size),
    ("empty ", Operator::Empty),
];

/// Parses what stands in parentheses after `?`.
pub(super) fn parse(cursor: &mut Cursor, depth: usize) -> Result<Filter, String> {
    cursor.blank();
    if !cursor.take("(") {
        return Err("'(' is expected after '?'".to_owned());
    }
    let filter = any(cursor, depth + 1)?;
    close(cursor)?;
    Ok(filter)
}

fn close(cursor: &mut Cursor) -> Result<(), String> {
    cursor.blank();
    if cursor.take(")") {
        Ok(())
    } else {
        Err("')' is expected".to_owned())
    }
}

fn any(cursor: &mut Cursor, depth: usize) -> Result<Filter, String> {
    if depth > DEEPEST {
        return Err("the filter is nested too deeply".to_owned());
    }
    let mut parts = vec![all(cursor, depth)?];
    while joined(cursor, "||") {
        parts.push(all(cursor, depth)?);
    }
    Ok(Filter::Any(parts))
}

fn all(cursor: &mut Cursor, depth: usize) -> Result<Filter, String> {
    let mut parts = vec![one(cursor, depth)?];
    while joined(cursor, "&&") {
        parts.push(one(cursor, depth)?);
    }
    Ok(Filter::All(parts))
}

fn joined(cursor: &mut Cursor, sign: &str) -> bool {
    cursor.blank();
    cursor.take(sign)
}

fn one(cursor: &mut Cursor, depth: usize) -> Result<Filter, String> {
    if depth > DEEPEST {
        return Err("the filter is nested too deeply".to_owned());
    }
    cursor.blank();
    if cursor.take("!") {
        return Ok(Filter::Not(Box::new(one(cursor, depth + 1)?)));
    }
    if cursor.take("(") {
        let inner = any(cursor, depth + 1)?;
        close(cursor)?;
        return Ok(inner);
    }
    let left = operand(cursor, depth)?;
    cursor.blank();
    if cursor.take("=~") {
        return Ok(Filter::Fits(left, regex(cursor)?));
    }
    let Some((_, operator)) = OPERATORS.iter().find(|(sign, _)| cursor.take(sign)) else {
        return Ok(Filter::Exists(left));
    };
    cursor.blank();
    Ok(Filter::Compare(left, *operator, operand(cursor, depth)?))
}

/// `/…/`, with `i` behind it when case does not matter.
fn regex(cursor: &mut Cursor) -> Result<Regex, String> {
    cursor.blank();
    if !cursor.take("/") {
        return Err("'/' is expected after '=~'".to_owned());
    }
    let mut pattern = String::new();
    loop {
        match cursor.next() {
            None => return Err("the expression after '=~' is not closed".to_owned()),
            Some('/') => break,
            Some('\\') if cursor.take("/") => pattern.push('/'),
            Some('\\') => {
                pattern.push('\\');
                pattern.extend(cursor.next());
            }
            Some(letter) => pattern.push(letter),
        }
    }
    let flags = if cursor.take("i") { "i" } else { "" };
    let pattern = format!("^(?{flags}:{pattern})$");
    Regex::new(&pattern).map_err(|error| error.to_string())
}

fn operand(cursor: &mut Cursor, depth: usize) -> Result<Operand, String> {
    match cursor.peek() {
        Some('@') => {
            cursor.next();
            Ok(Operand::Element(parse::steps(cursor, depth + 1)?))
        }
        Some('$') => {
            cursor.next();
            Ok(Operand::Data(parse::steps(cursor, depth + 1)?))
        }
        Some('[') => list(cursor),
        _ => scalar(cursor),
    }
}

/// A text in quotes, a number, a boolean or null.
fn scalar(cursor: &mut Cursor) -> Result<Operand, String> {
    if matches!(cursor.peek(), Some('\'' | '"')) {
        return Ok(Operand::Literal(Value::String(cursor.quoted()?)));
    }
    let word = cursor.take_while(|letter| letter.is_alphanumeric() || "+-.".contains(letter));
    literal(&word)
}

fn literal(word: &str) -> Result<Operand, String> {
    match serde_json::from_str(word) {
        Ok(value) => Ok(Operand::Literal(value)),
        Err(_) => Err(format!("'{word}' is not a value")),
    }
}

/// `['a', 1]`
fn list(cursor: &mut Cursor) -> Result<Operand, String> {
    cursor.next();
    let mut items = Vec::new();
    loop {
        cursor.blank();
        if cursor.take("]") {
            return Ok(Operand::Literal(Value::Array(items)));
        }
        let Operand::Literal(item) = scalar(cursor)? else {
            return Err("a value is expected".to_owned());
        };
        items.push(item);
        cursor.blank();
        cursor.take(",");
    }
}

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
