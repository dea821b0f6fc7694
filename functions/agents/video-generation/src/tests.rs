mod providers;

use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .unwrap()
        .block_on(invoke(&VideoGeneration::default(), payload))
}

fn job() -> Value {
    json!({
        "mode": "submit", "reference": "run_1", "title": "Dry feet <b>",
        "scenes": [
            {"scene": 1, "text": "Rain again? This is the Ridge Boot, made for wet days.", "seconds": 4.5},
            {"text": "Have a look at it."},
        ],
        "brand": {"name": "FERNHILL & CO", "primary": "#1f4d3a", "text": "url(x)"},
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut input = job();
    input[field] = value;
    json!({ "input": input })
}

#[test]
fn offline_there_is_a_storyboard_and_no_video() {
    let answer = answer(json!({"input": job()})).unwrap();
    assert_eq!(answer["method"]["name"], "storyboard-offline");
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .starts_with("offline")
    );
    let output = &answer["output"];
    assert_eq!(
        (&output["status"], &output["offline"]),
        (&json!("done"), &json!(true))
    );
    assert!(output.get("video").is_none() && output.get("provider").is_none());
    let storyboard = &output["storyboard"];
    assert_eq!(storyboard["scenes"][1]["start_seconds"], 4.9);
    let captions = storyboard["captions_vtt"].as_str().unwrap();
    assert!(captions.starts_with("WEBVTT\n\n1\n00:00:00.000 --> 00:00:04.500\nRain again? This is the Ridge Boot, made\nfor wet days.\n"), "{captions}");
    let poster = storyboard["poster_svg"].as_str().unwrap();
    assert!(poster.contains("Dry feet &lt;b&gt;") && poster.contains("FERNHILL &amp; CO"));
    assert!(
        poster.contains("fill=\"#1f4d3a\"")
            && poster.contains("fill=\"#ffffff\"")
            && !poster.contains("url(")
    );
}

#[test]
fn a_bad_job_names_the_field() {
    for (field, value, named) in [
        ("reference", json!("a b"), "reference"),
        ("reference", json!(""), "reference"),
        ("scenes", json!([]), "scenes"),
        ("scenes", json!([{"text": "…"}]), "scenes[0].text"),
        (
            "scenes",
            json!([{"text": "a".repeat(1_501)}]),
            "scenes[0].text",
        ),
        (
            "scenes",
            json!([{"text": "a", "seconds": -1}]),
            "scenes[0].seconds",
        ),
        ("mode", json!("poll"), "job_id"),
    ] {
        let failure = answer(with(field, value)).unwrap_err();
        assert_eq!(failure.code, "InvalidJob");
        assert!(failure.message.starts_with(named), "{}", failure.message);
    }
    let failure = answer(with("mode", json!("wait"))).unwrap_err();
    assert!(
        failure.message.starts_with("input.mode"),
        "{}",
        failure.message
    );
    let poll = json!({"input": {"mode": "poll", "reference": "run_1", "job_id": "tlk_1", "provider": "d-id"}});
    assert_eq!(answer(poll).unwrap_err().code, "ProviderNotConfigured");
}

#[test]
fn the_fallback_needs_scenes_alone() {
    let fallback = answer(json!({"mode": "fallback", "input": {"scenes": [{"text": "Hello."}]}}));
    assert_eq!(fallback.unwrap()["output"]["offline"], true);
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let agent = VideoGeneration::default();
    let sound: Output =
        serde_json::from_value(answer(json!({"input": job()})).unwrap()["output"].clone()).unwrap();
    assert_eq!(agent.validate(&sound), Ok(()));
    let broken: [fn(&mut Output); 5] = [
        |output| output.status = Status::Processing,
        |output| output.offline = false,
        |output| output.provider = Some(Provider::DId),
        |output| output.storyboard.as_mut().unwrap().scenes[1].start_seconds = 0.0,
        |output| output.storyboard.as_mut().unwrap().seconds = f64::NAN,
    ];
    for break_it in broken {
        let mut output = sound.clone();
        break_it(&mut output);
        assert!(agent.validate(&output).is_err());
    }
}

proptest! {
    #[test]
    fn any_scenes_become_a_sound_storyboard(
        texts in prop::collection::vec("\\PC{0,120}", 1..6), title in "\\PC{0,120}",
        seconds in prop::option::of(0.0f64..60.0),
    ) {
        let scenes: Vec<Value> = texts.iter().map(|text| json!({"text": format!("a {text}"), "seconds": seconds})).collect();
        let mut input = job();
        input["scenes"] = json!(scenes);
        input["title"] = json!(title);
        let answer = answer(json!({"input": input}));
        let storyboard = answer.unwrap()["output"]["storyboard"].clone();
        let lines = storyboard["captions_vtt"].as_str().unwrap_or_default().lines().count();
        prop_assert!(lines > 3);
        let poster = storyboard["poster_svg"].as_str().unwrap_or_default().to_owned();
        prop_assert_eq!(poster.matches('<').count(), poster.matches('>').count());
    }
}
