//! What goes wrong, and what the client makes of it.

use std::time::{Duration, Instant};

use baton_domain::email_pilot::{EmailPilot as _, PartnerError};
use baton_sandbox::emailpilot::{Call, Fault, Kind, Sandbox, router};

use crate::{acme, at, hasty, mail, sandbox, serve, set, testers};

#[tokio::test]
async fn every_fault_has_its_error_with_every_operation() {
    let (sandbox, pilot) = sandbox().await;
    let id = pilot
        .create("c", &mail("email-01"))
        .await
        .unwrap()
        .campaign_id;
    let month = "2024-11".parse().unwrap();
    let late = at("2099-01-01T00:00:00Z");
    for (kind, code) in [
        (Kind::Error500, PartnerError::UNAVAILABLE),
        (Kind::Error500AfterAccepting, PartnerError::UNAVAILABLE),
        (Kind::RateLimited, PartnerError::UNAVAILABLE),
        (Kind::Malformed, PartnerError::MALFORMED),
        (Kind::Refused, PartnerError::REFUSED),
    ] {
        for call in [
            Call::Brand,
            Call::History,
            Call::Create,
            Call::Look,
            Call::TestSend,
            Call::Schedule,
            Call::Cancel,
        ] {
            set(&sandbox, vec![Fault::once(call, kind)]);
            let error = match call {
                Call::Brand => pilot.brand(&acme()).await.err(),
                Call::History => pilot.history(&acme(), month, 3).await.err(),
                Call::Create => pilot.create("c", &mail("email-01")).await.err(),
                Call::Look => pilot.look(&id).await.err(),
                Call::TestSend => pilot.test_send("t", &id, &testers()).await.err(),
                Call::Schedule => pilot.schedule("s", &id, late).await.err(),
                Call::Cancel => pilot.cancel("x", &id).await.err(),
            };
            let error = error.unwrap_or_else(|| panic!("{call:?} went well with {kind:?}"));
            assert_eq!(error.code(), code, "{call:?} {kind:?}: {error}");
        }
    }
    assert_eq!(sandbox.books().unwrap().campaigns.len(), 1);
}

#[tokio::test]
async fn when_to_come_again_is_said() {
    let (sandbox, pilot) = sandbox().await;
    set(&sandbox, vec![Fault::once(Call::Brand, Kind::RateLimited)]);
    let error = pilot.brand(&acme()).await.unwrap_err().to_string();
    assert!(error.contains("429") && error.contains("1 s"), "{error}");
}

#[tokio::test]
async fn what_was_not_accepted_is_not_in_the_books() {
    let (sandbox, pilot) = sandbox().await;
    for kind in [Kind::Error500, Kind::RateLimited, Kind::Refused] {
        set(&sandbox, vec![Fault::once(Call::Create, kind)]);
        pilot.create("c", &mail("email-01")).await.unwrap_err();
        assert!(sandbox.books().unwrap().entries.is_empty(), "{kind:?}");
    }
}

/// A send that was accepted, and of which nobody heard: made again with the same key, it is in the
/// books once.
#[tokio::test]
async fn a_send_that_was_lost_and_made_again_goes_out_once() {
    let sandbox = Sandbox::in_memory();
    let pilot = hasty(&serve(router(sandbox.clone())).await);
    let id = pilot
        .create("c", &mail("email-01"))
        .await
        .unwrap()
        .campaign_id;
    let past = at("2020-01-01T00:00:00Z");
    for kind in [
        Kind::TimeoutAfterAccepting,
        Kind::Error500AfterAccepting,
        Kind::Malformed,
    ] {
        let key = format!("{kind:?}");
        let test = format!("test-{key}");
        let moment = if kind == Kind::Malformed {
            past
        } else {
            at("2099-01-01T00:00:00Z")
        };
        set(
            &sandbox,
            vec![
                Fault::once(Call::TestSend, kind),
                Fault::once(Call::Schedule, kind),
            ],
        );
        let before = sandbox.books().unwrap().campaigns[0].test_sends;
        let lost = pilot.test_send(&test, &id, &testers()).await.unwrap_err();
        assert!(lost.may_have_happened(), "{lost:?}");
        pilot.test_send(&test, &id, &testers()).await.unwrap();
        let lost = pilot.schedule(&key, &id, moment).await.unwrap_err();
        assert!(lost.may_have_happened(), "{lost:?}");
        pilot.schedule(&key, &id, moment).await.unwrap();
        assert_eq!(
            sandbox.books().unwrap().campaigns[0].test_sends,
            before + 1,
            "{kind:?}"
        );
    }
    let books = sandbox.books().unwrap();
    assert_eq!(books.campaigns[0].production_sends, 1);
    let keys = books.entries.iter().filter_map(|entry| entry.key.as_ref());
    let mut keys: Vec<&String> = keys.collect();
    let all = keys.len();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all);
}

#[tokio::test]
async fn no_answer_in_time_is_a_timeout_and_comes_in_time() {
    let sandbox = Sandbox::in_memory();
    let pilot = hasty(&serve(router(sandbox.clone())).await);
    for kind in [Kind::TimeoutAfterAccepting, Kind::Slow] {
        let fault = Fault {
            ms: Some(30_000),
            ..Fault::once(Call::Create, kind)
        };
        set(&sandbox, vec![fault]);
        let began = Instant::now();
        let error = pilot.create("c", &mail("email-01")).await.unwrap_err();
        assert_eq!(error, PartnerError::TimedOut);
        assert!(began.elapsed() < Duration::from_secs(10));
    }
    // What timed out first had been accepted; the second call was the same one.
    assert_eq!(sandbox.books().unwrap().campaigns.len(), 1);
}

#[tokio::test]
async fn slow_is_not_wrong() {
    let (sandbox, pilot) = sandbox().await;
    let fault = Fault {
        ms: Some(50),
        ..Fault::once(Call::Brand, Kind::Slow)
    };
    set(&sandbox, vec![fault]);
    let began = Instant::now();
    pilot.brand(&acme()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(50));
}

#[tokio::test]
async fn nobody_there_is_unavailable() {
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let error = hasty(&format!("http://{address}"))
        .brand(&acme())
        .await
        .unwrap_err();
    assert_eq!(error.code(), PartnerError::UNAVAILABLE);
}
