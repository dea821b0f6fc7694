//! The gates of workflows: opens approvals with the task's token, and lets them expire.

use baton_domain::item::Table;
use baton_platform::{Error, Uses, app, serve};

const USES: Uses = Uses::tables(&[Table::Runs, Table::Approvals]);

fn main() -> Result<(), Error> {
    let start = app(&USES);
    serve(env!("CARGO_PKG_NAME"), start, |app, event| async move {
        app.approvals(event).await
    })
}
