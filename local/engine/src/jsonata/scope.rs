//! What an expression can see.

use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

use jiff::Timestamp;
use jsonata_core::value::JValue;
use serde_json::Value;

use super::convert::to_jsonata;
use super::reach::Reach;

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

    /// `$states`, as far as it is read.
    pub(super) fn states(&self, reach: &Reach) -> JValue {
        let fields = ["input", "result", "errorOutput", "context"];
        let fields = fields.into_iter().filter_map(|name| {
            let field = self.states_field(name, reach.field(name)?)?;
            Some((name.to_owned(), field))
        });
        JValue::object(fields.collect())
    }

    fn states_field(&self, name: &str, reach: &Reach) -> Option<JValue> {
        let (cell, value) = match name {
            "input" => (&self.converted.input, self.input),
            "result" => (&self.converted.result, self.result?),
            "errorOutput" => (&self.converted.error, self.error?),
            _ => return Some(self.context(reach)),
        };
        if reach.is_whole() {
            return Some(cell.get_or_init(|| to_jsonata(value)).clone());
        }
        Some(reach.project(value))
    }

    /// The context object comes with the execution's input only when that is read.
    fn context(&self, reach: &Reach) -> JValue {
        let execution = reach.field("Execution");
        let with_input = execution.is_some_and(|reach| reach.field("Input").is_some());
        if with_input {
            return reach.project(&self.bindings.context(true));
        }
        let make = || to_jsonata(&self.bindings.context(false));
        self.converted.context.get_or_init(make).clone()
    }
}
