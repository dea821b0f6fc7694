use proptest::prelude::*;
use serde_json::json;

use super::*;

/// What a body is refused for: `loc` without `body`, and the message, and the type.
fn refused(body: &str) -> Value {
    let detail = parse(body.as_bytes()).unwrap_err();
    serde_json::to_value(TaskRefusal { detail }).unwrap()["detail"].take()
}

fn said(loc: &Value, msg: &str, kind: &str) -> Value {
    json!({"loc": loc, "msg": msg, "type": kind})
}

#[test]
fn the_form_is_the_published_one() {
    let body = json!({"budget": 50, "voice_id": "v"}).to_string();
    assert_eq!(
        json!({"detail": refused(&body)}),
        json!({"detail": [
            {"loc": ["body", "theme"], "msg": "field required", "type": "value_error.missing"}
        ]})
    );
}

#[test]
fn everything_is_said_at_once_and_in_order() {
    let missing = |field| said(&json!(["body", field]), MISSING.0, MISSING.1);
    assert_eq!(
        refused("{}"),
        json!(["theme", "budget", "voice_id"].map(missing)),
        "what is not there"
    );
    let body = json!({"voice_id": null, "budget": "50", "theme": "  "}).to_string();
    let expected = json!([
        said(&json!(["body", "theme"]), "Theme cannot be empty", RULE),
        said(&json!(["body", "budget"]), NO_INTEGER.0, NO_INTEGER.1),
        said(&json!(["body", "voice_id"]), NULL.0, NULL.1),
    ]);
    assert_eq!(refused(&body), expected);
}

#[test]
fn a_budget_is_whole_dollars_above_nothing() {
    let refused_for = |budget: &str| {
        let body = format!(r#"{{"theme": "EV", "budget": {budget}, "voice_id": "v"}}"#);
        let found = refused(&body);
        assert_eq!(found.as_array().map(Vec::len), Some(1), "{found}");
        assert_eq!(found[0]["loc"], json!(["body", "budget"]));
        found[0]["msg"].as_str().unwrap().to_owned()
    };
    for budget in ["0", "-5", "-0.0", "-1e300", "-9223372036854775808"] {
        assert_eq!(refused_for(budget), "Budget must be positive", "{budget}");
    }
    for budget in ["1000001", "1e300", "18446744073709551615"] {
        assert_eq!(
            refused_for(budget),
            "Budget must be at most 1000000",
            "{budget}"
        );
    }
    for budget in ["50.7", "\"50\"", "true", "[]", "{}", "1e-300"] {
        assert_eq!(refused_for(budget), NO_INTEGER.0, "{budget}");
    }
    for (budget, dollars) in [("1", 1), ("50.0", 50), ("1e6", 1_000_000)] {
        let body =
            format!(r#"{{"theme": " EV ", "budget": {budget}, "voice_id": "v", "more": 1}}"#);
        let task = parse(body.as_bytes()).unwrap();
        assert_eq!((task.theme.as_str(), task.budget), ("EV", dollars));
    }
}

#[test]
fn a_theme_names_something_to_look_for() {
    let body = json!({"theme": "x", "budget": 1, "voice_id": "v"}).to_string();
    let found = refused(&body);
    assert_eq!(found[0]["loc"], json!(["body", "theme"]));
    let said = found[0]["msg"].as_str().unwrap();
    assert!(said.contains("a company, a product"), "{found}");
}

#[test]
fn texts_are_texts() {
    for value in [json!(5), json!(true), json!(["t"]), json!({})] {
        let body = json!({"theme": value, "budget": 1, "voice_id": value}).to_string();
        let found = refused(&body);
        for (n, field) in ["theme", "voice_id"].into_iter().enumerate() {
            assert_eq!(
                found[n],
                said(&json!(["body", field]), NO_TEXT.0, NO_TEXT.1)
            );
        }
    }
    let bell = json!({"theme": "\u{7}", "budget": 1, "voice_id": "v"}).to_string();
    assert_eq!(refused(&bell)[0]["type"], RULE);
}

#[test]
fn what_is_no_json_has_its_place() {
    for (body, place) in [("nope", 1), ("{\"theme\": \"é\",\n  oops}", 17), ("{", 0)] {
        let found = refused(body);
        assert_eq!(found[0]["loc"], json!(["body", place]), "{body}: {found}");
        assert_eq!(found[0]["type"], NO_JSON);
    }
    for (body, kind) in [
        ("", MISSING.1),
        ("null", MISSING.1),
        ("[]", NO_OBJECT.1),
        ("\"theme\"", NO_OBJECT.1),
    ] {
        let found = refused(body);
        assert_eq!(found[0]["loc"], json!(["body"]));
        assert_eq!(found[0]["type"], kind);
    }
}

proptest! {
    #[test]
    fn no_body_is_refused_for_nothing(body in prop::collection::vec(any::<u8>(), 0..80)) {
        if let Err(detail) = parse(&body) {
            prop_assert!(!detail.is_empty());
        }
    }

    #[test]
    fn what_is_accepted_keeps_the_rules(theme in ".{0,600}", budget in any::<i64>(), voice in ".{0,300}") {
        let body = json!({"theme": theme, "budget": budget, "voice_id": voice}).to_string();
        if let Ok(task) = parse(body.as_bytes()) {
            prop_assert_eq!(task.theme.as_str(), theme.trim());
            prop_assert_eq!(i64::from(task.budget), budget);
            prop_assert!((1..=1_000_000).contains(&task.budget) && !task.voice_id.is_empty());
            prop_assert!(!task.theme.is_empty() && task.theme.chars().count() <= 500);
        }
    }
}
