//! The writer without a model.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::words::likeness;

fn offline(input: Value) -> Result<Report<Output>, Error> {
    run(&Copywriting::default(), input)
}

#[test]
fn every_channel_gets_variants_that_fit_and_differ() {
    let report = offline(brief()).unwrap();
    assert_eq!(report.method, Method::new("copy-frameworks-offline", "1"));
    assert_eq!(report.warnings, Vec::<String>::new());
    assert_eq!(report.output.channels.len(), 6);
    for copy in &report.output.channels {
        assert_eq!(copy.variants.len(), 3, "{copy:?}");
        let frameworks: BTreeSet<_> = copy.variants.iter().map(|v| v.framework).collect();
        assert!(frameworks.len() > 1, "{copy:?}");
        for (i, one) in copy.variants.iter().enumerate() {
            let text = |v: &Variant| {
                v.fields
                    .iter()
                    .map(|t| t.text.clone())
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            for other in &copy.variants[..i] {
                assert!(
                    likeness(&text(one), &text(other)) <= 0.6,
                    "{one:?}\n{other:?}"
                );
            }
        }
    }
}

#[test]
fn a_framework_is_seen_in_the_text() {
    let only = |framework: &str| {
        let input = with(json!({"frameworks": [framework], "channels": ["x"], "variants": 1}));
        said(&offline(input).unwrap().output)
    };
    assert_eq!(
        only("pas"),
        "Wet socks on every walk? It need not stay that way. Ridge Boot: Dry feet on long, wet walks. \
         20% off until Sunday. See the boot."
    );
    assert_eq!(
        only("aida"),
        "Dry feet on long, wet walks. Ridge Boot, for people who walk in the rain. \
         No blisters from day one. 20% off until Sunday. See the boot."
    );
    assert!(only("fab").starts_with("Ridge Boot: Waxed leather. Dry feet on long, wet walks."));
    assert!(only("bab").starts_with("Before: Wet socks on every walk. After: Dry feet"));
}

#[test]
fn tone_is_heard() {
    let in_tone = |tone: &str| {
        let mut input = with(json!({"channels": ["x"], "frameworks": ["aida"], "variants": 1}));
        input["brand"]["voice"]["tone"] = json!([tone]);
        input["audience"] = Value::Null;
        input["features"] = json!([]);
        said(&offline(input).unwrap().output)
    };
    assert!(
        in_tone("playful").contains("Meet Ridge Boot.")
            && in_tone("warm").ends_with("See the boot!")
    );
    assert!(in_tone("formal").contains("Fernhill presents Ridge Boot."));
    assert!(in_tone("plain").contains("Ridge Boot by Fernhill."));
}

#[test]
fn what_the_brand_bans_is_not_said_and_its_disclaimer_is() {
    let mut input = with(
        json!({"benefits": ["Cheap", "Clinically proven comfort", "Dry feet"], "offer": "A cheap pair"}),
    );
    input["brand"]["disclaimer"] = json!("Terms apply — see “site”.");
    let report = offline(input).unwrap();
    let said = said(&report.output).to_lowercase();
    assert!(
        !said.contains("cheap") && !said.contains("proven"),
        "{said}"
    );
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.starts_with("benefits[1]: left out"))
    );
    assert!(
        report
            .warnings
            .iter()
            .any(|w| w.starts_with("offer: left out"))
    );
    for copy in &report.output.channels {
        for variant in &copy.variants {
            let texts: Vec<&str> = variant.fields.iter().map(|t| t.text.as_str()).collect();
            let carried = texts.iter().any(|t| {
                t.contains("Terms apply — see “site”.") || t.contains("Terms apply - see \"site\".")
            });
            assert_eq!(carried, copy.channel != Channel::Email, "{variant:?}");
        }
    }
}

#[test]
fn a_message_stays_in_the_alphabet_where_it_can() {
    let input = with(json!({"channels": ["sms"], "benefits": ["It’s dry – always", "Won’t slip"]}));
    let report = offline(input).unwrap();
    for text in report.output.channels[0]
        .variants
        .iter()
        .flat_map(|v| &v.fields)
    {
        assert_eq!(
            (text.unit, text.limit),
            (Unit::Septets, 160),
            "{}",
            text.text
        );
    }
    let input = with(json!({"channels": ["sms"], "product": "Сапоги", "variants": 1}));
    let report = offline(input).unwrap();
    let text = &report.output.channels[0].variants[0].fields[0];
    assert_eq!((text.unit, text.limit), (Unit::Utf16, 70));
}

#[test]
fn what_cannot_be_written_is_said_so() {
    let long = "Supercalifragilistic ".repeat(10);
    for (changes, code, field) in [
        (json!({"product": " "}), "InvalidBrief", "product"),
        (json!({"benefits": []}), "InvalidBrief", "benefits"),
        (
            json!({"benefits": ["x".repeat(301)]}),
            "InvalidBrief",
            "benefits[0]",
        ),
        (json!({"channels": []}), "InvalidBrief", "channels"),
        (json!({"channels": ["x", "x"]}), "InvalidBrief", "channels"),
        (json!({"variants": 7}), "InvalidBrief", "variants"),
        (json!({"max_likeness": 0.0}), "InvalidBrief", "max_likeness"),
        (
            json!({"frameworks": ["pas"], "problem": null}),
            "InvalidBrief",
            "frameworks",
        ),
        (
            json!({"call_to_action": "Buy cheap"}),
            "BannedBrief",
            "call_to_action",
        ),
        (
            json!({"call_to_action": long, "channels": ["sms"]}),
            "NoCopy",
            "channels",
        ),
    ] {
        let error = offline(with(changes)).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().starts_with(field), "{error}");
    }
    // One channel without room does not keep the others from theirs.
    let mut input = with(json!({"channels": ["google_ads", "x"]}));
    input["brand"]["disclaimer"] = json!("d".repeat(100));
    let report = offline(input).unwrap();
    assert_eq!(report.output.channels.len(), 1);
    assert!(report.warnings[0].starts_with("google_ads: nothing"));
}

#[test]
fn little_to_say_gives_fewer_variants_with_a_warning() {
    let input = json!({"brand": {"name": "F"}, "product": "Boot", "benefits": ["Dry feet"],
        "call_to_action": "Go", "channels": ["google_ads"], "variants": 6, "max_likeness": 0.2});
    let report = offline(input).unwrap();
    assert!(report.output.channels[0].variants.len() < 6);
    assert!(
        report.warnings[0].starts_with("google_ads: "),
        "{:?}",
        report.warnings
    );
}

#[tokio::test]
async fn the_fallback_writes_one_of_each() {
    let input = json!({"brand": {"name": "Fernhill"}, "product": "Ridge Boot", "benefits": ["Dry feet"],
        "call_to_action": "See it", "channels": ["sms", "meta"]});
    let agent = Copywriting::default();
    let report = agent
        .fallback(serde_json::from_value(input).unwrap())
        .await
        .unwrap();
    assert_eq!(agent.validate(&report.output), Ok(()));
    assert!(
        report
            .output
            .channels
            .iter()
            .all(|copy| copy.variants.len() == 1)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Whatever is brought, what leaves keeps to every rule.
    #[test]
    fn every_copy_keeps_to_the_rules(
        benefits in proptest::collection::vec("[ -~éß靴👍’]{1,80}", 1..5),
        product in "[A-Za-z靴👍 ]{1,40}",
        disclaimer in proptest::option::of("[A-Za-z’ ]{1,60}"),
    ) {
        let mut input = with(json!({"benefits": benefits, "product": product}));
        input["brand"]["disclaimer"] = json!(disclaimer);
        let parsed: Input = serde_json::from_value(input.clone()).unwrap();
        if let Ok(report) = offline(input.clone()) {
            let brief = Brief::of(&parsed).unwrap();
            for copy in &report.output.channels {
                for variant in &copy.variants {
                    prop_assert_eq!(rules::check(copy.channel, variant, &brief), Ok(()));
                }
                prop_assert!(rules::most_alike(&copy.variants, &brief) <= 0.6);
            }
            prop_assert_eq!(offline(input).unwrap(), report);
        }
    }
}
