use baton_agent::{Failure, invoke};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SCRIPT: &str = "<speak version=\"1.0\" xml:lang=\"en-US\"><p>Dry feet &amp; a warm heart: \
    this is the <emphasis>Ridge Boot</emphasis>.</p><break time=\"500ms\"/><p>Have a look.</p></speak>";

fn answer(payload: Value) -> Result<Value, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .unwrap()
        .block_on(invoke(&VoiceAdapter::default(), payload))
}

fn run(more: &Value) -> Result<Value, Failure> {
    let mut input = json!({"ssml": SCRIPT});
    for (field, value) in more.as_object().unwrap() {
        input[field] = value.clone();
    }
    answer(json!({ "input": input }))
}

#[test]
fn who_was_among_the_best_is_spoken_to_slowly() {
    let answer = run(&json!({"segment": "cannot_lose"})).unwrap();
    let output = &answer["output"];
    assert_eq!(
        (&output["tone"], &output["rate_percent"]),
        (&json!("personal"), &json!(93))
    );
    assert_eq!(output["voice"]["voice_id"], "en-US-JennyNeural");
    let ssml = output["ssml"].as_str().unwrap();
    assert!(
        ssml.contains("<prosody rate=\"93%\" pitch=\"-2%\"><p>Dry feet &amp; a warm"),
        "{ssml}"
    );
    let (now, before) = (
        output["seconds"].as_f64().unwrap(),
        output["seconds_before"].as_f64().unwrap(),
    );
    assert!(
        ((now - 0.5) - (before - 0.5) / 0.93).abs() < 0.02,
        "{now} {before}"
    );
    assert!(
        output["reasons"][0]
            .as_str()
            .unwrap()
            .contains("among the best")
    );
}

#[test]
fn no_pace_leaves_what_people_follow() {
    for (rate, wpm) in [("300%", 180.0), ("20%", 120.0), ("x-fast", 180.0)] {
        let script = format!(
            "<speak><prosody rate=\"{rate}\">One two three four five six.</prosody> Seven.</speak>"
        );
        let answer = run(&json!({"ssml": script, "segment": "champions"})).unwrap();
        let pace = answer["output"]["words_per_minute"].as_f64().unwrap();
        assert!(
            (pace - wpm).abs() <= 1.0 || (120.0..=180.0).contains(&pace),
            "{rate}: {pace}"
        );
        assert!(!answer["output"]["ssml"].as_str().unwrap().contains("300%"));
    }
}

#[test]
fn voices_are_taken_by_wish_locale_and_provider() {
    let id = |more: Value| run(&more).map(|answer| answer["output"]["voice"]["voice_id"].clone());
    assert_eq!(
        id(json!({"locale": "de-CH", "gender": "male"})).unwrap(),
        "de-DE-ConradNeural"
    );
    assert_eq!(
        id(json!({"provider": "heygen"})).unwrap(),
        "1bd001e7e50f421d891986aad5158bc8"
    );
    let own =
        json!([{"provider": "heygen", "voice_id": "mine", "locale": "de-DE", "gender": "male"}]);
    assert_eq!(
        id(json!({"provider": "heygen", "locale": "de-DE", "voices": own})).unwrap(),
        "mine"
    );
    assert_eq!(
        id(json!({"voice_id": "fr-FR-HenriNeural"})).unwrap(),
        "fr-FR-HenriNeural"
    );
    for (more, named) in [
        (json!({"provider": "heygen", "locale": "de-DE"}), "locale"),
        (json!({"voice_id": "nobody"}), "voice_id"),
    ] {
        let failure = id(more).unwrap_err();
        assert_eq!(failure.code, "NoVoice");
        assert!(failure.message.starts_with(named), "{}", failure.message);
    }
}

#[test]
fn a_script_that_is_none_is_refused() {
    let failure = run(&json!({"ssml": "<speak><audio src=\"a\"/></speak>"})).unwrap_err();
    assert_eq!(failure.code, "InvalidSsml");
    assert!(
        failure.message.contains("<audio> is not known"),
        "{}",
        failure.message
    );
    assert_eq!(
        run(&json!({"ssml": "<speak> … </speak>"}))
            .unwrap_err()
            .code,
        "NothingToSay"
    );
    let failure = run(&json!({"provider": "film"})).unwrap_err();
    assert!(
        failure.message.starts_with("input.provider"),
        "{}",
        failure.message
    );
}

#[test]
fn an_unknown_segment_stays_neutral_and_is_told() {
    let answer = run(&json!({"segment": "vip"})).unwrap();
    assert_eq!(answer["output"]["tone"], "neutral");
    assert!(
        answer["warnings"][0]
            .as_str()
            .unwrap()
            .starts_with("segment")
    );
}

#[test]
fn the_fallback_needs_words_alone() {
    let fallback = |input: Value| answer(json!({"mode": "fallback", "input": input}));
    let spoken = fallback(json!({"text": "a <b> & c", "locale": "tlh"})).unwrap();
    assert_eq!(spoken["output"]["voice"]["locale"], "en-US");
    assert!(
        spoken["output"]["ssml"]
            .as_str()
            .unwrap()
            .contains("a &lt;b&gt; &amp; c")
    );
    assert_eq!(fallback(json!({})).unwrap_err().code, "NothingToSay");
}

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let sound: Output = serde_json::from_value(run(&json!({})).unwrap()["output"].clone()).unwrap();
    assert_eq!(VoiceAdapter::default().validate(&sound), Ok(()));
    let broken: [fn(&mut Output); 4] = [
        |output| output.ssml.clear(),
        |output| output.words_per_minute = 200.0,
        |output| output.seconds = f64::INFINITY,
        |output| output.voice.voice_id.clear(),
    ];
    for break_it in broken {
        let mut output = sound.clone();
        break_it(&mut output);
        assert!(VoiceAdapter::default().validate(&output).is_err());
    }
}

proptest! {
    #[test]
    fn any_words_are_spoken_soundly(
        words in "\\PC{0,60}", rate in 20u16..300, inner in 20u16..300,
        segment in prop::sample::select(&baton_domain::catalog::SEGMENTS[..]),
    ) {
        let words = baton_domain::text::escaped(&words);
        let script = format!(
            "<speak><prosody rate=\"{rate}%\">a {words}<prosody rate=\"{inner}%\">b {words}</prosody></prosody></speak>"
        );
        let answer = run(&json!({"ssml": script, "segment": segment}));
        prop_assert!(answer.is_ok());
    }
}

#[tokio::test]
async fn who_makes_videos_by_default_is_who_is_configured() {
    let agent = |set: &[(&str, &str)]| {
        VoiceAdapter::from_lookup(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    };
    for (set, provider) in [
        (&[][..], Provider::DId),
        (&[("HEYGEN_API_KEY", "k")], Provider::HeyGen),
        (
            &[("HEYGEN_API_KEY", "k"), ("D_ID_API_KEY", "k")],
            Provider::DId,
        ),
        (
            &[("D_ID_API_KEY", "k"), ("VIDEO_PROVIDER", "heygen")],
            Provider::HeyGen,
        ),
    ] {
        let input = Input {
            ssml: Some("<speak>Have a look.</speak>".to_owned()),
            scenes: Vec::new(),
            segment: None,
            locale: None,
            provider: None,
            gender: None,
            voice_id: None,
            voices: Vec::new(),
        };
        let voice = agent(set).unwrap().run(input).await.unwrap().output.voice;
        assert_eq!(voice.provider, provider, "{set:?}");
    }
    assert!(agent(&[("VIDEO_PROVIDER", "film")]).is_err());
}

#[test]
fn scenes_are_said_as_they_are() {
    let input = |input: serde_json::Value| -> Result<Speech, Error> {
        serde_json::from_value::<Input>(input).unwrap().speech()
    };
    let speech = input(json!({"scenes": [
        {"text": "Rain & wind <now>?", "seconds": 3}, {"text": "Have a look."},
    ]}));
    let speech = speech.unwrap();
    assert_eq!(speech.text(), "Rain & wind <now>? Have a look.");
    for wrong in [
        json!({}),
        json!({"ssml": "<speak>One.</speak>", "scenes": [{"text": "Another."}]}),
    ] {
        assert!(input(wrong).is_err());
    }
}
