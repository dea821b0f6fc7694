//! The campaign workflow: golden traces, loops over every task, and a partner who cannot be relied
//! on.

mod again;
mod golden;
mod loops;
mod written;

use baton_tests::campaign::CampaignWorld;
use serde_json::{Value, json};

/// The mails in EmailPilot in the order of their names; ids go by the order of creation.
fn mails(world: &CampaignWorld) -> Vec<Value> {
    let mut campaigns = world.campaigns();
    campaigns.sort_by(|a, b| a.email_id.cmp(&b.email_id));
    let mails = campaigns.iter();
    mails
        .map(|c| json!([c.email_id, c.segment, c.state, c.send_at, c.test_sends]))
        .collect()
}
