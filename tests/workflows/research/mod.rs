//! The research workflow: golden traces, loops over every task, and a marketplace that cannot be
//! relied on.

mod faults;
mod golden;
mod loops;

use std::sync::Arc;

use baton_app::PaymentSettings;
use baton_domain::Money;
use baton_tests::people::People;
use baton_tests::research::ResearchWorld;

/// A theme for which the sandbox has free sources, and sources on both rails.
const THEME: &str = "Tesla Inc financial performance 2023";

/// A theme whose sources cost more than ten dollars each.
const DEAR_THEME: &str = "Orbis Cloud revenue";

/// A world in which nothing above ten dollars is bought without a person.
async fn dear(people: Arc<People>) -> ResearchWorld {
    let payments = PaymentSettings {
        auto_approve_price: Money::from_micro_usd(10_000_000),
        ..PaymentSettings::default()
    };
    ResearchWorld::careful(THEME, 50, people, Vec::new(), payments).await
}
