//! Series: empty, constant, with holes, doubled, out of order.

use serde_json::{Value, json};

use super::Expected::{Answer, Refusal};
use super::{Case, of};

/// A monthly series of so many values.
fn monthly(count: usize, value: fn(usize) -> f64) -> Value {
    let point =
        |i| json!({"at": format!("{}-{:02}", 2000 + i / 12, i % 12 + 1), "value": value(i)});
    (0..count).map(point).collect()
}

/// A series that rises with a season.
fn usual(i: usize) -> f64 {
    100.0 + i as f64 + 10.0 * [0.0, 1.0, 3.0, 1.0, 0.0, -2.0][i % 6]
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn forecasts() -> Vec<Case> {
    let ahead = |series: Value| json!({"series": series, "horizon": 12});
    let more = |more: Value| {
        let mut input = ahead(monthly(36, usual));
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        input
    };
    let entries = |keep: fn(usize) -> bool| -> Value {
        let all = monthly(48, usual);
        let all = all.as_array().into_iter().flatten().enumerate();
        all.filter(|(i, _)| keep(*i)).map(|(_, point)| point.clone()).collect()
    };
    let doubled: Value = entries(|_| true).as_array().into_iter().flatten().flat_map(|p| [p.clone(), p.clone()]).collect();
    let shuffled: Value = { let all = entries(|_| true); (0..48).map(|i| all[i * 35 % 48].clone()).collect() };
    let day = |at: &str| json!({"at": at, "value": 1});
    let one_day = json!(vec![day("2026-10-01"); 30]);
    of("predictive-analytics", [
        ("nothing", ahead(json!([])), Refusal("NotEnoughData", "0 observed")),
        ("one point", ahead(monthly(1, usual)), Refusal("NotEnoughData", "1 observed")),
        ("four points", ahead(monthly(4, usual)), Refusal("NotEnoughData", "4 observed")),
        ("30 points of one day", ahead(one_day), Refusal("NotEnoughData", "1 observed")),
        ("five points", ahead(monthly(5, usual)), Answer),
        ("constant", ahead(monthly(36, |_| 7.0)), Answer),
        ("all 0", ahead(monthly(36, |_| 0.0)), Answer),
        ("0 but for one", ahead(monthly(36, |i| f64::from(u8::from(i == 20)))), Answer),
        ("constant but for the last", ahead(monthly(36, |i| if i == 35 { 1e12 } else { 1.0 })), Answer),
        ("a line", ahead(monthly(36, |i| i as f64)), Answer),
        ("doubling every month", ahead(monthly(39, |i| (i as f64).exp2())), Answer),
        ("falling to nothing", ahead(monthly(36, |i| (-(i as f64)).exp2())), Answer),
        ("up and down", ahead(monthly(36, |i| if i % 2 == 0 { 1e9 } else { -1e9 })), Answer),
        ("tiny", ahead(monthly(36, |i| 1e-9 * usual(i))), Answer),
        ("tiny differences of large values", ahead(monthly(36, |i| 1e12 - 1e-3 * i as f64)), Answer),
        ("1e-9 and 1e12", ahead(monthly(36, |i| if i % 3 == 0 { 1e12 } else { 1e-9 })), Answer),
        ("huge", ahead(monthly(36, |_| 1e15)), Refusal("InvalidSeries", "series[0].value")),
        ("below 0", ahead(monthly(36, |i| -usual(i))), Answer),
        ("missing dates", ahead(entries(|i| i % 5 != 2)), Answer),
        ("every other date", ahead(entries(|i| i % 2 == 0 || i > 40)), Answer),
        ("doubled dates", ahead(doubled), Answer),
        ("out of order", ahead(shuffled), Answer),
        ("dates to come", ahead((0..36).map(|i| json!({"at": format!("89{:02}-01-01", 10 + i), "value": i})).collect()), Answer),
        ("a date beyond all", ahead(json!([day("9999-12-31")])), Refusal("InvalidSeries", "series[0].at")),
        ("no date", ahead(json!([day("")])), Refusal("InvalidSeries", "series[0].at")),
        ("days 3,000 years apart", ahead(json!([day("1000-01-01"), day("1000-01-02"), day("1000-01-03"), day("4000-01-01")])), Refusal("InvalidSeries", "series")),
        ("a horizon of 0", more(json!({"horizon": 0})), Refusal("InvalidSettings", "horizon")),
        ("the longest horizon", more(json!({"horizon": 350})), Answer),
        ("a horizon whose answer would not fit", more(json!({"horizon": 351})), Refusal("InvalidSettings", "horizon")),
        ("a season longer than the series", more(json!({"season": 366})), Answer),
        ("a season of 0", more(json!({"season": 0})), Refusal("InvalidSettings", "season")),
        ("a level of 1", more(json!({"levels": [1]})), Refusal("InvalidSettings", "levels[0]")),
        ("a daily series of ten years", ahead((0..3_650).map(|i| json!({
            "at": format!("{}-{:02}-{:02}", 2010 + i / 336, 1 + i / 28 % 12, 1 + i % 28), "value": i % 7})).collect()), Answer),
    ])
}
