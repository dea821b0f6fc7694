//! What an expression can see.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use jiff::Timestamp;
use jsonata_core::value::JValue;
use serde_json::Value;

use super::convert::to_jsonata;

/// Variables and the context object, made only when an expression mentions them.
pub(crate) trait Bindings {
    /// The value of a variable in this scope or an outer one.
    fn variable(&self, name: &str) -> Option<Arc<Value>>;
    /// `$states.context`, with `Execution.Input` only where it is wanted: it may be large.
    fn context(&self, with_input: bool) -> Value;
    /// `$states.context.Execution.Input`.
    fn execution_input(&self) -> Arc<Value>;
    /// `$states.context.Map.Item.Value`.
    fn item_value(&self) -> Option<Arc<Value>>;
}

/// What the expressions of one state see at one moment.
pub(crate) struct Scope<'a> {
    /// `$states.input`
    pub(crate) input: &'a Arc<Value>,
    /// `$states.result`
    pub(crate) result: Option<&'a Arc<Value>>,
    /// `$states.errorOutput`
    pub(crate) error: Option<&'a Arc<Value>>,
    /// Variables and context.
    pub(crate) bindings: &'a dyn Bindings,
    /// What `$now` and `$millis` answer.
    pub(crate) now: Timestamp,
    /// What `$random` and `$uuid` draw from.
    pub(crate) rng: RefCell<fastrand::Rng>,
    converted: Converted,
}

/// Conversions are kept while the scope lives, since many expressions read the same value.
#[derive(Default)]
struct Converted {
    input: OnceCell<JValue>,
    result: OnceCell<JValue>,
    error: OnceCell<JValue>,
    context: OnceCell<JValue>,
    whole_context: OnceCell<JValue>,
}

impl<'a> Scope<'a> {
    pub(crate) fn new(
        input: &'a Arc<Value>,
        bindings: &'a dyn Bindings,
        now: Timestamp,
        rng: fastrand::Rng,
    ) -> Self {
        Self {
            input,
            result: None,
            error: None,
            bindings,
            now,
            rng: RefCell::new(rng),
            converted: Converted::default(),
        }
    }

    /// One field of `$states`, converted for the evaluator. The context object comes with
    /// the execution's input when `whole`.
    pub(super) fn states_field(&self, name: &str, whole: bool) -> Option<JValue> {
        let convert = |cell: &OnceCell<JValue>, value: &Arc<Value>| {
            cell.get_or_init(|| to_jsonata(value)).clone()
        };
        match name {
            "input" => Some(convert(&self.converted.input, self.input)),
            "result" => Some(convert(&self.converted.result, self.result?)),
            "errorOutput" => Some(convert(&self.converted.error, self.error?)),
            "context" => {
                let converted = &self.converted;
                let context = if whole {
                    &converted.whole_context
                } else {
                    &converted.context
                };
                let make = || to_jsonata(&self.bindings.context(whole));
                Some(context.get_or_init(make).clone())
            }
            _ => None,
        }
    }
}
