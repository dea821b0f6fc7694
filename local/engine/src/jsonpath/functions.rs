//! What the intrinsic functions do, but for those over arrays.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::arrays;
use super::call::{Function, Trouble};
use crate::digest;
use crate::jsonata::Scope;
use crate::seeded::Seeded;

type Answer = Result<Value, Trouble>;

/// The longest text that is hashed, encoded or decoded.
const LONGEST: usize = 10_000;

/// Applies a function to as many arguments as it takes.
pub(super) fn apply(function: Function, args: &[Value], scope: &Scope<'_>) -> Answer {
    match function {
        // `Format` reads its template before its arguments have values.
        Function::Format => Ok(Value::Null),
        Function::StringToJson => string_to_json(text(args, 0)?),
        Function::JsonToString => Ok(Value::String(args[0].to_string())),
        Function::Array => Ok(Value::Array(args.to_vec())),
        Function::ArrayPartition => arrays::partition(args),
        Function::ArrayContains => arrays::contains(args),
        Function::ArrayRange => arrays::range(args),
        Function::ArrayGetItem => arrays::get_item(args),
        Function::ArrayLength => Ok(Value::from(arrays::array(args, 0)?.len())),
        Function::ArrayUnique => arrays::unique(args),
        Function::Base64Encode => Ok(Value::String(STANDARD.encode(short_text(args, 0)?))),
        Function::Base64Decode => base64_decode(short_text(args, 0)?),
        Function::Hash => hash(args),
        Function::JsonMerge => json_merge(args),
        Function::MathRandom => math_random(args, scope),
        Function::MathAdd => math_add(args),
        Function::StringSplit => Ok(string_split(text(args, 0)?, text(args, 1)?)),
        Function::Uuid => Ok(Value::String(digest::uuid(&mut scope.rng.borrow_mut()))),
    }
}

fn text(args: &[Value], at: usize) -> Result<&str, Trouble> {
    args[at]
        .as_str()
        .ok_or_else(|| Trouble::failed(format!("Argument {} must be a string", at + 1)))
}

fn short_text(args: &[Value], at: usize) -> Result<&str, Trouble> {
    let text = text(args, at)?;
    if text.chars().count() > LONGEST {
        let why = format!(
            "Argument {} must not be longer than {LONGEST} characters",
            at + 1
        );
        return Err(Trouble::Failed(why));
    }
    Ok(text)
}

/// A whole number; fractions are rounded half up first.
pub(super) fn integer(args: &[Value], at: usize) -> Result<i64, Trouble> {
    if let Some(whole) = args[at].as_i64() {
        return Ok(whole);
    }
    match args[at].as_f64().map(|number| (number + 0.5).floor()) {
        Some(number) if number.abs() < 9e18 => Ok(number as i64),
        _ => Err(Trouble::failed(format!(
            "Argument {} must be a number",
            at + 1
        ))),
    }
}

/// A value as `States.Format` prints it.
pub(super) fn printed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(printed).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<String> = fields
                .map(|(key, value)| format!("{key}={}", printed(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

fn string_to_json(text: &str) -> Answer {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_str(text).map_err(|_| Trouble::failed("The text is not valid JSON"))
}

fn base64_decode(text: &str) -> Answer {
    let bytes = STANDARD.decode(text);
    let bytes = bytes.map_err(|_| Trouble::failed("The text is not valid Base64"))?;
    Ok(Value::String(String::from_utf8_lossy(&bytes).into_owned()))
}

fn hash(args: &[Value]) -> Answer {
    let data = match &args[0] {
        Value::String(_) => short_text(args, 0)?.to_owned(),
        other => other.to_string(),
    };
    let digest = digest::hex_digest(text(args, 1)?, data.as_bytes());
    digest.map(Value::String).ok_or_else(|| {
        Trouble::failed("The algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512")
    })
}

/// Only the shallow mode exists.
fn json_merge(args: &[Value]) -> Answer {
    let (Value::Object(left), Value::Object(right)) = (&args[0], &args[1]) else {
        return Err(Trouble::failed("The first two arguments must be objects"));
    };
    if args[2] != Value::Bool(false) {
        return Err(Trouble::failed(
            "Deep merging is not supported: argument 3 must be false",
        ));
    }
    let mut merged = left.clone();
    for (key, value) in right {
        merged.insert(key.clone(), value.clone());
    }
    Ok(Value::Object(merged))
}

/// From the first number up to, and without, the second.
fn math_random(args: &[Value], scope: &Scope<'_>) -> Answer {
    let (from, to) = (integer(args, 0)?, integer(args, 1)?);
    if from >= to {
        return Err(Trouble::failed("The start must be below the end"));
    }
    let number = match args.get(2) {
        Some(_) => match to.checked_sub(from) {
            Some(width) if width <= i64::from(i32::MAX) => {
                from + Seeded::new(integer(args, 2)?)
                    .below(width.cast_unsigned())
                    .cast_signed()
            }
            _ => return Err(Trouble::failed("The range is too wide")),
        },
        None => scope.rng.borrow_mut().i64(from..to),
    };
    Ok(Value::from(number))
}

fn math_add(args: &[Value]) -> Answer {
    let sum = integer(args, 0)?.checked_add(integer(args, 1)?);
    sum.map(Value::from)
        .ok_or_else(|| Trouble::failed("The sum is out of range"))
}

/// Every character of the second text splits; empty parts are left out.
fn string_split(text: &str, separators: &str) -> Value {
    let parts = text.split(|letter| separators.contains(letter));
    let parts = parts.filter(|part| !part.is_empty());
    Value::Array(parts.map(Value::from).collect())
}
