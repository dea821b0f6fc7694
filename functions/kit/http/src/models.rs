//! `PUT`, `GET` and `DELETE /models/{result}`: what was fitted to a tenant's customers.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use baton_app::StoredModel;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::body::JsonBody;
use crate::runs::parsed;
use crate::{Caller, Problem, Shared};

/// Which version.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ModelQuery {
    /// Counts from 1; the latest where nothing is said.
    version: Option<String>,
}

/// Stores what an agent of `score` answered as `fitted`: requests that score use it from now on.
#[utoipa::path(
    put, operation_id = "store_model", path = "/models/{result}", tag = "models",
    request_body(
        content = Object,
        description = "`fitted` of an answer: for `lead` `version`, `intercept` and `features`; for `churn` \
                       `version` and `bg_nbd` or `sbg`; for `ltv` `version`, `bg_nbd` and `gamma_gamma`.",
        example = json!({
            "version": {"method": "bgnbd-ml/1", "data_until": "1997-09-30T00:00:00Z", "customers": 2357},
            "bg_nbd": {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426},
        }),
    ),
    params(("result" = String, Path, description = "`lead`, `churn` or `ltv`.")),
    responses(
        (status = 200, description = "Stored as the next version.", body = StoredModel),
    )
)]
pub(crate) async fn store(
    State(shared): State<Shared>,
    caller: Caller,
    result: Result<Path<String>, PathRejection>,
    JsonBody(fitted): JsonBody<Map<String, Value>>,
) -> Result<Json<StoredModel>, Problem> {
    let (tenant, result) = (&caller.tenant_id, named(result)?);
    let stored = shared.app.store_model(tenant, &result, fitted).await?;
    Ok(Json(stored))
}

/// What was fitted for a result of `score`.
#[utoipa::path(
    get, operation_id = "read_model", path = "/models/{result}", tag = "models",
    params(("result" = String, Path, description = "`lead`, `churn` or `ltv`."), ModelQuery),
    responses(
        (status = 200, description = "The model.", body = StoredModel),
        (status = 404, description = "There is none.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(shared): State<Shared>,
    caller: Caller,
    result: Result<Path<String>, PathRejection>,
    query: Result<Query<ModelQuery>, QueryRejection>,
) -> Result<Json<StoredModel>, Problem> {
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let version = parsed("version", query.version.as_deref())?;
    let (tenant, result) = (&caller.tenant_id, named(result)?);
    Ok(Json(shared.app.read_model(tenant, &result, version).await?))
}

/// Takes what was fitted out of use: requests that score do without it from now on.
#[utoipa::path(
    delete, operation_id = "forget_model", path = "/models/{result}", tag = "models",
    params(("result" = String, Path, description = "`lead`, `churn` or `ltv`.")),
    responses((status = 204, description = "None is used any more; versions stay readable."))
)]
pub(crate) async fn forget(
    State(shared): State<Shared>,
    caller: Caller,
    result: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, Problem> {
    let (tenant, result) = (&caller.tenant_id, named(result)?);
    shared.app.forget_model(tenant, &result).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(result: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let Path(result) = result.map_err(|error| Problem::invalid("result", &error.body_text()))?;
    Ok(result)
}
