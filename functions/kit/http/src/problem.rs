//! Errors as RFC 9457 problem details: a stable type, and what to do.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use baton_app::MAX_DOCUMENT_BYTES;
use baton_app::{AppError, ApprovalRefusal};
use baton_domain::FieldError;
use baton_domain::approval::{Approval, ApprovalOutcome};
use baton_domain::ports::WorkflowError;
use baton_domain::video::WebhookError;
use serde::Serialize;

use crate::MAX_BODY_BYTES;

/// When to repeat a request where nobody knows better, in seconds.
const SOON: u64 = 2;

/// A problem (RFC 9457). `type` is stable: programs match on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// `urn:baton:problem:` and a name.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind of problem in a few words.
    pub title: &'static str,
    /// HTTP status.
    pub status: u16,
    /// What happened here and what to do about it.
    pub detail: String,
    /// The fields to mend.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ProblemField>,
    /// What was decided, where that is the problem.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Box<ApprovalOutcome>>,
    /// After how many seconds to repeat the request, where that helps; also in `retry-after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// One field to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ProblemField {
    /// Dotted path from the root of the input, such as `context.want[0]`.
    pub field: String,
    /// What is wrong and what would be accepted.
    pub message: String,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:baton:problem:{kind}"),
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            decision: None,
            retry_after: None,
        }
    }

    pub(crate) fn invalid(field: &str, message: &impl ToString) -> Self {
        let message = message.to_string();
        let place = if field.is_empty() { "the body" } else { field };
        let detail = format!("{place}: {message}");
        let errors = vec![ProblemField {
            field: field.to_owned(),
            message,
        }];
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        Self {
            errors,
            ..Self::new(status, "invalid-field", "A field is not valid", detail)
        }
    }

    /// Several fields, all of which are named.
    pub(crate) fn fields(errors: &[FieldError]) -> Self {
        let mut all = errors
            .iter()
            .map(|error| Self::invalid(&error.field, &error.message));
        let Some(mut first) = all.next() else {
            return Self::invalid("", &"is not valid");
        };
        if errors.len() > 1 {
            let more = errors.len() - 1;
            first.detail = format!("{} (and {more} more, in `errors`)", first.detail);
        }
        let others = all.flat_map(|problem| problem.errors);
        first.errors.extend(others);
        first
    }

    pub(crate) fn malformed(detail: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "malformed-body",
            "The body cannot be read",
            detail,
        )
    }

    pub(crate) fn not_json() -> Self {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let detail = "send the body as JSON, with content-type: application/json";
        Self::new(
            status,
            "unsupported-media-type",
            "The body is not JSON",
            detail,
        )
    }

    pub(crate) fn body_too_large() -> Self {
        let detail = format!("send at most {MAX_BODY_BYTES} bytes");
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "body-too-large",
            "The body is too large",
            detail,
        )
    }

    pub(crate) fn unauthorized() -> Self {
        let detail = "send a bearer token whose claims name a tenant (`tenant_id`)";
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "The caller is not known",
            detail,
        )
    }

    pub(crate) fn too_many(wait: Duration) -> Self {
        // The next whole second, so that it is not too early.
        let seconds = wait.as_secs() + 1;
        let detail = format!("this tenant asks too often: repeat the request in {seconds} s");
        let title = "Too many requests of this tenant";
        Self {
            retry_after: Some(seconds),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-requests",
                title,
                detail,
            )
        }
    }

    pub(crate) fn no_route() -> Self {
        let detail = "no route has this path: GET /openapi.json lists them";
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-route",
            "There is no such route",
            detail,
        )
    }

    pub(crate) fn no_method() -> Self {
        let detail = "the route has other methods: GET /openapi.json lists them";
        let status = StatusCode::METHOD_NOT_ALLOWED;
        Self::new(
            status,
            "method-not-allowed",
            "The route does not have this method",
            detail,
        )
    }

    pub(crate) fn internal() -> Self {
        tracing::error!(severity = "critical", "a handler panicked");
        let detail = "this is a defect of Baton; nothing half done is left. Repeat the request";
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Baton failed",
            detail,
        )
    }

    fn approval(refusal: ApprovalRefusal, detail: &str) -> Self {
        let (kind, title, approval): (_, _, Box<Approval>) = match refusal {
            ApprovalRefusal::Decided(approval) => (
                "approval-decided",
                "The approval was decided before",
                approval,
            ),
            ApprovalRefusal::Expired(approval) => {
                ("approval-expired", "The approval has expired", approval)
            }
            ApprovalRefusal::Withdrawn(approval) => {
                ("approval-withdrawn", "The approval was withdrawn", approval)
            }
            ApprovalRefusal::ArtifactChanged(approval) => {
                ("artifact-changed", "The artifact is another one", approval)
            }
        };
        Self {
            decision: approval.outcome.map(Box::new),
            ..Self::new(StatusCode::CONFLICT, kind, title, detail)
        }
    }

    fn webhook(error: &WebhookError, detail: String) -> Self {
        match error {
            WebhookError::NotConfigured => Self::new(
                StatusCode::NOT_FOUND,
                "no-provider",
                "No provider of videos tells this Baton",
                "set VIDEO_WEBHOOK_SECRET, or HEYGEN_WEBHOOK_SECRET for HeyGen",
            ),
            WebhookError::Unauthenticated => Self {
                detail,
                ..Self::unauthorized()
            },
            WebhookError::Malformed(_) => Self::malformed(&detail),
        }
    }

    fn unavailable(detail: &str) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let title = "A service that Baton needs does not answer";
        Self {
            retry_after: Some(SOON),
            ..Self::new(status, "unavailable", title, detail)
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let detail = error.to_string();
        match error {
            AppError::Invalid(FieldError { field, message }) => Self::invalid(&field, &message),
            AppError::Webhook(error) => Self::webhook(&error, detail),
            AppError::NotFound(_) => Self::new(
                StatusCode::NOT_FOUND,
                "not-found",
                "Nothing is stored there",
                detail,
            ),
            AppError::TooLarge { .. } => {
                let detail = format!("{detail}. Keep what is recent: {MAX_DOCUMENT_BYTES} bytes");
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                Self::new(
                    status,
                    "document-too-large",
                    "The document is too large",
                    detail,
                )
            }
            AppError::KeyReused => {
                let title = "The Idempotency-Key belongs to another request";
                Self::new(
                    StatusCode::CONFLICT,
                    "idempotency-key-reused",
                    title,
                    detail,
                )
            }
            AppError::StillRunning => {
                let title = "The first request is still running";
                Self {
                    retry_after: Some(SOON),
                    ..Self::new(StatusCode::CONFLICT, "still-running", title, detail)
                }
            }
            AppError::Refused(_) | AppError::RunConflict(_) => {
                let title = "The run does not allow it";
                Self::new(StatusCode::CONFLICT, "run-conflict", title, detail)
            }
            AppError::Stale { .. } => {
                let (status, title) = (StatusCode::PRECONDITION_FAILED, "The run has changed");
                Self::new(status, "version-mismatch", title, detail)
            }
            AppError::Approval(refusal) => Self::approval(refusal, &detail),
            AppError::NowhereToBuy => {
                let (status, title) = (StatusCode::SERVICE_UNAVAILABLE, "Research cannot buy");
                Self::new(status, "nowhere-to-buy", title, detail)
            }
            AppError::Contended => Self::unavailable(&detail),
            AppError::Store(_) => {
                Self::unavailable("the store does not answer: repeat the request in a moment")
            }
            AppError::Workflow(WorkflowError::Unavailable(_)) => {
                Self::unavailable("workflows cannot be started: repeat the request in a moment")
            }
            AppError::Workflow(_) => {
                let title = "The workflow failed";
                let detail =
                    "the workflow did not end in an answer; engineers know. Repeat it later";
                Self::new(StatusCode::BAD_GATEWAY, "workflow-failed", title, detail)
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
