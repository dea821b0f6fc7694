//! `POST /webhooks/videos/{tenant}/{provider}`: what providers of videos tell by themselves. They are
//! known by their signature or by the token of the address, which is made for one run.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use baton_domain::TenantId;
use baton_domain::video::{Delivery, Provider};
use serde::Deserialize;

use crate::{Problem, Shared};

/// Where providers put their signatures.
const SIGNATURES: [&str; 2] = ["heygen-signature", "signature"];

/// What the address carries.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct WebhookQuery {
    /// Shows that this Baton made the address, for one run.
    token: Option<String>,
}

/// Hears what became of a video. It is for providers; nothing is answered.
#[utoipa::path(
    post, operation_id = "hear_of_video", path = "/webhooks/videos/{tenant}/{provider}", tag = "webhooks",
    params(
        ("tenant" = String, Path, description = "Whose video it is."),
        ("provider" = String, Path, description = "`d-id` or `heygen`."),
        WebhookQuery,
    ),
    request_body(content = String, description = "What the provider documents.", content_type = "application/json"),
    responses(
        (status = 204, description = "Heard. What nobody waits for is heard as well."),
        (status = 401, description = "Neither the signature nor the token is right.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "There is no such provider here.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn hear(
    State(shared): State<Shared>,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<WebhookQuery>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<StatusCode, Problem> {
    let Path((tenant, provider)) = path.map_err(|_| Problem::no_route())?;
    let tenant: TenantId = tenant.parse().map_err(|_| Problem::no_route())?;
    let provider = Provider::named(&provider).ok_or_else(Problem::no_route)?;
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let body = body.map_err(|_| Problem::body_too_large())?;
    let work = async move {
        let signature = SIGNATURES.iter().find_map(|name| headers.get(*name));
        let delivery = Delivery {
            provider,
            body: &body,
            signature: signature.and_then(|value| value.to_str().ok()),
            token: query.token.as_deref(),
        };
        shared.app.hear_of_video(&tenant, &delivery).await
    };
    // A task of its own: a provider that hangs up must not leave the workflow untold.
    let heard = tokio::spawn(work).await.map_err(|_| Problem::internal())?;
    heard?;
    Ok(StatusCode::NO_CONTENT)
}
