//! What a report is made from: what was bought, and what was not and why.

use baton_domain::payment::{Purchase, PurchaseState};
use baton_domain::research::MissingSource;
use baton_domain::{RunId, TenantId};
use serde_json::{Value, json};

use super::account::OfRun;
use super::conflict;
use crate::{App, FunctionError};

/// How much of the facts a workflow can carry, in bytes of JSON.
const MAX_FACTS: usize = 180 * 1024;

impl App {
    /// What was bought and what was not. What was merely quoted is not there: the ranking knows it.
    pub(super) async fn collect_facts(&self, of: &OfRun) -> Result<Value, FunctionError> {
        let (tenant, run) = (&of.tenant_id, of.run_id);
        let (mut facts, mut missing, mut bytes) = (Vec::new(), Vec::new(), 0);
        for purchase in self.purchases_of(tenant, run).await? {
            let reason = match purchase.state() {
                PurchaseState::Delivered => {
                    let found = self.facts_of(tenant, run, &purchase).await?;
                    let size = found.to_string().len();
                    if bytes + size <= MAX_FACTS {
                        bytes += size;
                        facts.push(found);
                        continue;
                    }
                    "the report has no room for it"
                }
                PurchaseState::Released => purchase.reason().unwrap_or("not bought"),
                PurchaseState::Disputed => "disputed",
                _ => continue,
            };
            missing.push(MissingSource {
                source_id: purchase.source_id().to_owned(),
                name: purchase.name().to_owned(),
                price: Some(purchase.price()),
                reason: reason.to_owned(),
            });
        }
        Ok(json!({ "facts": facts, "missing": missing }))
    }

    async fn facts_of(
        &self,
        tenant: &TenantId,
        run: RunId,
        purchase: &Purchase,
    ) -> Result<Value, FunctionError> {
        let artifact = purchase.artifact();
        let artifact = artifact.ok_or_else(|| conflict("a purchase was delivered as nothing"))?;
        let version = Some(artifact.version);
        let loaded = self.load_artifact(tenant, run, &artifact.name, version);
        Ok(loaded.await?.1)
    }
}
