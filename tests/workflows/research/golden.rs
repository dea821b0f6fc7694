//! Golden traces: the path of states, how the task ended, and what was spent on what.

use std::sync::Arc;

use baton_domain::approval::Gate;
use baton_engine::bench::undisturbed;
use baton_tests::people::{People, approving, nobody};
use baton_tests::research::ResearchWorld;
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::{DEAR_THEME, THEME, dear};

/// States of the machine itself; those inside its Maps repeat for each source.
fn path(entered: &[(String, String)]) -> Vec<&str> {
    let outer = entered
        .iter()
        .filter(|(pointer, _)| !pointer.contains("ItemProcessor"));
    outer.map(|(_, name)| name.as_str()).collect()
}

async fn golden(theme: &str, budget: u32, people: Arc<People>) -> Value {
    golden_of(ResearchWorld::of(theme, budget, people, Vec::new()).await).await
}

async fn golden_of(world: ResearchWorld) -> Value {
    let played = world.plan().play(world, false, undisturbed()).await;
    let world = &played.scene;
    let state = world.check(&played.finished, "golden").await;
    let spent = world.spent().await;
    let mut told = String::new();
    if state.artifacts.contains_key("report") {
        let report = world.app.task_report(&state.tenant_id, state.run_id).await;
        let report = report.expect("the report is kept");
        let about_money = |line: &&str| line.contains("was spent of a budget");
        report
            .lines()
            .find(about_money)
            .unwrap_or_default()
            .clone_into(&mut told);
    }
    json!({
        "told": told,
        "path": path(&played.entered),
        "status": state.status,
        "error": state.error,
        "gates": state.approvals.iter().map(|gate| json!([gate.gate, gate.decision])).collect::<Vec<_>>(),
        "artifacts": state.artifacts.keys().collect::<Vec<_>>(),
        "spent_micro_usd": spent.spent,
        "purchases": spent.purchases,
    })
}

#[tokio::test]
async fn sources_are_found_bought_and_reported() {
    assert_json_snapshot!(golden(THEME, 50, approving()).await);
}

#[tokio::test]
async fn nothing_is_found() {
    assert_json_snapshot!(golden("zzyzx qwrtp", 50, approving()).await);
}

#[tokio::test]
async fn the_budget_reaches_for_nothing_and_nobody_raises_it() {
    assert_json_snapshot!(golden(DEAR_THEME, 10, nobody()).await);
}

/// What is worth most within the budget is bought without asking; what is not is in the report.
#[tokio::test]
async fn the_budget_reaches_for_some() {
    assert_json_snapshot!(golden(THEME, 1, nobody()).await);
}

#[tokio::test]
async fn the_budget_is_raised() {
    let people: Arc<People> = Arc::new(|approval, _| {
        Some(if approval.gate == Gate::Budget {
            json!({"decision": "approve", "max_cost_usd": 60.0})
        } else {
            json!({"decision": "approve"})
        })
    });
    assert_json_snapshot!(golden(DEAR_THEME, 10, people).await);
}

#[tokio::test]
async fn what_is_dear_is_bought_when_somebody_approves() {
    assert_json_snapshot!(golden_of(dear(approving()).await).await);
}

#[tokio::test]
async fn what_is_dear_is_declined() {
    let people: Arc<People> = Arc::new(|_, _| Some(json!({"decision": "reject"})));
    assert_json_snapshot!(golden_of(dear(people).await).await);
}

#[tokio::test]
async fn what_is_dear_and_nobody_looks_at_is_not_bought() {
    assert_json_snapshot!(golden_of(dear(nobody()).await).await);
}
