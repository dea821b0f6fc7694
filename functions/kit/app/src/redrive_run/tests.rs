//! Of redrives, forks, ends that executions did not write, schedules and sweeps: runs that are
//! started more than once.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::*;
use crate::testing::{TestWorld, tenant};
use crate::{ExecutionEnd, ForkRun, StartRun};

async fn started(app: &App, acme: &TenantId) -> RunId {
    let wanted = json!({
        "brand_id": "northwind", "selected_month": "2026-02", "max_cost_usd": 3,
        "settings": {"max_rounds": 1},
    });
    let wanted: StartRun = serde_json::from_value(wanted).unwrap();
    app.start_run(acme, &wanted, None).await.unwrap().run_id
}

fn world() -> TestWorld {
    TestWorld::new(|_| Ok(Value::Null))
}

async fn store(app: &App, acme: &TenantId, run: RunId, name: &str, content: &Value) {
    let artifact = app.store_artifact(acme, run, name, content).await.unwrap();
    let by = "test".to_owned();
    let event = Event::ArtifactStored { artifact, by };
    app.append(acme, run, &format!("store-{name}"), vec![event])
        .await
        .unwrap();
}

fn stage(stage: Stage) -> Event {
    Event::StageEntered {
        stage: stage.name().to_owned(),
    }
}

fn strategy(summary: &str) -> Value {
    json!({
        "brand_id": "northwind", "month": "2026-02", "summary": summary, "assumptions": [],
        "emails": [{
            "email_id": "email-01", "day": "2026-02-03", "send_at": "2026-02-03T10:00:00Z",
            "segment": "vip", "audience_size": 10, "theme": "t", "objective": "revenue",
            "rationale": "r", "hypothesis": "h",
            "expected": {"opens": 1.0, "clicks": 1.0, "conversions": 1.0, "revenue": 1.0},
        }],
    })
}

#[tokio::test]
async fn a_redrive_is_another_execution_of_the_same_run() {
    let world = world();
    let (app, acme) = (world.app(), tenant("acme"));
    let run = started(&app, &acme).await;
    let at_work = app.redrive_run(&acme, run, None, None).await;
    let refused = Refusal::Transition(RunStatus::Queued, RunStatus::Queued);
    assert_eq!(at_work, Err(AppError::Refused(refused)));
    app.append(&acme, run, "s", vec![stage(Stage::Strategy)])
        .await
        .unwrap();
    let first = run.to_string();
    let failed = app.end_of_execution(&acme, &first, ExecutionEnd::TimedOut, None, None);
    let failed = failed.await.unwrap();
    assert_eq!(
        (failed.status, failed.error.as_deref()),
        (RunStatus::Expired, Some("States.Timeout"))
    );
    let later = app
        .redrive_run(&acme, run, Some(Stage::Content), None)
        .await;
    assert!(
        matches!(later, Err(AppError::Invalid(ref e)) if e.field == "from"),
        "{later:?}"
    );
    let stale = app.redrive_run(&acme, run, None, Some(1)).await;
    assert_eq!(
        stale,
        Err(AppError::Stale {
            version: failed.version
        })
    );
    let again = app
        .redrive_run(&acme, run, None, Some(failed.version))
        .await
        .unwrap();
    assert_eq!(
        (again.status, again.attempt, &again.error),
        (RunStatus::Queued, 2, &None)
    );
    let runs = world.started();
    assert_eq!(runs[1].execution_name(), format!("{run}-2"));
    let (began, second) = (&runs[0].input, &runs[1].input);
    assert_eq!(
        (&second["attempt"], &second["from"]),
        (&json!(2), &json!("strategy"))
    );
    assert_eq!(
        began["settings"], second["settings"],
        "what was asked for at the start still goes"
    );
    // The end of the first execution comes late, and is not the second's.
    let late = app.end_of_execution(&acme, &first, ExecutionEnd::Aborted, None, None);
    assert_eq!(late.await.unwrap(), again);
    let name = format!("{run}-2");
    let second = app.end_of_execution(&acme, &name, ExecutionEnd::Failed, Some("Boom"), Some("x"));
    let second = second.await.unwrap();
    assert_eq!(
        (second.status, second.error.as_deref()),
        (RunStatus::Failed, Some("Boom"))
    );
    for bad in [
        "",
        "run",
        &format!("{run}-1"),
        &format!("{run}-x"),
        "exec-2",
    ] {
        let refused = app
            .end_of_execution(&acme, bad, ExecutionEnd::Failed, None, None)
            .await;
        assert!(matches!(refused, Err(AppError::Invalid(_))), "{bad}");
    }
}

#[tokio::test]
async fn a_stage_without_its_input_is_not_redriven() {
    let world = world();
    let (app, acme) = (world.app(), tenant("acme"));
    let run = started(&app, &acme).await;
    app.append(&acme, run, "s", vec![stage(Stage::Content)])
        .await
        .unwrap();
    app.cancel_run(&acme, run, None, None).await.unwrap();
    let nothing = app.redrive_run(&acme, run, None, None).await;
    assert!(
        matches!(nothing, Err(AppError::RunConflict(_))),
        "{nothing:?}"
    );
    store(&app, &acme, run, "strategy", &strategy("plan")).await;
    assert_eq!(
        app.redrive_run(&acme, run, None, None)
            .await
            .unwrap()
            .attempt,
        2
    );
}

#[tokio::test]
async fn a_fork_goes_its_own_way_and_leaves_the_other_alone() {
    let world = world();
    let (app, acme) = (world.app(), tenant("acme"));
    let run = started(&app, &acme).await;
    store(&app, &acme, run, "brand", &json!({"name": "Northwind"})).await;
    store(&app, &acme, run, "strategy", &strategy("plan")).await;
    let before = app.load_run(&acme, run).await.unwrap();
    let fork = |body: Value| -> ForkRun { serde_json::from_value(body).unwrap() };
    let edited = fork(json!({"from": "content", "artifacts": {"strategy": strategy("better")}}));
    let forked = app
        .fork_run(&acme, run, &edited, Some(before.version), None)
        .await
        .unwrap();
    assert_eq!(app.load_run(&acme, run).await.unwrap(), before);
    let origin = forked.origin.clone().unwrap();
    assert_eq!((origin.run_id, origin.from.as_str()), (run, "content"));
    assert_eq!(
        (forked.status, forked.max_cost_usd),
        (RunStatus::Queued, before.max_cost_usd)
    );
    let load = async |name: &str| {
        let loaded = app.load_artifact(&acme, forked.run_id, name, None).await;
        loaded.map(|(_, content)| content)
    };
    assert_eq!(load("strategy").await.unwrap()["summary"], "better");
    assert_eq!(load("brand").await, Ok(json!({"name": "Northwind"})));
    assert_eq!(world.started()[1].input["from"], "content");
    assert_eq!(
        app.rebuild(&acme, forked.run_id, None).await.unwrap(),
        forked
    );
    let patch = json!([{"op": "replace", "path": "/summary", "value": "patched"}]);
    let patched = fork(json!({"from": "content", "edits": {"strategy": patch}}));
    let patched = app
        .fork_run(&acme, run, &patched, None, None)
        .await
        .unwrap();
    let loaded = app.load_artifact(&acme, patched.run_id, "strategy", None);
    assert_eq!(loaded.await.unwrap().1["summary"], "patched");
    // From `strategy`, the strategy is made anew.
    let anew = app
        .fork_run(&acme, run, &fork(json!({"from": "strategy"})), None, None)
        .await
        .unwrap();
    assert_eq!(anew.artifacts.keys().collect::<Vec<_>>(), ["brand"]);
    for (body, says) in [
        (
            json!({"from": "content", "edits": {"strategy": [{"op": "remove", "path": "/summary"}]}}),
            "edits.strategy",
        ),
        (
            json!({"from": "content", "edits": {"strategy": [{"op": "remove", "path": "/x"}]}}),
            "edits.strategy.edits[0]",
        ),
        (
            json!({"from": "content", "edits": {"other": []}}),
            "edits.other",
        ),
        (
            json!({"from": "deployment"}),
            "needs the artifact `content`",
        ),
        (
            json!({"from": "content", "artifacts": {"strategy": {}}}),
            "artifacts.strategy",
        ),
        (
            json!({"from": "strategy", "artifacts": {"strategy": strategy("x")}}),
            "later",
        ),
    ] {
        let error = app
            .fork_run(&acme, run, &fork(body), None, None)
            .await
            .unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(world.started().len(), 4, "what is refused starts nothing");
}

/// A run that read its brand, whose segments are `everyone` and `lapsed`, with a calendar to `vip`.
async fn with_brand(app: &App, acme: &TenantId) -> RunId {
    let run = started(app, acme).await;
    let event = include_str!("../../../../../events/strategist/thin.json");
    let mut event: Value = serde_json::from_str(event).unwrap();
    let mut brand = event["input"]["brand"].take();
    brand["segments"] = json!([
        {"name": "everyone", "label": "Everyone", "size": 90},
        {"name": "lapsed", "label": "Lapsed", "size": 20},
    ]);
    let brand = serde_json::from_value(brand).unwrap();
    app.keep_brand(acme, run, &brand).await.unwrap();
    store(app, acme, run, "strategy", &strategy("plan")).await;
    run
}

#[tokio::test]
async fn what_a_fork_brings_must_be_of_use() {
    let world = world();
    let (app, acme) = (world.app(), tenant("acme"));
    let run = with_brand(&app, &acme).await;
    let fork = |body: Value| -> ForkRun { serde_json::from_value(body).unwrap() };
    let to = |segment: &str| {
        let path = "/emails/0/segment";
        json!([{"op": "replace", "path": path, "value": segment}])
    };
    for (body, field, says) in [
        (
            json!({"from": "content", "artifacts": {"nope": {}}}),
            "artifacts.nope",
            "there are: strategy",
        ),
        (
            json!({"from": "content", "edits": {"nope": []}}),
            "edits.nope",
            "there are: strategy",
        ),
        (
            json!({"from": "content", "artifacts": {"strategy": strategy("x")}}),
            "artifacts.strategy.emails[0].segment",
            "no segment `vip`; it has: everyone, lapsed",
        ),
        (
            json!({"from": "content", "edits": {"strategy": to("nobody")}}),
            "edits.strategy.emails[0].segment",
            "no segment `nobody`; it has: everyone, lapsed",
        ),
    ] {
        let refused = app.fork_run(&acme, run, &fork(body), None, None).await;
        let Err(AppError::Invalid(error)) = refused else {
            panic!("{refused:?}");
        };
        assert_eq!(error.field, field);
        assert!(error.message.contains(says), "{error}");
    }
    let known = fork(json!({"from": "content", "edits": {"strategy": to("lapsed")}}));
    app.fork_run(&acme, run, &known, None, None).await.unwrap();
}

#[tokio::test]
async fn an_edited_calendar_writes_to_segments_that_there_are() {
    let world = world();
    let (app, acme) = (world.app(), tenant("acme"));
    let run = with_brand(&app, &acme).await;
    let entered = vec![stage(Stage::Strategy)];
    app.append(&acme, run, "s", entered).await.unwrap();
    let artifact = app.load_run(&acme, run).await.unwrap().artifacts["strategy"].clone();
    let opening = json!({
        "op": "open", "tenant_id": acme, "run_id": run, "attempt": 1, "gate": "strategy",
        "round": 1, "artifact": artifact, "token": "token", "expires_seconds": 7200,
        "default_decision": "reject",
    });
    let opened = app.approvals(opening).await.unwrap();
    let submission = |segment: &str| {
        let patch = json!([{"op": "replace", "path": "/emails/0/segment", "value": segment}]);
        serde_json::from_value(json!({
            "request_id": opened["approval_id"], "decision": "approve_with_fixes",
            "approver": "ada", "edits": patch,
        }))
    };
    let (nobody, lapsed) = (submission("nobody").unwrap(), submission("lapsed").unwrap());
    let refused = app.submit_approval(&acme, &nobody).await;
    let refused = refused.unwrap_err().to_string();
    let says = "emails[0].segment: the brand has no segment `nobody`; it has: everyone, lapsed";
    assert!(refused.contains(says), "{refused}");
    let fixed = app.submit_approval(&acme, &lapsed).await;
    assert_eq!(fixed.unwrap().outcome.unwrap().artifact.version, 2);
}

#[tokio::test]
async fn a_month_is_scheduled_once_for_each_brand() {
    let world = world();
    let app = world.app();
    let brands = [("acme", "north"), ("acme", "south"), ("other", "north")]
        .map(|(owner, brand)| (tenant(owner), brand.parse().unwrap()));
    let now = app.ports.clock.now();
    let first = app.schedule_campaigns(&brands, now).await.unwrap();
    assert!(first.iter().all(|scheduled| scheduled.run_id.is_some()));
    assert_eq!(first[0].month.to_string(), "2026-02");
    let again = app.schedule_campaigns(&brands, now).await.unwrap();
    assert!(again.iter().all(|scheduled| scheduled.run_id.is_none()));
    assert_eq!(world.started().len(), 3);
    let next = now + SignedDuration::from_hours(24 * 30);
    assert!(
        app.schedule_campaigns(&brands[..1], next).await.unwrap()[0]
            .run_id
            .is_some()
    );
}

#[tokio::test]
async fn a_sweep_starts_what_was_queued_and_not_heard_of() {
    let world = world();
    let (app, acme) = (world.app(), tenant("acme"));
    let run = started(&app, &acme).await;
    assert_eq!(app.sweep_runs().await.unwrap(), 0, "it may be on its way");
    world.clock.advance(SignedDuration::from_secs(31));
    assert_eq!(app.sweep_runs().await.unwrap(), 1);
    assert_eq!(world.started().len(), 2);
    app.append(&acme, run, "s", vec![stage(Stage::Collect)])
        .await
        .unwrap();
    assert_eq!(
        app.sweep_runs().await.unwrap(),
        0,
        "its workflow was heard of"
    );
}
