use baton_domain::campaign::check_name;
use baton_domain::run::Event;
use serde_json::json;

use super::*;
use crate::StartTask;
use crate::testing::{TestWorld, tenant};

fn asked(theme: &str) -> StartTask {
    StartTask {
        theme: theme.to_owned(),
        budget: 50,
        voice_id: "voice".to_owned(),
        max_cost_usd: None,
    }
}

fn ended(status: RunStatus, error: Option<&str>, cause: Option<&str>) -> Event {
    Event::Ended {
        status,
        error: error.map(str::to_owned),
        cause: cause.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_task_that_was_accepted_has_its_budget_and_no_report() {
    let world = TestWorld::new(|_| Ok(serde_json::Value::Null));
    let (app, acme) = (world.app(), tenant("acme"));
    let run = app.start_task(&acme, &asked("Tesla"), None).await.unwrap();
    let task = app.show_task(&acme, run.run_id, true).await.unwrap();
    assert_eq!((task.theme.as_str(), task.budget.usd()), ("Tesla", 50.0));
    assert_eq!((task.spent, task.reserved), (Money::ZERO, Money::ZERO));
    assert_eq!((task.report, task.error), (None, None));
    assert_eq!(task.audit, Some(Vec::new()));
    let none = app.task_report(&acme, run.run_id).await;
    assert_eq!(none, Err(AppError::NotFound(NO_REPORT)));
    let other = app.show_task(&tenant("other"), run.run_id, false).await;
    assert_eq!(other, Err(AppError::NotFound(TASK)));
}

#[tokio::test]
async fn a_report_is_shown_once_the_journal_knows_it() {
    let world = TestWorld::new(|_| Ok(serde_json::Value::Null));
    let (app, acme) = (world.app(), tenant("acme"));
    let run = app.start_task(&acme, &asked("Tesla"), None).await.unwrap();
    check_name(REPORT).unwrap();
    let content = json!({"title": "T", "markdown": "# T\n", "claims": [], "conflicts": [],
        "sources": [], "missing": [], "spent": 0});
    let kept = app.keep_artifact(&acme, run.run_id, "r", (REPORT, &content), "report-builder");
    kept.await.unwrap();
    let report = app.task_report(&acme, run.run_id).await.unwrap();
    assert_eq!(report, "# T\n");
}

#[tokio::test]
async fn every_end_without_a_report_has_one_of_four_names() {
    let world = TestWorld::new(|_| Ok(serde_json::Value::Null));
    let (app, acme) = (world.app(), tenant("acme"));
    for (status, error, cause, expected) in [
        (
            RunStatus::Failed,
            Some("AuthenticationError"),
            Some("no such voice"),
            Some((
                "AuthenticationError",
                "the Payment Manager does not accept the voice: start again with a `voice_id` \
                 (--voice-id) that it knows (no such voice)",
            )),
        ),
        (
            RunStatus::Failed,
            Some("States.Timeout"),
            Some("late"),
            Some((
                TaskError::WORKFLOW,
                "a step took longer than it may: `baton runs redrive` goes on \
                 (States.Timeout: late)",
            )),
        ),
        (
            RunStatus::Expired,
            None,
            None,
            Some((TaskError::WORKFLOW, "the task is expired")),
        ),
    ] {
        let run = app.start_task(&acme, &asked("Tesla"), None).await.unwrap();
        let end = vec![ended(status, error, cause)];
        app.append(&acme, run.run_id, "end", end).await.unwrap();
        let task = app.show_task(&acme, run.run_id, false).await.unwrap();
        let said = task.error.as_ref();
        let said = said.map(|said| (said.error.as_str(), said.message.as_str()));
        assert_eq!(said, expected);
        assert_eq!(task.error.unwrap().task_id, run.run_id);
        assert_eq!(task.audit, None);
    }
}

#[tokio::test]
async fn tasks_are_listed_without_other_runs() {
    let world = TestWorld::new(|_| Ok(serde_json::Value::Null));
    let (app, acme) = (world.app(), tenant("acme"));
    let mut tasks = Vec::new();
    for n in 0..5 {
        world.clock.advance(jiff::SignedDuration::from_secs(1));
        let campaign = app.begin_test_run(&acme, n).await;
        let shown = app.show_task(&acme, campaign, false).await;
        assert_eq!(shown, Err(AppError::NotFound(TASK)));
        world.clock.advance(jiff::SignedDuration::from_secs(1));
        let run = app.start_task(&acme, &asked("Tesla"), None).await.unwrap();
        tasks.insert(0, run.run_id);
    }
    for status in [None, Some(RunStatus::Queued)] {
        let (mut found, mut before) = (Vec::new(), None);
        loop {
            let page = app.list_tasks(&acme, status, before, 2).await.unwrap();
            assert!(page.tasks.len() <= 2);
            found.extend(page.tasks.iter().map(|task| task.task_id));
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!(found, tasks);
    }
    let failed = app
        .list_tasks(&acme, Some(RunStatus::Failed), None, 9)
        .await;
    assert_eq!(failed.unwrap().tasks, []);
}

#[test]
fn what_was_not_bought_has_a_reason() {
    let purchase = |id: &str, state| ShownPurchase {
        source_id: id.to_owned(),
        name: id.to_owned(),
        price: Money::ZERO,
        cost: None,
        overcharged: None,
        state,
        rail: baton_domain::payment::Rail::Token,
        transaction: None,
        reason: None,
    };
    let mut purchases = ["1", "2", "3", "4"].map(|id| purchase(id, PurchaseState::Quoted));
    purchases[3].state = PurchaseState::Delivered;
    let report = json!({"missing": [{"source_id": "1", "reason": "the budget does not reach"}]});
    let ranking = json!({"sources": [
        {"source_id": "1", "buy": false, "reason": "dear"},
        {"source_id": "2", "buy": false, "reason": "dear"},
    ]});
    let mut early = purchases.clone();
    explain(&mut purchases, Some(&report), Some(&ranking));
    let reasons = purchases.each_ref().map(|it| it.reason.as_deref());
    let expected = [
        Some("the budget does not reach"),
        Some("dear"),
        Some(LEFT_OUT),
        None,
    ];
    assert_eq!(reasons, expected);
    explain(&mut early, None, None);
    assert!(
        early.iter().all(|it| it.reason.is_none()),
        "nobody knows yet"
    );
}
