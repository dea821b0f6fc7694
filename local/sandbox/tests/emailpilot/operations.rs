//! Every operation of the port, as it should be and as it is refused.

use baton_domain::campaign::DeliveryState;
use baton_domain::email_pilot::{EmailPilot as _, PartnerError};
use baton_sandbox::emailpilot::{brands, past_campaigns};

use crate::{acme, at, mail, sandbox, testers};

fn code<T: std::fmt::Debug>(result: Result<T, PartnerError>) -> &'static str {
    result.unwrap_err().code()
}

#[tokio::test]
async fn brands_and_their_past_are_read() {
    let (_, pilot) = sandbox().await;
    for known in brands() {
        assert_eq!(&pilot.brand(&known.brand_id).await.unwrap(), known);
        for (before, months) in [("2024-11", 12), ("2030-01", 1), ("2026-12", 36)] {
            let before = before.parse().unwrap();
            let past = pilot
                .history(&known.brand_id, before, months)
                .await
                .unwrap();
            assert_eq!(past, past_campaigns(known, before, months));
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (_, pilot) = sandbox().await;
    let (nobody, month) = ("nobody".parse().unwrap(), "2024-11".parse().unwrap());
    assert_eq!(code(pilot.brand(&nobody).await), PartnerError::NOT_FOUND);
    assert_eq!(
        code(pilot.history(&nobody, month, 3).await),
        PartnerError::NOT_FOUND
    );
    for id in ["cmp-000001", "..", "", "a/b", "cmp-000001/cancel?x"] {
        let moment = at("2026-12-01T09:00:00Z");
        assert_eq!(
            code(pilot.test_send("k1", id, &testers()).await),
            PartnerError::NOT_FOUND
        );
        assert_eq!(
            code(pilot.schedule("k2", id, moment).await),
            PartnerError::NOT_FOUND
        );
        assert_eq!(code(pilot.cancel("k3", id).await), PartnerError::NOT_FOUND);
        assert_eq!(code(pilot.look(id).await), PartnerError::NOT_FOUND);
    }
    let mut foreign = mail("email-01");
    foreign.brand_id = nobody;
    assert_eq!(
        code(pilot.create("k4", &foreign).await),
        PartnerError::NOT_FOUND
    );
}

#[tokio::test]
async fn a_campaign_goes_its_way_and_out_when_its_time_comes() {
    let (sandbox, pilot) = sandbox().await;
    sandbox.set_clock(Some(at("2026-11-20T08:00:00Z")));
    let draft = pilot.create("create-1", &mail("email-01")).await.unwrap();
    assert_eq!(
        (draft.email_id.as_str(), draft.state),
        ("email-01", DeliveryState::Draft)
    );
    let id = draft.campaign_id.as_str();
    let tested = pilot.test_send("test-1", id, &testers()).await.unwrap();
    assert_eq!(tested.state, DeliveryState::Tested);
    let moment = at("2026-12-01T14:00:00Z");
    let scheduled = pilot.schedule("schedule-1", id, moment).await.unwrap();
    assert_eq!(scheduled.state, DeliveryState::Scheduled);
    assert_eq!(sandbox.books().unwrap().campaigns[0].production_sends, 0);

    sandbox.set_clock(Some(at("2026-12-01T13:59:59Z")));
    assert_eq!(
        pilot.look(id).await.unwrap().state,
        DeliveryState::Scheduled
    );
    sandbox.set_clock(Some(moment));
    assert_eq!(pilot.look(id).await.unwrap().state, DeliveryState::Sent);
    let sent = &sandbox.books().unwrap().campaigns[0];
    assert_eq!((sent.test_sends, sent.production_sends), (1, 1));
    assert_eq!((sent.recipients, sent.send_at), (4_200, Some(moment)));
    assert_eq!(
        code(pilot.cancel("cancel-1", id).await),
        PartnerError::CONFLICT
    );
    assert_eq!(
        code(pilot.schedule("schedule-2", id, moment).await),
        PartnerError::CONFLICT
    );
    assert_eq!(
        code(pilot.test_send("test-2", id, &testers()).await),
        PartnerError::CONFLICT
    );
}

#[tokio::test]
async fn a_moment_that_has_passed_is_at_once() {
    let (sandbox, pilot) = sandbox().await;
    for (n, moment) in ["2020-01-01T00:00:00Z", "2026-11-20T08:00:00Z"]
        .iter()
        .enumerate()
    {
        sandbox.set_clock(Some(at("2026-11-20T08:00:00Z")));
        let draft = pilot
            .create(&format!("c{n}"), &mail("email-01"))
            .await
            .unwrap();
        let key = format!("s{n}");
        let sent = pilot
            .schedule(&key, &draft.campaign_id, at(moment))
            .await
            .unwrap();
        assert_eq!(sent.state, DeliveryState::Sent);
        let again = pilot
            .schedule(&key, &draft.campaign_id, at(moment))
            .await
            .unwrap();
        assert_eq!(again, sent);
        assert_eq!(sandbox.books().unwrap().campaigns[n].production_sends, 1);
    }
}

#[tokio::test]
async fn a_cancelled_campaign_stays_cancelled() {
    let (sandbox, pilot) = sandbox().await;
    let draft = pilot.create("c", &mail("email-01")).await.unwrap();
    let id = draft.campaign_id.as_str();
    let moment = at("2099-01-01T00:00:00Z");
    pilot.schedule("s", id, moment).await.unwrap();
    for key in ["x", "x", "y"] {
        let cancelled = pilot.cancel(key, id).await.unwrap();
        assert_eq!(cancelled.state, DeliveryState::Cancelled);
    }
    assert_eq!(
        code(pilot.schedule("s2", id, moment).await),
        PartnerError::CONFLICT
    );
    assert_eq!(
        code(pilot.test_send("t", id, &testers()).await),
        PartnerError::CONFLICT
    );
    sandbox.set_clock(Some(at("2099-01-02T00:00:00Z")));
    assert_eq!(sandbox.books().unwrap().campaigns[0].production_sends, 0);
}

#[tokio::test]
async fn another_time_takes_the_place_of_the_first() {
    let (sandbox, pilot) = sandbox().await;
    let id = pilot
        .create("c", &mail("email-01"))
        .await
        .unwrap()
        .campaign_id;
    pilot
        .schedule("s1", &id, at("2098-01-01T00:00:00Z"))
        .await
        .unwrap();
    pilot
        .schedule("s2", &id, at("2099-01-01T00:00:00Z"))
        .await
        .unwrap();
    sandbox.set_clock(Some(at("2098-06-01T00:00:00Z")));
    assert_eq!(sandbox.books().unwrap().campaigns[0].production_sends, 0);
    sandbox.set_clock(Some(at("2099-06-01T00:00:00Z")));
    assert_eq!(sandbox.books().unwrap().campaigns[0].production_sends, 1);
}

#[tokio::test]
async fn the_same_key_is_the_same_call_and_no_other() {
    let (sandbox, pilot) = sandbox().await;
    let first = pilot.create("c", &mail("email-01")).await.unwrap();
    assert_eq!(pilot.create("c", &mail("email-01")).await.unwrap(), first);
    assert_eq!(
        code(pilot.create("c", &mail("email-02")).await),
        PartnerError::CONFLICT
    );
    let id = first.campaign_id.as_str();
    assert_eq!(code(pilot.cancel("c", id).await), PartnerError::CONFLICT);

    pilot.test_send("t", id, &testers()).await.unwrap();
    pilot.test_send("t", id, &testers()).await.unwrap();
    let others = vec!["boss@acme.example".to_owned()];
    assert_eq!(
        code(pilot.test_send("t", id, &others).await),
        PartnerError::CONFLICT
    );

    let moment = at("2099-01-01T00:00:00Z");
    let other = pilot.create("c2", &mail("email-02")).await.unwrap();
    pilot.schedule("s", id, moment).await.unwrap();
    pilot.schedule("s", id, moment).await.unwrap();
    let elsewhere = pilot.schedule("s", &other.campaign_id, moment).await;
    assert_eq!(code(elsewhere), PartnerError::CONFLICT);

    let books = sandbox.books().unwrap();
    assert_eq!(books.campaigns.len(), 2);
    assert_eq!(books.campaigns[0].test_sends, 1);
    assert_eq!(books.entries.len(), 4);
}

#[tokio::test]
async fn what_is_wrong_with_a_campaign_is_said() {
    let (sandbox, pilot) = sandbox().await;
    let changed = |edit: fn(&mut baton_domain::email_pilot::NewCampaign)| {
        let mut campaign = mail("email-01");
        edit(&mut campaign);
        campaign
    };
    for (bad, field) in [
        (changed(|c| c.segment = "everyone".to_owned()), "segment"),
        (changed(|c| c.html = " ".to_owned()), "html"),
        (changed(|c| c.plain_text.clear()), "plain_text"),
        (changed(|c| c.from_name.clear()), "from_name"),
        (changed(|c| c.subject_lines.clear()), "subject_lines"),
    ] {
        let refused = pilot.create("c", &bad).await.unwrap_err();
        let PartnerError::Refused {
            status: 422,
            message,
        } = refused
        else {
            panic!("{field}: {refused:?}");
        };
        assert!(message.starts_with(field), "{message}");
    }
    let id = pilot
        .create("c", &mail("email-01"))
        .await
        .unwrap()
        .campaign_id;
    for bad in [
        vec![],
        vec!["nobody".to_owned()],
        vec!["a b@c.d".to_owned()],
    ] {
        assert_eq!(
            code(pilot.test_send("t", &id, &bad).await),
            PartnerError::REFUSED
        );
    }
    assert_eq!(sandbox.books().unwrap().entries.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_asked_for_is_not_asked_for() {
    let (sandbox, pilot) = sandbox().await;
    let month = "2024-11".parse().unwrap();
    for months in [0, 37] {
        assert_eq!(
            code(pilot.history(&acme(), month, months).await),
            PartnerError::REFUSED
        );
    }
    for key in ["", "a b", "a\r\nx: y", &"k".repeat(256)] {
        assert_eq!(
            code(pilot.create(key, &mail("email-01")).await),
            PartnerError::REFUSED
        );
    }
    assert!(sandbox.books().unwrap().entries.is_empty());
}
