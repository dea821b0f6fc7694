//! `PUT` and `GET /users/{id}/profile`.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use baton_domain::{Profile, UserId};

use crate::body::JsonBody;
use crate::{Caller, Problem, Shared};

/// Stores what is known of a user: later requests are enriched with it.
#[utoipa::path(
    put, operation_id = "store_profile", path = "/users/{id}/profile", tag = "users", request_body = Profile,
    params(("id" = UserId, Path, description = "The user, as the caller's own systems call them.")),
    responses(
        (status = 204, description = "Stored, replacing the profile before."),
    )
)]
pub(crate) async fn store(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
    JsonBody(profile): JsonBody<Profile>,
) -> Result<StatusCode, Problem> {
    shared
        .app
        .store_profile(&caller.tenant_id, &user(id)?, &profile)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The stored profile of a user.
#[utoipa::path(
    get, operation_id = "read_profile", path = "/users/{id}/profile", tag = "users",
    params(("id" = UserId, Path, description = "The user, as the caller's own systems call them.")),
    responses(
        (status = 200, description = "The profile.", body = Profile),
        (status = 404, description = "There is none.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(shared): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Profile>, Problem> {
    Ok(Json(
        shared
            .app
            .read_profile(&caller.tenant_id, &user(id)?)
            .await?,
    ))
}

fn user(id: Result<Path<String>, PathRejection>) -> Result<UserId, Problem> {
    let Path(id) = id.map_err(|error| Problem::invalid("id", &error.body_text()))?;
    id.parse().map_err(|error| Problem::invalid("id", &error))
}
