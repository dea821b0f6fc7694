use predictive_analytics::series::Point;
use predictive_analytics::{Input, predict};
use proptest::prelude::*;
use serde_json::json;

use super::super::svg::checks::sound;
use super::*;

fn forecast(values: &[f64], start: &str, frequency: &str, horizon: usize) -> Option<Output> {
    let start: jiff::civil::DateTime = start.parse().expect("a date");
    let span = |n: i64| match frequency {
        "hour" => jiff::Span::new().hours(n),
        "day" => jiff::Span::new().days(n),
        "week" => jiff::Span::new().weeks(n),
        "quarter" => jiff::Span::new().months(3 * n),
        "year" => jiff::Span::new().years(n),
        _ => jiff::Span::new().months(n),
    };
    let point = |(n, value): (i64, &f64)| Point {
        at: (start + span(n)).to_string(),
        value: *value,
    };
    let series: Vec<Point> = (0..).zip(values).map(point).collect();
    let mut input: Input = serde_json::from_value(json!({
        "series": [], "horizon": horizon, "frequency": frequency}))
    .expect("an input");
    input.series = series;
    predict(&input).ok().map(|(output, _)| output)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn everything_has_its_place(
        values in prop::collection::vec(-1e12_f64..1e12, 5..60),
        size in prop::sample::select(vec![1.0, 1e-3, 1e-12]),
        horizon in 1_usize..40,
        frequency in prop::sample::select(vec!["hour", "day", "week", "month", "quarter", "year"]),
    ) {
        let values: Vec<f64> = values.iter().map(|y| y * size).collect();
        let output = forecast(&values, "1990-01-01", frequency, horizon);
        prop_assume!(output.is_some());
        let output = output.expect("assumed");
        for width in Width::BOTH {
            let (picture, height) = draw(&output, width);
            sound(&picture, height).map_err(TestCaseError::fail)?;
        }
    }
}

/// What a fallback answers for one observation.
fn single(value: f64) -> Output {
    serde_json::from_value(json!({
        "model": "naive", "frequency": "month", "season": 1, "observed": 1, "missing": 0,
        "accuracy": {"mae": 0.0, "rmse": 0.0}, "candidates": [], "anomalies": [],
        "history": [{"at": "2026-01-01", "value": value}],
        "forecast": [{"at": "2026-02-01", "value": value,
            "intervals": [{"level": 0.8, "low": value, "high": value}]}]}))
    .expect("an output")
}

#[test]
fn a_single_point_is_seen() {
    for value in [0.0, -5.0, 1e12] {
        for width in Width::BOTH {
            let (picture, height) = draw(&single(value), width);
            sound(&picture, height).expect("sound");
            let svg = picture.finish(height);
            assert!(svg.contains("<rect class=\"f0\""), "{svg}");
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }
}

#[test]
fn anomalies_are_marked_and_said() {
    let mut values: Vec<f64> = (0..40).map(|n| 100.0 + f64::from(n % 5)).collect();
    values[20] = 400.0;
    let output = forecast(&values, "2023-01-01", "month", 3).expect("a forecast");
    let count = output.anomalies.len();
    assert!(count >= 1);
    let (picture, height) = draw(&output, Width::Wide);
    let svg = picture.finish(height);
    assert_eq!(svg.matches("class=\"odd s3\"").count(), count);
    assert!(svg.contains(" 400 on 2024-09-01"), "{svg}");
}

#[test]
fn dates_stand_at_round_distances() {
    assert_eq!(every(5, Frequency::Month), 6);
    assert_eq!(every(99, Frequency::Day), 99);
    assert_eq!(date("2026-10-01", Frequency::Month), "2026-10");
    assert_eq!(date("2026-10-01T08:00:00", Frequency::Hour), "10-01 08:00");
}
