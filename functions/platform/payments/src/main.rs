//! Payments for workflows: opens a run's account, finds, quotes and buys sources, and closes it.

use baton_domain::item::Table;
use baton_platform::{Error, Uses, app, serve, with_market};

/// What is bought is kept among the run's artifacts; accounts and purchases have a table of their own.
const USES: Uses = Uses::tables(&[Table::Runs, Table::Payments]);

fn main() -> Result<(), Error> {
    let start = async { with_market(app(&USES).await?) };
    serve(env!("CARGO_PKG_NAME"), start, |app, event| async move {
        app.payments(event).await
    })
}
