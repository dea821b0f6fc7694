use std::sync::Arc;

use baton_domain::campaign::{DeliveryState, Stage};
use baton_domain::email_pilot::PartnerError;
use baton_domain::run::RunStatus;
use baton_domain::{RunId, TenantId};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::testing::email_pilot::TestEmailPilot;
use crate::testing::{TestClock, TestWorld, tenant};
use crate::{App, ExecutionEnd, FunctionError};

/// A run in its deployment, with a plan of two mails.
struct Deploying {
    app: App,
    clock: Arc<TestClock>,
    pilot: Arc<TestEmailPilot>,
    acme: TenantId,
    run: RunId,
    brand: Value,
}

fn content(email: &str) -> Value {
    json!({
        "email_id": email,
        "subject_lines": [{"variant": "A", "text": "Warm", "preheader": "", "technique": "benefit"}],
        "copy": {
            "headline": "Warm", "paragraphs": ["Socks."], "plain_text": "Socks.",
            "call_to_action": {"label": "Buy", "url": "https://example.com"},
        },
        "mockup_html": "<!doctype html><p>Socks.",
        "personalization": [],
    })
}

fn planned(email: &str, day: &str) -> Value {
    json!({
        "email_id": email, "day": day, "send_at": format!("{day}T15:00:00Z"), "segment": "vip",
        "audience_size": 10, "theme": "sale", "objective": "revenue", "rationale": "r",
        "hypothesis": "h",
        "expected": {"opens": 1.0, "clicks": 1.0, "conversions": 1.0, "revenue": 1.0},
    })
}

impl Deploying {
    async fn new() -> Self {
        let world = TestWorld::new(|_| Ok(Value::Null));
        let pilot = Arc::new(TestEmailPilot::default());
        let app = world.app().with_email_pilot(Arc::clone(&pilot) as _);
        let event = include_str!("../../../../../events/strategist/thin.json");
        let event: Value = serde_json::from_str(event).unwrap();
        let wanted = json!({"brand_id": "northwind", "selected_month": "2026-02"});
        let acme = tenant("acme");
        let wanted = serde_json::from_value(wanted).unwrap();
        let run = app.start_run(&acme, &wanted, None).await.unwrap().run_id;
        let deploying = Self {
            app,
            clock: world.clock,
            pilot,
            acme,
            run,
            brand: event["input"]["brand"].clone(),
        };
        deploying.come_to_deployment().await;
        deploying
    }

    async fn come_to_deployment(&self) {
        let strategy = json!({
            "brand_id": "northwind", "month": "2026-02", "summary": "s",
            "emails": [planned("email-01", "2026-02-02"), planned("email-02", "2026-02-12")],
        });
        let set = json!({"emails": [content("email-01"), content("email-02")]});
        let record = json!({
            "op": "record", "tenant_id": "acme", "run_id": self.run, "event_id": "made",
            "stage": "deployment",
            "artifacts": [
                {"name": "strategy", "content": strategy, "by": "strategist"},
                {"name": "content", "content": set, "by": "creative"},
            ],
        });
        self.app.record(record).await.unwrap();
        let plan = json!({
            "event_id": "1/plan", "brand": self.brand, "month": "2026-02", "content_version": 1,
        });
        let plan = self.ask("plan", plan).await.unwrap();
        assert_eq!(plan["sends"], json!(["email-01", "email-02"]));
    }

    async fn ask(&self, op: &str, fields: Value) -> Result<Value, FunctionError> {
        let mut payload = json!({"op": op, "tenant_id": "acme", "run_id": self.run});
        let payload_fields = payload.as_object_mut().unwrap();
        payload_fields.extend(fields.as_object().unwrap().clone());
        self.app.email_pilot(payload).await
    }

    /// One operation on `email-01`, as the workflow's `attempt` asks for it.
    async fn mail(&self, op: &str, attempt: u32) -> Result<Value, FunctionError> {
        let mut fields = json!({
            "attempt": attempt, "event_id": format!("{attempt}/{op}/email-01"),
            "email_id": "email-01",
        });
        let more = match op {
            "test" => json!({"recipients": ["qa@acme.example"]}),
            "schedule" => json!({"plan_version": 1}),
            _ => json!({"brand": self.brand, "content_version": 1}),
        };
        let fields_map = fields.as_object_mut().unwrap();
        fields_map.extend(more.as_object().unwrap().clone());
        self.ask(op, fields).await
    }

    async fn scheduled(&self, attempt: u32) {
        for op in ["create", "test", "schedule"] {
            self.mail(op, attempt).await.unwrap();
        }
    }

    /// What the run says of the mail.
    async fn says(&self) -> Option<DeliveryState> {
        let state = self.app.load_run(&self.acme, self.run).await.unwrap();
        state.deliveries.get("email-01").map(|mail| mail.state)
    }

    async fn end(&self, end: ExecutionEnd, attempt: u32) {
        let name = match attempt {
            1 => self.run.to_string(),
            attempt => format!("{}-{attempt}", self.run),
        };
        let ended = self
            .app
            .end_of_execution(&self.acme, &name, end, None, None);
        ended.await.unwrap();
    }

    async fn redrive(&self) {
        let from = Some(Stage::Deployment);
        let redriven = self.app.redrive_run(&self.acme, self.run, from, None).await;
        redriven.unwrap();
        let entered = json!({
            "op": "record", "tenant_id": "acme", "run_id": self.run, "event_id": "2/enter",
            "stage": "deployment", "attempt": 2,
        });
        self.app.record(entered).await.unwrap();
    }
}

#[tokio::test]
async fn a_mail_goes_its_way_and_each_call_is_made_once() {
    let world = Deploying::new().await;
    for _ in 0..2 {
        world.scheduled(1).await;
    }
    assert_eq!(world.says().await, Some(DeliveryState::Scheduled));
    assert_eq!(
        world.pilot.calls(),
        ["create c-1", "test c-1", "schedule c-1"]
    );
}

#[tokio::test]
async fn a_lost_answer_is_found_again() {
    for op in ["create", "test", "schedule"] {
        let world = Deploying::new().await;
        world.pilot.fail(op, PartnerError::TimedOut, true);
        for step in ["create", "test", "schedule"] {
            let first = world.mail(step, 1).await;
            assert_eq!(first.is_err(), step == op, "{step}");
            world.mail(step, 1).await.unwrap();
        }
        let campaigns = world.pilot.campaigns();
        assert_eq!(campaigns, [("c-1".to_owned(), DeliveryState::Scheduled)]);
    }
}

#[tokio::test]
async fn what_may_have_been_created_is_taken_back() {
    let world = Deploying::new().await;
    world.pilot.fail("create", PartnerError::TimedOut, true);
    world.mail("create", 1).await.unwrap_err();
    assert_eq!(world.says().await, None);
    for _ in 0..2 {
        world.mail("cancel", 1).await.unwrap();
    }
    assert_eq!(world.says().await, Some(DeliveryState::Cancelled));
    let campaigns = world.pilot.campaigns();
    assert_eq!(campaigns, [("c-1".to_owned(), DeliveryState::Cancelled)]);
}

#[tokio::test]
async fn what_was_refused_leaves_nothing_to_take_back() {
    let world = Deploying::new().await;
    let refused = || PartnerError::Refused {
        status: 422,
        message: "no such segment".to_owned(),
    };
    for op in ["create", "cancel"] {
        world.pilot.fail("create", refused(), false);
        let answer = world.mail(op, 1).await;
        assert_eq!(answer.is_ok(), op == "cancel", "{answer:?}");
    }
    assert_eq!(world.pilot.campaigns(), []);
}

#[tokio::test]
async fn a_mail_that_went_out_cannot_be_taken_back() {
    let world = Deploying::new().await;
    world.scheduled(1).await;
    world.pilot.send("c-1");
    let error = world.mail("cancel", 1).await.unwrap_err();
    assert_eq!(error.code, PartnerError::CONFLICT);
    assert_eq!(world.says().await, Some(DeliveryState::Sent));
}

#[tokio::test]
async fn an_execution_that_ends_without_a_word_leaves_no_mail() {
    for end in [
        ExecutionEnd::Failed,
        ExecutionEnd::TimedOut,
        ExecutionEnd::Aborted,
    ] {
        let world = Deploying::new().await;
        world.scheduled(1).await;
        world.end(end, 1).await;
        assert_eq!(
            world.says().await,
            Some(DeliveryState::Cancelled),
            "{end:?}"
        );
    }
}

#[tokio::test]
async fn nothing_is_sent_for_a_run_that_ended() {
    let world = Deploying::new().await;
    world.mail("create", 1).await.unwrap();
    world.end(ExecutionEnd::TimedOut, 1).await;
    for op in ["test", "schedule"] {
        let error = world.mail(op, 1).await.unwrap_err();
        assert_eq!(error.code, FunctionError::RUN_ENDED, "{op}");
    }
    assert_eq!(world.pilot.calls(), ["create c-1", "cancel c-1"]);
}

#[tokio::test]
async fn what_is_done_while_the_run_is_cancelled_is_undone() {
    let world = Deploying::new().await;
    world.mail("create", 1).await.unwrap();
    let (app, acme, run) = (world.app.clone(), world.acme.clone(), world.run);
    let cancel = move || {
        let (app, acme) = (app.clone(), acme.clone());
        Box::pin(async move {
            app.cancel_run(&acme, run, None, None).await.unwrap();
        }) as _
    };
    world.pilot.meanwhile("schedule", Box::new(cancel));
    let error = world.mail("schedule", 1).await.unwrap_err();
    assert_eq!(error.code, FunctionError::RUN_ENDED);
    assert_eq!(world.says().await, Some(DeliveryState::Cancelled));
    let campaigns = world.pilot.campaigns();
    assert_eq!(campaigns, [("c-1".to_owned(), DeliveryState::Cancelled)]);
}

#[tokio::test]
async fn a_second_attempt_takes_back_what_the_first_left() {
    let world = Deploying::new().await;
    world.scheduled(1).await;
    // Nobody could take it back when the run ended.
    let down = PartnerError::Unavailable("down".to_owned());
    world.pilot.fail("cancel", down, false);
    let name = world.run.to_string();
    let ended = world
        .app
        .end_of_execution(&world.acme, &name, ExecutionEnd::Failed, None, None)
        .await;
    ended.unwrap_err();
    assert_eq!(world.says().await, Some(DeliveryState::Scheduled));
    world.redrive().await;
    assert_eq!(world.says().await, Some(DeliveryState::Cancelled));
    world.scheduled(2).await;
    let campaigns = world.pilot.campaigns();
    let (old, new) = (DeliveryState::Cancelled, DeliveryState::Scheduled);
    assert_eq!(
        campaigns,
        [("c-1".to_owned(), old), ("c-2".to_owned(), new)]
    );
}

#[tokio::test]
async fn a_second_attempt_does_not_send_again_what_went_out() {
    let world = Deploying::new().await;
    world.scheduled(1).await;
    world.pilot.send("c-1");
    world.end(ExecutionEnd::Failed, 1).await;
    assert_eq!(world.says().await, Some(DeliveryState::Sent));
    world.redrive().await;
    world.scheduled(2).await;
    let campaigns = world.pilot.campaigns();
    assert_eq!(campaigns, [("c-1".to_owned(), DeliveryState::Sent)]);
}

#[tokio::test]
async fn an_answer_of_an_earlier_attempt_is_undone() {
    let world = Deploying::new().await;
    world.mail("create", 1).await.unwrap();
    let (app, acme, run) = (world.app.clone(), world.acme.clone(), world.run);
    let redrive = move || {
        let (app, acme) = (app.clone(), acme.clone());
        Box::pin(async move {
            // Failed by another's word, and begun anew before this answer came.
            let failed = json!({
                "op": "record", "tenant_id": "acme", "run_id": run, "event_id": "1/end",
                "end": {"status": "expired", "error": "States.Timeout"},
            });
            let _ = app.record(failed).await;
            let from = Some(Stage::Deployment);
            app.redrive_run(&acme, run, from, None).await.unwrap();
        }) as _
    };
    world.pilot.meanwhile("test", Box::new(redrive));
    let error = world.mail("test", 1).await.unwrap_err();
    assert_eq!(error.code, FunctionError::RUN_ENDED);
    let campaigns = world.pilot.campaigns();
    assert_eq!(campaigns, [("c-1".to_owned(), DeliveryState::Cancelled)]);
    let state = world.app.load_run(&world.acme, world.run).await.unwrap();
    assert_eq!((state.status, state.attempt), (RunStatus::Queued, 2));
}

#[tokio::test]
async fn what_is_not_in_the_plan_is_not_scheduled() {
    let world = Deploying::new().await;
    let fields = json!({
        "attempt": 1, "event_id": "1/create/email-09", "email_id": "email-09",
        "brand": world.brand, "content_version": 1,
    });
    let error = world.ask("create", fields).await.unwrap_err();
    assert_eq!(error.code, FunctionError::ARTIFACT_NOT_FOUND);
    let error = world.mail("schedule", 1).await.unwrap_err();
    assert_eq!(error.code, FunctionError::ARTIFACT_NOT_FOUND);
    let error = world.ask("send", json!({})).await.unwrap_err();
    assert_eq!(error.code, FunctionError::INVALID_INPUT);
    assert_eq!(world.pilot.campaigns(), []);
}

#[tokio::test]
async fn a_sent_mail_is_not_sent_again_by_a_third_attempt() {
    let world = Deploying::new().await;
    world.scheduled(1).await;
    world.pilot.send("c-1");
    world.end(ExecutionEnd::Failed, 1).await;
    world.redrive().await;
    world.mail("create", 2).await.unwrap();
    // Another mail failed: the workflow compensates.
    let refused = world.mail("cancel", 2).await.unwrap_err();
    assert_eq!(refused.code, PartnerError::CONFLICT);
    world.end(ExecutionEnd::Failed, 2).await;
    let from = Some(Stage::Deployment);
    world
        .app
        .redrive_run(&world.acme, world.run, from, None)
        .await
        .unwrap();
    world.scheduled(3).await;
    assert_eq!(
        world.pilot.campaigns(),
        [("c-1".to_owned(), DeliveryState::Sent)]
    );
}

#[tokio::test]
async fn an_old_attempt_leaves_the_mail_of_the_new_alone() {
    let world = Deploying::new().await;
    world.mail("create", 1).await.unwrap();
    world
        .app
        .cancel_run(&world.acme, world.run, None, None)
        .await
        .unwrap();
    world.redrive().await;
    world.scheduled(2).await;
    let end = json!({"op": "record", "tenant_id": "acme", "run_id": world.run, "event_id": "2/end",
        "attempt": 2, "end": {"status": "succeeded"}});
    world.app.record(end).await.unwrap();
    // The first execution could not be stopped: it heard RunEnded and compensates.
    world.mail("cancel", 1).await.unwrap();
    assert_eq!(world.pilot.campaigns()[1].1, DeliveryState::Scheduled);
}

#[tokio::test]
async fn a_success_whose_end_was_not_recorded_stands() {
    let world = Deploying::new().await;
    world.scheduled(1).await;
    let output = json!({"run_id": world.run, "scheduled": ["email-01"]});
    world.end(ExecutionEnd::with_output(&output), 1).await;
    let state = world.app.load_run(&world.acme, world.run).await.unwrap();
    assert_eq!((state.status, state.error), (RunStatus::Succeeded, None));
    assert_eq!(world.says().await, Some(DeliveryState::Scheduled));
}

#[tokio::test]
async fn a_redrive_from_an_earlier_stage_takes_back_the_old_mail() {
    let world = Deploying::new().await;
    world.scheduled(1).await;
    let down = PartnerError::Unavailable("down".to_owned());
    world.pilot.fail("cancel", down, false);
    let name = world.run.to_string();
    let ended = world
        .app
        .end_of_execution(&world.acme, &name, ExecutionEnd::Failed, None, None)
        .await;
    ended.unwrap_err();
    let from = Some(Stage::Strategy);
    world
        .app
        .redrive_run(&world.acme, world.run, from, None)
        .await
        .unwrap();
    let strategy = json!({"brand_id": "northwind", "month": "2026-02", "summary": "s",
        "emails": [planned("email-02", "2026-02-12")]});
    let set = json!({"emails": [content("email-02")]});
    let record = json!({"op": "record", "tenant_id": "acme", "run_id": world.run, "event_id": "2/made",
        "stage": "deployment", "attempt": 2,
        "artifacts": [{"name": "strategy", "content": strategy, "by": "strategist"},
            {"name": "content", "content": set, "by": "creative"}]});
    world.app.record(record).await.unwrap();
    let end = json!({"op": "record", "tenant_id": "acme", "run_id": world.run, "event_id": "2/end",
        "attempt": 2, "end": {"status": "succeeded"}});
    world.app.record(end).await.unwrap();
    // Step Functions' late word of the first execution changes nothing either.
    world.end(ExecutionEnd::Failed, 1).await;
    assert_eq!(world.pilot.campaigns()[0].1, DeliveryState::Cancelled);
}

#[tokio::test]
async fn a_slow_cancel_does_not_hide_the_mail_of_the_next_attempt() {
    let world = Arc::new(Deploying::new().await);
    world.scheduled(1).await;
    let inner = Arc::clone(&world);
    let next = move || {
        let world = Arc::clone(&inner);
        Box::pin(async move {
            world.redrive().await;
            world.scheduled(2).await;
        }) as _
    };
    world.pilot.meanwhile("cancel", Box::new(next));
    world
        .app
        .cancel_run(&world.acme, world.run, None, None)
        .await
        .unwrap();
    world
        .app
        .cancel_run(&world.acme, world.run, None, None)
        .await
        .unwrap();
    assert_eq!(world.pilot.campaigns()[1].1, DeliveryState::Cancelled);
}

#[tokio::test]
async fn a_sweep_takes_back_what_could_not_be() {
    let world = Deploying::new().await;
    world.scheduled(1).await;
    let down = PartnerError::Unavailable("down".to_owned());
    world.pilot.fail("cancel", down, false);
    let cancelled = world
        .app
        .cancel_run(&world.acme, world.run, None, None)
        .await;
    cancelled.unwrap_err();
    assert_eq!(world.says().await, Some(DeliveryState::Scheduled));
    assert_eq!(world.app.sweep_runs().await, Ok(0), "it waits a little");
    world.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(world.app.sweep_runs().await, Ok(1));
    assert_eq!(world.says().await, Some(DeliveryState::Cancelled));
    assert_eq!(world.app.sweep_runs().await, Ok(0), "nothing is left");
}

#[tokio::test]
async fn what_does_not_know_the_brand_is_not_believed_that_a_mail_is_gone() {
    let world = Deploying::new().await;
    world.scheduled(1).await;
    // As a wrong address would answer: nothing is there, and no brand either.
    world
        .pilot
        .fail("cancel", PartnerError::NotFound("404".to_owned()), false);
    let cancelled = world
        .app
        .cancel_run(&world.acme, world.run, None, None)
        .await;
    cancelled.unwrap_err();
    assert_eq!(world.says().await, Some(DeliveryState::Scheduled));
}
