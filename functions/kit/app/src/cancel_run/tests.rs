use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use baton_domain::campaign::{Brand, Month, PastCampaign};
use baton_domain::email_pilot::NewCampaign;
use baton_domain::{BrandId, Timestamp};
use serde_json::json;

use super::*;
use crate::StartRun;
use crate::testing::{TestWorld, tenant};

/// An EmailPilot that only takes back, and not everything.
#[derive(Default)]
struct TakingBack {
    asked: Mutex<Vec<String>>,
    down: std::sync::atomic::AtomicBool,
}

#[async_trait]
impl EmailPilot for TakingBack {
    async fn brand(&self, _: &BrandId) -> Result<Brand, PartnerError> {
        let event = include_str!("../../../../../events/strategist/thin.json");
        let mut event: Value = serde_json::from_str(event).unwrap();
        Ok(serde_json::from_value(event["input"]["brand"].take()).unwrap())
    }

    async fn look(&self, campaign_id: &str) -> Result<Delivery, PartnerError> {
        assert_eq!(campaign_id, "c-sent");
        Ok(delivery("other-name", campaign_id, DeliveryState::Sent))
    }

    async fn history(
        &self,
        _: &BrandId,
        _: Month,
        _: u32,
    ) -> Result<Vec<PastCampaign>, PartnerError> {
        Err(PartnerError::TimedOut)
    }

    async fn create(&self, _: &str, _: &NewCampaign) -> Result<Delivery, PartnerError> {
        Err(PartnerError::TimedOut)
    }

    async fn test_send(&self, _: &str, _: &str, _: &[String]) -> Result<Delivery, PartnerError> {
        Err(PartnerError::TimedOut)
    }

    async fn schedule(&self, _: &str, _: &str, _: Timestamp) -> Result<Delivery, PartnerError> {
        Err(PartnerError::TimedOut)
    }

    async fn cancel(&self, key: &str, campaign_id: &str) -> Result<Delivery, PartnerError> {
        if self.down.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(PartnerError::Unavailable("down".to_owned()));
        }
        assert!(key.ends_with("-cancel"));
        self.asked.lock().unwrap().push(campaign_id.to_owned());
        match campaign_id {
            "c-sent" => Err(PartnerError::Conflict("it went out".to_owned())),
            "c-gone" => Err(PartnerError::NotFound("gone".to_owned())),
            _ => Ok(delivery(
                "other-name",
                campaign_id,
                DeliveryState::Cancelled,
            )),
        }
    }
}

fn delivery(email: &str, campaign: &str, state: DeliveryState) -> Delivery {
    Delivery {
        email_id: email.to_owned(),
        campaign_id: campaign.to_owned(),
        state,
    }
}

async fn started(app: &App, acme: &TenantId) -> RunId {
    let wanted = json!({"brand_id": "northwind", "selected_month": "2026-02"});
    let wanted: StartRun = serde_json::from_value(wanted).unwrap();
    app.start_run(acme, &wanted, None).await.unwrap().run_id
}

#[tokio::test]
async fn the_end_is_written_and_everything_is_cleared_away() {
    let world = TestWorld::new(|_| Ok(Value::Null));
    let email_pilot = Arc::new(TakingBack::default());
    let app = world.app().with_email_pilot(Arc::clone(&email_pilot) as _);
    let acme = tenant("acme");
    let run = started(&app, &acme).await;
    let states = [
        ("a", "c-draft", DeliveryState::Draft),
        ("b", "c-scheduled", DeliveryState::Scheduled),
        ("c", "c-sent", DeliveryState::Tested),
        ("d", "c-gone", DeliveryState::Tested),
        ("e", "c-over", DeliveryState::Sent),
    ];
    let events = states.map(|(email, campaign, state)| Event::Delivered {
        delivery: delivery(email, campaign, state),
    });
    app.append(&acme, run, "sent", events.to_vec())
        .await
        .unwrap();
    email_pilot
        .down
        .store(true, std::sync::atomic::Ordering::SeqCst);
    let failed = app.cancel_run(&acme, run, Some("no budget"), None).await;
    assert!(matches!(failed, Err(AppError::Workflow(_))), "{failed:?}");
    let cancelled = app.load_run(&acme, run).await.unwrap();
    assert_eq!(cancelled.status, RunStatus::Cancelled);
    assert_eq!(cancelled.cause.as_deref(), Some("no budget"));
    email_pilot
        .down
        .store(false, std::sync::atomic::Ordering::SeqCst);
    let cleared = app.cancel_run(&acme, run, None, None).await.unwrap();
    let states: Vec<_> = cleared
        .deliveries
        .iter()
        .map(|(name, d)| (name.as_str(), d.state))
        .collect();
    assert_eq!(
        states,
        [
            ("a", DeliveryState::Cancelled),
            ("b", DeliveryState::Cancelled),
            ("c", DeliveryState::Sent),
            ("d", DeliveryState::Cancelled),
            ("e", DeliveryState::Sent),
        ]
    );
    assert_eq!(world.stopped(), vec![run.to_string(); 2]);
    let again = app.cancel_run(&acme, run, None, None).await.unwrap();
    assert_eq!(again, cleared);
    assert_eq!(email_pilot.asked.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_mail_that_was_handed_over_meanwhile_is_taken_back_too() {
    let world = TestWorld::new(|_| Ok(Value::Null));
    let email_pilot = Arc::new(TakingBack::default());
    let app = world.app().with_email_pilot(Arc::clone(&email_pilot) as _);
    let acme = tenant("acme");
    let run = started(&app, &acme).await;
    app.cancel_run(&acme, run, None, None).await.unwrap();
    let late = json!({
        "op": "record", "tenant_id": "acme", "run_id": run, "event_id": "late",
        "deliveries": [delivery("a", "c-late", DeliveryState::Scheduled)],
    });
    app.record(late).await.unwrap();
    let state = app.load_run(&acme, run).await.unwrap();
    assert_eq!(state.deliveries["a"].state, DeliveryState::Cancelled);
}

#[tokio::test]
async fn what_is_over_otherwise_is_not_cancelled() {
    let (app, acme, run) = TestWorld::with_run().await;
    let stale = app.cancel_run(&acme, run, None, Some(7)).await;
    assert_eq!(stale, Err(AppError::Stale { version: 1 }));
    let entered = Event::StageEntered {
        stage: "collect".to_owned(),
    };
    let ended = Event::Ended {
        status: RunStatus::Succeeded,
        error: None,
        cause: None,
    };
    app.append(&acme, run, "a", vec![entered, ended])
        .await
        .unwrap();
    let refused = Refusal::Transition(RunStatus::Succeeded, RunStatus::Cancelled);
    let answer = app.cancel_run(&acme, run, None, None).await;
    assert_eq!(answer, Err(AppError::Refused(refused)));
}
