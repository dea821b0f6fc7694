//! Where a value may have one of several forms: which one it was meant to have, so that what is
//! told is what is wrong with that one.

use serde_json::{Map, Value};

use super::check::{Fault, Place, check};

/// `allOf`, `anyOf` and `oneOf`.
pub(super) fn check_forms(
    place: &Place<'_>,
    schema: &Map<String, Value>,
    value: &Value,
    references: usize,
) -> Result<(), Fault> {
    let list = |keyword| schema.get(keyword).and_then(Value::as_array);
    for all in list("allOf").into_iter().flatten() {
        check(place, all, value, references)?;
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(forms) = list(keyword) else { continue };
        let tried = forms
            .iter()
            .map(|form| check(place, form, value, references));
        let results: Vec<Result<(), Fault>> = tried.collect();
        let meant = forms.iter().position(|form| is_tagged(form, value));
        let faults: Vec<Fault> = results.iter().filter_map(|r| r.clone().err()).collect();
        if faults.len() == forms.len() {
            return Err(meant.map_or_else(|| closest(place, &faults), |form| faults[form].clone()));
        }
        if keyword == "oneOf" && forms.len() - faults.len() > 1 {
            return Err(place.fault("fits more than one of the allowed forms"));
        }
    }
    Ok(())
}

/// Whether a form fixes fields, and the value has all of these: then it is the form that was meant.
fn is_tagged(form: &Value, value: &Value) -> bool {
    let properties = form.get("properties").and_then(Value::as_object);
    let fixed = properties.into_iter().flatten();
    let mut fixed = fixed.filter_map(|(name, schema)| Some((name, schema.get("const")?)));
    fixed.next().is_some_and(|first| {
        std::iter::once(first)
            .chain(fixed)
            .all(|(name, only)| value.get(name) == Some(only))
    })
}

/// The fault of the form that came furthest, or all of them where none came further than another.
fn closest(place: &Place<'_>, faults: &[Fault]) -> Fault {
    let deepest = faults.iter().map(|fault| fault.depth).max().unwrap_or(0);
    let mut best = faults.iter().filter(|fault| fault.depth == deepest);
    if let (Some(only), None) = (best.next(), best.next()) {
        return only.clone();
    }
    let told: Vec<String> = faults.iter().map(Fault::to_string).collect();
    let problems: Vec<&str> = faults.iter().map(|fault| fault.problem.as_str()).collect();
    let same_place = faults.iter().all(|fault| fault.path == place.path);
    let forms = if same_place {
        problems.join("; or ")
    } else {
        told.join("; or ")
    };
    place.fault(format!("fits no allowed form: {forms}"))
}
