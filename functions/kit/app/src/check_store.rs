//! Asks whether the store answers.

use baton_domain::item::{Key, Table};

use crate::{App, AppError};

impl App {
    /// Reads an item that nobody writes.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn check_store(&self) -> Result<(), AppError> {
        let nobody = Key {
            pk: "HEALTH".to_owned(),
            sk: "HEALTH".to_owned(),
        };
        self.ports.items.get(Table::Profiles, &nobody).await?;
        Ok(())
    }
}
