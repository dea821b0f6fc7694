//! The journal of runs, for workflows: they say what happened, store artifacts and read them.

use baton_domain::item::Table;
use baton_platform::{Error, Uses, app, serve, with_email_pilot};

/// What a batch answered is logged where its workflow did not. A mail that is handed over while its run is cancelled is taken back at once, so EmailPilot is
/// spoken to as well.
const USES: Uses = Uses::tables(&[Table::Runs, Table::OrchestrationLog]);

fn main() -> Result<(), Error> {
    let start = async { with_email_pilot(app(&USES).await?) };
    serve(env!("CARGO_PKG_NAME"), start, |app, event| async move {
        app.record(event).await
    })
}
