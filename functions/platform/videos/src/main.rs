//! Videos for workflows: keeps the token of the task that waits for one.

use baton_domain::item::Table;
use baton_platform::{Error, Uses, app, serve};

const USES: Uses = Uses::tables(&[Table::Runs]);

fn main() -> Result<(), Error> {
    let start = app(&USES);
    serve(env!("CARGO_PKG_NAME"), start, |app, event| async move {
        app.videos(event).await
    })
}
