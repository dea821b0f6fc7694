//! How the sandbox says no: a status and `{"error": {"code", "message"}}`.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use baton_domain::campaign::DeliveryState;
use serde_json::json;

use crate::journal::BooksError;

/// Something that was not accepted.
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: std::borrow::Cow<'static, str>,
}

impl Refusal {
    pub(super) const NO_BRAND: Self =
        Self::new(StatusCode::NOT_FOUND, "not_found", "no such brand");
    pub(super) const NO_CAMPAIGN: Self =
        Self::new(StatusCode::NOT_FOUND, "not_found", "no such campaign");

    pub(super) const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message: std::borrow::Cow::Borrowed(message),
        }
    }

    /// A field of what was sent is wrong.
    pub(super) fn field(field: &str, wrong: &str) -> Self {
        Self {
            message: format!("{field}: {wrong}").into(),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "")
        }
    }

    pub(super) const fn conflict(message: &'static str) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// The campaign has come too far.
    pub(super) const fn state(state: DeliveryState) -> Self {
        Self::conflict(match state {
            DeliveryState::Sent => "the campaign went out",
            DeliveryState::Cancelled => "the campaign was cancelled",
            _ => "the campaign's state does not allow it",
        })
    }
}

impl From<BooksError> for Refusal {
    fn from(_: BooksError) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "books",
            "the books cannot be kept",
        )
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self {
            message: rejection.body_text().into(),
            ..Self::new(rejection.status(), "invalid", "")
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let error = json!({ "error": { "code": self.code, "message": self.message } });
        (self.status, Json(error)).into_response()
    }
}
