//! Delivers the notices of a queue to where people see them.

mod batch;

use baton_platform::{Error, Uses, app, serve, with_deliveries};

fn main() -> Result<(), Error> {
    let start = async { with_deliveries(app(&Uses::NOTHING).await?) };
    serve(env!("CARGO_PKG_NAME"), start, |app, event| async move {
        batch::deliver(&app, event).await
    })
}
