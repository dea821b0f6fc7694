//! The agent as a whole, and what it finds out over time.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::draw::Draws;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn run(input: Value) -> Result<Report<Output>, Error> {
    let report = AdAssembly
        .run(serde_json::from_value(input).unwrap())
        .await?;
    assert_eq!(AdAssembly.validate(&report.output), Ok(()));
    Ok(report)
}

pub(crate) fn arm(id: &str, impressions: u64, clicks: u64) -> Value {
    json!({"id": id, "text": format!("Text of {id}"), "impressions": impressions, "clicks": clicks})
}

#[test]
fn the_floor_holds_and_the_rest_follows_the_chances() {
    let headlines = json!([arm("a", 200, 120), arm("b", 200, 100), arm("c", 0, 0)]);
    let input = json!({"components": {"headline": headlines}, "exploration_floor": 0.3});
    let report = run(input).unwrap();
    let weighed = &report.output.components[0];
    for arm in &weighed.arms {
        let expected = 0.1 + 0.7 * arm.chance_best.unwrap();
        assert!((arm.allocation - expected).abs() < 2e-6, "{arm:?}");
    }
    assert_eq!(weighed.leader.as_deref(), Some("a"));
    assert_eq!(
        (weighed.can_stop, &*weighed.reason),
        (false, "`c` was never shown")
    );
    assert_eq!(report.method.name, "thompson-sampling-beta");
}

#[test]
fn the_published_pair_is_weighed() {
    let uniform = json!({"successes": 1, "failures": 1});
    let input = json!({"components": {"cta": [arm("new", 200, 120), arm("old", 200, 100)]}, "prior": uniform});
    let report = run(input).unwrap();
    let arms = &report.output.components[0].arms;
    assert_eq!(
        (arms[1].chance_best, arms[0].chance_best),
        (Some(0.022_414), Some(0.977_586))
    );
    // E[max] − E[new] is small beside a rate of 0.6, and more than a hundredth of it is not lost.
    assert!(report.output.can_stop && arms[0].expected_loss.unwrap() < 0.006);
    let strict = json!({"components": {"cta": [arm("new", 200, 120), arm("old", 200, 100)]}, "caring_threshold": 0.0});
    assert!(!run(strict).unwrap().output.can_stop);
}

#[test]
fn ads_are_whole_and_share_by_product() {
    let input = json!({
        "components": {
            "headline": [arm("h1", 1_000, 50), arm("h2", 1_000, 60)],
            "image": [{"id": "i1", "ref": "s3://pictures/1.png"}],
            "cta": [arm("c1", 10, 1), arm("c2", 10, 1)],
        },
        "ads": 3, "draws": 50, "seed": 5,
    });
    let report = run(input.clone()).unwrap();
    let output = &report.output;
    assert_eq!((output.ads.len(), output.draws.len()), (3, 50));
    assert_eq!(output.ads[0].parts[&Component::Headline].id, "h2");
    assert_eq!(
        output.ads[0].parts[&Component::Image].reference.as_deref(),
        Some("s3://pictures/1.png")
    );
    let sum: f64 = output.ads.iter().map(|ad| ad.allocation).sum();
    assert!((sum - 1.0).abs() < 1e-5 && output.ads[0].share >= output.ads[1].share);
    let shares = |component: usize, id: &str| {
        let arms = &output.components[component].arms;
        arms.iter().find(|arm| arm.id == id).unwrap().allocation
    };
    let ad = &output.ads[0];
    let product = shares(0, "h2") * shares(2, &ad.parts[&Component::Cta].id);
    assert!((ad.share - product).abs() < 2e-6);
    assert_eq!(
        run(input).unwrap(),
        report,
        "the same input, the same answer"
    );
}

/// Three rates, 40 rounds of 500 impressions: nearly all traffic goes to the best of them in the end,
/// and what is lost on the way is a fraction of what an even split loses.
#[test]
fn traffic_finds_the_best_arm() {
    let rates = [0.03, 0.05, 0.08];
    let (mut lost, mut even) = (0.0, 0.0);
    for seed in 0..5 {
        let mut draws = Draws::new(seed);
        let mut counts = [(0_u64, 0_u64); 3];
        let mut shares = [1.0 / 3.0_f64; 3];
        for _ in 0..40 {
            for ((count, rate), share) in counts.iter_mut().zip(rates).zip(shares) {
                let shown = (500.0 * share).round() as u64;
                count.0 += shown;
                count.1 += (0..shown).filter(|_| draws.uniform() < rate).count() as u64;
                lost += shown as f64 * (0.08 - rate);
                even += 500.0 / 3.0 * (0.08 - rate);
            }
            let arms: Vec<Value> = ["a", "b", "c"]
                .iter()
                .zip(counts)
                .map(|(id, (shown, clicks))| arm(id, shown, clicks))
                .collect();
            let report = run(json!({"components": {"body": arms}})).unwrap();
            let arms = &report.output.components[0].arms;
            shares = [arms[0].allocation, arms[1].allocation, arms[2].allocation];
        }
        assert!(shares[2] > 0.92, "seed {seed}: {shares:?}");
        assert!(shares.iter().all(|share| *share >= 0.033), "{shares:?}");
    }
    assert!(lost < 0.25 * even, "{lost} of {even}");
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let one = |arms: Value| json!({"components": {"headline": arms}});
    for (input, code, said) in [
        (json!({"components": {}}), "NoComponents", "components"),
        (
            one(json!([arm("a", 1, 2)])),
            "InvalidArms",
            "components.headline[0].clicks",
        ),
        (
            one(json!([arm("a", 1, 1), arm("a", 1, 1)])),
            "InvalidArms",
            "components.headline[1].id",
        ),
        (
            one(json!([{"id": "a", "impressions": 5}])),
            "InvalidArms",
            "components.headline[0].clicks",
        ),
        (
            one(json!([arm("a", 1_000_000_001, 0)])),
            "InvalidArms",
            "impressions",
        ),
        (
            one(json!([{"id": "a".repeat(65)}])),
            "InvalidArms",
            "components.headline[0].id",
        ),
        (
            one(json!([{"id": "a", "text": "b".repeat(2_001)}])),
            "InvalidArms",
            "components.headline[0].text",
        ),
        (
            one(json!(vec![arm("a", 1, 1); 51])),
            "InvalidArms",
            "51 arms",
        ),
    ] {
        let error = run(input).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().contains(said), "{error}");
    }
    for (field, value) in [
        ("exploration_floor", json!(1.5)),
        ("caring_threshold", json!(-0.1)),
        ("prior", json!({"successes": 0.0, "failures": 1.0})),
        ("ads", json!(0)),
        ("draws", json!(501)),
    ] {
        let mut input = one(json!([arm("a", 1, 1)]));
        input[field] = value;
        let error = run(input).unwrap_err();
        assert_eq!(error.code(), "InvalidSettings");
        assert!(error.to_string().starts_with(field), "{error}");
    }
}

#[test]
fn extremes_are_answered() {
    let most = 1_000_000_000;
    for arms in [
        json!([arm("a", 0, 0)]),
        json!([arm("a", 0, 0), arm("b", 0, 0)]),
        json!([arm("a", most, most), arm("b", most, 0), arm("c", 1, 1)]),
        json!([arm("a", 5, 0), arm("b", 5, 0)]),
    ] {
        let report =
            run(json!({"components": {"headline": arms, "cta": [arm("x", 3, 3)]}, "draws": 20}));
        assert_eq!(report.unwrap().output.draws.len(), 20);
    }
}

/// Where one of 25 is clicked, an arm that nobody saw is tried, and does not take the traffic.
#[test]
fn an_arm_that_was_never_shown_is_tried_and_does_not_lead() {
    let arms = json!([
        arm("dry", 4_200, 189),
        arm("rain", 3_900, 121),
        arm("new", 0, 0)
    ]);
    let report = run(json!({"components": {"headline": arms}})).unwrap();
    let weighed = &report.output.components[0];
    assert_eq!(weighed.leader.as_deref(), Some("dry"));
    let (dry, new) = (&weighed.arms[0], &weighed.arms[2]);
    assert!(
        (0.2..0.4).contains(&new.allocation) && dry.allocation > 0.6,
        "{weighed:?}"
    );
    // 310 of 8,100, which is what the prior has in the mean, with the weight of one success.
    assert!(
        (new.mean.unwrap() - 311.0 / 8_102.0).abs() < 1e-6,
        "{new:?}"
    );
    assert_eq!(weighed.prior.map(|prior| prior.successes), Some(1.0));
    let nothing = json!([arm("a", 0, 0), arm("b", 0, 0)]);
    let report = run(json!({"components": {"headline": nothing}})).unwrap();
    let weighed = &report.output.components[0];
    assert_eq!((&weighed.leader, weighed.expected_loss), (&None, None));
    let uniform = Prior {
        successes: 1.0,
        failures: 1.0,
    };
    assert_eq!(weighed.prior, Some(uniform));
    assert!((report.confidence - 0.5).abs() < 1e-9);
}

#[test]
fn conversions_are_counted_where_they_are_measured() {
    let arms = json!([
        {"id": "a", "impressions": 1_000, "clicks": 90, "conversions": 3},
        {"id": "b", "impressions": 1_000, "clicks": 40, "conversions": 20},
    ]);
    let leader = |measure: &str| {
        let input = json!({"components": {"image": arms}, "measure": measure});
        run(input).unwrap().output.components[0].leader.clone()
    };
    assert_eq!(leader("clicks").as_deref(), Some("a"));
    assert_eq!(leader("conversions").as_deref(), Some("b"));
}

#[tokio::test]
async fn the_fallback_splits_evenly() {
    let input = json!({"components": {"headline": [arm("a", 9, 9), arm("b", 9, 0)]}});
    let report = AdAssembly
        .fallback(serde_json::from_value(input).unwrap())
        .await
        .unwrap();
    assert_eq!(AdAssembly.validate(&report.output), Ok(()));
    let arms = &report.output.components[0].arms;
    assert_eq!((arms[0].allocation, arms[1].allocation), (0.5, 0.5));
    assert_eq!(report.output.ads.len(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The shares of a component sum to 1, and none is below its part of the floor.
    #[test]
    fn shares_sum_to_one_above_the_floor(
        arms in prop::collection::vec((0..1_000_000_u64, 0.0..=1.0), 1..8), floor in 0.0..=1.0,
    ) {
        let arm = |(i, (shown, rate)): (usize, &(u64, f64))| {
            arm(&format!("a{i}"), *shown, (*shown as f64 * rate) as u64)
        };
        let headline: Vec<Value> = arms.iter().enumerate().map(arm).collect();
        let input = json!({"components": {"headline": headline}, "exploration_floor": floor});
        let weighed = &run(input).unwrap().output.components[0];
        let sum: f64 = weighed.arms.iter().map(|arm| arm.allocation).sum();
        prop_assert!((sum - 1.0).abs() < 1e-6 * (1.0 + arms.len() as f64), "{}", sum);
        let least = floor / arms.len() as f64 - 1e-6;
        prop_assert!(weighed.arms.iter().all(|arm| arm.allocation >= least), "{:?}", weighed);
    }
}
