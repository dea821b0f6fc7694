//! The HTTP API as a Lambda function: adapters wired to use cases, and nothing more.

mod caller;

use std::sync::Arc;

use axum::middleware::map_request;
use baton_app::{App, Approving, Environment, LoggedNotices, Ports, SystemClock};
use baton_aws::{Config, Connection, DynamoItems, StepFunctionsCallbacks, StepFunctionsWorkflows};
use baton_http::{Access, router};
use lambda_http::Error;
use tracing_subscriber::EnvFilter;

fn main() -> Result<(), Error> {
    let level = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(level)
        .with_target(false)
        .init();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve())
}

async fn serve() -> Result<(), Error> {
    let access = Access::of(Environment::from_env()?, caller::has_authorizer())?;
    let config = Config::from_env()?;
    let connection = Connection::from_env(&config)?;
    let items = DynamoItems::new(&connection, &config);
    items.warm().await;
    let app = App::new(Ports {
        items: Arc::new(items),
        workflows: Arc::new(StepFunctionsWorkflows::new(&connection, &config)),
        clock: Arc::new(SystemClock),
        callbacks: Arc::new(StepFunctionsCallbacks::new(&connection)),
        notices: Arc::new(LoggedNotices),
    })
    .with_approving(Approving::from_env()?);
    lambda_http::run(router(app, access).layer(map_request(caller::identify))).await
}
