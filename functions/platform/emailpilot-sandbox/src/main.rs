//! The sandbox `EmailPilot` as a function, for a deployed demonstration.
//!
//! Its books lie in the temporary folder of one instance: they outlive an invocation and not the
//! instance, which Lambda may replace at any time. One instance at a time keeps them: the template
//! reserves that concurrency.

mod key;

use std::path::Path;

use axum::middleware::from_fn;
use baton_platform::{Error, block_on};
use baton_sandbox::emailpilot::{Sandbox, router};

/// The one folder that a function may write to.
const BOOKS: &str = "/tmp/emailpilot-sandbox.jsonl";

fn main() -> Result<(), Error> {
    let key = key::from_env()?;
    let sandbox = Sandbox::open(Path::new(BOOKS))?;
    let routes = router(sandbox).layer(from_fn(move |request, next| {
        key::admit(key.clone(), request, next)
    }));
    block_on(lambda_http::run(routes))
}
