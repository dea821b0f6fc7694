//! The use cases over AWS, as the environment says. A function takes the parts that it uses: what
//! it does not call is not linked into it.

use std::sync::Arc;

use baton_app::{
    App, ApprovalLinks, Approving, Environment, LoggedNotices, Ports, Settings, SystemClock,
};
use baton_aws::{
    Config, Connection, DynamoItems, SqsNotices, StepFunctionsCallbacks, StepFunctionsWorkflows,
    Uses,
};
use baton_domain::marketplace::Wallet;
use baton_domain::ports::Notices;
use baton_partners::video::webhook::WebhookSecrets;
use baton_partners::{
    EmailPilotClient, EvmWallet, MarketplaceClient, PaymentManagerClient, Webhook,
};

use crate::Error;

/// The use cases over these tables and workflows. Notices go to the queue that is set; without one
/// they are logged.
///
/// # Errors
/// A setting that is missing or means nothing, by the name of its variable.
pub async fn app(uses: &Uses) -> Result<App, Error> {
    let config = Config::from_env(uses)?;
    let connection = Connection::from_env(&config)?;
    let items = DynamoItems::new(&connection, &config);
    items.warm().await;
    let notices: Arc<dyn Notices> = match SqsNotices::new(&connection, &config) {
        Some(queue) => Arc::new(queue),
        None => Arc::new(LoggedNotices),
    };
    let app = App::new(Ports {
        items: Arc::new(items),
        workflows: Arc::new(StepFunctionsWorkflows::new(&connection, &config)),
        clock: Arc::new(SystemClock),
        callbacks: Arc::new(StepFunctionsCallbacks::new(&connection)),
        notices,
    });
    Ok(app
        .with_approving(Approving::from_env()?)
        .with_settings(Settings::from_env()?))
}

/// The same with the EmailPilot that is set, if any.
///
/// # Errors
/// As [`app`].
pub fn with_email_pilot(app: App) -> Result<App, Error> {
    let client = EmailPilotClient::from_env()?;
    Ok(match client {
        Some(client) => app.with_email_pilot(Arc::new(client)),
        None => app,
    })
}

/// The same with the marketplace, the Payment Manager and the wallet that are set, if any. Play money
/// is taken in development alone.
///
/// # Errors
/// As [`app`].
pub fn with_market(mut app: App) -> Result<App, Error> {
    let development = Environment::from_env()? == Environment::Development;
    if let Some(client) = MarketplaceClient::from_env(development)? {
        app = app.with_marketplace(Arc::new(client));
    }
    if let Some(client) = PaymentManagerClient::from_env()? {
        app = app.with_payment_manager(Arc::new(client));
    }
    let wallet = EvmWallet::from_env(development)?;
    Ok(app.with_wallet(wallet.map(|wallet| Arc::new(wallet) as Arc<dyn Wallet>)))
}

/// The same, believing the messages of videos' providers that the secrets which are set show to be
/// theirs, if any are.
///
/// # Errors
/// As [`app`].
pub fn with_video_webhooks(app: App) -> Result<App, Error> {
    let secrets = WebhookSecrets::from_env()?;
    if !secrets.is_configured() {
        return Ok(app);
    }
    let public_url = std::env::var(ApprovalLinks::PUBLIC_URL).ok();
    Ok(app.with_video_webhooks(Arc::new(secrets), public_url.as_deref()))
}

/// The same, delivering notices to the webhook that is set, if any.
///
/// # Errors
/// As [`app`].
pub fn with_deliveries(app: App) -> Result<App, Error> {
    let webhook = Webhook::from_env()?;
    Ok(match webhook {
        Some(webhook) => app.with_deliveries(Arc::new(webhook)),
        None => app,
    })
}
