//! The clients of the marketplace and the Payment Manager, and the wallet, against the sandbox.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod faults;
mod hostile;
mod tokens;
mod x402;

use std::time::Duration;

use axum::Router;
use baton_domain::Money;
use baton_domain::marketplace::{Access, Fetched, Marketplace as _, Offer, PaymentManager as _};
use baton_partners::{
    AllowedAssets, EvmWallet, MarketplaceClient, MarketplaceSettings, PaymentManagerClient,
    PaymentManagerSettings, Secret,
};
use baton_sandbox::marketplace::{Fault, Faults, Sandbox, router};
use baton_sandbox::payments;

/// Serves a router on a free port and answers its address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

fn market(url: &str) -> MarketplaceClient {
    let settings = MarketplaceSettings::new(url, AllowedAssets::usual(true)).unwrap();
    MarketplaceClient::new(settings.with_timeout(Duration::from_secs(20))).unwrap()
}

fn manager(url: &str) -> PaymentManagerClient {
    let settings = PaymentManagerSettings::new(url).unwrap();
    PaymentManagerClient::new(settings.with_timeout(Duration::from_secs(20))).unwrap()
}

/// A wallet on the first published account of Hardhat and Anvil.
fn wallet() -> EvmWallet {
    let key = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
    EvmWallet::new(&Secret::new(key), AllowedAssets::usual(true)).unwrap()
}

/// A sandbox with clients of it.
struct World {
    sandbox: Sandbox,
    url: String,
    market: MarketplaceClient,
    manager: PaymentManagerClient,
}

impl World {
    async fn new() -> Self {
        Self::of(Sandbox::in_memory()).await
    }

    async fn of(sandbox: Sandbox) -> Self {
        let url = serve(router(sandbox.clone())).await;
        let payments = serve(payments::router(sandbox.clone())).await;
        Self {
            market: market(&url),
            manager: manager(&payments),
            sandbox,
            url,
        }
    }

    /// A marketplace client that gives up soon.
    fn hasty(&self) -> MarketplaceClient {
        let settings = MarketplaceSettings::new(&self.url, AllowedAssets::usual(true)).unwrap();
        MarketplaceClient::new(settings.with_timeout(Duration::from_millis(400))).unwrap()
    }

    fn set(&self, faults: Vec<Fault>) {
        self.sandbox.set_faults(Faults { seed: 1, faults }).unwrap();
    }

    async fn token(&self, budget: u64) -> String {
        let token = self.manager.token(dollars(budget), "voice-1").await;
        token.unwrap().token_id
    }

    async fn offers(&self, source: &str) -> (Vec<Offer>, Vec<String>) {
        match self.market.detail(source, Access::None).await.unwrap() {
            Fetched::PaymentRequired { offers, refusals } => (offers, refusals),
            other => panic!("{other:?}"),
        }
    }

    /// Everything that was charged and settled.
    fn total(&self) -> Money {
        self.sandbox.books().total
    }
}

const fn dollars(dollars: u64) -> Money {
    Money::from_micro_usd(dollars * 1_000_000)
}
