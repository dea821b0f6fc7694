//! A run whose mails cannot be taken back, redriven until it succeeds.

use std::sync::Arc;

use baton_domain::campaign::DeliveryState;
use baton_domain::run::RunStatus;
use baton_engine::bench::{Meddle, Scene, undisturbed};
use baton_engine::{Finished, Task, TaskError, TaskExecutor};
use baton_sandbox::emailpilot::{Call, CampaignEntry, Fault, Kind};
use baton_tests::campaign::CampaignWorld;
use baton_tests::people::approving;

/// The brand with the fewest mails.
const BRAND: &str = "nova";

/// Lets the world be played more than once.
struct Lent(Arc<dyn TaskExecutor>);

impl Scene for Lent {
    fn executor(&self) -> Arc<dyn TaskExecutor> {
        Arc::clone(&self.0)
    }
}

/// Two attempts end with mails that nobody can take back: they schedule all but one, and fail. Each
/// redrive waits for EmailPilot, and takes them back before the next attempt begins. The third
/// attempt succeeds: each mail goes out once, and all of them are its own.
#[tokio::test]
async fn what_cannot_be_taken_back_is_before_the_next_attempt() {
    let mut world = CampaignWorld::of(BRAND, approving()).await;
    let mut earlier: Vec<String> = Vec::new();
    for attempt in 1..=2 {
        world.suffer(vec![Fault::always(Call::Cancel, Kind::Error500)]);
        let ended = play(&world, failing_last()).await;
        let settled = world.try_settle(&ended).await;
        assert!(settled.is_err(), "housekeeping cannot take them back");
        let state = world.state().await;
        assert_eq!((state.status, state.attempt), (RunStatus::Failed, attempt));
        assert_eq!(state.error.as_deref(), Some("FailedDirty"));
        let left = scheduled(&world);
        assert!(!left.is_empty(), "attempt {attempt} leaves mails behind");
        assert!(left.iter().all(|mail| !earlier.contains(mail)));

        let early = world.redrive("deployment").await;
        assert!(early.is_err(), "nothing begins while they may go out");
        assert_eq!(scheduled(&world), left);
        assert_eq!(world.state().await.status, RunStatus::Failed);

        world.suffer(Vec::new());
        let redriven = world.redrive("deployment").await;
        redriven.expect("EmailPilot answers again");
        assert_eq!(
            scheduled(&world),
            [""; 0],
            "attempt {attempt} is taken back"
        );
        earlier.extend(world.campaigns().into_iter().map(|c| c.campaign_id));
    }
    let ended = play(&world, undisturbed()).await;
    let state = world.check(&ended, "the last attempt").await;
    assert_eq!((state.status, state.attempt), (RunStatus::Succeeded, 3));
    let late = scheduled(&world);
    assert_eq!(late.len(), state.deliveries.len());
    assert!(late.iter().all(|mail| !earlier.contains(mail)), "{late:?}");
    for campaign in world.campaigns() {
        let ours = late.contains(&campaign.campaign_id);
        let cancelled = campaign.state == DeliveryState::Cancelled;
        assert!(ours || cancelled, "{campaign:?}");
    }
}

async fn play(world: &CampaignWorld, meddle: Arc<Meddle>) -> Finished {
    let lent = Lent(world.executor());
    world.plan().play(lent, false, meddle).await.finished
}

/// The mails that go out, as EmailPilot names them.
fn scheduled(world: &CampaignWorld) -> Vec<String> {
    let of = |c: &CampaignEntry| c.state == DeliveryState::Scheduled;
    let campaigns = world.campaigns().into_iter().filter(of);
    campaigns.map(|c| c.campaign_id).collect()
}

/// Scheduling the second mail fails, whatever else is scheduled.
fn failing_last() -> Arc<Meddle> {
    Arc::new(|task: &Task| {
        let mail = task.arguments["Payload"]["email_id"].as_str();
        let fails = task.name == "ScheduleSend" && mail.is_some_and(|mail| mail.ends_with('2'));
        fails.then(|| TaskError::new("BrokenOnPurpose", "by the test"))
    })
}
