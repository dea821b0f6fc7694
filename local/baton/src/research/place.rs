//! The Baton that researches.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use baton_app::Environment;
use baton_domain::{Money, TenantId};
use baton_http::Access;
use baton_sandbox::marketplace::Ledger;
use reqwest::Url;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::ResearchArguments;
use crate::client::{Client, Server};
use crate::failure::Failure;
use crate::house::{Choices, House, Kept, listen};
use crate::sandbox::{Ports, Running};

/// A Baton, wherever it is.
pub(super) struct Place {
    pub(super) client: Client,
    tenant: TenantId,
    /// The sandbox marketplace, if it is in this process.
    market: Option<Client>,
    own: Option<Own>,
}

/// What lives in this process until it is dropped.
struct Own {
    serving: JoinHandle<std::io::Result<()>>,
    _house: House,
    _folder: Option<TempDir>,
}

impl Drop for Own {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Place {
    /// The Baton that the command line names, or one that begins here.
    pub(super) async fn of(arguments: &ResearchArguments) -> Result<Self, Failure> {
        let tenant = arguments.tenant.clone();
        let Some(url) = &arguments.url else {
            return Self::here(arguments.db.as_deref(), tenant, arguments.auto_approve).await;
        };
        let server = Server::reached(url.clone(), tenant.clone(), arguments.token.clone());
        Ok(Self {
            client: server.client()?,
            tenant,
            market: None,
            own: None,
        })
    }

    async fn here(
        db: Option<&Path>,
        tenant: TenantId,
        auto_approve: bool,
    ) -> Result<Self, Failure> {
        let environment = Environment::from_env().map_err(|e| Failure::wrong(&e))?;
        let access = Access::of(environment, false).map_err(|_| {
            let message = "without --url it does not identify callers, so it runs in development \
                           only";
            Failure::wrong(&format!("{}: {message}", Environment::VARIABLE))
        })?;
        let (listener, address) = listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
        let (folder, db) = if let Some(db) = db {
            (None, db.to_owned())
        } else {
            let folder = tempfile::tempdir().map_err(|e| Failure::failed(&e))?;
            let db = folder.path().join("baton.db");
            (Some(folder), db)
        };
        let kept = Kept::open(&db)?;
        let sandbox = Running::start(&db, Ports::default()).await?;
        let market = client(&sandbox.marketplace_url(), &tenant)?;
        let choices = Choices {
            kept,
            address,
            broken: &[],
            sandbox: Some(sandbox),
            auto_approve,
        };
        let (house, _) = House::open(access, choices).await?;
        let serving = axum::serve(listener, house.router());
        Ok(Self {
            client: client(&format!("http://{address}"), &tenant)?,
            tenant,
            market: Some(market),
            own: Some(Own {
                serving: tokio::spawn(serving.into_future()),
                _house: house,
                _folder: folder,
            }),
        })
    }

    /// The options with which other commands come to the same Baton.
    pub(super) fn named(&self) -> String {
        let tenant = match self.tenant.as_str() {
            "default" => String::new(),
            tenant => format!(" --tenant {tenant}"),
        };
        format!(" --url {}{tenant}", self.client.url())
    }

    /// Whether it is in this process, and buys at the sandbox.
    pub(super) const fn is_here(&self) -> bool {
        self.own.is_some()
    }

    /// What the books of the sandbox marketplace say was ever charged, if it is here.
    pub(super) async fn charged(&self) -> Result<Option<Money>, Failure> {
        let Some(market) = &self.market else {
            return Ok(None);
        };
        let ledger: Ledger = market.get(&["sandbox", "books"], &[]).await?;
        Ok(Some(ledger.total))
    }
}

fn client(url: &str, tenant: &TenantId) -> Result<Client, Failure> {
    let url: Result<Url, _> = url.parse();
    let url = url.map_err(|e| Failure::failed(&e))?;
    Server::at(url, tenant.clone()).client()
}
