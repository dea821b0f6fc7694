//! Whatever goes wrong, whoever tries again: a mail goes out once.

use std::collections::BTreeSet;
use std::time::Duration;

use baton_domain::email_pilot::{EmailPilot, PartnerError};
use baton_partners::EmailPilotClient;
use baton_sandbox::emailpilot::{Fault, Faults, Kind, Operation, Sandbox, router};

use crate::{at, hasty, mail, serve, testers};

/// Calls until it goes well, as a workflow does.
async fn until_done<T, F>(mut call: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, PartnerError>>,
{
    for _ in 0..60 {
        match call().await {
            Ok(done) => return done,
            Err(error) if error.may_have_happened() => {}
            Err(error) => panic!("{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("it never went well");
}

async fn deploy(pilot: &EmailPilotClient, email_id: &str) {
    let campaign = mail(email_id);
    let key = |what: &str| format!("run/{email_id}/{what}");
    let (create, test, schedule) = (key("create"), key("test"), key("schedule"));
    let draft = until_done(|| pilot.create(&create, &campaign)).await;
    let recipients = testers();
    until_done(|| pilot.test_send(&test, &draft.campaign_id, &recipients)).await;
    let past = at("2020-01-01T00:00:00Z");
    until_done(|| pilot.schedule(&schedule, &draft.campaign_id, past)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_mail_goes_out_once_however_calls_fail() {
    for seed in 0..6 {
        let sandbox = Sandbox::in_memory();
        let pilot = hasty(&serve(router(sandbox.clone())).await);
        let wrong = |kind, probability| Fault {
            operation: None,
            kind,
            ms: None,
            times: None,
            probability: Some(probability),
        };
        let faults = vec![
            wrong(Kind::Error500, 0.15),
            wrong(Kind::Error500AfterAccepting, 0.2),
            wrong(Kind::Malformed, 0.15),
            wrong(Kind::RateLimited, 0.1),
            Fault {
                times: Some(2),
                ..wrong(Kind::TimeoutAfterAccepting, 0.2)
            },
        ];
        sandbox.set_faults(Faults { seed, faults }).unwrap();
        // Two workers do the same work, as two attempts of one execution may.
        let names: Vec<String> = (1..=5).map(|n| format!("email-{n:02}")).collect();
        let worker = |pilot: EmailPilotClient| {
            let names = names.clone();
            tokio::spawn(async move {
                for name in &names {
                    deploy(&pilot, name).await;
                }
            })
        };
        let (one, other) = (worker(pilot.clone()), worker(pilot));
        one.await.unwrap();
        other.await.unwrap();

        let books = sandbox.books().unwrap();
        let mails: BTreeSet<&str> = books
            .campaigns
            .iter()
            .map(|c| c.email_id.as_str())
            .collect();
        assert_eq!((books.campaigns.len(), mails.len()), (5, 5), "seed {seed}");
        for campaign in &books.campaigns {
            let went_out = (campaign.test_sends, campaign.production_sends);
            assert_eq!(went_out, (1, 1), "seed {seed}: {campaign:?}");
        }
        let sends = books
            .entries
            .iter()
            .filter(|e| e.operation == Operation::ProductionSend);
        assert_eq!(sends.count(), 5);
    }
}
