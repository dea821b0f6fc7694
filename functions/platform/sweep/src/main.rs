//! Does what was left undone: starts runs that were queued and not heard of, takes back the mails
//! that runs left behind, tells workflows what they were not told, withdraws approvals for which
//! nobody waits, sees purchases to an end on which nobody works. A schedule calls it every minute.

use baton_app::{App, FunctionError};
use baton_domain::item::Table;
use baton_domain::run::Workflow;
use baton_platform::{Error, Uses, app, parse, serve, with_email_pilot, with_market};
use serde::Deserialize;
use serde_json::{Value, json};

const USES: Uses = Uses {
    tables: &[
        Table::OrchestrationLog,
        Table::Runs,
        Table::Approvals,
        Table::Payments,
    ],
    workflows: &[
        Workflow::Avatar,
        Workflow::Campaign,
        Workflow::Research,
        Workflow::Batch,
    ],
};

/// Nothing that a sweep could be told: one that is asked for something else must not sweep.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tick {}

fn main() -> Result<(), Error> {
    let start = async { with_market(with_email_pilot(app(&USES).await?)?) };
    serve(env!("CARGO_PKG_NAME"), start, |app, event| async move {
        let Tick {} = parse(event)?;
        sweep(&app).await
    })
}

/// One part that fails does not keep the others waiting.
async fn sweep(app: &App) -> Result<Value, FunctionError> {
    let started = app.sweep_runs().await;
    let approvals = app.sweep_approvals().await;
    let payments = app.sweep_payments().await;
    Ok(json!({"started": started?, "approvals": approvals?, "payments": payments?}))
}
