//! Starts next month's campaign of each brand that is configured, when a schedule says so.

use std::sync::Arc;

use baton_app::{CampaignBrands, FunctionError, SystemClock};
use baton_domain::Timestamp;
use baton_domain::item::Table;
use baton_domain::ports::Clock as _;
use baton_domain::run::Workflow;
use baton_platform::{Error, Uses, app, parse, serve};
use serde::Deserialize;
use serde_json::json;

const USES: Uses = Uses {
    tables: &[Table::Runs],
    workflows: &[Workflow::Campaign],
};

/// What the schedule says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tick {
    /// When it was due: one that is tried again at midnight still means the month that it meant.
    #[serde(default)]
    scheduled_at: Option<Timestamp>,
}

fn main() -> Result<(), Error> {
    let brands = Arc::new(CampaignBrands::from_env()?);
    serve(env!("CARGO_PKG_NAME"), app(&USES), |app, event| {
        let brands = Arc::clone(&brands);
        async move {
            let tick: Tick = parse(event)?;
            let now = tick.scheduled_at.unwrap_or_else(|| SystemClock.now());
            let scheduled = app.schedule_campaigns(&brands.0, now).await;
            Ok(json!({"scheduled": scheduled.map_err(FunctionError::from)?}))
        }
    })
}
