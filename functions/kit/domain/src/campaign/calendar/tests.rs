use serde_json::{Value, json};

use super::*;

type Break = fn(&mut Strategy, &mut Brand);

fn brand() -> Brand {
    let brand = json!({
        "brand_id": "acme", "name": "Acme", "website": "https://acme.example",
        "unsubscribe_url": "https://acme.example/u", "postal_address": "1 Main St",
        "time_zone": "America/New_York",
        "voice": {"tone": ["warm"]},
        "palette": {"primary": "#000000", "accent": "#000000", "background": "#ffffff", "text": "#000000"},
        "objectives": [{"kind": "revenue", "weight": 1.0}],
        "frequency": {"per_segment_per_week": 2, "per_month": 4, "min_days_between": 2,
            "blackout_days": ["2024-11-28"]},
        "segments": [{"name": "vip", "label": "VIPs", "size": 1000}],
        "personalization_fields": [],
        "themes": [{"name": "arrivals", "label": "New arrivals", "summary": "What is new."}],
        "max_subject_length": 60, "test_recipients": [],
    });
    serde_json::from_value(brand).unwrap()
}

fn email(n: usize, day: &str) -> Value {
    json!({
        "email_id": format!("email-{n:02}"), "day": day, "send_at": format!("{day}T15:00:00Z"),
        "segment": "vip", "audience_size": 1000, "theme": "arrivals", "objective": "revenue",
        "rationale": "r", "hypothesis": "h",
        "expected": {"opens": 1.0, "clicks": 1.0, "conversions": 1.0, "revenue": 1.0},
    })
}

fn strategy(days: &[&str]) -> Strategy {
    let emails: Vec<Value> = days
        .iter()
        .enumerate()
        .map(|(n, day)| email(n + 1, day))
        .collect();
    let strategy =
        json!({"brand_id": "acme", "month": "2024-11", "summary": "s", "emails": emails});
    serde_json::from_value(strategy).unwrap()
}

fn refused(strategy: &Strategy, brand: &Brand) -> String {
    strategy.validate(Some(brand)).unwrap_err().to_string()
}

#[test]
fn a_sound_calendar_passes() {
    let sound = strategy(&["2024-11-04", "2024-11-07", "2024-11-11", "2024-11-14"]);
    assert_eq!(sound.validate(Some(&brand())), Ok(()));
    assert_eq!(sound.validate(None), Ok(()));
}

#[test]
fn each_rule_of_structure_can_be_broken() {
    let broken: [(Break, &str); 11] = [
        (|s, _| s.summary.clear(), "summary"),
        (|s, _| s.emails.clear(), "emails"),
        (
            |s, _| s.assumptions.push("x".repeat(2_001)),
            "assumptions[0]",
        ),
        (
            |s, _| s.emails[1].email_id = "email-1".to_owned(),
            "emails[1].email_id",
        ),
        (
            |s, _| s.emails[1].email_id = "email-01".to_owned(),
            "emails[1].email_id",
        ),
        (|s, _| s.emails.swap(0, 1), "emails[1].email_id"),
        (
            |s, _| s.emails[0].day = "2024-12-01".parse().unwrap(),
            "emails[0].day",
        ),
        (
            |s, _| s.emails[0].day = "2024-11-09".parse().unwrap(),
            "emails[0].send_at",
        ),
        (
            |s, _| s.emails[1].send_at = "2024-11-04T14:00:00Z".parse().unwrap(),
            "emails[1].send_at",
        ),
        (
            |s, _| s.emails[0].rationale = "  ".to_owned(),
            "emails[0].rationale",
        ),
        (
            |s, _| s.emails[0].expected.opens = f64::NAN,
            "emails[0].expected.opens",
        ),
    ];
    for (break_it, field) in broken {
        let mut strategy = strategy(&["2024-11-04", "2024-11-07"]);
        break_it(&mut strategy, &mut brand());
        assert_eq!(strategy.validate(None).unwrap_err().field, field);
    }
}

#[test]
fn each_limit_of_the_brand_can_be_broken() {
    let broken: [(Break, &str); 7] = [
        (|_, b| b.brand_id = "other".parse().unwrap(), "brand_id"),
        (|_, b| b.time_zone = "Mars/Base".to_owned(), "time_zone"),
        (
            |s, _| s.emails[0].segment = "all".to_owned(),
            "emails[0].segment",
        ),
        (
            |s, _| s.emails[0].audience_size = 1_001,
            "emails[0].audience_size",
        ),
        (
            |s, _| s.emails[0].theme = "sale".to_owned(),
            "emails[0].theme",
        ),
        (
            |_, b| b.frequency.blackout_days = vec!["2024-11-04".parse().unwrap()],
            "emails[0].day",
        ),
        (|_, b| b.frequency.per_month = 1, "emails"),
    ];
    for (break_it, field) in broken {
        let (mut strategy, mut brand) = (strategy(&["2024-11-04", "2024-11-07"]), brand());
        break_it(&mut strategy, &mut brand);
        assert_eq!(strategy.validate(Some(&brand)).unwrap_err().field, field);
    }
}

#[test]
fn any_seven_days_count_not_the_week_of_the_calendar() {
    // Thursday, Saturday and Tuesday: two weeks of the calendar, six days.
    let crowded = strategy(&["2024-11-07", "2024-11-09", "2024-11-12"]);
    let wrong = refused(&crowded, &brand());
    assert!(wrong.contains("seven days from 2024-11-07"), "{wrong}");
    let week = strategy(&["2024-11-07", "2024-11-09", "2024-11-14"]);
    assert_eq!(week.validate(Some(&brand())), Ok(()));
    let close = strategy(&["2024-11-07", "2024-11-08"]);
    let wrong = refused(&close, &brand());
    assert!(wrong.contains("less than 2 days apart"), "{wrong}");
}

#[test]
fn the_day_is_the_brand_s_day() {
    // Ten in the evening in New York is the next day in UTC.
    let mut late = strategy(&["2024-11-05"]);
    late.emails[0].send_at = "2024-11-06T03:00:00Z".parse().unwrap();
    assert_eq!(late.validate(Some(&brand())), Ok(()));
    late.emails[0].send_at = "2024-11-06T05:00:00Z".parse().unwrap();
    assert_eq!(
        late.validate(None),
        Ok(()),
        "it is on that day further west"
    );
    assert!(refused(&late, &brand()).starts_with("emails[0].send_at"));
}

#[test]
fn no_mail_is_allowed_where_the_cap_is_zero() {
    let mut brand = brand();
    brand.frequency.per_segment_per_week = 0;
    assert!(refused(&strategy(&["2024-11-05"]), &brand).contains("more than 0"));
}
