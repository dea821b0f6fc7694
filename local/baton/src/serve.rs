//! `baton serve`: the HTTP API of an embedded Baton.

use std::future::IntoFuture as _;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anstream::eprintln;
use axum::Router;
use baton_app::{App, Environment};
use baton_domain::{TenantId, Timestamp};
use baton_http::Access;
use clap::Args;
use owo_colors::OwoColorize as _;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::house::{Choices, House, Kept, listen};
use crate::sandbox::SandboxArguments;
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
    /// Break an agent on purpose, to see its fallback answer; may be repeated
    #[arg(long = "break", value_name = "AGENT")]
    broken: Vec<String>,
    #[command(flatten)]
    sandbox: SandboxArguments,
}

/// How long running requests may take to end once the server is told to stop: as long as the
/// longest workflow behind one.
const GRACE: Duration = Duration::from_secs(30);

/// Serves until it is told to stop, then lets running requests end.
pub(crate) async fn serve(arguments: ServeArguments) -> Result<ExitCode, Failure> {
    log::start("info");
    let environment = Environment::from_env().map_err(|e| Failure::wrong(&e))?;
    let access = Access::of(environment, false).map_err(|_| {
        let message = "`baton serve` does not identify callers, so it runs in development only";
        Failure::wrong(&format!("{}: {message}", Environment::VARIABLE))
    })?;
    // The port first: a start that is refused must not have touched the file of another server.
    let (listener, address) = listen(SocketAddr::new(arguments.host, arguments.port)).await?;
    let kept = Kept::open(&arguments.db)?;
    let sandbox = arguments.sandbox.start(&arguments.db).await?;
    let choices = Choices {
        kept,
        address,
        broken: &arguments.broken,
        sandbox,
        auto_approve: false,
    };
    let (house, resumed) = House::open(access, choices).await?;
    if arguments.sample {
        store_sample(&house.app(), &arguments.tenant).await?;
    }
    if resumed > 0 {
        eprintln!("took up {resumed} executions that were open");
    }
    eprintln!(
        "Baton listens on {} (Ctrl-C stops it)",
        format!("http://{address}").bold()
    );
    let served = until_stopped(listener, house.router()).await;
    served.map_err(|e| Failure::failed(&e))?;
    Ok(ExitCode::SUCCESS)
}

async fn store_sample(app: &App, tenant: &TenantId) -> Result<(), Failure> {
    let sample = sample::load(app, tenant, Timestamp::now()).await;
    let sample = sample.map_err(|e| Failure::failed(&e))?;
    let (users, items) = (sample.users.len(), sample.catalog.items.len());
    eprintln!("stored the sample for tenant {tenant}: {users} users, {items} items");
    Ok(())
}

/// Serves until a signal, and then for as long as running requests take, up to a limit: a caller
/// that never finishes its body must not keep the process.
pub(crate) async fn until_stopped(listener: TcpListener, router: Router) -> std::io::Result<()> {
    let (stopping, mut stopped) = tokio::sync::watch::channel(());
    let signalled = async move {
        stop().await;
        drop(stopping);
    };
    let server = axum::serve(listener, router).with_graceful_shutdown(signalled);
    let grace = async move {
        // Ends with an error when the sender is gone, which is what it waits for.
        let _ = stopped.changed().await;
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        ended = server.into_future() => ended,
        () = grace => Ok(()),
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
    eprintln!(
        "stopping: running requests may end, for at most {} s",
        GRACE.as_secs()
    );
}
