//! Puts a result where `ResultPath` says.

use serde_json::{Map, Value};

use super::path::{Path, Step};

/// Puts `result` into `data` at a Reference Path, making objects where there are none.
///
/// # Errors
/// What stood in the way: the step that could not be taken, and where.
pub(super) fn put(path: &Path, data: Value, result: Value) -> Result<Value, String> {
    let mut data = data;
    let mut here = &mut data;
    for step in &path.steps {
        here = match step {
            Step::Names(names) => field(here, names.first().map_or("", String::as_str))?,
            Step::Indexes(indexes) => item(here, indexes.first().copied().unwrap_or_default())?,
            _ => return Err(format!("Unable to apply step \"{step}\" to input {here}")),
        };
    }
    *here = result;
    Ok(data)
}

fn field<'v>(here: &'v mut Value, name: &str) -> Result<&'v mut Value, String> {
    if !here.is_object() {
        return Err(format!("Unable to apply step \"{name}\" to input {here}"));
    }
    match here {
        Value::Object(fields) => Ok(fields
            .entry(name.to_owned())
            .or_insert_with(|| Value::Object(Map::new()))),
        _ => Err(String::new()),
    }
}

fn item(here: &mut Value, index: i64) -> Result<&mut Value, String> {
    let wrong = format!("Unable to apply step \"[{index}]\" to input {here}");
    let items = here.as_array_mut().ok_or(wrong.clone())?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let index = if index < 0 { index + length } else { index };
    let index = usize::try_from(index).map_err(|_| wrong.clone())?;
    items.get_mut(index).ok_or(wrong)
}
