use baton_domain::ApprovalId;
use baton_domain::approval::{ApprovalOutcome, Decision};
use baton_domain::run::{Event, RunStatus};
use proptest::prelude::*;

use super::*;
use crate::ApprovalRefusal;
use crate::testing::gate::{Gate, says};

fn refusal(result: Result<Approval, AppError>) -> ApprovalRefusal {
    match result {
        Err(AppError::Approval(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_lost_callback_is_swept_up() {
    let gate = Gate::new().await;
    let id = gate.open("token").await.approval_id;
    gate.world.callbacks.fail(true);
    let yes = says(id, Decision::Approve, "ada");
    let decided = gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    assert_eq!(
        decided.status,
        ApprovalStatus::Decided,
        "it is decided all the same"
    );
    gate.world.clock.advance(SignedDuration::from_secs(29));
    assert_eq!(
        gate.app.sweep_approvals().await.unwrap().told,
        0,
        "whoever decided has time"
    );
    gate.world.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(
        gate.app.sweep_approvals().await.unwrap().failed,
        1,
        "still out of reach"
    );
    gate.world.callbacks.fail(false);
    assert_eq!(gate.app.sweep_approvals().await.unwrap().told, 1);
    assert_eq!(gate.app.sweep_approvals().await.unwrap(), Swept::default());
    assert_eq!(gate.world.callbacks.told().len(), 1);
}

#[tokio::test]
async fn a_process_that_begins_waits_for_nobody_who_decided() {
    let gate = Gate::new().await;
    let id = gate.open("token").await.approval_id;
    gate.world.callbacks.fail(true);
    let yes = says(id, Decision::Approve, "ada");
    gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    gate.world.callbacks.fail(false);
    assert_eq!(gate.app.tell_untold().await.unwrap().told, 1);
    assert_eq!(gate.app.tell_untold().await.unwrap(), Swept::default());
    assert_eq!(gate.world.callbacks.told().len(), 1);
}

#[tokio::test]
async fn what_waits_is_withdrawn_when_the_run_ends() {
    let ended = |status| Event::Ended {
        status,
        error: None,
        cause: None,
    };
    for by_sweeper in [true, false] {
        let gate = Gate::new().await;
        let id = gate.open("token").await.approval_id;
        assert_eq!(gate.app.sweep_approvals().await.unwrap().withdrawn, 0);
        let cancelled = vec![ended(RunStatus::Cancelled)];
        let (tenant, run) = (&gate.tenant, gate.run_id);
        gate.app
            .append(tenant, run, "end", cancelled)
            .await
            .unwrap();
        let withdrawn = if by_sweeper {
            gate.app.sweep_approvals().await.unwrap().withdrawn
        } else {
            gate.app
                .withdraw_approvals(&gate.app.load_run(tenant, run).await.unwrap())
                .await
                .unwrap()
        };
        assert_eq!(withdrawn, 1);
        assert_eq!(
            gate.app
                .withdraw_approvals(&gate.app.load_run(tenant, run).await.unwrap())
                .await
                .unwrap(),
            0
        );
        assert_eq!(gate.app.sweep_approvals().await.unwrap(), Swept::default());
        let yes = says(id, Decision::Approve, "ada");
        let refused = refusal(gate.app.submit_approval(tenant, &yes).await);
        assert!(matches!(refused, ApprovalRefusal::Withdrawn(_)));
    }
}

/// What may happen around a gate, in any order.
#[derive(Debug, Clone)]
enum Step {
    /// The task is tried again, with a token of its own; perhaps as a reminder.
    Open(bool),
    Submit(Decision),
    Expire,
    Cancel,
    Sweep,
    /// Workflows are out of reach from now on, or in reach again.
    Reach(bool),
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        any::<bool>().prop_map(Step::Open),
        prop_oneof![Just(Decision::Approve), Just(Decision::Reject)].prop_map(Step::Submit),
        Just(Step::Expire),
        Just(Step::Cancel),
        Just(Step::Sweep),
        any::<bool>().prop_map(Step::Reach),
        (0_i64..4_000).prop_map(Step::Wait),
    ]
}

async fn do_step(gate: &Gate, id: ApprovalId, n: usize, step: &Step) {
    match step {
        Step::Open(reminder) => {
            let mut opening = gate.opening(&format!("token-{n}"));
            opening["reminder"] = (*reminder).into();
            let _ = gate.call(opening).await;
        }
        Step::Submit(decision) => {
            let submission = says(id, *decision, "ada");
            let _ = gate.app.submit_approval(&gate.tenant, &submission).await;
        }
        Step::Expire => drop(gate.call(gate.expiry()).await.unwrap()),
        Step::Cancel => {
            let status = RunStatus::Cancelled;
            let ended = Event::Ended {
                status,
                error: None,
                cause: None,
            };
            let (tenant, run) = (&gate.tenant, gate.run_id);
            let _ = gate.app.append(tenant, run, "cancel", vec![ended]).await;
        }
        Step::Sweep => drop(gate.app.sweep_approvals().await.unwrap()),
        Step::Reach(reach) => gate.world.callbacks.fail(!reach),
        Step::Wait(seconds) => gate
            .world
            .clock
            .advance(SignedDuration::from_secs(*seconds)),
    }
}

async fn holds(steps: Vec<Step>) {
    let gate = Gate::new().await;
    let id = gate.open("token").await.approval_id;
    let mut closed: Option<Approval> = None;
    for (n, step) in steps.iter().enumerate() {
        do_step(&gate, id, n, step).await;
        let now = gate.approval(id).await;
        if let Some(closed) = &closed {
            assert_eq!(&now, closed, "what is closed stays so: {step:?}");
        }
        closed = (now.status != ApprovalStatus::Pending).then_some(now);
    }
    gate.world.callbacks.fail(false);
    gate.world.clock.advance(GRACE);
    assert_eq!(gate.app.sweep_approvals().await.unwrap().failed, 0);
    let swept = gate.app.sweep_approvals().await.unwrap();
    assert_eq!(swept, Swept::default(), "nothing is left to do");
    let approval = gate.approval(id).await;
    let told = gate.world.callbacks.told();
    assert!(
        told.iter()
            .all(|(_, outcome)| Some(outcome) == approval.outcome.as_ref())
    );
    if approval.status == ApprovalStatus::Decided {
        let token = gate.app.token_of(&approval).await.unwrap().unwrap();
        assert!(
            told.iter().any(|(known, _)| *known == token),
            "whoever waits was told"
        );
    }
    let outcomes = gate.run().await.approvals;
    let known = outcomes[0].decision;
    let meant = approval
        .outcome
        .as_ref()
        .map(|outcome: &ApprovalOutcome| outcome.decision);
    assert!(known == meant || known.is_none() && gate.run().await.status.is_over());
    let events = gate.events().await;
    for kind in [
        "approval_requested",
        "approval_decided",
        "approvers_reminded",
    ] {
        assert!(
            events.iter().filter(|event| *event == kind).count() <= 1,
            "{events:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever happens in whatever order: one outcome, told to whoever waits, and nothing else.
    #[test]
    fn a_gate_has_one_outcome(steps in proptest::collection::vec(step(), 0..12)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(holds(steps));
    }
}
