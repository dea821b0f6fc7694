//! The log of a command: structured JSON on standard error.

use tracing_subscriber::EnvFilter;

/// Starts the log. `RUST_LOG` decides what is in it; without it, `default`.
pub(crate) fn start(default: &str) {
    let level = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(level)
        .with_target(false)
        .with_writer(std::io::stderr)
        .init();
}
