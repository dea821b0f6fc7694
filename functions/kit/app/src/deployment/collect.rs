//! What a campaign is planned from: the brand, and what it sent in the year before.

use baton_domain::BrandId;
use baton_domain::campaign::{Month, PastCampaign};
use baton_domain::{RunId, TenantId};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{App, FunctionError};

/// How many months of history a campaign is planned from: a year, so that each season is in it once.
const HISTORY_MONTHS: u32 = 12;

/// The most bytes of history that travel through a workflow, whose state holds 256 KiB. What is
/// older is left out.
const MAX_HISTORY_BYTES: usize = 120_000;

/// The payload of `collect`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Collect {
    tenant_id: TenantId,
    run_id: RunId,
    brand_id: BrandId,
    month: Month,
}

impl App {
    pub(super) async fn collect(&self, collect: &Collect) -> Result<Value, FunctionError> {
        let email_pilot = self.wired_email_pilot()?;
        let brand = email_pilot.brand(&collect.brand_id).await?;
        let (tenant, run) = (&collect.tenant_id, collect.run_id);
        self.keep_brand(tenant, run, &brand).await?;
        let history = email_pilot.history(&collect.brand_id, collect.month, HISTORY_MONTHS);
        let mut history = history.await?;
        let left_out = shorten(&mut history, MAX_HISTORY_BYTES);
        if left_out > 0 {
            let (tenant_id, run_id) = (&collect.tenant_id, collect.run_id);
            tracing::warn!(%tenant_id, %run_id, left_out, "the oldest campaigns of the history are left out");
        }
        Ok(json!({"brand": brand, "history": history}))
    }
}

/// Leaves out the oldest campaigns until the rest fits; answers how many that were.
fn shorten(history: &mut Vec<PastCampaign>, most: usize) -> usize {
    let mut bytes = 0;
    let newest_first = history.iter().rev();
    let kept = newest_first
        .take_while(|campaign| {
            bytes += serde_json::to_string(campaign).map_or(0, |text| text.len() + 1);
            bytes <= most
        })
        .count();
    let left_out = history.len() - kept;
    history.drain(..left_out);
    left_out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_stay() {
        let campaign = |n: u32| PastCampaign {
            campaign_id: format!("c-{n:03}"),
            sent_at: "2026-01-15T12:00:00Z".parse().unwrap(),
            segment: "vip".to_owned(),
            theme: "sale".to_owned(),
            subject: "x".repeat(50),
            delivered: 100,
            opens: 20,
            clicks: 2,
            conversions: 1,
            revenue: serde_json::from_str("1.0").unwrap(),
            unsubscribes: 0,
        };
        let all: Vec<_> = (0..100).map(campaign).collect();
        let one = serde_json::to_string(&all[0]).unwrap().len() + 1;
        let mut history = all.clone();
        assert_eq!(shorten(&mut history, one * 30), 70);
        assert_eq!(history, all[70..]);
        let mut history = all.clone();
        assert_eq!((shorten(&mut history, one * 100), history.len()), (0, 100));
    }
}
