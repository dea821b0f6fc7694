use baton_agent::{Failure, invoke};
use baton_domain::Timestamp;
use baton_domain::campaign::Dimension;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const HAPPY: &str = include_str!("../../../../events/analyst/happy.json");

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(invoke(&Analyst, payload))
}

fn happy() -> Value {
    serde_json::from_str(HAPPY).unwrap()
}

fn insights(payload: Value) -> Insights {
    serde_json::from_value(answer(payload).unwrap()["output"].clone()).unwrap()
}

#[test]
fn what_worked_is_said_in_words_with_numbers() {
    let insights = insights(happy());
    assert_eq!(Analyst.validate(&insights), Ok(()));
    insta::assert_json_snapshot!(insights.findings);
}

#[test]
fn the_order_of_the_history_decides_nothing() {
    let mut turned = happy();
    turned["input"]["history"].as_array_mut().unwrap().reverse();
    assert_eq!(insights(turned), insights(happy()));
}

#[test]
fn send_times_are_those_of_the_brand_s_zone() {
    let mut payload = happy();
    let history = payload["input"]["history"].as_array_mut().unwrap();
    history.truncate(2);
    history[0]["sent_at"] = json!("2024-10-30T02:30:00Z");
    history[1]["sent_at"] = json!("2024-10-30T14:30:00Z");
    let insights = insights(payload);
    let times = insights
        .lifts
        .iter()
        .filter(|lift| lift.dimension == Dimension::SendTime);
    let mut times: Vec<&str> = times.map(|lift| lift.value.as_str()).collect();
    times.sort_unstable();
    assert_eq!(times, ["tue-night", "wed-morning"]);
}

#[test]
fn what_was_sent_in_the_month_does_not_count() {
    let mut payload = happy();
    // Midnight of the first in New York.
    payload["input"]["history"][0]["sent_at"] = json!("2024-11-01T04:00:00Z");
    payload["input"]["history"][1]["sent_at"] = json!("2024-11-01T03:59:59Z");
    let all = payload["input"]["history"].as_array().unwrap().len();
    let answer = answer(payload).unwrap();
    assert_eq!(answer["output"]["campaigns"], json!(all - 1));
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .starts_with("1 campaigns were left out")
    );
}

#[test]
fn each_error_has_its_code_and_names_what_is_wrong() {
    type Break = fn(&mut Value);
    let broken: [(Break, &str, &str); 6] = [
        (|i| i["history"] = json!([]), "NotEnoughData", "2024-11"),
        (
            |i| i["month"] = json!("2020-01"),
            "NotEnoughData",
            "2020-01",
        ),
        (
            |i| i["history"][2]["opens"] = json!(10_000_000),
            "InvalidHistory",
            "history[2].opens: ",
        ),
        (
            |i| i["history"][1] = i["history"][0].clone(),
            "InvalidHistory",
            "history[1].campaign_id: ",
        ),
        (
            |i| i["history"][0]["theme"] = json!(""),
            "InvalidHistory",
            "history[0].theme: ",
        ),
        (
            |i| i["brand"]["time_zone"] = json!("Mars/Base"),
            "UnknownTimeZone",
            "brand.time_zone: ",
        ),
    ];
    for (break_it, code, named) in broken {
        let mut payload = happy();
        break_it(&mut payload["input"]);
        let failure = answer(payload).unwrap_err();
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(named), "{failure}");
    }
}

#[test]
fn the_fallback_pools_what_is_sound_and_else_takes_the_industry_s() {
    let mut payload = happy();
    payload["mode"] = json!("fallback");
    payload["input"]["history"][0]["opens"] = json!(10_000_000);
    payload["input"]["brand"]["time_zone"] = json!("Mars/Base");
    let all = payload["input"]["history"].as_array().unwrap().len();
    let pooled = answer(payload.clone()).unwrap();
    assert_eq!(pooled["method"]["name"], "pooled-rates");
    assert_eq!(pooled["output"]["campaigns"], json!(all - 1));
    payload["input"]["history"] = json!([]);
    let industry = answer(payload).unwrap();
    assert_eq!(industry["method"]["name"], "industry-rates");
    assert_eq!(industry["output"]["baseline"]["open"], 0.2271);
}

#[test]
fn the_events_are_answered_and_the_bad_one_names_its_field() {
    let thin = include_str!("../../../../events/analyst/thin.json");
    assert_eq!(
        answer(serde_json::from_str(thin).unwrap()).unwrap()["status"],
        "degraded"
    );
    let bad = include_str!("../../../../events/analyst/bad.json");
    let failure = answer(serde_json::from_str(bad).unwrap()).unwrap_err();
    assert_eq!(failure.code, "InvalidInput");
    assert!(failure.message.starts_with("input.month: "), "{failure}");
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let sound = insights(happy());
    let broken: [fn(&mut Insights); 6] = [
        |i| i.baseline.open = 1.5,
        |i| i.findings.clear(),
        |i| i.lifts.reverse(),
        |i| i.lifts[0].interval.1 = f64::INFINITY,
        |i| i.lifts[0].significant = !i.lifts[0].significant,
        |i| i.lifts[0].rates.click = f64::NAN,
    ];
    for break_it in broken {
        let mut insights = sound.clone();
        break_it(&mut insights);
        assert!(Analyst.validate(&insights).is_err());
    }
}

prop_compose! {
    fn campaign()(
        at in 1_700_000_000_i64..1_740_000_000, segment in 0..3, theme in 0..4,
        delivered in prop_oneof![Just(0_u64), 1..50_u64, 1_000..u64::MAX / 8],
        shares in prop::array::uniform4(prop_oneof![Just(0.0), Just(1.0), 0.0..1.0_f64]), revenue in 0.0..1e9,
    ) -> Value {
        let [opens, clicks, conversions, gone] = shares.map(|share| ((delivered as f64 * share) as u64).min(delivered));
        json!({
            "campaign_id": "", "sent_at": Timestamp::from_second(at).unwrap().to_string(), "subject": "s",
            "segment": format!("segment-{segment}"), "theme": format!("theme-{theme}"), "delivered": delivered,
            "opens": opens, "clicks": clicks, "conversions": conversions, "unsubscribes": gone, "revenue": revenue,
        })
    }
}

proptest! {
    /// The kit validates every output, so that an answer is a sound one.
    #[test]
    fn any_history_is_answered_soundly(mut history in prop::collection::vec(campaign(), 0..40)) {
        for (n, past) in history.iter_mut().enumerate() {
            past["campaign_id"] = json!(format!("cmp-{n}"));
        }
        let mut payload = happy();
        payload["input"]["history"] = json!(history);
        match answer(payload.clone()) {
            Ok(_) => {}
            Err(failure) => prop_assert_eq!(failure.code, "NotEnoughData"),
        }
        payload["mode"] = json!("fallback");
        prop_assert!(answer(payload).is_ok());
    }
}
