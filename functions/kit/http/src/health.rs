//! `GET /health`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;

use crate::Shared;

/// Whether Baton can answer.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `healthy`, or `degraded` when the store does not answer.
    status: &'static str,
    /// Baton's version.
    version: &'static str,
    /// When it was asked.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
}

/// Whether Baton can answer: the store is asked, not assumed.
#[utoipa::path(
    get, operation_id = "check_health", path = "/health", tag = "health",
    responses(
        (status = 200, description = "It can.", body = Health),
        (status = 503, description = "The store does not answer.", body = Health),
    )
)]
pub(crate) async fn check(State(shared): State<Shared>) -> Response {
    let (code, status) = match shared.app.check_store().await {
        Ok(()) => (StatusCode::OK, "healthy"),
        Err(error) => {
            tracing::error!(%error, "the health check failed");
            (StatusCode::SERVICE_UNAVAILABLE, "degraded")
        }
    };
    (
        code,
        Json(Health {
            status,
            version: env!("CARGO_PKG_VERSION"),
            timestamp: Timestamp::now(),
        }),
    )
        .into_response()
}
