use std::sync::Arc;

use baton_domain::Money;
use baton_domain::approval::Decision;
use baton_domain::run::Event;
use serde_json::json;

use super::*;
use crate::testing::gate::{Gate, content, says};

fn refusal(result: Result<Approval, AppError>) -> ApprovalRefusal {
    match result {
        Err(AppError::Approval(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn field(result: Result<Approval, AppError>) -> (String, String) {
    match result {
        Err(AppError::Invalid(error)) => (error.field, error.message),
        other => panic!("{other:?}"),
    }
}

/// Two people say opposite things at the same time, a hundred times.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_opposite_decisions_one_wins() {
    let mut winners = Vec::new();
    for round in 0..100 {
        let gate = Gate::new().await;
        let approval = gate.open("token").await;
        let app = Arc::new(gate.app.clone());
        let said = [(Decision::Approve, "ada"), (Decision::Reject, "bob")];
        let tasks = said.map(|(decision, approver)| {
            let (app, tenant) = (Arc::clone(&app), gate.tenant.clone());
            let submission = says(approval.approval_id, decision, approver);
            tokio::spawn(async move { app.submit_approval(&tenant, &submission).await })
        });
        let [ada, bob] = tasks;
        let (won, lost) = match (ada.await.unwrap(), bob.await.unwrap()) {
            (Ok(won), lost) | (lost, Ok(won)) => (won, refusal(lost)),
            other => panic!("round {round}: {other:?}"),
        };
        let ApprovalRefusal::Decided(there) = lost else {
            panic!("round {round}: {lost:?}");
        };
        assert_eq!(there.outcome, won.outcome, "the loser is told what won");
        let told = gate.world.callbacks.told();
        assert_eq!(told.len(), 1, "round {round}");
        let decision = won.outcome.unwrap().decision;
        assert_eq!(told[0].1.decision, decision);
        let run = gate.run().await;
        assert_eq!(
            (run.approvals.len(), run.approvals[0].decision),
            (1, Some(decision))
        );
        winners.push(decision);
    }
    assert_eq!(winners.len(), 100);
}

#[tokio::test]
async fn who_says_the_same_is_answered_again() {
    let gate = Gate::new().await;
    let id = gate.open("token").await.approval_id;
    let yes = says(id, Decision::Approve, "ada");
    let first = gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    let again = gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    assert_eq!(first, again);
    for other in [
        says(id, Decision::Approve, "bob"),
        says(id, Decision::Reject, "ada"),
        Submission {
            notes: "otherwise".to_owned(),
            ..yes.clone()
        },
    ] {
        let refused = refusal(gate.app.submit_approval(&gate.tenant, &other).await);
        assert_eq!(refused, ApprovalRefusal::Decided(Box::new(first.clone())));
    }
    assert_eq!(gate.world.callbacks.told().len(), 1);
}

#[tokio::test]
async fn another_tenant_sees_and_decides_nothing() {
    let gate = Gate::new().await;
    let id = gate.open("token").await.approval_id;
    let other = crate::testing::tenant("other");
    let yes = says(id, Decision::Approve, "eve");
    let submitted = gate.app.submit_approval(&other, &yes).await;
    assert!(
        matches!(submitted, Err(AppError::NotFound(_))),
        "{submitted:?}"
    );
    let shown = gate.app.show_approval(&other, id).await;
    assert!(matches!(shown, Err(AppError::NotFound(_))));
    let page = gate
        .app
        .list_approvals(&other, None, None, 10)
        .await
        .unwrap();
    assert_eq!(page.approvals, []);
}

#[tokio::test]
async fn what_is_told_twice_has_no_effect() {
    let gate = Gate::new().await;
    let id = gate.open("token").await.approval_id;
    let yes = says(id, Decision::Approve, "ada");
    let decided = gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    let before = gate.run().await;
    gate.app.tell_workflow(&decided).await.unwrap();
    assert_eq!(gate.run().await, before);
    assert_eq!(gate.world.callbacks.told().len(), 1);
}

#[tokio::test]
async fn edits_make_a_version_of_the_approver() {
    let gate = Gate::new().await;
    let approval = gate.open("token").await;
    let edits = json!([
        {"op": "replace", "path": "/emails/0/subject_lines/0/text", "value": "Warmer socks"},
    ]);
    let fixes = Submission {
        edits: Some(edits.clone()),
        ..says(approval.approval_id, Decision::ApproveWithFixes, "ada")
    };
    let decided = gate
        .app
        .submit_approval(&gate.tenant, &fixes)
        .await
        .unwrap();
    let outcome = decided.outcome.unwrap();
    assert_eq!((outcome.artifact.version, outcome.edits), (2, Some(edits)));
    let (tenant, run) = (&gate.tenant, gate.run_id);
    let stored = gate
        .app
        .load_artifact(tenant, run, "content", None)
        .await
        .unwrap();
    assert_eq!(stored.0, outcome.artifact, "the run goes on with it");
    assert_eq!(
        stored.1["emails"][0]["subject_lines"][0]["text"],
        "Warmer socks"
    );
    let first = gate
        .app
        .load_artifact(tenant, run, "content", Some(1))
        .await
        .unwrap();
    assert_eq!(first.1, content(), "what was approved stays");
    assert_eq!(
        gate.world.callbacks.told()[0].1.edits,
        None,
        "the state stays small"
    );
}

#[tokio::test]
async fn edits_that_do_not_do_are_refused_by_name() {
    let gate = Gate::new().await;
    let id = gate.open("token").await.approval_id;
    for (edits, at, says_what) in [
        (
            json!([{"op": "remove", "path": "/emails/0/subject_lines"}]),
            "edits",
            "emails[0]",
        ),
        (
            json!([{"op": "replace", "path": "/emails/0/mockup_html", "value": ""}]),
            "edits",
            "emails[0].mockup_html",
        ),
        (
            json!([
                {"op": "test", "path": "/emails/0/email_id", "value": "email-01"},
                {"op": "remove", "path": "/emails/7"},
            ]),
            "edits[1]",
            "/emails/7",
        ),
        (
            json!([{"op": "paint", "path": "/emails"}]),
            "edits",
            "RFC 6902",
        ),
        (json!([]), "edits", "at least one"),
        (json!("x".repeat(70_000)), "edits", "bytes"),
    ] {
        let fixes = Submission {
            edits: Some(edits.clone()),
            ..says(id, Decision::ApproveWithFixes, "ada")
        };
        let (found, message) = field(gate.app.submit_approval(&gate.tenant, &fixes).await);
        assert_eq!(found, at, "{message}");
        assert!(message.contains(says_what), "{says_what}: {message}");
    }
    assert_eq!(gate.approval(id).await.status, ApprovalStatus::Pending);
    assert_eq!(
        gate.run().await.artifacts.len(),
        0,
        "nothing was kept for the run"
    );
}

#[tokio::test]
async fn who_saw_another_artifact_decides_nothing() {
    let gate = Gate::new().await;
    let approval = gate.open("token").await;
    let yes = says(approval.approval_id, Decision::Approve, "ada");
    let wrong = Submission {
        artifact_hash: Some("0".repeat(64)),
        ..yes.clone()
    };
    let refused = refusal(gate.app.submit_approval(&gate.tenant, &wrong).await);
    assert!(matches!(refused, ApprovalRefusal::ArtifactChanged(_)));
    let right = Submission {
        artifact_hash: Some(approval.artifact.hash.clone()),
        ..yes
    };
    gate.app
        .submit_approval(&gate.tenant, &right)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_gate_takes_its_own_decisions_only() {
    let gate = Gate::new().await;
    let mut opening = gate.opening("token");
    opening["gate"] = json!("budget");
    let id = gate.call(opening).await.unwrap()["approval_id"].clone();
    let id = serde_json::from_value(id).unwrap();
    let changes = says(id, Decision::RequestChanges, "ada");
    let (found, message) = field(gate.app.submit_approval(&gate.tenant, &changes).await);
    assert_eq!(found, "decision");
    assert!(message.contains("approve, reject"), "{message}");
    let spent = Money::from_micro_usd(2_000_000);
    let call = baton_domain::run::Call {
        agent: "creative".to_owned(),
        about: String::new(),
        status: baton_domain::run::CallStatus::Ok,
        method: None,
        cost_usd: spent,
        duration_ms: 1.0,
        error: None,
    };
    let (tenant, run) = (&gate.tenant, gate.run_id);
    gate.app
        .append(tenant, run, "call", vec![Event::AgentCalled(call)])
        .await
        .unwrap();
    let raise = |max_cost_usd| Submission {
        max_cost_usd: Some(max_cost_usd),
        ..says(id, Decision::Approve, "ada")
    };
    let (found, _) = field(gate.app.submit_approval(tenant, &raise(spent)).await);
    assert_eq!(found, "max_cost_usd", "no more than it cost already");
    let (found, why) = field(gate.app.submit_approval(tenant, &raise(Money::ZERO)).await);
    assert_eq!(found, "max_cost_usd");
    assert!(
        why.starts_with("must be more than 0: leave it out"),
        "{why}"
    );
    let more = Money::from_micro_usd(2_000_001);
    gate.app
        .submit_approval(tenant, &raise(more))
        .await
        .unwrap();
    assert_eq!(gate.run().await.max_cost_usd, Some(more));
    let elsewhere = Gate::new().await;
    let id = elsewhere.open("token").await.approval_id;
    let raise = Submission {
        max_cost_usd: Some(more),
        ..says(id, Decision::Approve, "ada")
    };
    let (found, _) = field(
        elsewhere
            .app
            .submit_approval(&elsewhere.tenant, &raise)
            .await,
    );
    assert_eq!(found, "max_cost_usd", "at the gate `budget` only");
}

#[tokio::test]
async fn a_run_that_just_ended_takes_no_decision() {
    let gate = Gate::new().await;
    let id = gate.open("token").await.approval_id;
    let status = baton_domain::run::RunStatus::Cancelled;
    let ended = Event::Ended {
        status,
        error: None,
        cause: None,
    };
    let (tenant, run) = (&gate.tenant, gate.run_id);
    gate.app
        .append(tenant, run, "end", vec![ended])
        .await
        .unwrap();
    let yes = says(id, Decision::Approve, "ada");
    let refused = refusal(gate.app.submit_approval(tenant, &yes).await);
    assert!(matches!(refused, ApprovalRefusal::Withdrawn(_)));
    assert_eq!(gate.run().await.status, status);
    assert_eq!(gate.world.callbacks.told(), []);
}
