//! Loops over every task of the workflow. Whatever happens to one, the run ends in a defined state,
//! nothing waits on, and no mail goes out twice.

use std::sync::Arc;

use baton_app::FunctionError;
use baton_domain::approval::{Approval, Gate};
use baton_domain::email_pilot::PartnerError;
use baton_domain::run::RunStatus;
use baton_embedded::{Agents, Platform};
use baton_engine::bench::{
    Failing, Plan, Played, TaskState, crash_everywhere, every_task_fails_of, every_task_recovers,
    every_task_repeats, undisturbed,
};
use baton_sandbox::emailpilot::{Call, Fault, Kind, Operation};
use baton_tests::campaign::{CampaignWorld, dropping};
use baton_tests::failing_items::Fails;
use baton_tests::people::{People, approving, nobody};
use serde_json::{Value, json};

use super::mails;

/// The brand with the fewest mails.
const BRAND: &str = "nova";

async fn world() -> CampaignWorld {
    CampaignWorld::of(BRAND, approving()).await
}

async fn campaign() -> Plan {
    world().await.plan()
}

/// Every code that a task may fail with: its function's, some of AWS's, and not answering at all.
fn codes(task: &TaskState) -> Vec<Option<String>> {
    let of_agents = Agents::all().codes();
    let function = task.function.as_deref().unwrap_or_default();
    let mut codes = of_agents.get(function).cloned().unwrap_or_default();
    if Platform::FUNCTIONS.contains(&function) {
        codes.extend(FunctionError::CODES);
    }
    if function == "email-pilot" {
        codes.extend(PartnerError::CODES);
    }
    codes.extend(match task.resource.rsplit(":::").next() {
        Some("sns:publish") => &["SNS.ThrottledException", "SNS.AuthorizationErrorException"][..],
        _ => &["Lambda.TooManyRequestsException", "Lambda.Unknown"],
    });
    let named = codes.into_iter().map(|code| Some(code.to_owned()));
    named.chain([None]).collect()
}

#[tokio::test]
async fn every_task_fails_with_every_code() {
    let check = async |failing: Failing<'_, CampaignWorld>| {
        let Failing {
            target,
            code,
            played,
            ..
        } = failing;
        let what = format!("{} fails with {code:?}", target.name);
        played.scene.check(&played.finished, &what).await;
    };
    let plan = campaign().await;
    let mut left = plan.tasks().into_iter().map(|task| task.name).collect();
    let mut plays = every_task_fails_of(&mut left, &plan, world, codes, check).await;
    // What is left is called when nobody decides, when mails are revised, when the run cost too
    // much, and when it goes on from a later stage.
    let absent = async || CampaignWorld::of(BRAND, nobody()).await;
    plays += every_task_fails_of(&mut left, &plan, absent, codes, check).await;
    let slow = async || CampaignWorld::of(BRAND, slow_at(Gate::Content)).await;
    plays += every_task_fails_of(&mut left, &plan, slow, codes, check).await;
    let slow = async || CampaignWorld::of(BRAND, slow_at(Gate::Deployment)).await;
    plays += every_task_fails_of(&mut left, &plan, slow, codes, check).await;
    let revising = async || CampaignWorld::of(BRAND, revising()).await;
    plays += every_task_fails_of(&mut left, &plan, revising, codes, check).await;
    let poor = async |people| {
        let wanted = json!({
            "brand_id": BRAND, "selected_month": "2026-02", "max_cost_usd": 0.000_001,
        });
        CampaignWorld::wanting(wanted, people, Vec::new()).await
    };
    let plan = poor(approving()).await.plan();
    let stingy = async || poor(approving()).await;
    plays += every_task_fails_of(&mut left, &plan, stingy, codes, check).await;
    let stingy = async || poor(slow_at(Gate::Budget)).await;
    plays += every_task_fails_of(&mut left, &plan, stingy, codes, check).await;
    for stage in ["strategy", "content", "deployment"] {
        let redriven = async || CampaignWorld::redriven(BRAND, stage).await;
        let plan = redriven().await.plan();
        plays += every_task_fails_of(&mut left, &plan, redriven, codes, check).await;
    }
    assert!(left.is_empty(), "never called: {left:?}");
    println!("{plays} plays");
}

/// Nobody decides this gate; everything else is approved.
fn slow_at(gate: Gate) -> Arc<People> {
    Arc::new(move |approval: &Approval, _| {
        (approval.gate != gate).then(|| json!({"decision": "approve"}))
    })
}

/// The strategy and the content are sent back once; one mail is dropped from the plan.
fn revising() -> Arc<People> {
    Arc::new(|approval: &Approval, round| {
        let revises = round == 1 && approval.gate != Gate::Deployment;
        Some(match approval.gate {
            _ if revises => json!({"decision": "request_changes", "notes": "Shorter"}),
            Gate::Deployment => dropping(approval, 1),
            _ => json!({"decision": "approve"}),
        })
    })
}

#[tokio::test]
async fn every_task_recovers_from_what_is_retried() {
    let check = async |failing: Failing<'_, CampaignWorld>| {
        let what = format!("{} recovers from {:?}", failing.target.name, failing.code);
        let (scene, finished) = (&failing.played.scene, &failing.played.finished);
        let state = scene.check(finished, &what).await;
        assert_eq!(state.status, RunStatus::Succeeded, "{what}");
    };
    assert!(every_task_recovers(&campaign().await, world, check).await > 0);
}

#[tokio::test]
async fn every_task_repeats_without_a_trace() {
    let view = async |played: &Played<CampaignWorld>| {
        let state = played.scene.check(&played.finished, "repeated").await;
        let versions = state.artifacts.values().map(|artifact| artifact.version);
        let calls = state.agents.values().map(|agent| agent.calls);
        json!([
            state.status,
            versions.collect::<Vec<_>>(),
            calls.collect::<Vec<_>>(),
            state.approvals.len(),
            played.scene.mails_that_go_out(),
            mails(&played.scene),
        ])
    };
    every_task_repeats(&campaign().await, world, view).await;
}

#[tokio::test]
async fn a_process_that_dies_after_any_write_makes_no_difference() {
    let view = |played: &Played<CampaignWorld>| {
        format!(
            "{:?} {:?}",
            played.finished.outcome,
            played.scene.mails_that_go_out()
        )
    };
    let deaths = crash_everywhere(&campaign().await, world, view).await;
    println!("{deaths} deaths");
}

/// EmailPilot schedules the first mail and its answer is lost; the process dies beside it, also
/// between the two attempts.
#[tokio::test]
async fn a_lost_answer_and_a_process_that_dies_send_no_mail_twice() {
    let unlucky = async || {
        let wanted = json!({"brand_id": BRAND, "selected_month": "2026-02"});
        let lost = Fault::once(Call::Schedule, Kind::Error500AfterAccepting);
        CampaignWorld::wanting(wanted, approving(), vec![lost]).await
    };
    let view = |played: &Played<CampaignWorld>| {
        let books = played.scene.sandbox.books().expect("the books are kept");
        let scheduled = books.entries.iter();
        let scheduled = scheduled.filter(|entry| entry.operation == Operation::Schedule);
        format!(
            "{:?} {:?} {}",
            played.finished.outcome,
            played.scene.mails_that_go_out(),
            scheduled.count(),
        )
    };
    let deaths = crash_everywhere(&campaign().await, unlucky, view).await;
    println!("{deaths} deaths");
}

/// The store fails at each transaction, once before it and once after: somebody tries again, and
/// what was done is not done twice.
#[tokio::test]
async fn a_store_that_fails_at_any_transaction_makes_no_difference() {
    let plan = campaign().await;
    let calm = plan.play(world().await, false, undisturbed()).await;
    let wanted = seen(&calm).await;
    // How many there are depends on who comes first, so it is tried until none is left to fail.
    for number in 0.. {
        for fails in [Fails::Before, Fails::After] {
            let what = format!("transaction {number} fails {fails:?}");
            let world = world().await;
            world.items.fail_at(number, fails);
            let played = plan.play(world, false, undisturbed()).await;
            assert_eq!(seen(&played).await, wanted, "{what}");
            if played.scene.items.transactions() <= number {
                assert!(number > 30, "{what}: there are more");
                println!("{number} transactions");
                return;
            }
        }
    }
}

async fn seen(played: &Played<CampaignWorld>) -> Value {
    let state = played
        .scene
        .check(&played.finished, "the store fails")
        .await;
    json!([state.status, mails(&played.scene), state.approvals.len()])
}

/// Every fault of EmailPilot with every call, once and always.
#[tokio::test]
async fn no_fault_of_email_pilot_sends_a_mail_twice() {
    let calls = [
        Call::Brand,
        Call::History,
        Call::Create,
        Call::TestSend,
        Call::Schedule,
        Call::Cancel,
    ];
    let kinds = [
        Kind::Error500,
        Kind::Error500AfterAccepting,
        Kind::TimeoutAfterAccepting,
        Kind::Malformed,
        Kind::RateLimited,
        Kind::Refused,
    ];
    let plan = campaign().await;
    for call in calls {
        for kind in kinds {
            let what = format!("{call:?} {kind:?}");
            let once = vec![Fault::once(call, kind)];
            let state = deployed_with(&plan, once, &what).await;
            if kind != Kind::Refused {
                assert_eq!(state, RunStatus::Succeeded, "{what}, once");
            }
            // Without end, a call that times out takes its time each time.
            if kind != Kind::TimeoutAfterAccepting {
                deployed_with(&plan, vec![Fault::always(call, kind)], &what).await;
            }
        }
    }
}

async fn deployed_with(plan: &Plan, faults: Vec<Fault>, what: &str) -> RunStatus {
    let wanted = json!({"brand_id": BRAND, "selected_month": "2026-02"});
    let world = CampaignWorld::wanting(wanted, approving(), faults).await;
    let played = plan.play(world, false, undisturbed()).await;
    played.scene.check(&played.finished, what).await.status
}
