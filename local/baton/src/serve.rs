//! `baton serve`: the HTTP API of an embedded Baton.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anstream::eprintln;
use baton_app::Environment;
use baton_domain::TenantId;
use baton_embedded::{Breakage, Embedded};
use baton_http::Access;
use clap::Args;
use owo_colors::OwoColorize as _;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::{log, sample};

/// Serves the HTTP API
#[derive(Args)]
#[command(after_help = "\
Examples:
  baton serve --sample
  curl -s http://127.0.0.1:8100/requests -H 'content-type: application/json' \\
    -d '{\"type\": \"personalize\", \"user_id\": \"champion-01\"}'

APP_ENVIRONMENT must be development (the default): this server does not identify callers.
The header x-tenant-id names the tenant; without it, it is `default`.")]
pub(crate) struct ServeArguments {
    /// The address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: IpAddr,
    /// The port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 8100)]
    port: u16,
    /// The file that holds all state; made when it is not there
    #[arg(long, default_value = "baton.db", env = "BATON_DB")]
    db: PathBuf,
    /// Store the sample catalog and profiles first
    #[arg(long)]
    sample: bool,
    /// The tenant that --sample stores for
    #[arg(long, default_value = "default", requires = "sample")]
    tenant: TenantId,
    /// Break an agent on purpose, to see its fallback; may be repeated
    #[arg(long = "break", value_name = "AGENT")]
    broken: Vec<String>,
}

/// How often items that have expired are deleted.
const PURGE_EVERY: Duration = Duration::from_mins(10);

/// Serves until it is told to stop, then lets running requests end.
pub(crate) async fn serve(arguments: ServeArguments) -> Result<ExitCode, Failure> {
    log::start("info");
    let environment = Environment::from_env().map_err(|e| Failure::wrong(&e))?;
    let access = Access::of(environment, false).map_err(|e| Failure::wrong(&e))?;
    let mut baton = Embedded::open(&arguments.db).map_err(|e| Failure::wrong(&e))?;
    for agent in &arguments.broken {
        let broken = baton.agents.breaking(agent, Breakage::Method);
        baton.agents = broken.map_err(|e| Failure::wrong(&e))?;
    }
    let app = baton.app();
    if arguments.sample {
        let sample = sample::load(&app, &arguments.tenant)
            .await
            .map_err(|e| Failure::failed(&e))?;
        eprintln!(
            "stored the sample: {} users, {} items",
            sample.users.len(),
            sample.catalog.items.len()
        );
    }
    let resumed = baton.executions().resume().await;
    let resumed = resumed.map_err(|e| Failure::failed(&e))?;
    if resumed > 0 {
        eprintln!("took up {resumed} executions that were open");
    }
    let purging = tokio::spawn(purge(Arc::clone(&baton.items)));
    let address = SocketAddr::new(arguments.host, arguments.port);
    let listener = TcpListener::bind(address).await;
    let listener =
        listener.map_err(|e| Failure::wrong(&format!("cannot listen on {address}: {e}")))?;
    let address = listener.local_addr().map_err(|e| Failure::failed(&e))?;
    eprintln!(
        "Baton listens on {} (Ctrl-C stops it)",
        format!("http://{address}").bold()
    );
    let server = axum::serve(listener, baton_http::router(app, access));
    server
        .with_graceful_shutdown(stop())
        .await
        .map_err(|e| Failure::failed(&e))?;
    purging.abort();
    Ok(ExitCode::SUCCESS)
}

async fn purge(items: Arc<baton_embedded::SqliteItems>) {
    let mut every = tokio::time::interval(PURGE_EVERY);
    loop {
        every.tick().await;
        match items.purge(baton_domain::Timestamp::now()).await {
            Ok(purged) => tracing::debug!(purged, "deleted what had expired"),
            Err(error) => tracing::warn!(%error, "what has expired was not deleted"),
        }
    }
}

/// Ends at Ctrl-C or SIGTERM.
async fn stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
    eprintln!("stopping: running requests may end");
}
