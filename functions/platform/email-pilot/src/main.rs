//! `EmailPilot` for workflows: collects what was sent, plans, creates, tests, schedules and cancels.

use baton_domain::item::Table;
use baton_platform::{Error, Uses, app, serve, with_email_pilot};

const USES: Uses = Uses::tables(&[Table::Runs]);

fn main() -> Result<(), Error> {
    let start = async { with_email_pilot(app(&USES).await?) };
    serve(env!("CARGO_PKG_NAME"), start, |app, event| async move {
        app.email_pilot(event).await
    })
}
