//! What holds for every route of the OpenAPI document, said once: how callers are known, and the
//! problems that any route may answer.

use axum::http::StatusCode;
use utoipa::openapi::path::{Operation, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, ResponseBuilder, Type};

/// The scheme's name in the document.
const BEARER: &str = "bearer";

/// The routes that do not ask who calls: a link says itself for whom it decides.
const OPEN: [&str; 2] = ["/health", "/approvals/link/{token}"];

/// Problems of every route that knows its caller.
const ANY: [(StatusCode, &str); 5] = [
    (StatusCode::UNAUTHORIZED, "The caller is not known."),
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        "A field is not valid; `errors` names it.",
    ),
    (
        StatusCode::TOO_MANY_REQUESTS,
        "The tenant asks too often; `retry-after` says when to repeat.",
    ),
    (StatusCode::INTERNAL_SERVER_ERROR, "A defect of Baton."),
    (
        StatusCode::SERVICE_UNAVAILABLE,
        "A service does not answer; `retry-after` says when to repeat.",
    ),
];

/// Problems of every route that takes a body.
const WITH_BODY: [(StatusCode, &str); 3] = [
    (StatusCode::BAD_REQUEST, "The body cannot be read."),
    (
        StatusCode::PAYLOAD_TOO_LARGE,
        "The body, or what it stores, is too large.",
    ),
    (StatusCode::UNSUPPORTED_MEDIA_TYPE, "The body is not JSON."),
];

/// Completes a document that the routes began.
pub(crate) fn complete(document: &mut OpenApi) {
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("JWT")
        .description(Some(
            "A token of the configured issuer; its claim `tenant_id` names the tenant.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    for (path, item) in &mut document.paths.paths {
        let operations = [
            &mut item.get,
            &mut item.put,
            &mut item.post,
            &mut item.delete,
        ];
        for operation in operations.into_iter().flatten() {
            if !OPEN.contains(&path.as_str()) {
                complete_operation(operation);
            }
        }
    }
}

fn complete_operation(operation: &mut Operation) {
    let tenant = ParameterBuilder::new()
        .name("x-tenant-id")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "The tenant; read in development only, where no token is asked for.",
        ))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build();
    operation
        .parameters
        .get_or_insert_default()
        .push(RefOr::T(tenant));
    let token = SecurityRequirement::new::<_, [&str; 0], &str>(BEARER, []);
    operation.security = Some(vec![token, SecurityRequirement::default()]);
    let with_body: &[_] = if operation.request_body.is_some() {
        &WITH_BODY
    } else {
        &[]
    };
    for (status, description) in ANY.iter().chain(with_body) {
        let problem = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name("Problem")))
            .build();
        let response = ResponseBuilder::new()
            .description(*description)
            .content("application/problem+json", problem)
            .build();
        let responses = &mut operation.responses.responses;
        responses
            .entry(status.as_str().to_owned())
            .or_insert(RefOr::T(response));
    }
}
