//! A whole Baton in this process, with everybody that it talks to: what `baton serve` serves and
//! what the demo of campaigns runs on.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use axum::Router;
use baton_app::{App, ApprovalLinks, Approving, CampaignBrands, Settings, kept_link_secret};
use baton_domain::email_pilot::EmailPilot;
use baton_domain::marketplace::{Marketplace, PaymentManager, Wallet};
use baton_domain::ports::Deliveries;
use baton_domain::video::VideoWebhooks;
use baton_embedded::{Agents, Breakage, Embedded, HeardAt, Hold};
use baton_http::{Access, router};
use baton_partners::video::webhook::WebhookSecrets;
use baton_partners::{
    AllowedAssets, EmailPilotClient, EmailPilotSettings, EvmWallet, MarketplaceClient,
    MarketplaceSettings, PaymentManagerClient, PaymentManagerSettings, Secret, Webhook,
};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::failure::Failure;
use crate::sandbox::Running;

/// Signs payments to the sandbox, whose money is no money.
const PLAY_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// A Baton and its housekeeping, which ends when it is dropped.
pub(crate) struct House {
    pub(crate) baton: Arc<Embedded>,
    _hold: Hold,
    access: Access,
    keeping: JoinHandle<()>,
    /// Requests that run may need it to the last.
    _sandbox: Option<Running>,
}

/// The file that holds all state, open, and this process its only one. To be opened before
/// anything else is: a start that is refused leaves nothing behind.
pub(crate) struct Kept {
    baton: Embedded,
    hold: Hold,
}

impl Kept {
    /// Opens the file, which is made when it is not there.
    pub(crate) fn open(db: &Path) -> Result<Self, Failure> {
        let hold = Hold::of(db).map_err(|e| Failure::wrong(&e))?;
        let baton = Embedded::open(db).map_err(|e| Failure::wrong(&e))?;
        Ok(Self { baton, hold })
    }
}

/// What of it a command chooses.
pub(crate) struct Choices<'a> {
    /// The file that holds all state.
    pub(crate) kept: Kept,
    /// Where it will be reached, for links.
    pub(crate) address: SocketAddr,
    /// Agents that are broken on purpose.
    pub(crate) broken: &'a [String],
    /// The EmailPilot beside it, which wins over the configured one.
    pub(crate) sandbox: Option<Running>,
    /// Whether gates approve by themselves whatever the environment says.
    pub(crate) auto_approve: bool,
}

impl House {
    /// Opens it with the settings of the environment, and takes up what was open when it last
    /// ended; answers with how many executions that were.
    pub(crate) async fn open(
        access: Access,
        choices: Choices<'_>,
    ) -> Result<(Self, usize), Failure> {
        let brands = CampaignBrands::from_env().map_err(|e| Failure::wrong(&e))?;
        let Kept { mut baton, hold } = choices.kept;
        baton.agents = agents(choices.broken)?;
        baton.settings = Settings::from_env().map_err(|e| Failure::wrong(&e))?;
        baton.settings.auto_approve |= choices.auto_approve;
        baton.approving = approving(&baton, choices.address).await?;
        baton.email_pilot = email_pilot(choices.sandbox.as_ref())?;
        buy_at(&mut baton, choices.sandbox.as_ref())?;
        baton.video_webhooks = video_webhooks()?;
        let webhook = Webhook::from_env().map_err(|e| Failure::wrong(&e))?;
        baton.deliveries = webhook.map(|webhook| Arc::new(webhook) as Arc<dyn Deliveries>);
        let baton = Arc::new(baton);
        let resumed = baton.executions().resume().await;
        let resumed = resumed.map_err(|e| Failure::failed(&e))?;
        let kept = Arc::clone(&baton);
        let keeping = tokio::spawn(async move { kept.keep_house(&brands.0).await });
        let house = Self {
            baton,
            _hold: hold,
            access,
            keeping,
            _sandbox: choices.sandbox,
        };
        Ok((house, resumed))
    }

    /// The use cases.
    pub(crate) fn app(&self) -> App {
        self.baton.app()
    }

    /// Its HTTP API.
    pub(crate) fn router(&self) -> Router {
        router(self.app(), self.access)
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}

/// Listens on an address, or says how to choose another.
pub(crate) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failure> {
    let listener = TcpListener::bind(address).await.map_err(|e| {
        Failure::wrong(&format!(
            "cannot listen on {address}: {e}; --port and --host choose another"
        ))
    })?;
    let address = listener.local_addr().map_err(|e| Failure::failed(&e))?;
    Ok((listener, address))
}

fn agents(broken: &[String]) -> Result<Agents, Failure> {
    let mut agents = Agents::from_env().map_err(|e| Failure::wrong(&e))?;
    for agent in broken {
        agents = agents
            .breaking(agent, Breakage::Method)
            .map_err(|e| Failure::wrong(&e))?;
    }
    Ok(agents)
}

/// As the environment says; without a secret, links are signed with one that the store keeps.
async fn approving(baton: &Embedded, address: SocketAddr) -> Result<Approving, Failure> {
    let mut approving = Approving::from_env().map_err(|e| Failure::wrong(&e))?;
    if approving.links.is_none() {
        let secret = kept_link_secret(&*baton.items, &*baton.clock).await;
        let secret = secret.map_err(|e| Failure::failed(&e))?;
        let url = std::env::var(ApprovalLinks::PUBLIC_URL);
        let url = url.ok().filter(|url| !url.is_empty());
        let url = url.unwrap_or_else(|| format!("http://{address}"));
        let links = ApprovalLinks::new(secret.as_bytes(), &url);
        approving.links = Some(links.map_err(|e| Failure::wrong(&e))?);
    }
    Ok(approving)
}

fn email_pilot(sandbox: Option<&Running>) -> Result<Option<Arc<dyn EmailPilot>>, Failure> {
    let client = match sandbox {
        Some(sandbox) => EmailPilotSettings::new(&sandbox.email_pilot_url(), None)
            .and_then(EmailPilotClient::new)
            .map(Some),
        None => EmailPilotClient::from_env(),
    };
    let client = client.map_err(|e| Failure::wrong(&e))?;
    Ok(client.map(|client| Arc::new(client) as Arc<dyn EmailPilot>))
}

/// What messages of videos' providers are known by, where that is set, and the address that
/// providers are given.
fn video_webhooks() -> Result<Option<HeardAt>, Failure> {
    let secrets = WebhookSecrets::from_env().map_err(|e| Failure::wrong(&e))?;
    let url = std::env::var(ApprovalLinks::PUBLIC_URL).ok();
    Ok(secrets
        .is_configured()
        .then(|| (Arc::new(secrets) as Arc<dyn VideoWebhooks>, url)))
}

/// Wires the marketplace, the Payment Manager and the wallet: those of the sandbox, or those that
/// the environment names.
fn buy_at(baton: &mut Embedded, sandbox: Option<&Running>) -> Result<(), Failure> {
    let wrong = |e| Failure::wrong(&e);
    let (marketplace, manager, wallet) = match sandbox {
        Some(sandbox) => {
            let assets = AllowedAssets::usual(true);
            let url = sandbox.marketplace_url();
            let market = MarketplaceSettings::new(&url, assets.clone()).map_err(wrong)?;
            let manager = PaymentManagerSettings::new(&sandbox.payment_manager_url());
            (
                Some(MarketplaceClient::new(market).map_err(wrong)?),
                Some(PaymentManagerClient::new(manager.map_err(wrong)?).map_err(wrong)?),
                Some(EvmWallet::new(&Secret::new(PLAY_KEY), assets).map_err(wrong)?),
            )
        }
        None => (
            MarketplaceClient::from_env(true).map_err(wrong)?,
            PaymentManagerClient::from_env().map_err(wrong)?,
            EvmWallet::from_env(true).map_err(wrong)?,
        ),
    };
    baton.marketplace = marketplace.map(|client| Arc::new(client) as Arc<dyn Marketplace>);
    baton.payment_manager = manager.map(|client| Arc::new(client) as Arc<dyn PaymentManager>);
    baton.wallet = wallet.map(|wallet| Arc::new(wallet) as Arc<dyn Wallet>);
    Ok(())
}
