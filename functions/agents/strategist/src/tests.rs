use baton_agent::{Failure, invoke};
use baton_domain::campaign::{Dimension, SendTime, Strategy};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const HAPPY: &str = include_str!("../../../../events/strategist/happy.json");

pub(crate) fn happy() -> Value {
    serde_json::from_str(HAPPY).unwrap()
}

pub(crate) fn brand() -> Brand {
    serde_json::from_value(happy()["input"]["brand"].clone()).unwrap()
}

pub(crate) fn answer_of(agent: &StrategistAgent, payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(invoke(agent, payload))
}

fn answer(payload: Value) -> Result<Value, Failure> {
    answer_of(&StrategistAgent::default(), payload)
}

fn strategy_of(payload: Value) -> Strategy {
    serde_json::from_value(answer(payload).unwrap()["output"].clone()).unwrap()
}

/// The plan of the happy case under these notes.
pub(crate) fn plan_of(notes: &[&str]) -> Strategy {
    let mut payload = happy();
    payload["input"]["notes"] = json!(notes);
    strategy_of(payload)
}

#[test]
fn a_month_is_planned_in_words_with_numbers() {
    let answer = answer(happy()).unwrap();
    assert_eq!(answer["method"]["name"], "greedy-exchange-offline");
    // Other crates of the workspace may switch on that maps keep their order.
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(answer["output"]);
    });
}

#[test]
fn the_events_are_answered_and_the_bad_one_names_its_field() {
    let thin = include_str!("../../../../events/strategist/thin.json");
    assert_eq!(
        answer(serde_json::from_str(thin).unwrap()).unwrap()["status"],
        "degraded"
    );
    let bad = include_str!("../../../../events/strategist/bad.json");
    let failure = answer(serde_json::from_str(bad).unwrap()).unwrap_err();
    assert_eq!(failure.code, "InvalidInput");
    assert!(
        failure.message.starts_with("input.not_before: "),
        "{failure}"
    );
}

#[test]
fn notes_are_followed_or_reported() {
    let plan = plan_of(&[
        "at most 4 mails; no care guide",
        "not on Tuesdays",
        "skip vip",
        "make it pop",
    ]);
    assert_eq!(plan.emails.len(), 4);
    for email in &plan.emails {
        assert!(
            email.theme != "care-guide" && email.segment != "vip",
            "{email:?}"
        );
        assert_ne!(email.day.weekday(), jiff::civil::Weekday::Tuesday);
    }
    let reported = plan
        .assumptions
        .iter()
        .filter(|a| a.contains("Could not follow"))
        .count();
    assert_eq!(reported, 1);
    assert!(
        plan.assumptions
            .iter()
            .any(|a| a == "Could not follow the note: make it pop")
    );
}

#[test]
fn notes_that_leave_nothing_are_set_aside_and_said_so() {
    let plan = plan_of(&["skip vip; skip recent; skip lapsed"]);
    assert!(!plan.emails.is_empty());
    assert_eq!(
        plan.assumptions
            .iter()
            .filter(|a| a.contains("Could not follow"))
            .count(),
        3
    );
}

#[test]
fn more_of_a_segment_gives_it_more_mails() {
    let to = |plan: &Strategy, name: &str| plan.emails.iter().filter(|e| e.segment == name).count();
    let usual = plan_of(&[]);
    for segment in ["vip", "lapsed"] {
        let mut payload = happy();
        payload["input"]["notes"] = json!([format!("more {segment}")]);
        payload["input"]["previous"] = json!(usual);
        let more = strategy_of(payload);
        assert!(to(&more, segment) > to(&usual, segment), "{segment}");
    }
}

#[test]
fn nothing_is_sent_before_the_earliest_moment() {
    let mut payload = happy();
    // The afternoon of the 20th is the first slot that is left on that day.
    payload["input"]["not_before"] = json!("2024-11-20T16:00:00Z");
    for email in strategy_of(payload).emails {
        assert!(
            email.send_at.to_string().as_str() >= "2024-11-20T16:00:00Z",
            "{email:?}"
        );
    }
}

#[test]
fn hours_stay_when_summer_time_ends() {
    let hours = |plan: &Strategy| {
        let zone = brand().zone().unwrap();
        let hour = |email: &baton_domain::campaign::PlannedEmail| {
            email.send_at.to_zoned(zone.clone()).hour()
        };
        plan.emails.iter().map(hour).collect::<Vec<_>>()
    };
    let mut payload = happy();
    payload["input"]["not_before"] = json!("2024-10-01T00:00:00Z");
    let plan = strategy_of(payload);
    assert!(
        hours(&plan).iter().all(|hour| [10, 14, 18].contains(hour)),
        "{:?}",
        hours(&plan)
    );
}

#[test]
fn one_mail_learns_about_another_time() {
    let plan = plan_of(&[]);
    let learns = plan
        .emails
        .iter()
        .filter(|email| email.rationale.contains("to learn about it"));
    assert_eq!(learns.count(), 1);
}

#[test]
fn what_nobody_objected_to_stays() {
    let mut payload = happy();
    payload["input"]["notes"] = json!([]);
    let before = strategy_of(payload.clone());
    payload["input"]["previous"] = json!(before);
    let after = strategy_of(payload);
    assert_eq!(after.emails, before.emails);
}

#[test]
fn a_month_without_history_is_planned_too() {
    let mut payload = happy();
    let insights = &mut payload["input"]["insights"];
    (insights["campaigns"], insights["lifts"]) = (json!(0), json!([]));
    let plan = strategy_of(payload.clone());
    assert!(
        plan.assumptions
            .iter()
            .any(|a| a.contains("Nothing was sent before"))
    );
    payload["input"]["insights"]["baseline"] = json!(
        {"open": 0.0, "click": 0.0, "conversion": 0.0, "unsubscribe": 0.0, "revenue_per_mail": 0.0});
    assert!(!strategy_of(payload).emails.is_empty());
}

type Break = fn(&mut Value);

#[test]
fn each_error_has_its_code_and_names_what_is_wrong() {
    let broken: [(Break, &str, &str); 12] = [
        (
            |i| i["brand"]["segments"] = json!([]),
            "InvalidBrand",
            "brand.segments: ",
        ),
        (
            |i| i["brand"]["themes"] = json!([]),
            "InvalidBrand",
            "brand.themes: ",
        ),
        (
            |i| i["brand"]["themes"][1]["name"] = i["brand"]["themes"][0]["name"].clone(),
            "InvalidBrand",
            "brand.themes[1].name: ",
        ),
        (
            |i| i["brand"]["themes"][0]["months"] = json!([13]),
            "InvalidBrand",
            "brand.themes[0].months: ",
        ),
        (
            |i| i["brand"]["segments"][0]["label"] = json!(" "),
            "InvalidBrand",
            "brand.segments[0].label: ",
        ),
        (
            |i| i["brand"]["objectives"] = json!([]),
            "InvalidBrand",
            "brand.objectives: ",
        ),
        (
            |i| i["brand"]["objectives"][0]["weight"] = json!(-1),
            "InvalidBrand",
            "brand.objectives[0].weight: ",
        ),
        (
            |i| i["brand"]["time_zone"] = json!("Mars/Base"),
            "UnknownTimeZone",
            "brand.time_zone: ",
        ),
        (
            |i| i["brand"]["frequency"]["per_month"] = json!(0),
            "NoSlot",
            "2024-11",
        ),
        (
            |i| i["not_before"] = json!("2024-12-02T00:00:00Z"),
            "NoSlot",
            "no day is left",
        ),
        (
            |i| (0..4).for_each(|n| i["brand"]["themes"][n]["months"] = json!([6])),
            "NoSlot",
            "no theme fits",
        ),
        (
            |i| i["brand"]["frequency"]["per_segment_per_week"] = json!(0),
            "NoSlot",
            "no mail is allowed",
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
fn the_check_finds_what_the_caps_forbid() {
    let (plan, brand) = (plan_of(&[]), brand());
    let month = plan.month;
    assert_eq!(check(&plan, &brand, month), Ok(()));
    assert!(
        check(&plan, &brand, month.next())
            .unwrap_err()
            .starts_with("month: ")
    );
    let mut objective = plan.clone();
    objective.emails[0].objective = baton_domain::campaign::ObjectiveKind::Retention;
    assert!(
        check(&objective, &brand, month)
            .unwrap_err()
            .starts_with("emails[0].objective: ")
    );
    let mut season = plan.clone();
    season.emails[0].theme = "summer-sale".to_owned();
    assert!(
        check(&season, &brand, month)
            .unwrap_err()
            .starts_with("emails[0].theme: ")
    );
    let mut small = brand.clone();
    small.frequency.per_month = 1;
    assert!(
        check(&plan, &small, month)
            .unwrap_err()
            .starts_with("emails: ")
    );
}

#[test]
fn the_fallback_spreads_mails_evenly_and_keeps_the_caps() {
    let payload = json!({"mode": "fallback", "input": {"brand": happy()["input"]["brand"], "month": "2024-11"}});
    let plan = strategy_of(payload);
    assert_eq!(plan.emails.len(), 8);
    assert_eq!(check(&plan, &brand(), plan.month), Ok(()));
    let days: Vec<i8> = plan.emails.iter().map(|email| email.day.day()).collect();
    assert!(
        days.windows(2)
            .all(|pair| (2..=6).contains(&(pair[1] - pair[0]))),
        "{days:?}"
    );
}

/// A greedy plan with exchanges brings nearly what the best of all plans does.
#[test]
fn the_search_comes_close_to_the_best_plan() {
    let mut payload = happy();
    payload["input"]["notes"] = json!([]);
    payload["input"]["brand"]["frequency"]["per_month"] = json!(3);
    let input: Input = serde_json::from_value(payload["input"].take()).unwrap();
    let zone = input.brand.zone().unwrap();
    let forecast = Forecast::of(&input.brand, &input.insights);
    let (found, best) = plan::compared_with_the_best(&input, &zone, &forecast);
    assert!(
        found <= best + 1e-9 && found >= 0.97 * best,
        "{found} of {best}"
    );
}

/// The most segments, themes and mails that are accepted.
#[test]
fn the_largest_brand_is_planned_for_in_time() {
    let mut payload = happy();
    let brand = &mut payload["input"]["brand"];
    let most = 0..rules::MAX_CHOICES;
    brand["segments"] = most
        .clone()
        .map(|n| json!({"name": format!("s{n}"), "label": "S", "size": 1_000 + n}))
        .collect();
    brand["themes"] = most
        .map(|n| json!({"name": format!("t{n}"), "label": "T", "summary": "s"}))
        .collect();
    brand["frequency"] =
        json!({"per_segment_per_week": 7, "per_month": 1_000, "min_days_between": 0});
    payload["input"]["notes"] = json!([]);
    let started = std::time::Instant::now();
    let plan = strategy_of(payload);
    println!("{} mails in {:?}", plan.emails.len(), started.elapsed());
    assert_eq!(plan.emails.len(), 40);
}

prop_compose! {
    fn any_brand()(
        sizes in prop::collection::vec(0_u64..100_000, 1..5), themes in prop::collection::vec(prop::collection::vec(1_u8..13, 0..4), 1..5),
        weights in prop::collection::vec(0.01..10.0, 1..5), week in 0_u32..4, month in 0_u32..15, apart in 0_u32..10,
        blackout in prop::collection::vec(1_i8..29, 0..12), zone in prop::sample::select(vec![
            "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin", "UTC"]),
        at in 1_i8..13,
    ) -> (Value, String) {
        const KINDS: [&str; 4] = ["revenue", "engagement", "retention", "reactivation"];
        let mut brand = happy()["input"]["brand"].clone();
        let day = |day: &i8| format!("2025-{at:02}-{day:02}");
        brand["time_zone"] = json!(zone);
        brand["frequency"] = json!({"per_segment_per_week": week, "per_month": month, "min_days_between": apart,
            "blackout_days": blackout.iter().map(day).collect::<Vec<_>>()});
        brand["segments"] = sizes.iter().enumerate().map(|(n, size)|
            json!({"name": format!("s{n}"), "label": format!("S{n}"), "size": size})).collect();
        brand["themes"] = themes.iter().enumerate().map(|(n, months)|
            json!({"name": format!("t{n}"), "label": format!("T{n}"), "summary": "s", "months": months})).collect();
        brand["objectives"] = weights.iter().zip(KINDS).map(|(weight, kind)|
            json!({"kind": kind, "weight": weight})).collect();
        (brand, format!("2025-{at:02}"))
    }
}

prop_compose! {
    fn any_lifts()(lifts in prop::collection::vec(
        (0..3_usize, 0..6_usize, -0.99..5.0_f64, 0.0..3.0_f64, 0.0..1.0_f64, 1_u32..50), 0..15)
    ) -> Value {
        let lift = |&(dimension, n, lift, wide, rate, campaigns): &(usize, usize, f64, f64, f64, u32)| {
            let dimension = [Dimension::Segment, Dimension::Theme, Dimension::SendTime][dimension];
            let value = match dimension {
                Dimension::Segment => format!("s{n}"),
                Dimension::Theme => format!("t{n}"),
                Dimension::SendTime => SendTime::of(Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(i64::try_from(n).unwrap() * 29), &TimeZone::UTC).to_string(),
            };
            let (low, high) = ((lift - wide).max(-1.0), lift + wide);
            json!({"dimension": dimension, "value": value, "campaigns": campaigns, "delivered": 1_000 * n,
                "rates": {"open": rate, "click": rate / 2.0, "conversion": rate / 4.0, "unsubscribe": 0.0, "revenue_per_mail": rate},
                "lift": lift, "interval": [low, high], "significant": low > 0.0 || high < 0.0})
        };
        json!(lifts.iter().map(lift).collect::<Vec<_>>())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Whatever the brand, the history and the notes: what is planned keeps every cap.
    #[test]
    fn every_plan_keeps_every_cap((brand, month) in any_brand(), lifts in any_lifts(), first in 0_i64..30,
        notes in prop::collection::vec(prop::sample::select(vec!["at most 3 mails", "no weekends", "skip s0", "more t1", "?"]), 0..3)) {
        let mut payload = happy();
        let input = &mut payload["input"];
        let start = format!("{month}-01T00:00:00Z").parse::<Timestamp>().unwrap();
        let not_before = start + jiff::SignedDuration::from_hours(first * 24 - 48);
        input["not_before"] = json!(not_before);
        (input["brand"], input["month"], input["notes"]) = (brand.clone(), json!(month), json!(notes));
        input["insights"]["lifts"] = lifts;
        let own: Brand = serde_json::from_value(brand.clone()).unwrap();
        let month: Month = month.parse().unwrap();
        let even = json!({"mode": "fallback", "input": {"brand": brand, "month": month, "not_before": not_before}});
        for payload in [payload, even] {
            match answer(payload) {
                Ok(answer) => {
                    let plan: Strategy = serde_json::from_value(answer["output"].clone()).unwrap();
                    prop_assert_eq!(check(&plan, &own, month), Ok(()));
                    prop_assert!(plan.emails.iter().all(|email| email.send_at >= not_before));
                }
                Err(failure) => prop_assert!(["NoSlot", "InvalidBrand"].contains(&failure.code.as_str()), "{}", failure),
            }
        }
    }
}
