//! The brand as a run read it, kept beside its artifacts, so that what a person changes can be held
//! against it where no EmailPilot is to be asked.

use baton_domain::campaign::{Brand, check_segments};
use baton_domain::item::{Item, Key, Table};
use baton_domain::{FieldError, RunId, TenantId};
use serde_json::Value;

use crate::{App, AppError};

/// The artifact that holds it. No journal names it: it is EmailPilot's, and nothing the run made.
const BRAND: &str = "brand";

impl App {
    /// Keeps the brand that a run read; the newest reading counts.
    pub(crate) async fn keep_brand(
        &self,
        tenant: &TenantId,
        run: RunId,
        brand: &Brand,
    ) -> Result<(), AppError> {
        let content = serde_json::to_value(brand).unwrap_or_default();
        self.store_artifact(tenant, run, BRAND, &content).await?;
        Ok(())
    }

    /// The brand that a run read; none when it read none yet.
    async fn known_brand(&self, tenant: &TenantId, run: RunId) -> Result<Option<Brand>, AppError> {
        let partition = Key::artifacts(tenant, run, BRAND);
        let newest = self.ports.items.newest(Table::Runs, &partition, None, 1);
        Ok(newest.await?.first().and_then(Item::parse))
    }

    /// Whether what a person made of the artifact `name` writes to segments of the brand that the
    /// run read. Where it is no `strategy`, or no brand was read, there is nothing to find.
    pub(crate) async fn check_segments(
        &self,
        tenant: &TenantId,
        run: RunId,
        name: &str,
        content: &Value,
    ) -> Result<Result<(), FieldError>, AppError> {
        if name != "strategy" {
            return Ok(Ok(()));
        }
        let brand = self.known_brand(tenant, run).await?;
        Ok(brand.map_or(Ok(()), |brand| check_segments(content, &brand)))
    }
}
