//! The HTTP API: one axum router over the use cases. A Lambda function wraps it, the CLI serves
//! it; neither has a route of its own.

mod access;
mod approval_link;
mod approvals;
mod batches;
mod body;
mod catalog;
mod context_examples;
mod health;
mod log;
mod models;
mod once;
mod openapi;
mod plainly;
mod problem;
mod profiles;
mod rate_limit;
mod requests;
mod run_artifact;
mod run_changes;
mod run_events;
mod runs;
mod tasks;
mod version;
mod video_webhook;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::IntoResponse;
use axum::routing::get;
use baton_app::App;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use access::{Access, Caller};
pub use body::MAX_BODY_BYTES;
pub use problem::Problem;

use rate_limit::RateLimit;

/// What handlers share.
#[derive(Clone)]
struct Shared {
    app: App,
    access: Access,
    limit: Arc<RateLimit>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Baton",
        description = "A serverless multi-agent orchestrator: one request, the fewest agents, one \
                       validated, costed, logged answer. Errors are `application/problem+json`.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(Problem))
)]
struct Document;

/// Every route of the API.
pub fn router(app: App, access: Access) -> Router {
    let limit = Arc::new(RateLimit::per_minute(app.settings().requests_per_minute));
    let (routes, document) = routes();
    // Rendered at the first request for it, so that a cold start does not pay for it.
    let json = Arc::new(std::sync::OnceLock::new());
    let openapi = move || {
        let (json, document) = (Arc::clone(&json), document.clone());
        async move {
            let text: &String = json.get_or_init(|| {
                let mut document = document;
                openapi::complete(&mut document);
                context_examples::add(&mut document);
                document.to_json().unwrap_or_default()
            });
            ([("content-type", "application/json")], text.clone()).into_response()
        }
    };
    routes
        .route("/openapi.json", get(openapi))
        .fallback(async || Problem::no_route())
        .method_not_allowed_fallback(async || Problem::no_method())
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(CatchPanicLayer::custom(|_| {
            Problem::internal().into_response()
        }))
        .with_state(Shared { app, access, limit })
}

fn routes() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(requests::submit))
        .routes(routes!(batches::submit))
        .routes(routes!(profiles::store, profiles::read))
        .routes(routes!(catalog::store, catalog::read))
        .routes(routes!(models::store, models::read, models::forget))
        .routes(routes!(log::list))
        .routes(routes!(runs::start))
        .routes(routes!(runs::list))
        .routes(routes!(runs::read))
        .routes(routes!(run_events::list))
        .routes(routes!(run_artifact::read))
        .routes(routes!(run_changes::cancel))
        .routes(routes!(run_changes::redrive))
        .routes(routes!(run_changes::fork))
        .routes(routes!(run_changes::roll_back))
        .routes(routes!(approvals::submit))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::pending))
        .routes(routes!(approvals::show))
        .routes(routes!(approval_link::open, approval_link::decide))
        .routes(routes!(tasks::create, tasks::list))
        .routes(routes!(tasks::read))
        .routes(routes!(tasks::report))
        .routes(routes!(tasks::resolve))
        .routes(routes!(video_webhook::hear))
        .routes(routes!(health::check))
        .split_for_parts()
}
