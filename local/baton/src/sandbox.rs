//! The sandbox EmailPilot that `baton serve --sandbox` starts beside the API.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anstream::eprintln;
use baton_sandbox::emailpilot::{Sandbox, router};
use clap::Args;
use owo_colors::OwoColorize as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::failure::Failure;

/// Whether and where a sandbox is started.
#[derive(Args)]
pub(crate) struct SandboxArguments {
    /// Start a sandbox EmailPilot and use it: it sends no mail, and keeps books beside the --db
    #[arg(long)]
    sandbox: bool,
    /// The port of the sandbox; 0 takes a free one
    #[arg(long, default_value_t = 0, requires = "sandbox", value_name = "PORT")]
    sandbox_port: u16,
}

/// A sandbox that listens until it is dropped.
pub(crate) struct Running {
    address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl SandboxArguments {
    /// Starts the sandbox that was asked for; its books lie beside the file `db`.
    pub(crate) async fn start(&self, db: &Path) -> Result<Option<Running>, Failure> {
        if !self.sandbox {
            return Ok(None);
        }
        let running = Running::start(db, self.sandbox_port).await?;
        eprintln!(
            "The sandbox EmailPilot listens on {}; its books: GET /sandbox/books",
            running.email_pilot_url().bold()
        );
        Ok(Some(running))
    }
}

impl Running {
    /// Starts a sandbox whose books lie beside the file `db`.
    pub(crate) async fn start(db: &Path, port: u16) -> Result<Self, Failure> {
        let books = books_beside(db);
        // It knows no callers, so it is there for this machine alone.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address).await.map_err(|e| {
            let message = format!("the sandbox cannot listen on {address}: {e}");
            Failure::wrong(&format!("{message}; --sandbox-port chooses another port"))
        })?;
        let address = listener.local_addr().map_err(|e| Failure::failed(&e))?;
        let sandbox = Sandbox::open(&books)
            .map_err(|e| Failure::wrong(&format!("{}: {e}", books.display())))?;
        let serving = axum::serve(listener, router(sandbox));
        Ok(Self {
            address,
            serving: tokio::spawn(serving.into_future()),
        })
    }

    /// Where it is: the `EMAILPILOT_BASE_URL` of the Baton beside it.
    pub(crate) fn email_pilot_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// `baton.db` has its books in `baton.emailpilot.jsonl`.
fn books_beside(db: &Path) -> PathBuf {
    db.with_extension("emailpilot.jsonl")
}
