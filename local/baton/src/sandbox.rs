//! The sandboxes that `baton serve --sandbox` starts beside the API: an EmailPilot, and a
//! marketplace with its Payment Manager.

use std::future::IntoFuture as _;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use anstream::eprintln;
use axum::Router;
use baton_partners::{EmailPilotSettings, MarketplaceSettings, PaymentManagerSettings};
use baton_sandbox::{emailpilot, marketplace, payments};
use clap::Args;
use owo_colors::OwoColorize as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// Whether and where sandboxes are started.
#[derive(Args)]
pub(crate) struct SandboxArguments {
    /// Start a sandbox EmailPilot, marketplace and Payment Manager and use them: no mail goes out,
    /// no money moves, and their books lie beside the --db
    #[arg(long)]
    sandbox: bool,
    /// The port of the sandbox EmailPilot; 0 takes a free one
    #[arg(long, default_value_t = 0, requires = "sandbox", value_name = "PORT")]
    sandbox_port: u16,
    /// The port of the sandbox marketplace; 0 takes a free one
    #[arg(long, default_value_t = 0, requires = "sandbox", value_name = "PORT")]
    marketplace_port: u16,
    /// The port of the sandbox Payment Manager; 0 takes a free one
    #[arg(long, default_value_t = 0, requires = "sandbox", value_name = "PORT")]
    payment_manager_port: u16,
}

/// Where sandboxes listen; 0 takes a free port.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ports {
    pub(crate) email_pilot: u16,
    pub(crate) marketplace: u16,
    pub(crate) payment_manager: u16,
}

/// Sandboxes that listen until they are dropped.
pub(crate) struct Running {
    email_pilot: Server,
    marketplace: Server,
    payment_manager: Server,
}

impl SandboxArguments {
    /// Starts the sandboxes if they were asked for; their books lie beside the file `db`.
    pub(crate) async fn start(&self, db: &Path) -> Result<Option<Running>, Failure> {
        if !self.sandbox {
            return Ok(None);
        }
        let ports = Ports {
            email_pilot: self.sandbox_port,
            marketplace: self.marketplace_port,
            payment_manager: self.payment_manager_port,
        };
        let running = Running::start(db, ports).await?;
        for (name, url) in [
            ("EmailPilot", running.email_pilot_url()),
            ("marketplace", running.marketplace_url()),
            ("Payment Manager", running.payment_manager_url()),
        ] {
            let url = url.bold();
            eprintln!("The sandbox {name} listens on {url}; its books: GET /sandbox/books");
        }
        for (variable, instead) in [
            (EmailPilotSettings::BASE_URL, "EmailPilot"),
            (MarketplaceSettings::BASE_URL, "marketplace"),
            (PaymentManagerSettings::BASE_URL, "Payment Manager"),
        ] {
            if std::env::var_os(variable).is_some_and(|url| !url.is_empty()) {
                let warning = "warning:".yellow();
                eprintln!("{warning} {variable} is not heeded: --sandbox uses its own {instead}");
            }
        }
        Ok(Some(running))
    }
}

impl Running {
    /// Starts sandboxes whose books lie beside the file `db`: `baton.db` has them in
    /// `baton.emailpilot.jsonl` and `baton.marketplace.jsonl`.
    pub(crate) async fn start(db: &Path, ports: Ports) -> Result<Self, Failure> {
        let pilot = opened(db, "emailpilot.jsonl", emailpilot::Sandbox::open)?;
        let market = opened(db, "marketplace.jsonl", marketplace::Sandbox::open)?;
        let payments = payments::router(market.clone());
        Ok(Self {
            email_pilot: Server::start(
                emailpilot::router(pilot),
                ports.email_pilot,
                "--sandbox-port",
            )
            .await?,
            marketplace: Server::start(
                marketplace::router(market),
                ports.marketplace,
                "--marketplace-port",
            )
            .await?,
            payment_manager: Server::start(
                payments,
                ports.payment_manager,
                "--payment-manager-port",
            )
            .await?,
        })
    }

    /// Where EmailPilot is: the `EMAILPILOT_BASE_URL` of the Baton beside it.
    pub(crate) fn email_pilot_url(&self) -> String {
        self.email_pilot.url()
    }

    /// Where the marketplace is: the `MARKETPLACE_URL` of the Baton beside it.
    pub(crate) fn marketplace_url(&self) -> String {
        self.marketplace.url()
    }

    /// Where the Payment Manager is: the `PAYMENT_MANAGER_URL` of the Baton beside it.
    pub(crate) fn payment_manager_url(&self) -> String {
        self.payment_manager.url()
    }
}

/// A sandbox that listens until it is dropped.
struct Server {
    address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Server {
    /// Serves on a port that `option` chooses.
    async fn start(router: Router, port: u16, option: &str) -> Result<Self, Failure> {
        // It knows no callers, so it is there for this machine alone.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.map_err(|e| {
            let message = format!("the sandbox cannot listen on {address}: {e}");
            Failure::wrong(&format!("{message}; {option} chooses another port"))
        })?;
        let address = listener.local_addr().map_err(|e| Failure::failed(&e))?;
        let serving = axum::serve(listener, router);
        Ok(Self {
            address,
            serving: tokio::spawn(serving.into_future()),
        })
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// What is opened with the books that lie beside the file `db`.
fn opened<T, E: std::fmt::Display>(
    db: &Path,
    extension: &str,
    open: impl FnOnce(&Path) -> Result<T, E>,
) -> Result<T, Failure> {
    let books = db.with_extension(extension);
    open(&books).map_err(|e| Failure::wrong(&format!("{}: {e}", books.display())))
}
