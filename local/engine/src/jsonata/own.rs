//! What the functions give that Step Functions adds to JSONata.
//!
//! What they do with absent, odd and surplus arguments is as the emulator Floci captured it on
//! AWS with `TestState` (`JsonataEvaluatorTest`).

use jsonata_core::evaluator::EvaluatorError;
use jsonata_core::value::JValue;

use crate::check::duplicates;
use crate::digest;
use crate::seeded::Seeded;

pub(super) type Answer = Result<JValue, EvaluatorError>;

/// Items that `$range` may make: with one more, AWS runs out of memory.
const RANGE_LIMIT: f64 = 360_145.0;

fn thrown(message: impl Into<String>) -> EvaluatorError {
    EvaluatorError::EvaluationError(message.into())
}

/// An argument, by its number from 1, that the function's signature has no place for.
fn unfit(function: &str, number: usize) -> EvaluatorError {
    thrown(format!(
        "T0410: Argument {number} of function \"{function}\" does not match function signature"
    ))
}

/// What the evaluator says of a sequence that is too long: memory has a limit.
pub(super) fn out_of_memory() -> EvaluatorError {
    thrown("D2015: The maximum sequence length was exceeded.")
}

/// The arguments of a call of a function that takes `N`; those left out are undefined.
fn taken<const N: usize>(args: &[JValue], function: &str) -> Result<[JValue; N], EvaluatorError> {
    if args.len() > N {
        return Err(unfit(function, N + 1));
    }
    Ok(std::array::from_fn(|at| {
        args.get(at).cloned().unwrap_or(JValue::Undefined)
    }))
}

/// A number, rounded towards zero as AWS does; undefined is none.
fn whole(value: &JValue, function: &str, number: usize) -> Result<Option<f64>, EvaluatorError> {
    match value {
        JValue::Undefined => Ok(None),
        JValue::Number(given) if given.is_finite() => Ok(Some(given.trunc())),
        _ => Err(unfit(function, number)),
    }
}

/// A text; undefined is none.
fn text<'v>(
    value: &'v JValue,
    function: &str,
    number: usize,
) -> Result<Option<&'v str>, EvaluatorError> {
    match value {
        JValue::Undefined => Ok(None),
        value => value
            .as_str()
            .map(Some)
            .ok_or_else(|| unfit(function, number)),
    }
}

pub(super) fn partition(args: &[JValue]) -> Answer {
    let [items, size] = taken(args, "partition")?;
    let size = whole(&size, "partition", 2)?;
    let items = match &items {
        JValue::Undefined => return Ok(JValue::Undefined),
        JValue::Null => {
            let what = "T0412: Argument 1 of function \"partition\" must be an array";
            return Err(thrown(what));
        }
        JValue::Array(items) => items.to_vec(),
        single => vec![single.clone()],
    };
    // Without a size everything is one chunk.
    let size = size.unwrap_or(items.len() as f64);
    if size < 0.0 {
        return Err(thrown("D3137: Second argument must be zero or greater"));
    }
    if size == 0.0 || items.is_empty() {
        return Ok(JValue::Undefined);
    }
    let chunks = items.chunks(size as usize);
    Ok(JValue::array(
        chunks.map(|chunk| JValue::array(chunk.to_vec())).collect(),
    ))
}

pub(super) fn range(args: &[JValue]) -> Answer {
    let [first, last, step] = taken(args, "range")?;
    let first = whole(&first, "range", 1)?.ok_or_else(|| unfit("range", 1))?;
    let last = whole(&last, "range", 2)?.ok_or_else(|| unfit("range", 2))?;
    let step = whole(&step, "range", 3)?.unwrap_or_default();
    if step == 0.0 {
        return Ok(JValue::Undefined);
    }
    let count = ((last - first) / step).floor() + 1.0;
    if count > RANGE_LIMIT {
        return Err(out_of_memory());
    }
    if count < 1.0 {
        return Ok(JValue::Undefined);
    }
    let items = (0..count as u32).map(|index| first + f64::from(index) * step);
    // A sequence: one item collapses to itself, as on AWS.
    Ok(JValue::sequence(items.map(JValue::from).collect()).unwrap_sequence())
}

pub(super) fn hash(args: &[JValue]) -> Answer {
    let [value, algorithm] = taken(args, "hash")?;
    let value = text(&value, "hash", 1)?;
    let algorithm = text(&algorithm, "hash", 2)?;
    let (Some(value), Some(algorithm)) = (value, algorithm) else {
        return Ok(JValue::Undefined);
    };
    let digest = digest::hex_digest(algorithm, value.as_bytes());
    digest
        .map(JValue::from)
        .ok_or_else(|| thrown("D3137: $hash: algorithms are MD5, SHA-1, SHA-256, SHA-384, SHA-512"))
}

pub(super) fn parse(args: &[JValue]) -> Answer {
    let [value] = taken(args, "parse")?;
    let Some(value) = text(&value, "parse", 1)? else {
        return Ok(JValue::Undefined);
    };
    let invalid = |why: String| thrown(format!("D3137: Invalid JSON: {why}"));
    let parsed = JValue::from_json_str(value).map_err(|error| invalid(error.to_string()))?;
    match duplicates(value).first() {
        Some(path) => Err(invalid(format!("the field {path} stands twice"))),
        None => Ok(parsed),
    }
}

/// `$random()` or, with a seed, the first number of that seed.
pub(super) fn draw(args: &[JValue], random: &mut fastrand::Rng) -> Answer {
    let [seed] = taken(args, "random")?;
    Ok(JValue::Number(match whole(&seed, "random", 1)? {
        Some(seed) => Seeded::new(seed as i64).fraction(),
        None => random.f64(),
    }))
}

pub(super) fn uuid(args: &[JValue], random: &mut fastrand::Rng) -> Answer {
    let [] = taken(args, "uuid")?;
    Ok(JValue::from(digest::uuid(random)))
}
