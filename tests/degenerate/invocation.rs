//! One invocation, watched.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use baton_agent::{Failure, InProcess};
use serde_json::Value;

/// What may be null in an answer: figures that the fallback of `ad-assembly` does not know, and the
/// picture of letters that no font has. Everywhere else null is what JSON makes of a number that is none.
const NULLS: [&str; 6] = [
    "leader",
    "mean",
    "chance_best",
    "expected_loss",
    "tolerated_loss",
    "png_base64",
];

/// Invokes an agent in a thread of its own. The failure is the agent's, or `TooSlow`, or `NoNumber`
/// where the answer has a number that is not finite.
pub(crate) fn invoke(
    agent: &Arc<dyn InProcess>,
    payload: Value,
    patience: Duration,
) -> Result<Value, Failure> {
    let (tell, told) = mpsc::channel();
    let asked = Arc::clone(agent);
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime can be built");
        // Nobody listens any more to one that was too slow.
        let _ = tell.send(runtime.block_on(asked.invoke(payload)));
    });
    let late = |_| Failure::new("TooSlow", format!("took more than {patience:?}"));
    let answer = told.recv_timeout(patience).map_err(late)??;
    match null(&answer["output"], "output") {
        Some(path) => Err(Failure::new("NoNumber", format!("{path} is null"))),
        None => Ok(answer),
    }
}

/// The first null of an answer that should be a number.
fn null(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Null => Some(path.to_owned()),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(i, item)| null(item, &format!("{path}[{i}]"))),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, field)| !(field.is_null() && NULLS.contains(&name.as_str())))
            .find_map(|(name, field)| null(field, &format!("{path}.{name}"))),
        _ => None,
    }
}
