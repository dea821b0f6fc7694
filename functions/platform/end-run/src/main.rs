//! Writes the end of runs whose executions ended without saying so. `EventBridge` calls it when an
//! execution ends.

mod ended;

use baton_domain::item::Table;
use baton_platform::{Error, Uses, app, parse, serve};

const USES: Uses = Uses::tables(&[Table::Runs, Table::Approvals]);

fn main() -> Result<(), Error> {
    serve(
        env!("CARGO_PKG_NAME"),
        app(&USES),
        |app, event| async move { ended::record(&app, parse(event)?).await },
    )
}
