//! The intrinsic functions over arrays.

use serde_json::Value;

use super::call::Trouble;
use super::functions::integer;
use super::same;

type Answer = Result<Value, Trouble>;

/// Items that `States.ArrayRange` may make.
const MOST: i64 = 1_000;

pub(super) fn array(args: &[Value], at: usize) -> Result<&Vec<Value>, Trouble> {
    let wrong = || Trouble::failed(format!("Argument {} must be an array", at + 1));
    args[at].as_array().ok_or_else(wrong)
}

pub(super) fn partition(args: &[Value]) -> Answer {
    let size = usize::try_from(integer(args, 1)?).unwrap_or_default();
    if size == 0 {
        return Err(Trouble::failed("The size of chunks must be positive"));
    }
    let chunks = array(args, 0)?.chunks(size);
    Ok(Value::Array(chunks.map(Value::from).collect()))
}

pub(super) fn contains(args: &[Value]) -> Answer {
    let mut items = array(args, 0)?.iter();
    Ok(Value::Bool(items.any(|item| same(item, &args[1]))))
}

/// From the first number to the second, both included.
pub(super) fn range(args: &[Value]) -> Answer {
    let (first, last, step) = (integer(args, 0)?, integer(args, 1)?, integer(args, 2)?);
    if step == 0 {
        return Err(Trouble::failed("The step must not be 0"));
    }
    let steps = (i128::from(last) - i128::from(first)) / i128::from(step);
    let backwards = (last > first && step < 0) || (last < first && step > 0);
    if backwards {
        return Ok(Value::Array(Vec::new()));
    }
    if steps >= i128::from(MOST) {
        let why = format!("The array must not have more than {MOST} items");
        return Err(Trouble::Failed(why));
    }
    let items = (0..=steps as i64).map(|index| Value::from(first + index * step));
    Ok(Value::Array(items.collect()))
}

pub(super) fn get_item(args: &[Value]) -> Answer {
    let items = array(args, 0)?;
    let index = usize::try_from(integer(args, 1)?).ok();
    let item = index.and_then(|index| items.get(index));
    item.cloned()
        .ok_or_else(|| Trouble::failed("The index is out of the bounds of the array"))
}

/// Each value once, where it is first.
pub(super) fn unique(args: &[Value]) -> Answer {
    let mut found: Vec<Value> = Vec::new();
    let mut texts = std::collections::BTreeSet::new();
    for item in array(args, 0)? {
        // Texts of equal scalars are equal, which keeps long arrays fast.
        let seen = match item {
            Value::Array(_) | Value::Object(_) => found.iter().any(|other| same(item, other)),
            Value::Number(number) => !texts.insert(format!("{:?}", number.as_f64())),
            scalar => !texts.insert(scalar.to_string()),
        };
        if !seen {
            found.push(item.clone());
        }
    }
    Ok(Value::Array(found))
}
