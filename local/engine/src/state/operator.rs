//! The comparison operators of a Choice.

use std::cmp::Ordering::{self, Equal, Greater, Less};

use serde_json::Value;

/// One operator, in its plain form and its `…Path` form.
#[derive(Debug)]
pub(crate) struct Operator {
    pub(super) name: &'static str,
    pub(super) path_name: &'static str,
    pub(super) family: Family,
    /// The orders of the two sides for which it holds.
    pub(super) accepts: &'static [Ordering],
}

/// What an operator compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    String,
    Numeric,
    Timestamp,
    Boolean,
    Pattern,
}

/// What a type test asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Present,
    Null,
    String,
    Numeric,
    Boolean,
    Timestamp,
}

const EQUAL: &[Ordering] = &[Equal];
const LESS: &[Ordering] = &[Less];
const GREATER: &[Ordering] = &[Greater];
const LESS_EQUAL: &[Ordering] = &[Less, Equal];
const GREATER_EQUAL: &[Ordering] = &[Greater, Equal];

/// Every comparison.
pub(super) static OPERATORS: [Operator; 17] = [
    Operator::new("StringEquals", "StringEqualsPath", Family::String, EQUAL),
    Operator::new("StringLessThan", "StringLessThanPath", Family::String, LESS),
    Operator::new(
        "StringGreaterThan",
        "StringGreaterThanPath",
        Family::String,
        GREATER,
    ),
    Operator::new(
        "StringLessThanEquals",
        "StringLessThanEqualsPath",
        Family::String,
        LESS_EQUAL,
    ),
    Operator::new(
        "StringGreaterThanEquals",
        "StringGreaterThanEqualsPath",
        Family::String,
        GREATER_EQUAL,
    ),
    Operator::new("NumericEquals", "NumericEqualsPath", Family::Numeric, EQUAL),
    Operator::new(
        "NumericLessThan",
        "NumericLessThanPath",
        Family::Numeric,
        LESS,
    ),
    Operator::new(
        "NumericGreaterThan",
        "NumericGreaterThanPath",
        Family::Numeric,
        GREATER,
    ),
    Operator::new(
        "NumericLessThanEquals",
        "NumericLessThanEqualsPath",
        Family::Numeric,
        LESS_EQUAL,
    ),
    Operator::new(
        "NumericGreaterThanEquals",
        "NumericGreaterThanEqualsPath",
        Family::Numeric,
        GREATER_EQUAL,
    ),
    Operator::new(
        "TimestampEquals",
        "TimestampEqualsPath",
        Family::Timestamp,
        EQUAL,
    ),
    Operator::new(
        "TimestampLessThan",
        "TimestampLessThanPath",
        Family::Timestamp,
        LESS,
    ),
    Operator::new(
        "TimestampGreaterThan",
        "TimestampGreaterThanPath",
        Family::Timestamp,
        GREATER,
    ),
    Operator::new(
        "TimestampLessThanEquals",
        "TimestampLessThanEqualsPath",
        Family::Timestamp,
        LESS_EQUAL,
    ),
    Operator::new(
        "TimestampGreaterThanEquals",
        "TimestampGreaterThanEqualsPath",
        Family::Timestamp,
        GREATER_EQUAL,
    ),
    Operator::new("BooleanEquals", "BooleanEqualsPath", Family::Boolean, EQUAL),
    Operator::new("StringMatches", "StringMatchesPath", Family::Pattern, EQUAL),
];

/// Every type test.
pub(super) const TYPE_TESTS: [(&str, Kind); 6] = [
    ("IsPresent", Kind::Present),
    ("IsNull", Kind::Null),
    ("IsString", Kind::String),
    ("IsNumeric", Kind::Numeric),
    ("IsBoolean", Kind::Boolean),
    ("IsTimestamp", Kind::Timestamp),
];

impl Operator {
    const fn new(
        name: &'static str,
        path_name: &'static str,
        family: Family,
        accepts: &'static [Ordering],
    ) -> Self {
        Self {
            name,
            path_name,
            family,
            accepts,
        }
    }
}

impl Family {
    /// What a definition must give.
    pub(super) fn expected(self) -> &'static str {
        match self {
            Self::String | Self::Pattern => "a string",
            Self::Numeric => "a number",
            Self::Timestamp => "a timestamp like 2030-01-31T12:00:00Z",
            Self::Boolean => "true or false",
        }
    }

    /// Whether a value in a definition is of the right type.
    pub(super) fn takes(self, value: &Value, is_time: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::String | Self::Pattern => value.is_string(),
            Self::Numeric => value.is_number(),
            Self::Timestamp => value.as_str().is_some_and(is_time),
            Self::Boolean => value.is_boolean(),
        }
    }
}

impl Kind {
    /// Whether a value that is there is of the kind.
    pub(super) fn fits(self, value: &Value, is_time: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Present => true,
            Self::Null => value.is_null(),
            Self::String => value.is_string(),
            Self::Numeric => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::Timestamp => value.as_str().is_some_and(is_time),
        }
    }
}

/// `*` stands for any text; `\\` makes what follows literal.
pub(super) fn matches(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern = tokens(pattern);
    let (mut at, mut token) = (0, 0);
    // Where the last star stands and how far it reaches: only that one is ever widened.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(token) {
            Some(None) => {
                star = Some((token, at));
                token += 1;
            }
            Some(Some(letter)) if *letter == text[at] => {
                at += 1;
                token += 1;
            }
            _ => match star {
                Some((place, reach)) => {
                    star = Some((place, reach + 1));
                    at = reach + 1;
                    token = place + 1;
                }
                None => return false,
            },
        }
    }
    pattern[token..].iter().all(Option::is_none)
}

/// Letters, and nothing for each star.
fn tokens(pattern: &str) -> Vec<Option<char>> {
    let mut tokens = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        tokens.push(match letter {
            '*' => None,
            '\\' => Some(letters.next().unwrap_or('\\')),
            other => Some(other),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_match_any_text() {
        assert!(
            matches("log-2026.txt", "log-*.txt") && matches("", "*") && matches("a*b", "a\\*b")
        );
        assert!(matches("foo.bar.baz", "foo*baz") && matches("aXbXc", "*b*"));
        assert!(!matches("log.zip", "log*.txt") && !matches("aXb", "a\\*b"));
        assert!(matches("a\\b", "a\\\\b") && !matches("ab", "a"));
    }
}
