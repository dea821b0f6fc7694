//! Does what was left undone: starts runs that were queued and not heard of, tells workflows what
//! they were not told, withdraws approvals for which nobody waits. A schedule calls it every minute.

use baton_app::{App, FunctionError};
use baton_domain::item::Table;
use baton_domain::run::Workflow;
use baton_platform::{Error, Uses, app, parse, serve};
use serde::Deserialize;
use serde_json::{Value, json};

const USES: Uses = Uses {
    tables: &[Table::Runs, Table::Approvals],
    workflows: &[Workflow::Campaign],
};

/// Nothing that a sweep could be told: one that is asked for something else must not sweep.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tick {}

fn main() -> Result<(), Error> {
    serve(
        env!("CARGO_PKG_NAME"),
        app(&USES),
        |app, event| async move {
            let Tick {} = parse(event)?;
            sweep(&app).await
        },
    )
}

/// One half that fails does not keep the other waiting.
async fn sweep(app: &App) -> Result<Value, FunctionError> {
    let started = app.sweep_runs().await;
    let approvals = app.sweep_approvals().await;
    Ok(json!({"started": started?, "approvals": approvals?}))
}
