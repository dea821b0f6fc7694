//! Ads, copy, and what an avatar says: nothing to say, too much, counts that cannot be.

use serde_json::{Value, json};

use super::Expected::{Answer, Refusal};
use super::{Case, of};

#[rustfmt::skip] // A line for each case.
pub(crate) fn ads() -> Vec<Case> {
    let arm = |id: usize, shown: f64, clicked: f64| json!({"id": format!("a{id}"), "impressions": shown, "clicks": clicked});
    let counted = |id: usize, shown: u64, clicked: u64| json!({"id": format!("a{id}"), "impressions": shown, "clicks": clicked});
    let headline = |arms: Vec<Value>| json!({"components": {"headline": arms}});
    let many = |count: usize, shown: u64, clicked: u64| headline((0..count).map(|i| counted(i, shown, clicked)).collect());
    of("ad-assembly", [
        ("nothing", json!({"components": {}}), Refusal("NoComponents", "components")),
        ("no arm", headline(vec![]), Refusal("NoComponents", "components")),
        ("one arm", many(1, 100, 5), Answer),
        ("all 0", many(3, 0, 0), Answer),
        ("all equal", many(50, 1_000, 50), Answer),
        ("all converted", many(3, 1_000_000_000, 1_000_000_000), Answer),
        ("none converted", many(3, 1_000_000_000, 0), Answer),
        ("all and none", headline(vec![counted(0, 1_000_000_000, 1_000_000_000), counted(1, 1_000_000_000, 0)]), Answer),
        ("100,000 arms", many(100_000, 10, 1), Refusal("InvalidArms", "headline")),
        ("more clicks than shown", many(1, 1, 2), Refusal("InvalidArms", "headline[0].clicks")),
        ("too many shown", many(1, 1_000_000_000_000_000, 2), Refusal("InvalidArms", "impressions")),
        ("a negative count", headline(vec![arm(0, -1.0, 0.0)]), Refusal("InvalidInput", "headline[0].impressions")),
        ("a tiny count", headline(vec![arm(0, 1e-9, 0.0)]), Refusal("InvalidInput", "headline[0].impressions")),
    ])
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn copy() -> Vec<Case> {
    let brief = |more: Value| {
        let mut brief = json!({"brand": {"name": "Fernhill"}, "product": "Ridge Boot", "benefits": ["Dry feet"],
            "call_to_action": "See it", "channels": ["sms"]});
        if let (Value::Object(brief), Value::Object(more)) = (&mut brief, more) {
            brief.extend(more);
        }
        brief
    };
    of("copywriting", [
        ("no brief", json!({}), Refusal("InvalidInput", "input")),
        ("one benefit, one channel", brief(json!({})), Answer),
        ("no benefit", brief(json!({"benefits": []})), Refusal("InvalidBrief", "benefits")),
        ("a product without a name", brief(json!({"product": ""})), Refusal("InvalidBrief", "product")),
        ("a brand without a name", brief(json!({"brand": {"name": " "}})), Refusal("InvalidBrief", "brand.name")),
        ("100,000 benefits", brief(json!({"benefits": vec!["Dry feet"; 100_000]})), Refusal("InvalidBrief", "benefits")),
        ("a channel that is none", brief(json!({"channels": ["pigeon"]})), Refusal("InvalidInput", "input.channels[0]")),
        ("no variant", brief(json!({"variants": 0})), Refusal("InvalidBrief", "variants")),
    ])
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn videos() -> Vec<Case> {
    let script = |seconds: f64| json!({"purpose": "promote", "brand": {"name": "Fernhill"}, "target_seconds": seconds,
        "product": {"name": "the Ridge Boot", "benefit": "It keeps the rain out"}, "facts": vec!["Every seam is stitched twice, by hand"; 20]});
    let without = |field: &str, value: Value| { let mut input = script(30.0); input[field] = value; input };
    let speech = |words: &str| json!({"ssml": format!("<speak xml:lang=\"en-US\"><p>{words}</p></speak>")});
    let scenes = |scenes: Value| json!({"mode": "submit", "reference": "run_1", "scenes": scenes});
    let scene = |seconds: f64| json!([{"text": "Dry feet.", "seconds": seconds}]);
    let mut cases = of("avatar-script", [
        ("the shortest", script(5.0), Refusal("TargetTooShort", "target_seconds")),
        ("the longest, and too little to say", script(300.0), Refusal("TooLittleToSay", "target_seconds")),
        ("1e-9 seconds", script(1e-9), Refusal("InvalidBrief", "target_seconds")),
        ("1e15 seconds", script(1e15), Refusal("InvalidBrief", "target_seconds")),
        ("negative seconds", script(-30.0), Refusal("InvalidBrief", "target_seconds")),
        ("a brand without a name", without("brand", json!({"name": ""})), Refusal("InvalidBrief", "brand.name")),
        ("100,000 facts", without("facts", json!(vec!["It lasts."; 100_000])), Refusal("InvalidBrief", "facts")),
    ]);
    cases.extend(of("voice-adapter", [
        ("no script", json!({"ssml": ""}), Refusal("InvalidSsml", "ssml")),
        ("no word", speech(""), Refusal("NothingToSay", "ssml")),
        ("one word", speech("Boots"), Answer),
        ("100,000 words", speech(&"boots ".repeat(100_000)), Refusal("InvalidSsml", "ssml")),
    ]));
    cases.extend(of("video-generation", [
        ("no scene", scenes(json!([])), Refusal("InvalidJob", "scenes")),
        ("one scene", scenes(scene(2.0)), Answer),
        ("a scene of 0 seconds, which is estimated", scenes(scene(0.0)), Answer),
        ("a scene of 1e15 seconds", scenes(scene(1e15)), Refusal("InvalidJob", "scenes[0].seconds")),
        ("a scene of negative seconds", scenes(scene(-1.0)), Refusal("InvalidJob", "scenes[0].seconds")),
        ("100,000 scenes", scenes(json!(vec![scene(1.0)[0].clone(); 100_000])), Refusal("InvalidJob", "scenes")),
    ]));
    cases
}
