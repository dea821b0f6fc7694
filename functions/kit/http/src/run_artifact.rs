//! `GET /runs/{id}/artifacts/{name}`: as JSON, and a mail as the page that its readers see.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::{
    ACCEPT, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use baton_domain::RunId;
use baton_domain::run::ArtifactRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Caller, Problem, Shared};

/// Which version.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ArtifactQuery {
    /// A version, counting from 1; the run's present one when it is not given.
    version: Option<String>,
}

/// An artifact.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct ArtifactAnswer {
    /// Which.
    artifact: ArtifactRef,
    /// What it holds.
    content: Value,
}

/// What a mail may do in a reader's browser: show itself. Its links open nothing and its scripts,
/// should one be in it, do not run.
const POLICY: &str = "sandbox; default-src 'none'; img-src https: data:; font-src https: data:; \
                      style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; \
                      frame-ancestors 'self'";

/// Something that a run made. A mail (`content.<email>`) is shown as a page to who accepts
/// `text/html`.
#[utoipa::path(
    get, operation_id = "read_artifact", path = "/runs/{id}/artifacts/{name}", tag = "runs",
    params(
        ("id" = RunId, Path, description = "The run."),
        ("name" = String, Path, description = "`strategy`, `content`, `content.email-01`, `qa.email-01`, `insights`, `deployment-plan`; of avatars `script`, `voice`, `video`, `answer`; of batches `results.1`, `results.2`, …."),
        ArtifactQuery,
    ),
    responses(
        (status = 200, description = "The artifact.", content(
            (ArtifactAnswer = "application/json"), (String = "text/html"),
        )),
        (status = 404, description = "There is none.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn read(
    State(shared): State<Shared>,
    caller: Caller,
    path: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<ArtifactQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let Path((id, name)) = path.map_err(|error| Problem::invalid("id", &error.body_text()))?;
    let run: RunId = id.parse().map_err(|error| Problem::invalid("id", &error))?;
    let Query(query) = query.map_err(|error| Problem::query(&error))?;
    let version = query.version.as_deref().map(version).transpose()?;
    let loaded = shared
        .app
        .load_artifact(&caller.tenant_id, run, &name, version);
    let (artifact, content) = loaded.await?;
    if let (true, Some(html)) = (
        wants_page(&headers, "application/json"),
        page(&name, &content),
    ) {
        return Ok(shown(html));
    }
    let answer = ArtifactAnswer { artifact, content };
    Ok(([(VARY, "accept")], Json(answer)).into_response())
}

/// Whether a page is wanted rather than `other`, by the weights of `Accept` (RFC 9110, 12.5.1): only
/// who names `text/html` reads pages, and of equal weights the page wins.
pub(crate) fn wants_page(headers: &HeaderMap, other: &str) -> bool {
    let accepted = headers.get_all(ACCEPT).iter();
    let accepted = accepted.filter_map(|value| value.to_str().ok());
    let ranges: Vec<(String, u32)> = accepted
        .flat_map(|kinds| kinds.split(','))
        .map(weighed)
        .collect();
    let weight = |range: &str| ranges.iter().find(|(kind, _)| kind == range);
    let weight = |range: &str| weight(range).map(|(_, weight)| *weight);
    let page = weight("text/html").unwrap_or(0);
    // The most telling range that fits counts, as `text/*` does before `*/*`.
    let family = other
        .split_once('/')
        .map(|(family, _)| format!("{family}/*"));
    let rest = weight(other)
        .or_else(|| weight(&family?))
        .or_else(|| weight("*/*"))
        .unwrap_or(0);
    page > 0 && page >= rest
}

/// A range of media types with its weight in thousandths; what is no weight is the usual one.
fn weighed(range: &str) -> (String, u32) {
    let mut parts = range.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weight.and_then(|weight| weight.trim().parse::<f32>().ok());
    let weight = weight.filter(|weight| (0.0..=1.0).contains(weight));
    (kind, (weight.unwrap_or(1.0) * 1_000.0).round() as u32)
}

fn page<'a>(name: &str, content: &'a Value) -> Option<&'a str> {
    let is_mail = name.starts_with("content.");
    content.get("mockup_html")?.as_str().filter(|_| is_mail)
}

fn shown(html: &str) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (VARY, "accept"),
    ];
    (headers, html.to_owned()).into_response()
}

fn version(text: &str) -> Result<u64, Problem> {
    let version = text.parse().ok().filter(|version| *version >= 1);
    version.ok_or_else(|| Problem::invalid("version", &"must be an integer from 1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shown_to_who_would_rather_have_one() {
        let wants = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, accept.parse().unwrap());
            wants_page(&headers, "text/markdown")
        };
        for page in [
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "TEXT/HTML",
            "text/html, text/markdown",
            "text/markdown;q=0.5, text/html;level=1;q=0.7",
            "text/html;q=0.1",
        ] {
            assert!(wants(page), "{page}");
        }
        for other in [
            "text/html;q=0.1, text/markdown",
            "text/html;q=0",
            "text/html;q=0.5, text/*",
            "text/html; q=0.5, */*",
            "*/*",
            "text/*",
            "text/markdown",
            "text/htmlx",
        ] {
            assert!(!wants(other), "{other}");
        }
        assert!(!wants_page(&HeaderMap::new(), "text/markdown"));
    }
}
