//! The sandbox marketplace and its Payment Manager as a function, for a deployed demonstration.
//!
//! Neither is called with a key, and the function's address is open to the world: so the first part
//! of every path is the key of the sandboxes, and any other path is not there. Its books lie in the
//! temporary folder of one instance, as those of the sandbox `EmailPilot` do.

use std::path::Path;

use axum::Router;
use baton_platform::{Error, block_on};
use baton_sandbox::marketplace::Sandbox;
use baton_sandbox::payments::market;

/// The one folder that a function may write to.
const BOOKS: &str = "/tmp/marketplace-sandbox.jsonl";

/// The variable that holds the key.
const KEY: &str = "SANDBOX_KEY";

/// The fewest bytes of a key.
const LEAST: usize = 16;

fn main() -> Result<(), Error> {
    let key = std::env::var(KEY).unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if key.len() < LEAST || !key.bytes().all(plain) {
        let wrong = format!("{KEY}: must be at least {LEAST} letters, digits, - and _");
        return Err(wrong.into());
    }
    let sandbox = Sandbox::open(Path::new(BOOKS))?;
    block_on(lambda_http::run(
        Router::new().nest(&format!("/{key}"), market(sandbox)),
    ))
}
