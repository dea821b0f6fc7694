//! What a report is made from: what was bought, and what was not and why.

use baton_domain::payment::{Purchase, PurchaseState};
use baton_domain::research::MissingSource;
use baton_domain::{RunId, TenantId};
use serde_json::{Value, json};

use super::account::OfRun;
use super::buy::dollars;
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
                    "the report has no room for it".to_owned()
                }
                PurchaseState::Released => purchase.reason().unwrap_or("not bought").to_owned(),
                PurchaseState::Quoted => continue,
                _ => held(&purchase),
            };
            missing.push(MissingSource {
                source_id: purchase.source_id().to_owned(),
                name: purchase.name().to_owned(),
                price: Some(purchase.price()),
                reason,
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

/// What became of the money for what is not there, and why.
fn held(purchase: &Purchase) -> String {
    let (price, cost) = (purchase.price(), purchase.cost());
    let money = match cost {
        Some(cost) => {
            let taken = cost + purchase.overcharged();
            format!("{} was paid", dollars(taken))
        }
        None => format!("{} is held", dollars(price)),
    };
    match purchase.state() {
        PurchaseState::Disputed => {
            let reason = purchase.reason().unwrap_or("nobody knows more");
            format!("disputed, {money}: {reason}")
        }
        PurchaseState::Paid => format!("under way, {money}: it is not given yet"),
        PurchaseState::Paying => {
            format!("under way, {money}: it is not known yet whether it is paid")
        }
        _ => format!("under way, {money}"),
    }
}
