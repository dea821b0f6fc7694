use baton_domain::run::RunStatus;

use super::*;
use crate::testing::gate::{Gate, says};

#[tokio::test]
async fn a_gate_has_one_approval_and_the_token_of_the_task_that_waits_now() {
    let gate = Gate::new().await;
    let first = gate.open("one").await;
    assert_eq!(first.status, ApprovalStatus::Pending);
    assert_eq!(first.summary, ["1 mail", "<b>Socks</b>"]);
    let again = gate.open("two").await;
    assert_eq!(again, first, "the same approval");
    assert_eq!(gate.run().await.status, RunStatus::WaitingApproval);
    let yes = says(first.approval_id, Decision::Approve, "ada");
    gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    let told = gate.world.callbacks.told();
    assert_eq!(told.len(), 1);
    assert_eq!(
        (told[0].0.as_str(), told[0].1.decision),
        ("two", Decision::Approve)
    );
    let events = gate.events().await;
    assert_eq!(
        events,
        [
            "queued",
            "stage_entered",
            "approval_requested",
            "approval_decided"
        ]
    );
    assert_eq!(gate.run().await.status, RunStatus::Running);
}

#[tokio::test]
async fn a_task_that_comes_after_the_decision_is_told_at_once() {
    let gate = Gate::new().await;
    let approval = gate.open("one").await;
    let yes = says(approval.approval_id, Decision::Approve, "ada");
    gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    let late = gate.open("two").await;
    assert_eq!(late.status, ApprovalStatus::Decided);
    let told = gate.world.callbacks.told();
    let tokens: Vec<&str> = told.iter().map(|(token, _)| token.as_str()).collect();
    assert_eq!(tokens, ["one", "two"]);
    assert_eq!(told[0].1, told[1].1);
}

#[tokio::test]
async fn a_late_task_that_cannot_be_told_is_told_by_the_sweeper() {
    let gate = Gate::new().await;
    let approval = gate.open("one").await;
    let yes = says(approval.approval_id, Decision::Approve, "ada");
    gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    gate.world.callbacks.fail(true);
    gate.open("two").await;
    gate.world.callbacks.fail(false);
    gate.world.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(gate.app.sweep_approvals().await.unwrap().told, 1);
    assert_eq!(gate.world.callbacks.told()[1].0, "two");
}

#[tokio::test]
async fn a_reminder_reminds_once_and_asks_again() {
    let gate = Gate::new().await;
    gate.open("one").await;
    let mut again = gate.opening("two");
    again["reminder"] = json!(true);
    for _ in 0..2 {
        gate.call(again.clone()).await.unwrap();
    }
    let events = gate.events().await;
    let reminded = events.iter().filter(|kind| *kind == "approvers_reminded");
    assert_eq!(reminded.count(), 1, "{events:?}");
    let notices = gate.world.notices.all();
    let kinds: Vec<&str> = notices.iter().map(|notice| notice.kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "approval_requested",
            "approval_reminder",
            "approval_reminder"
        ]
    );
    assert_eq!(notices[1].notice_id, notices[2].notice_id);
    assert_ne!(notices[0].notice_id, notices[1].notice_id);
    assert_eq!(notices[0].to.as_deref(), Some("ada@example.com"));
    let link = notices[0].link.as_deref().unwrap();
    assert!(
        link.starts_with("https://baton.example/approvals/link/"),
        "{link}"
    );
}

#[tokio::test]
async fn nobody_is_bound_to_a_link_when_there_are_no_approvers() {
    let gate = Gate::new().await;
    let mut approving = gate.app.approving.clone();
    approving.approvers.clear();
    let app = gate.app.clone().with_approving(approving);
    app.approvals(gate.opening("one")).await.unwrap();
    let notices = gate.world.notices.all();
    assert_eq!((notices.len(), &notices[0].link), (1, &None));
}

#[tokio::test]
async fn nobody_decides_in_time() {
    let gate = Gate::new().await;
    let approval = gate.open("one").await;
    gate.world.clock.advance(SignedDuration::from_secs(7200));
    let yes = says(approval.approval_id, Decision::Approve, "ada");
    let late = gate.app.submit_approval(&gate.tenant, &yes).await;
    assert!(matches!(
        late,
        Err(AppError::Approval(crate::ApprovalRefusal::Expired(_)))
    ));
    let outcome = gate.call(gate.expiry()).await.unwrap();
    assert_eq!(
        (&outcome["decision"], &outcome["automatic"]),
        (&json!("reject"), &json!(true))
    );
    assert_eq!(gate.call(gate.expiry()).await.unwrap(), outcome, "again");
    assert_eq!(
        gate.approval(approval.approval_id).await.status,
        ApprovalStatus::Expired
    );
    let late = gate.app.submit_approval(&gate.tenant, &yes).await;
    let Err(AppError::Approval(crate::ApprovalRefusal::Expired(there))) = late else {
        panic!("{late:?}");
    };
    assert_eq!(there.outcome.unwrap().decision, Decision::Reject);
    assert_eq!(
        gate.run().await.approvals[0].decision,
        Some(Decision::Reject)
    );
    assert_eq!(
        gate.world.callbacks.told(),
        [],
        "the function's answer says it"
    );
}

#[tokio::test]
async fn a_decision_that_was_first_outlives_the_expiry() {
    let gate = Gate::new().await;
    let approval = gate.open("one").await;
    let yes = says(approval.approval_id, Decision::Approve, "ada");
    gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    gate.world.clock.advance(SignedDuration::from_secs(7200));
    let outcome = gate.call(gate.expiry()).await.unwrap();
    assert_eq!(
        (&outcome["decision"], &outcome["approver"]),
        (&json!("approve"), &json!("ada"))
    );
    let again = gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    assert_eq!(again.outcome.unwrap().decision, Decision::Approve);
}

#[tokio::test]
async fn development_may_approve_by_itself_and_nothing_else_may() {
    let gate = Gate::new().await;
    let mut opening = gate.opening("one");
    opening["auto_approve"] = json!(true);
    let answer = gate.call(opening.clone()).await.unwrap();
    assert_eq!(answer["status"], "decided");
    let (_, outcome) = &gate.world.callbacks.told()[0];
    assert_eq!(outcome.approver.as_deref(), Some(AUTO_APPROVER));
    assert!(outcome.automatic && outcome.decision == Decision::Approve);
    assert_eq!(gate.world.notices.all(), []);

    let gate = Gate::new().await;
    let mut opening = gate.opening("one");
    opening["auto_approve"] = json!(true);
    let elsewhere = gate.app.clone().with_approving(crate::Approving::default());
    let answer = elsewhere.approvals(opening).await.unwrap();
    assert_eq!(answer["status"], "pending", "people are asked");
    assert_eq!(gate.world.callbacks.told(), []);
}

#[tokio::test]
async fn a_run_that_is_over_opens_no_gate() {
    let gate = Gate::new().await;
    let ended = Event::Ended {
        status: RunStatus::Cancelled,
        error: None,
        cause: None,
    };
    let (tenant, run) = (&gate.tenant, gate.run_id);
    gate.app
        .append(tenant, run, "end", vec![ended])
        .await
        .unwrap();
    let error = gate.call(gate.opening("one")).await.unwrap_err();
    assert_eq!(error.code, FunctionError::RUN_CONFLICT);
    let page = gate
        .app
        .list_approvals(tenant, None, None, 10)
        .await
        .unwrap();
    assert_eq!(page.approvals, []);
}

#[tokio::test]
async fn what_is_wrong_with_a_payload_is_named() {
    let gate = Gate::new().await;
    for (field, value) in [
        ("token", json!("")),
        ("attempt", json!(0)),
        ("round", json!(0)),
        ("gate", json!("door")),
        ("expires_seconds", json!(0)),
        ("due_seconds", json!(-1)),
        ("default_decision", json!("request_changes")),
        ("surprise", json!(1)),
        ("op", json!("close")),
        ("op", Value::Null),
    ] {
        let mut opening = gate.opening("one");
        opening[field] = value;
        let error = gate.call(opening).await.unwrap_err();
        assert_eq!(error.code, FunctionError::INVALID_INPUT);
        assert!(error.message.contains(field), "{field}: {error}");
    }
    let error = gate.call(gate.expiry()).await.unwrap_err();
    assert_eq!(error.code, FunctionError::ARTIFACT_NOT_FOUND, "{error}");
}

#[tokio::test]
async fn no_answer_holds_the_token() {
    let gate = Gate::new().await;
    let secret = "AQCEAAAAKgAAAAMAAAAA-secret-token";
    let opened = gate.call(gate.opening(secret)).await.unwrap();
    let id = serde_json::from_value(opened["approval_id"].clone()).unwrap();
    let yes = says(id, Decision::Approve, "ada");
    let listed = gate
        .app
        .list_approvals(&gate.tenant, None, None, 10)
        .await
        .unwrap();
    let shown = gate.app.show_approval(&gate.tenant, id).await.unwrap();
    let submitted = gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    let no = says(id, Decision::Reject, "bob");
    let refused = gate
        .app
        .submit_approval(&gate.tenant, &no)
        .await
        .unwrap_err();
    let run = gate.run().await;
    let events = gate
        .app
        .run_events(&gate.tenant, gate.run_id, 0, 100)
        .await
        .unwrap();
    let notices = gate.world.notices.all();
    let outcome = gate.call(gate.expiry()).await.unwrap();
    let answers = json!([
        opened, listed, shown, submitted, run, events, notices, outcome
    ]);
    assert!(!format!("{answers} {refused} {refused:?}").contains("secret-token"));
    assert_eq!(
        gate.world.callbacks.told()[0].0,
        secret,
        "and yet it was used"
    );
}
