use baton_domain::Money;
use baton_domain::approval::{Decision, Gate};
use baton_domain::campaign::{Delivery, DeliveryState};
use baton_domain::run::{ArtifactRef, Call, CallStatus, Refusal, RunStatus};
use proptest::prelude::*;

use super::*;
use crate::testing::{TestWorld, tenant};

fn stage(name: &str) -> Event {
    Event::StageEntered {
        stage: name.to_owned(),
    }
}

fn call(cost: u64) -> Event {
    Event::AgentCalled(Call {
        agent: "strategist".to_owned(),
        about: String::new(),
        status: CallStatus::Ok,
        method: None,
        cost_usd: Money::from_micro_usd(cost),
        duration_ms: 1.0,
        error: None,
    })
}

fn ended(status: RunStatus) -> Event {
    Event::Ended {
        status,
        error: None,
        cause: None,
    }
}

#[tokio::test]
async fn what_is_said_twice_is_heard_once() {
    let (app, acme, run) = TestWorld::with_run().await;
    let first = app.append(&acme, run, "a", vec![stage("collect"), call(5)]);
    let first = first.await.unwrap();
    assert_eq!((first.version, first.status), (3, RunStatus::Running));
    let again = app.append(&acme, run, "a", vec![stage("collect"), call(5)]);
    assert_eq!(again.await.unwrap(), first);
    assert_eq!(first.total_cost, Money::from_micro_usd(5));
    // Also when the run moved on, so that the event could no longer follow.
    let over = app.append(&acme, run, "b", vec![ended(RunStatus::Failed)]);
    let over = over.await.unwrap();
    let late = app.append(&acme, run, "a", vec![stage("collect")]);
    assert_eq!(late.await.unwrap(), over);
}

#[tokio::test]
async fn what_cannot_follow_changes_nothing() {
    let (app, acme, run) = TestWorld::with_run().await;
    let over = app.append(&acme, run, "a", vec![ended(RunStatus::Cancelled)]);
    let over = over.await.unwrap();
    let refused = app.append(&acme, run, "b", vec![call(1), stage("strategy")]);
    let transition = Refusal::Transition(RunStatus::Cancelled, RunStatus::Running);
    assert_eq!(refused.await, Err(AppError::Refused(transition)));
    assert_eq!(app.load_run(&acme, run).await.unwrap(), over);
    assert_eq!(app.heard(&acme, run, "b").await, Ok(None));
    // What a call cost is known after the end, too.
    let late = app.append(&acme, run, "c", vec![call(7)]).await.unwrap();
    assert_eq!(late.status, RunStatus::Cancelled);
    assert_eq!(late.total_cost, Money::from_micro_usd(7));
}

#[tokio::test]
async fn names_and_numbers_are_checked() {
    let (app, acme, run) = TestWorld::with_run().await;
    for bad in ["", "a b", "ü", &"x".repeat(257)] {
        let refused = app.append(&acme, run, bad, vec![call(1)]).await;
        assert!(
            matches!(refused, Err(AppError::Invalid(ref e)) if e.field == "event_id"),
            "{refused:?}"
        );
    }
    let many = app.append(&acme, run, "a", vec![call(1); MAX_EVENTS + 1]);
    assert!(matches!(many.await, Err(AppError::Invalid(e)) if e.field == "events"));
    let all = app.append(&acme, run, "a", vec![call(1); MAX_EVENTS]).await;
    assert_eq!(all.unwrap().version, 1 + MAX_EVENTS as u64);
    let other = tenant("other");
    let nobody = app.append(&other, run, "a", vec![call(1)]).await;
    assert_eq!(nobody, Err(AppError::NotFound("such run")));
}

#[tokio::test]
async fn a_run_begins_once() {
    let (app, acme, run) = TestWorld::with_run().await;
    let again = app.begin_run(&acme, run, vec![crate::testing::queued()], Vec::new());
    assert_eq!(again.await, Ok(None));
    let odd = RunId::new(app.ports.clock.now(), 99);
    let odd = app.begin_run(&acme, odd, vec![call(1)], Vec::new()).await;
    assert_eq!(odd, Err(AppError::Refused(Refusal::NotTheBeginning)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_lose_nothing() {
    let (app, acme, run) = TestWorld::with_run().await;
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..8_u32 {
        let (app, acme) = (app.clone(), acme.clone());
        writers.spawn(async move {
            for n in 0..10 {
                let id = format!("{writer}-{n}");
                // A writer that came too late too often asks again, as workflows do.
                while app.append(&acme, run, &id, vec![call(1)]).await == Err(AppError::Contended) {
                }
            }
        });
    }
    while let Some(joined) = writers.join_next().await {
        joined.unwrap();
    }
    let head = app.load_run(&acme, run).await.unwrap();
    assert_eq!((head.version, head.agents["strategist"].calls), (81, 80));
    assert_eq!(app.rebuild(&acme, run, None).await.unwrap(), head);
}

#[tokio::test]
async fn lists_show_a_run_where_it_stands() {
    let (app, acme, run) = TestWorld::with_run().await;
    let there = async |status| {
        let key = Key::listed_run(Key::runs_by_status(&acme, status), run);
        let item = app.ports.items.get(Table::Runs, &key).await.unwrap();
        item.is_some()
    };
    let unstarted = async || {
        let key = Key::unstarted(&acme, run);
        let item = app.ports.items.get(Table::Runs, &key).await.unwrap();
        item.is_some()
    };
    assert!(there(RunStatus::Queued).await && unstarted().await);
    let events = vec![stage("collect"), ended(RunStatus::Failed)];
    app.append(&acme, run, "a", events).await.unwrap();
    for status in RunStatus::ALL {
        assert_eq!(
            there(status).await,
            status == RunStatus::Failed,
            "{status:?}"
        );
    }
    assert!(!unstarted().await);
}

fn artifact(n: u64) -> ArtifactRef {
    ArtifactRef {
        name: format!("notes-{}", n % 3),
        version: n,
        hash: "h".to_owned(),
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    let status = proptest::sample::select(&RunStatus::ALL[..]);
    let approval_id =
        (0_u128..4).prop_map(|n| baton_domain::ApprovalId::new(jiff::Timestamp::UNIX_EPOCH, n));
    let delivery = |n: u64| Delivery {
        email_id: format!("email-{n}"),
        campaign_id: "c".to_owned(),
        state: DeliveryState::Draft,
    };
    prop_oneof![
        3 => Just(stage("content")),
        2 => (0_u64..9).prop_map(call),
        2 => (1_u64..9).prop_map(|n| Event::ArtifactStored { artifact: artifact(n), by: "x".to_owned() }),
        3 => approval_id.clone().prop_map(|approval_id| Event::ApprovalRequested {
            approval_id,
            gate: Gate::Content,
            artifact: artifact(1),
            due_at: jiff::Timestamp::UNIX_EPOCH,
            expires_at: jiff::Timestamp::UNIX_EPOCH,
        }),
        2 => approval_id.prop_map(|approval_id| Event::ApprovalDecided {
            approval_id,
            decision: Decision::Approve,
            approver: Some("ada".to_owned()),
        }),
        1 => (0_u64..3).prop_map(move |n| Event::Delivered { delivery: delivery(n) }),
        1 => (0_u64..9).prop_map(|n| Event::CostLimitRaised {
            max_cost_usd: Money::from_micro_usd(n),
            by: "ada".to_owned(),
        }),
        1 => (2_u32..5).prop_map(|attempt| Event::Redriven { from: "content".to_owned(), attempt }),
        1 => Just(crate::testing::queued()),
        1 => status.prop_map(ended),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// However events come, alone or together: no run makes a change that the table forbids, what
    /// it stands at is what its events add up to, and a snapshot is a shorter way to the same.
    #[test]
    fn a_run_is_what_its_journal_adds_up_to(
        batches in proptest::collection::vec(proptest::collection::vec(any_event(), 1..4), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (app, acme, run) = TestWorld::with_run().await;
            let mut before = app.load_run(&acme, run).await.unwrap();
            for (n, batch) in batches.into_iter().enumerate() {
                let number = batch.len() as u64;
                let after = match app.append(&acme, run, &format!("e{n}"), batch).await {
                    Ok(after) => {
                        assert_eq!(after.version, before.version + number);
                        after
                    }
                    Err(AppError::Refused(_)) => before.clone(),
                    Err(other) => panic!("{other}"),
                };
                before = after;
            }
            let head = app.load_run(&acme, run).await.unwrap();
            assert_eq!(head, before);
            assert_eq!(app.rebuild(&acme, run, None).await.unwrap(), head);
            folded_from_the_start(&app, &acme, run, &head).await;
        });
    }
}

/// Folds every entry, looking at each change of status on the way.
async fn folded_from_the_start(app: &App, acme: &TenantId, run: RunId, head: &RunState) {
    let mut entries = Vec::new();
    while (entries.len() as u64) < head.version {
        let after = entries.len() as u64;
        entries.extend(app.run_events(acme, run, after, 7).await.unwrap());
    }
    let mut state = RunState::begin(run, acme.clone(), &entries[0]).unwrap();
    for entry in &entries[1..] {
        let then = state.status;
        state.apply(entry).unwrap();
        let may = then == state.status || then.may_become(state.status);
        assert!(
            may,
            "{then:?} became {:?} by {:?}",
            state.status, entry.event
        );
        if state.version.is_multiple_of(10) {
            let rebuilt = app.rebuild(acme, run, Some(state.version)).await;
            assert_eq!(rebuilt.unwrap(), state);
        }
    }
    assert_eq!(state, *head);
}
