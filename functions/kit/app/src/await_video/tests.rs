use baton_domain::run::{Event, RunStatus};
use baton_domain::video::{Provider, VideoEvent};

use super::*;
use crate::testing::{TestWorld, tenant};

/// Believes a body that is a run's id, and takes `made` for the news.
struct Believing(JobState);

impl VideoWebhooks for Believing {
    fn read(&self, delivery: &Delivery<'_>) -> Result<Option<VideoEvent>, WebhookError> {
        let run = std::str::from_utf8(delivery.body).map_err(|_| WebhookError::Unauthenticated)?;
        Ok(Some(VideoEvent {
            provider: delivery.provider,
            job_id: "job_1".to_owned(),
            reference: Some(run.to_owned()),
            state: self.0.clone(),
        }))
    }
}

fn made() -> JobState {
    JobState::Done {
        url: "https://videos.example/1.mp4".to_owned(),
        duration_seconds: None,
    }
}

struct Waits {
    world: TestWorld,
    app: App,
    tenant: TenantId,
    run_id: RunId,
}

impl Waits {
    async fn hearing(state: JobState) -> Self {
        let world = TestWorld::new(|_| Ok(Value::Null));
        let public_url = Some("https://baton.example/");
        let app = world
            .app()
            .with_video_webhooks(Arc::new(Believing(state)), public_url);
        let tenant = tenant("acme");
        let run_id = app.begin_test_run(&tenant, 1).await;
        Self {
            world,
            app,
            tenant,
            run_id,
        }
    }

    async fn waits(&self, token: &str) -> Result<Value, FunctionError> {
        let payload = json!({
            "op": "await", "tenant_id": self.tenant, "run_id": self.run_id, "attempt": 1,
            "token": token,
        });
        self.app.videos(payload).await
    }

    async fn told(&self) -> Result<VideoHeard, AppError> {
        self.told_of(&self.tenant, &self.run_id.to_string()).await
    }

    async fn told_of(&self, tenant: &TenantId, body: &str) -> Result<VideoHeard, AppError> {
        let delivery = Delivery {
            provider: Provider::DId,
            body: body.as_bytes(),
            signature: None,
            token: None,
        };
        self.app.hear_of_video(tenant, &delivery).await
    }
}

#[tokio::test]
async fn a_word_wakes_the_task_that_waits_once() {
    let waits = Waits::hearing(made()).await;
    assert_eq!(waits.waits("one").await.unwrap(), json!({"woken": false}));
    assert_eq!(waits.told().await, Ok(VideoHeard::Woken));
    assert_eq!(waits.waits("two").await.unwrap(), json!({"woken": false}));
    assert_eq!(waits.told().await, Ok(VideoHeard::Ignored), "repeated");
    assert_eq!(waits.world.callbacks.tokens(), ["one"]);
}

#[tokio::test]
async fn a_word_that_comes_first_wakes_the_task_when_it_waits() {
    let waits = Waits::hearing(made()).await;
    assert_eq!(waits.told().await, Ok(VideoHeard::Kept));
    assert_eq!(waits.waits("one").await.unwrap(), json!({"woken": true}));
    // The next task asked the provider since: it waits for the next word.
    assert_eq!(waits.waits("two").await.unwrap(), json!({"woken": false}));
    assert_eq!(waits.world.callbacks.tokens(), ["one"]);
}

#[tokio::test]
async fn a_word_that_could_not_be_passed_on_is_kept() {
    let waits = Waits::hearing(made()).await;
    waits.waits("one").await.unwrap();
    waits.world.callbacks.fail(true);
    assert!(waits.told().await.is_err());
    waits.world.callbacks.fail(false);
    assert_eq!(waits.waits("two").await.unwrap(), json!({"woken": true}));
    assert_eq!(waits.world.callbacks.tokens(), ["two"]);
}

#[tokio::test]
async fn what_is_not_over_and_what_nobody_runs_wakes_nobody() {
    let waits = Waits::hearing(JobState::Processing).await;
    waits.waits("one").await.unwrap();
    assert_eq!(waits.told().await, Ok(VideoHeard::Ignored));
    let waits = Waits::hearing(made()).await;
    waits.waits("one").await.unwrap();
    let run = waits.run_id.to_string();
    for (tenant, body) in [
        (tenant("other"), run.as_str()),
        (tenant("acme"), "run_01KF0RDQG00000000000000009"),
        (tenant("acme"), "not a run"),
    ] {
        let told = waits.told_of(&tenant, body).await;
        assert_eq!(told, Ok(VideoHeard::Ignored), "{tenant} {body}");
    }
    assert!(waits.world.callbacks.tokens().is_empty());
}

#[tokio::test]
async fn a_run_that_is_over_waits_for_nothing() {
    let waits = Waits::hearing(made()).await;
    let ended = Event::Ended {
        status: RunStatus::Cancelled,
        error: None,
        cause: None,
    };
    let (tenant, run) = (&waits.tenant, waits.run_id);
    let ended = waits.app.append(tenant, run, "end", vec![ended]);
    ended.await.unwrap();
    let refused = waits.waits("one").await.unwrap_err();
    assert_eq!(refused.code, FunctionError::RUN_CONFLICT);
    assert_eq!(waits.told().await, Ok(VideoHeard::Ignored));
}

#[tokio::test]
async fn providers_are_given_addresses_that_they_reach() {
    let waits = Waits::hearing(made()).await;
    let url = waits.app.video_webhook_url(&waits.tenant);
    assert_eq!(url.unwrap(), "https://baton.example/webhooks/videos/acme");
    let believing = Arc::new(Believing(made()));
    let local = waits.world.app();
    let local = local.with_video_webhooks(believing, Some("http://127.0.0.1:8100"));
    assert_eq!(local.video_webhook_url(&waits.tenant), None);
    assert_eq!(waits.world.app().video_webhook_url(&waits.tenant), None);
}

#[tokio::test]
async fn who_is_not_configured_hears_nothing() {
    let world = TestWorld::new(|_| Ok(Value::Null));
    let delivery = Delivery {
        provider: Provider::HeyGen,
        body: b"{}",
        signature: None,
        token: None,
    };
    let heard = world.app().hear_of_video(&tenant("acme"), &delivery).await;
    assert_eq!(heard, Err(AppError::Webhook(WebhookError::NotConfigured)));
}
