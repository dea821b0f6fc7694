//! `PUT` and `GET /catalog`.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use baton_domain::Catalog;

use crate::body::JsonBody;
use crate::{Caller, Problem, Shared};

/// Stores what the tenant offers: items to recommend and the policy that prices obey.
#[utoipa::path(
    put, operation_id = "store_catalog", path = "/catalog", tag = "catalog", request_body = Catalog,
    responses(
        (status = 204, description = "Stored, replacing the catalog before."),
    )
)]
pub(crate) async fn store(
    State(shared): State<Shared>,
    caller: Caller,
    JsonBody(catalog): JsonBody<Catalog>,
) -> Result<StatusCode, Problem> {
    shared
        .app
        .store_catalog(&caller.tenant_id, &catalog)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The stored catalog of the tenant.
#[utoipa::path(
    get, operation_id = "read_catalog", path = "/catalog", tag = "catalog",
    responses(
        (status = 200, description = "The catalog.", body = Catalog),
        (status = 404, description = "There is none.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(shared): State<Shared>,
    caller: Caller,
) -> Result<Json<Catalog>, Problem> {
    Ok(Json(shared.app.read_catalog(&caller.tenant_id).await?))
}
