//! Customers: none, one, all alike, and such as cannot be.

use serde_json::{Value, json};

use super::Expected::{Answer, Refusal};
use super::{Case, of};

const NOW: &str = "2026-11-01T09:00:00Z";
const YESTERDAY: &str = "2026-10-31T09:00:00Z";
const TOMORROW: &str = "2026-11-02T09:00:00Z";

/// The input with these fields put in.
fn with(mut input: Value, more: Value) -> Value {
    if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
        input.extend(more);
    }
    input
}

/// Leads, each converted as told, with one feature.
fn history(count: usize, converted: fn(usize) -> bool, feature: fn(usize) -> f64) -> Value {
    let lead = |i| json!({"converted": converted(i), "features": {"size": feature(i)}});
    (0..count).map(lead).collect()
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn leads() -> Vec<Case> {
    let of_lead = |more| with(json!({"as_of": NOW, "features": {"size": 1}}), more);
    let of_events = |events: Value| json!({"as_of": NOW, "events": events});
    let fitted = |history| of_lead(json!({"history": history}));
    let third = |i: usize| i.is_multiple_of(3);
    let event = json!({"at": YESTERDAY, "kind": "view"});
    of("lead-scoring", [
        ("nobody", json!({"as_of": NOW}), Refusal("NotEnoughData", "no event")),
        ("one event", of_events(json!([event])), Answer),
        ("100,000 events at once", of_events(json!(vec![event; 100_000])), Answer),
        ("events to come alone", of_events(json!([{"at": TOMORROW, "kind": "view"}])), Refusal("NotEnoughData", "as_of")),
        ("all features 0", of_lead(json!({"features": {"size": 0, "visits": 0}})), Answer),
        ("a tiny feature", of_lead(json!({"features": {"size": 1e-9}})), Answer),
        ("a huge feature", of_lead(json!({"features": {"size": 1e15}})), Refusal("InvalidFeatures", "features.size")),
        ("a huge feature in the history", fitted(history(60, |_| true, |_| 1e15)), Refusal("InvalidHistory", "history[0].features.size")),
        ("a history of one", fitted(history(1, |_| true, |_| 1.0)), Answer),
        ("all converted", fitted(history(60, |_| true, |i| i as f64)), Answer),
        ("none converted", fitted(history(60, |_| false, |i| i as f64)), Answer),
        ("all alike", fitted(history(60, third, |_| 7.0)), Answer),
        ("all 0", fitted(history(60, third, |_| 0.0)), Answer),
        ("all alike, no ridge", with(fitted(history(60, third, |_| 7.0)), json!({"ridge": 0})), Answer),
        ("1e-9 apart", fitted(history(60, third, |i| 1e-9 * i as f64)), Answer),
        ("1e12 and 1e-9", fitted(history(60, third, |i| if i == 0 { 1e12 } else { 1e-9 })), Answer),
        ("a negative ridge", of_lead(json!({"ridge": -1})), Refusal("InvalidInput", "input.ridge")),
        ("no features in the history", fitted((0..60).map(|i| json!({"converted": third(i)})).collect()), Refusal("InvalidHistory", "history[0].features")),
    ])
}

fn orders(totals: &[f64]) -> Value {
    let order = |(i, total): (usize, &f64)| json!({"at": format!("2026-0{}-{:02}T00:00:00Z", 1 + i / 28 % 9, 1 + i % 28), "total": total});
    totals.iter().enumerate().map(order).collect()
}

fn cohort(rows: &[(u32, f64, f64, f64, u32)]) -> Value {
    let row = |(x, t_x, t, mean_spend, customers): &(u32, f64, f64, f64, u32)| json!({"x": x, "t_x": t_x, "t": t, "mean_spend": mean_spend, "customers": customers});
    rows.iter().map(row).collect()
}

/// A line without its agent.
type Line = (&'static str, Value, super::Expected);

/// Orders, as churn and value take them.
#[rustfmt::skip] // A line for each case.
fn of_orders(base: &Value) -> Vec<Line> {
    let with_orders = |orders: Value| with(base.clone(), json!({"orders": orders}));
    let at = |at: &str| json!([{"at": at, "total": 5}]);
    let missing = Refusal("NotEnoughData", "order by as_of");
    vec![
        ("nobody", with_orders(json!([])), missing),
        ("one order this moment", with_orders(at(NOW)), Answer),
        ("one order long ago", with_orders(at("0001-01-01T00:00:00Z")), Answer),
        ("orders to come alone", with_orders(at(TOMORROW)), missing),
        ("all on one day", with_orders(json!(vec![at(YESTERDAY)[0].clone(); 50])), Answer),
        ("100,000 orders", with_orders(orders(&vec![5.0; 100_000])), Answer),
        ("all equal", with_orders(orders(&[5.0; 20])), Answer),
        ("tiny totals", with_orders(orders(&[1e-9; 5])), Answer),
        ("the largest totals", with_orders(orders(&[1e9; 5])), Answer),
        ("tiny and large totals", with_orders(orders(&[1e-9, 1e9, 1e-9, 1e9])), Answer),
        ("a huge total", with_orders(orders(&[5.0, 1e15])), Refusal("InvalidInput", "input.orders[1].total")),
        ("a negative total", with_orders(orders(&[-5.0])), Refusal("InvalidInput", "input.orders[0].total")),
        ("no day to look ahead", with(base.clone(), json!({"horizon_days": 0})), Refusal("InvalidInput", "input.horizon_days")),
        ("too many days to look ahead", with(base.clone(), json!({"horizon_days": 1_000_000_000})), Refusal("InvalidInput", "input.horizon_days")),
    ]
}

/// Cohorts, as churn and value take them.
#[rustfmt::skip] // A line for each case.
fn of_cohorts(base: &Value) -> Vec<Line> {
    let of_rows = |rows: &[(u32, f64, f64, f64, u32)]| {
        with(base.clone(), json!({"orders": orders(&[5.0, 9.0]), "cohort": cohort(rows)}))
    };
    vec![
        ("a cohort of one", of_rows(&[(2, 3.0, 9.0, 5.0, 1)]), Answer),
        ("a cohort all alike", of_rows(&[(2, 3.0, 9.0, 5.0, 500)]), Answer),
        ("a cohort that never came back", of_rows(&[(0, 0.0, 9.0, 0.0, 500)]), Answer),
        ("a cohort that came to the end", of_rows(&[(9, 9.0, 9.0, 5.0, 500)]), Answer),
        ("a cohort of today", of_rows(&[(0, 0.0, 0.0, 0.0, 500)]), Answer),
        ("a cohort that spends nothing", of_rows(&[(1, 3.0, 9.0, 0.0, 300), (2, 3.0, 9.0, 0.0, 300)]), Answer),
        ("a cohort that spends 1e-9 to 1e9", of_rows(&[(1, 3.0, 9.0, 1e-9, 300), (2, 3.0, 9.0, 1e9, 300)]), Answer),
        ("a cohort of four billion a row", of_rows(&[(1, 3.0, 9.0, 1.0, u32::MAX), (0, 0.0, 9.0, 0.0, u32::MAX)]), Answer),
        ("a cohort whose last is after its end", of_rows(&[(1, 9.5, 9.0, 1.0, 100)]), Refusal("InvalidCohort", "row 0")),
        ("a cohort of negative spend", of_rows(&[(1, 3.0, 9.0, -1.0, 100)]), Refusal("InvalidCohort", "mean_spend")),
        ("a cohort of nobody", of_rows(&[(1, 3.0, 9.0, 1.0, 0)]), Refusal("InvalidCohort", "customers")),
    ]
}

/// The lines of an agent that takes orders and cohorts.
fn of_both(agent: &'static str, base: &Value) -> Vec<Case> {
    let lines = of_orders(base).into_iter().chain(of_cohorts(base));
    lines.flat_map(|line| of(agent, [line])).collect()
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn churn() -> Vec<Case> {
    let mut cases = of_both("churn-prediction", &json!({"as_of": NOW}));
    let unpaid = json!({"as_of": NOW, "orders": orders(&[0.0; 5])});
    cases.extend(of("churn-prediction", [("nothing spent", unpaid, Answer)]));
    cases
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn value() -> Vec<Case> {
    let base = json!({"as_of": NOW, "currency": "USD"});
    let mut cases = of_both("ltv-prediction", &base);
    let unpaid = with(base.clone(), json!({"orders": orders(&[0.0; 5])}));
    let dear = with(base.clone(), json!({"orders": orders(&[5.0]), "annual_rate": -0.1}));
    cases.extend(of("ltv-prediction", [
        ("nothing spent", unpaid, Refusal("NotEnoughData", "above 0")),
        ("a negative rate", dear, Refusal("InvalidInput", "input.annual_rate")),
    ]));
    cases
}

#[rustfmt::skip] // A line for each case.
pub(crate) fn contracts() -> Vec<Case> {
    let contract = |started: &str, survivors: Value| {
        json!({"as_of": NOW, "contract": {"started": started, "period_days": 30}, "survivors": survivors})
    };
    of("churn-prediction", [
        ("a contract to come", contract(TOMORROW, json!([])), Refusal("InvalidContract", "contract.started")),
        ("a contract of this moment", contract(NOW, json!([])), Answer),
        ("a contract of 2,000 years", contract("0001-01-01T00:00:00Z", json!([])), Answer),
        ("survivors of one period", contract(YESTERDAY, json!([100])), Answer),
        ("nobody survives", contract(YESTERDAY, json!([100, 0, 0])), Answer),
        ("everybody survives", contract(YESTERDAY, json!([100, 100, 100])), Answer),
        ("nobody signed", contract(YESTERDAY, json!([0, 0, 0])), Answer),
        ("survivors multiply", contract(YESTERDAY, json!([100, 50, 60])), Refusal("InvalidCohort", "survivors: row 2")),
        ("negative survivors", contract(YESTERDAY, json!([100, -1])), Refusal("InvalidInput", "input.survivors[1]")),
        ("four billion survivors", contract(YESTERDAY, json!([u32::MAX, u32::MAX - 1, 7])), Answer),
        ("100,000 periods", contract(YESTERDAY, json!(vec![100; 100_000])), Refusal("InvalidCohort", "survivors")),
    ])
}
