//! Writes the end of runs whose executions ended without saying so, closes their accounts, takes
//! their mails back and logs their requests.
//! `EventBridge` calls it when an execution ends.

mod ended;

use baton_domain::item::Table;
use baton_platform::{Error, Uses, app, parse, serve, with_email_pilot};

const USES: Uses = Uses::tables(&[
    Table::OrchestrationLog,
    Table::Runs,
    Table::Approvals,
    Table::Payments,
]);

fn main() -> Result<(), Error> {
    let start = async { with_email_pilot(app(&USES).await?) };
    serve(env!("CARGO_PKG_NAME"), start, |app, event| async move {
        ended::record(&app, parse(event)?).await
    })
}
