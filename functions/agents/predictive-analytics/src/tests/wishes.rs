//! What callers may ask for beside a forecast: its size, its floor and its method.

use super::*;

fn hourly(values: &[f64]) -> Value {
    let at = |i: usize| {
        let (day, hour) = (i / 24, i % 24);
        format!(
            "2026-{:02}-{:02}T{hour:02}:00:00Z",
            1 + day / 28,
            1 + day % 28
        )
    };
    // Months of 28 days leave gaps, as series have them.
    let point = |(i, value): (usize, &f64)| json!({"at": at(i), "value": value});
    values.iter().enumerate().map(point).collect()
}

/// As many intervals as there may be, of large numbers, behind a long past full of anomalies.
#[test]
fn the_largest_answer_is_small_enough() {
    let mut random = fastrand::Rng::with_seed(4);
    let values: Vec<f64> = (0..700).map(|_| (random.f64() - 0.5) * 2e11).collect();
    for (horizon, levels) in [
        (350, json!([0.8, 0.999])),
        (500, json!([0.95])),
        (140, json!([0.5, 0.6, 0.7, 0.8, 0.9])),
    ] {
        let input = json!({"series": hourly(&values), "horizon": horizon, "levels": levels, "threshold": 1, "season": 3});
        let found = primary(&input).unwrap();
        let bytes = baton_agent::json_bytes(&found["output"]);
        assert!(
            (50_000..=baton_agent::MAX_OUTPUT_BYTES).contains(&bytes),
            "{bytes}"
        );
        let output = output(&found);
        assert_eq!(
            (output.forecast.len(), output.anomalies.len()),
            (horizon, 50)
        );
        assert!(output.anomalies.is_sorted_by(|a, b| a.at < b.at));
        let said = found["warnings"].to_string();
        assert!(
            said.contains("of the past, the last") && said.contains("anomalies"),
            "{said}"
        );
    }
    let long =
        answer(json!({"mode": "fallback", "input": {"series": hourly(&values), "horizon": 500}}))
            .unwrap();
    let bytes = baton_agent::json_bytes(&long["output"]);
    assert!(bytes <= baton_agent::MAX_OUTPUT_BYTES, "{bytes}");
    assert_eq!(output(&long).forecast[0].intervals.len(), 1);
}

/// What R's `HoltWinters(AirPassengers, seasonal = "mult")` has, through the agent: alpha 0.2756, beta
/// 0.0327, gamma 0.8707, a 469.3232, b 3.0215, s1 0.9465.
#[test]
fn holt_and_winters_answer_where_they_are_asked_for() {
    let air = air_passengers();
    let run = |values: &[f64], method: &str| {
        primary(&json!({"series": monthly(values), "horizon": 24, "method": method}))
    };
    let answer = run(&air, "holt_winters_multiplicative").unwrap();
    assert_eq!(answer["method"]["name"], "holt-winters");
    let multiplied = output(&answer);
    assert_eq!(multiplied.model, "Holt-Winters (multiplicative)");
    let found = multiplied.estimated.clone().unwrap();
    for (found, wanted, slack) in [
        (found.alpha, 0.2756, 1e-4),
        (found.beta.unwrap(), 0.0327, 1e-4),
        (found.gamma.unwrap(), 0.8707, 1e-4),
        (found.level, 469.3232, 0.01),
        (found.slope, 3.0215, 1e-3),
        (found.seasons[0], 0.9465, 1e-4),
        // (469.3232 + 3.0215) × 0.9465
        (multiplied.forecast[0].value, 447.06, 0.05),
    ] {
        assert!((found - wanted).abs() < slack, "{found}, not {wanted}");
    }
    assert_eq!((found.aicc, multiplied.candidates.len()), (None, 0));
    let width = |h: usize| {
        multiplied.forecast[h].intervals[1].high - multiplied.forecast[h].intervals[1].low
    };
    assert!(
        width(12) > 1.2 * width(0) && width(0) > 20.0,
        "{}",
        width(0)
    );
    assert_eq!(multiplied.history[11].expected, None);
    assert!(multiplied.accuracy.mase.unwrap() < 0.5);
    assert!(run(&air, "holt_winters_additive").is_ok());
    for (values, method, code, said) in [
        (
            &air[..24],
            "holt_winters_additive",
            "NotEnoughData",
            "at least 25",
        ),
        (
            &[0.0; 30][..],
            "holt_winters_multiplicative",
            "InvalidSettings",
            "method",
        ),
        (&air[..], "holt", "InvalidInput", "method"),
    ] {
        let failure = run(values, method).unwrap_err();
        assert_eq!(failure.code, code);
        assert!(failure.message.contains(said), "{}", failure.message);
    }
}

/// 20, 18, …, 4 goes on with 2, 0, −2: what is answered instead of what lies below 0 is said.
#[test]
fn what_is_raised_to_0_is_said() {
    let values: Vec<f64> = (0..9).map(|t| f64::from(20 - 2 * t)).collect();
    let run = |series: &[f64], asked: Value| {
        let input =
            json!({"series": monthly(series), "horizon": 6, "season": 1, "non_negative": asked});
        let found = primary(&input)?;
        let values: Vec<f64> = output(&found).forecast.iter().map(|a| a.value).collect();
        Ok::<_, Failure>((values, found["warnings"].to_string()))
    };
    let said = "lower ends of intervals lie below 0";
    for asked in [json!(null), json!(true)] {
        let (found, warnings) = run(&values, asked).unwrap();
        assert!(found.iter().all(|y| *y >= 0.0), "{found:?}");
        assert!(
            warnings.contains("4 of 6 forecasts and") && warnings.contains(said),
            "{warnings}"
        );
    }
    let (found, warnings) = run(&values, json!(false)).unwrap();
    assert!((found[5] + 8.0).abs() < 0.1, "{found:?}");
    assert!(!warnings.contains(said), "{warnings}");
    let below: Vec<f64> = values.iter().map(|y| y - 10.0).collect();
    let (found, warnings) = run(&below, json!(null)).unwrap();
    assert!(found[5] < -17.0 && !warnings.contains(said), "{found:?}");
    let refused = run(&below, json!(true)).unwrap_err();
    assert_eq!(refused.code, "InvalidSettings");
    assert!(
        refused.message.contains("non_negative"),
        "{}",
        refused.message
    );
}
