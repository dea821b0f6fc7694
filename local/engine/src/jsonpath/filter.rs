//! Filters: `[?(@.price > 10 && @.name)]`.

use regex::Regex;
use serde_json::Value;

use super::parse::{self, Cursor};
use super::path::Step;

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
