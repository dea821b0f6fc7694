//! Golden traces: for each thing that people may say, the path of states, how the run ended, and
//! what EmailPilot has.

use std::sync::Arc;

use baton_domain::approval::{Approval, Gate};
use baton_domain::run::RunStatus;
use baton_engine::bench::undisturbed;
use baton_tests::campaign::{CampaignWorld, dropping};
use baton_tests::people::{People, approving, nobody};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

use super::mails;

const BRAND: &str = "nova";

/// Decides one gate in its first round so, and approves everything else.
fn at(gate: Gate, decision: Value) -> Arc<People> {
    Arc::new(move |approval: &Approval, round| {
        let meant = approval.gate == gate && round == 1;
        Some(if meant {
            decision.clone()
        } else {
            json!({"decision": "approve"})
        })
    })
}

/// States that follow each other often, once.
fn path(entered: &[(String, String)]) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    let outer = entered
        .iter()
        .filter(|(pointer, _)| !pointer.contains("ItemProcessor"));
    for (_, name) in outer {
        if path.last() != Some(name) {
            path.push(name.clone());
        }
    }
    path
}

async fn played(people: Arc<People>) -> (CampaignWorld, Value) {
    let world = CampaignWorld::of(BRAND, people).await;
    let played = world.plan().play(world, false, undisturbed()).await;
    let world = played.scene;
    let state = world.check(&played.finished, "golden").await;
    let mails = mails(&world);
    let trace = json!({
        "path": path(&played.entered),
        "status": state.status,
        "error": state.error,
        "stages": state.stages.iter().map(|stage| &stage.stage).collect::<Vec<_>>(),
        "gates": state.approvals.iter().map(|gate| json!([gate.gate, gate.decision, gate.approver])).collect::<Vec<_>>(),
        "versions": state.artifacts.iter().map(|(name, artifact)| (name.clone(), artifact.version)).collect::<std::collections::BTreeMap<_, _>>(),
        "mails": mails,
        "alerts": world.alerts.all().len(),
    });
    (world, trace)
}

#[tokio::test]
async fn everything_is_approved() {
    let (_, trace) = played(approving()).await;
    assert_json_snapshot!(trace);
}

#[tokio::test]
async fn the_strategy_is_rejected() {
    let decision = json!({"decision": "reject", "notes": "not this month"});
    let (_, trace) = played(at(Gate::Strategy, decision)).await;
    assert_json_snapshot!(trace);
}

#[tokio::test]
async fn the_content_is_to_be_changed() {
    let decision = json!({"decision": "request_changes", "notes": "Shorter subject lines"});
    let (_, trace) = played(at(Gate::Content, decision)).await;
    assert_json_snapshot!(trace);
}

#[tokio::test]
async fn the_content_is_fixed_by_its_approver() {
    let decision = json!({
        "decision": "approve_with_fixes",
        "edits": [{"op": "replace", "path": "/emails/0/subject_lines/0/text", "value": "By hand"}],
    });
    let (world, trace) = played(at(Gate::Content, decision)).await;
    assert_json_snapshot!(trace);
    // What was edited is what is there.
    let books = world.sandbox.books().unwrap();
    let created = books.entries.iter().find(|entry| {
        entry.request["email_id"] == "email-01" && !entry.request["subject_lines"].is_null()
    });
    let lines = &created.unwrap().request["subject_lines"];
    assert_eq!(lines[0]["text"], "By hand", "{lines:#}");
}

#[tokio::test]
async fn a_send_is_moved_and_another_dropped() {
    let people: Arc<People> = Arc::new(move |approval: &Approval, _| {
        if approval.gate != Gate::Deployment {
            return Some(json!({"decision": "approve"}));
        }
        let mut decision = dropping(approval, 1);
        let edits = decision["edits"].as_array_mut().unwrap();
        let at = "2026-02-20T10:00:00Z";
        edits.push(json!({"op": "replace", "path": "/sends/0/send_at", "value": at}));
        Some(decision)
    });
    let (_, trace) = played(people).await;
    assert_json_snapshot!(trace);
}

#[tokio::test]
async fn the_deployment_is_rejected() {
    let (_, trace) = played(at(Gate::Deployment, json!({"decision": "reject"}))).await;
    assert_json_snapshot!(trace);
}

#[tokio::test]
async fn nobody_decides() {
    let (_, trace) = played(nobody()).await;
    assert_json_snapshot!(trace);
}

#[tokio::test]
async fn changes_end_after_as_many_rounds_as_were_agreed() {
    let people: Arc<People> = Arc::new(|_: &Approval, _| {
        Some(json!({"decision": "request_changes", "notes": "once more"}))
    });
    let wanted = json!({
        "brand_id": BRAND, "selected_month": "2026-02", "settings": {"max_rounds": 2},
    });
    let world = CampaignWorld::wanting(wanted, people, Vec::new()).await;
    let played = world.plan().play(world, false, undisturbed()).await;
    let state = played.scene.check(&played.finished, "rounds").await;
    assert_eq!(state.status, RunStatus::Cancelled);
    assert_eq!(state.error.as_deref(), Some("StrategyRevisedTooOften"));
    assert_eq!(state.approvals.len(), 3, "one, and two revisions");
}
