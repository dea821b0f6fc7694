//! Starts next month's campaign of each brand that is configured (C11): once for each brand and
//! month, however often and by how many it is called.

use baton_domain::campaign::Month;
use baton_domain::item::{Condition, Item, Key, Table, Write};
use baton_domain::{BrandId, RunId, TenantId, Timestamp};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use crate::{App, AppError, StartRun};

/// What became of a brand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scheduled {
    /// Whose.
    pub tenant_id: TenantId,
    /// The brand.
    pub brand_id: BrandId,
    /// The month.
    pub month: Month,
    /// The run that was started now; nothing when it was started before.
    pub run_id: Option<RunId>,
}

impl App {
    /// Starts the campaigns of the month after `now`'s.
    ///
    /// # Errors
    /// When the store does not answer; what was started until then is not started again.
    pub async fn schedule_campaigns(
        &self,
        brands: &[(TenantId, BrandId)],
        now: Timestamp,
    ) -> Result<Vec<Scheduled>, AppError> {
        let month = Month::of(now.to_zoned(TimeZone::UTC).date()).next();
        let mut scheduled = Vec::new();
        for (tenant_id, brand_id) in brands {
            let run_id = self.schedule(tenant_id, brand_id, month).await?;
            scheduled.push(Scheduled {
                tenant_id: tenant_id.clone(),
                brand_id: brand_id.clone(),
                month,
                run_id,
            });
        }
        Ok(scheduled)
    }

    async fn schedule(
        &self,
        tenant: &TenantId,
        brand: &BrandId,
        month: Month,
    ) -> Result<Option<RunId>, AppError> {
        let key = Key::scheduled(tenant, brand, month);
        if self.ports.items.get(Table::Runs, &key).await?.is_some() {
            return Ok(None);
        }
        let wanted = StartRun {
            brand_id: brand.clone(),
            selected_month: month,
            tenant_id: None,
            max_cost_usd: None,
            settings: None,
        };
        let input = self.campaign_input(tenant, &wanted)?;
        let mark = Item::document(key, &json!({"run_id": input.run_id}));
        let once = Write::put(Table::Runs, mark, Condition::Absent);
        let events = vec![self.queued(&input, None)];
        let begun = self.begin_run(tenant, input.run_id, events, vec![input.kept(), once]);
        let Some(state) = begun.await? else {
            return Ok(None);
        };
        let state = self.start_workflow(state, &input).await?;
        Ok(Some(state.run_id))
    }
}
