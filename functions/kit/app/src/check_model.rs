//! What may be stored as fitted: what an agent would take back, checked when it is stored, since a
//! workflow that finds a bad one can only do without.

use baton_domain::FieldError;
use baton_leads::Model;
use baton_lifetime::Parameters;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Checks what was fitted for a result of `score`.
///
/// # Errors
/// The first field that no fit gives, or that the result needs and that is not there.
pub(crate) fn check_model(result: &str, fitted: &Map<String, Value>) -> Result<(), FieldError> {
    match result {
        "lead" => read::<Model>(fitted)?.validate(),
        "churn" => {
            let parameters: Parameters = read(fitted)?;
            if parameters.bg_nbd.is_none() && parameters.sbg.is_none() {
                let message =
                    "must be there, or `sbg`: churn is predicted from orders or contracts";
                return Err(FieldError::new("bg_nbd", message));
            }
            parameters.validate()
        }
        _ => {
            let parameters: Parameters = read(fitted)?;
            if parameters.bg_nbd.is_none() {
                let message = "must be there: values come from a fit to orders; what was fitted \
                               to contracts is stored for `churn`";
                return Err(FieldError::new("bg_nbd", message));
            }
            parameters.validate()
        }
    }
}

fn read<T: DeserializeOwned>(fitted: &Map<String, Value>) -> Result<T, FieldError> {
    let fitted = Value::Object(fitted.clone());
    serde_path_to_error::deserialize(fitted).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { String::new() } else { path };
        let message = format!(
            "{}: store what the agent answered as `fitted`",
            error.into_inner()
        );
        FieldError::new(field, message)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(result: &str, fitted: &Value) -> Option<String> {
        let fitted = fitted.as_object().unwrap();
        check_model(result, fitted).err().map(|error| error.field)
    }

    #[test]
    fn a_field_that_no_fit_gives_is_named() {
        let version =
            json!({"method": "m/1", "data_until": "2026-01-01T00:00:00Z", "customers": 9});
        let rows = json!({"method": "m/1", "data_until": "2026-01-01T00:00:00Z", "rows": 9});
        let bg_nbd = |r: f64| json!({"r": r, "alpha": 4.4, "a": 0.8, "b": 2.4});
        let orders = json!({"version": version, "bg_nbd": bg_nbd(0.24)});
        let contracts = json!({"version": version, "sbg": {"alpha": 0.7, "beta": 1.2}});
        let weight = |c: f64| json!({"carts": {"coefficient": c, "mean": 0.2}});
        let lead = |c| json!({"version": rows, "intercept": -3.0, "features": weight(c)});
        for (result, fitted, field) in [
            ("churn", json!({"a": 1}), Some("a")),
            ("churn", orders.clone(), None),
            ("churn", contracts.clone(), None),
            ("churn", json!({"version": version}), Some("bg_nbd")),
            (
                "ltv",
                json!({"version": version, "bg_nbd": bg_nbd(-1.0)}),
                Some("bg_nbd.r"),
            ),
            (
                "ltv",
                json!({"version": version, "bg_nbd": {"r": "x"}}),
                Some("bg_nbd.r"),
            ),
            ("ltv", orders.clone(), None),
            ("ltv", contracts, Some("bg_nbd")),
            ("lead", lead(0.9), None),
            ("lead", lead(1e300), Some("features.carts.coefficient")),
            (
                "lead",
                json!({"version": rows, "intercept": 0, "features": {}}),
                Some("features"),
            ),
        ] {
            assert_eq!(
                refused(result, &fitted).as_deref(),
                field,
                "{result} {fitted}"
            );
        }
        // Which of its fields is named first is the order's of the text.
        assert!(refused("lead", &orders).is_some());
    }
}
