//! What platform functions share: the use cases wired to AWS, once, and the loop that serves one of
//! them to workflows and schedules.

mod serve;
mod wiring;

use baton_app::FunctionError;
use baton_domain::FieldError;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use baton_aws::Uses;
/// What a function's start fails with.
pub use lambda_runtime::Error;
pub use serve::{block_on, serve};
pub use wiring::{app, with_deliveries, with_email_pilot, with_market, with_video_webhooks};

/// An event as its type.
///
/// # Errors
/// `InvalidInput`, naming the field.
pub fn parse<T: DeserializeOwned>(event: Value) -> Result<T, FunctionError> {
    serde_path_to_error::deserialize(event).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." { String::new() } else { path };
        FunctionError::invalid(&FieldError::new(field, error.into_inner().to_string()))
    })
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Event {
        #[serde(rename = "detail")]
        _detail: Vec<u8>,
    }

    #[test]
    fn what_is_wrong_with_an_event_is_named() {
        let error = parse::<Event>(json!({"detail": [1, "two"]})).unwrap_err();
        assert_eq!(error.code, FunctionError::INVALID_INPUT);
        assert!(error.message.starts_with("detail[1]: "), "{error}");
        let error = parse::<Event>(json!({})).unwrap_err();
        assert!(error.message.starts_with("the payload: "), "{error}");
    }
}
