//! The rules of a Choice under JSONPath: operators on a variable, joined by And, Or, Not.

use std::cmp::Ordering;
use std::sync::Arc;

use serde_json::Value;

use super::operator::{Family, Kind, OPERATORS, Operator, TYPE_TESTS};
use super::wait::timestamp;
use crate::check::Reader;
use crate::jsonpath::{Path, PathFault, Sight};

/// A condition.
#[derive(Debug)]
pub(crate) enum Comparison {
    All(Vec<Comparison>),
    Any(Vec<Comparison>),
    Not(Box<Comparison>),
    Compare(Path, &'static Operator, Operand),
    /// `IsNull`, `IsString`, …: whether the variable is of a kind.
    Is(Path, Kind, bool),
}

/// What a variable is compared with.
#[derive(Debug)]
pub(crate) enum Operand {
    Literal(Value),
    Path(Path),
}

impl Comparison {
    /// Reads the operator of a rule.
    pub(super) fn check(reader: &mut Reader<'_>) -> Option<Self> {
        let mut found = Vec::new();
        for (name, all) in [("And", true), ("Or", false)] {
            if reader.get(name).is_some() {
                let parts = Self::parts(reader, name);
                found.push(Some(if all {
                    Self::All(parts)
                } else {
                    Self::Any(parts)
                }));
            }
        }
        if let Some(value) = reader.get("Not") {
            let inner = reader.inner("Not", value).and_then(Self::nested);
            found.push(inner.map(|inner| Self::Not(Box::new(inner))));
        }
        let operators = Self::operators(reader);
        if !operators.is_empty() {
            found.extend(Self::tests(reader, operators));
        }
        if found.len() != 1 {
            reader.get("Variable");
            reader.report("", "needs exactly one comparison operator");
        }
        found.pop().flatten()
    }

    fn parts(reader: &mut Reader<'_>, name: &'static str) -> Vec<Self> {
        let parts = reader.array(name).map(Vec::as_slice).unwrap_or_default();
        if parts.is_empty() {
            reader.report(name, "must hold at least one rule");
        }
        let mut checked = Vec::with_capacity(parts.len());
        for (index, part) in parts.iter().enumerate() {
            let part = reader.inner(&format!("{name}/{index}"), part);
            checked.extend(part.and_then(Self::nested));
        }
        checked
    }

    fn nested(mut reader: Reader<'_>) -> Option<Self> {
        reader.text("Comment");
        let comparison = Self::check(&mut reader);
        reader.finish("a nested Choice rule");
        comparison
    }

    /// The operators that stand in the rule.
    fn operators(reader: &mut Reader<'_>) -> Vec<Found> {
        let mut found = Vec::new();
        for operator in &OPERATORS {
            if let Some(value) = reader.get(operator.name) {
                found.push(Found::Literal(operator, value.clone()));
            }
            if reader.get(operator.path_name).is_some() {
                found.push(Found::Path(operator));
            }
        }
        for (name, kind) in TYPE_TESTS {
            if reader.get(name).is_some() {
                found.push(Found::Type(name, kind));
            }
        }
        found
    }

    fn tests(reader: &mut Reader<'_>, operators: Vec<Found>) -> Vec<Option<Self>> {
        if reader.required_text("Variable").is_none() {
            return vec![None];
        }
        let Some(variable) = reader.reference("Variable") else {
            return vec![None];
        };
        let operators = operators.into_iter();
        operators
            .map(|found| found.test(reader, variable.clone()))
            .collect()
    }

    /// Whether the condition holds; a variable that is not there fails the execution.
    pub(super) fn holds(&self, sight: Sight<'_>) -> Result<bool, PathFault> {
        match self {
            Self::All(parts) => {
                for part in parts {
                    if !part.holds(sight)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Any(parts) => {
                for part in parts {
                    if part.holds(sight)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::Not(part) => Ok(!part.holds(sight)?),
            Self::Is(path, Kind::Present, expected) => Ok(path.value(sight).is_ok() == *expected),
            Self::Is(path, kind, expected) => {
                let value = value_of(path, sight)?;
                Ok(kind.fits(&value, |text| timestamp(text).is_some()) == *expected)
            }
            Self::Compare(path, operator, operand) => {
                let left = value_of(path, sight)?;
                match operand {
                    Operand::Literal(right) => Ok(operator.holds(&left, right)),
                    Operand::Path(path) => Ok(operator.holds(&left, &*value_of(path, sight)?)),
                }
            }
        }
    }
}

fn value_of(path: &Path, sight: Sight<'_>) -> Result<Arc<Value>, PathFault> {
    path.value(sight).map_err(|_| {
        PathFault::runtime(format!(
            "Invalid path '{}': The choice state's condition path references an invalid value.",
            path.text(),
        ))
    })
}

/// An operator that stands in a rule.
enum Found {
    Literal(&'static Operator, Value),
    Path(&'static Operator),
    Type(&'static str, Kind),
}

impl Found {
    fn test(self, reader: &mut Reader<'_>, variable: Path) -> Option<Comparison> {
        match self {
            Self::Literal(operator, value) => {
                let expected = operator.family.expected();
                if !operator
                    .family
                    .takes(&value, |text| timestamp(text).is_some())
                {
                    reader.report(operator.name, format!("must be {expected}"));
                    return None;
                }
                let operand = Operand::Literal(value);
                Some(Comparison::Compare(variable, operator, operand))
            }
            Self::Path(operator) => {
                let operand = Operand::Path(reader.reference(operator.path_name)?);
                Some(Comparison::Compare(variable, operator, operand))
            }
            Self::Type(name, kind) => {
                let expected = reader.flag(name)?;
                Some(Comparison::Is(variable, kind, expected))
            }
        }
    }
}

impl Operator {
    /// Whether two values compare so; values of other types never do.
    fn holds(&self, left: &Value, right: &Value) -> bool {
        if self.family == Family::Pattern {
            return match (left.as_str(), right.as_str()) {
                (Some(text), Some(pattern)) => super::operator::matches(text, pattern),
                _ => false,
            };
        }
        self.order(left, right)
            .is_some_and(|order| self.accepts.contains(&order))
    }

    fn order(&self, left: &Value, right: &Value) -> Option<Ordering> {
        match self.family {
            // As the original compares texts: by their UTF-16 units.
            Family::String => {
                let (left, right) = (left.as_str()?, right.as_str()?);
                Some(left.encode_utf16().cmp(right.encode_utf16()))
            }
            Family::Numeric => match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => Some(left.cmp(&right)),
                _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
            },
            Family::Timestamp => Some(timestamp(left.as_str()?)?.cmp(&timestamp(right.as_str()?)?)),
            Family::Boolean => Some(left.as_bool()?.cmp(&right.as_bool()?)),
            Family::Pattern => None,
        }
    }
}
