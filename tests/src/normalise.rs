//! Takes out of an answer what differs between two runs of the same request.

use serde_json::Value;

/// Fields that hold a moment, a duration, an id of the run, or what a duration costs.
const FLEETING: [&str; 8] = [
    "request_id",
    "run_id",
    "timestamp",
    "execution_time_ms",
    "duration_ms",
    "cost_usd",
    "total_cost",
    "memory_mb",
];

/// The answer without its ids, moments, durations and their costs; methods and numbers stay.
pub fn without_times(mut answer: Value) -> Value {
    strip(&mut answer);
    answer
}

fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !FLEETING.contains(&name.as_str()));
            fields.values_mut().for_each(strip);
        }
        Value::Array(values) => values.iter_mut().for_each(strip),
        // 12 and 12.0 are the same number; who passed it on may have changed its spelling.
        Value::Number(number) => *value = number.as_f64().into(),
        _ => {}
    }
}
