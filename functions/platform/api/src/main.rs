//! The HTTP API as a Lambda function: adapters wired to use cases, and nothing more.

mod caller;

use axum::middleware::map_request;
use baton_app::Environment;
use baton_http::{Access, router};
use baton_platform::{Error, Uses, app, block_on, with_email_pilot, with_video_webhooks};

fn main() -> Result<(), Error> {
    block_on(async {
        let access = Access::of(Environment::from_env()?, caller::has_authorizer())?;
        // Runs that are cancelled take their mails back.
        let app = with_video_webhooks(with_email_pilot(app(&Uses::ALL).await?)?)?;
        lambda_http::run(router(app, access).layer(map_request(caller::identify))).await
    })
}
