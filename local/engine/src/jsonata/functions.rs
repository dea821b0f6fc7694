//! The functions that Step Functions adds to JSONata, and those it must answer itself:
//! randomness comes from the execution's seed and time from its clock, so that an
//! execution can be replayed.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::Timestamp;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError};
use jsonata_core::value::JValue;

use super::mentions::Mentions;
use super::own::{Answer, draw, hash, out_of_memory, parse, partition, range, uuid};
use super::scope::Scope;

type Random = Rc<RefCell<fastrand::Rng>>;

/// Characters that `$pad` may make; no state can give more away.
const WIDTH_LIMIT: f64 = 4_194_304.0;

/// The functions of this file, with the parameters they take as values: what calls a
/// function value, such as `$map`, offers more arguments than some of them want.
const OWN: [(&str, &str); 9] = [
    ("partition", "$a, $b"),
    ("range", "$a, $b, $c"),
    ("hash", "$a, $b"),
    ("parse", "$a"),
    ("pad", "$a, $b, $c"),
    ("uuid", ""),
    ("random", ""),
    ("millis", ""),
    ("now", ""),
];

/// Makes those functions callable that the expression names.
///
/// The returned generator goes back to the scope after the evaluation.
pub(super) fn register(
    evaluator: &mut Evaluator,
    mentions: &Mentions,
    scope: &Scope<'_>,
) -> Result<Random, EvaluatorError> {
    let random: Random = Rc::new(RefCell::new(scope.rng.borrow().clone()));
    for name in &mentions.functions {
        add(evaluator, name, name.clone(), &random, scope.now)?;
    }
    for name in &mentions.values {
        add(evaluator, name, inner_name(name), &random, scope.now)?;
    }
    Ok(random)
}

fn add(
    evaluator: &mut Evaluator,
    name: &str,
    known_as: String,
    random: &Random,
    now: Timestamp,
) -> Result<(), EvaluatorError> {
    let random = Rc::clone(random);
    match name {
        "partition" => evaluator.register_fn_override(known_as, partition),
        "range" => evaluator.register_fn_override(known_as, range),
        "hash" => evaluator.register_fn_override(known_as, hash),
        "parse" => evaluator.register_fn_override(known_as, parse),
        // Step Functions does not have it.
        "eval" => evaluator.register_fn_override(known_as, |_: &[JValue]| {
            let what = "T1006: Attempted to invoke a non-function";
            Err(EvaluatorError::EvaluationError(what.to_owned()))
        }),
        "pad" => evaluator.register_fn_override(known_as, pad),
        "uuid" => {
            let uuid = move |args: &[JValue]| uuid(args, &mut random.borrow_mut());
            evaluator.register_fn_override(known_as, uuid)
        }
        "random" => {
            let draw = move |args: &[JValue]| draw(args, &mut random.borrow_mut());
            evaluator.register_fn_override(known_as, draw)
        }
        "millis" => {
            let millis = move |_: &[JValue]| Ok(JValue::from(now.as_millisecond()));
            evaluator.register_fn_override(known_as, millis)
        }
        "now" => {
            let say = move |args: &[JValue]| say_now(args, now);
            evaluator.register_fn_override(known_as, say)
        }
        _ => Ok(()),
    }
}

/// What a function of this file is called within the lambda that stands for it.
fn inner_name(name: &str) -> String {
    format!("stepFunctions_{name}")
}

/// A function of this file as a value, for `$map($texts, $parse)`: the evaluator only
/// finds host functions where they are called.
pub(super) fn as_value(name: &str) -> Option<JValue> {
    let (_, parameters) = OWN.iter().find(|(own, _)| *own == name)?;
    let inner = inner_name(name);
    let lambda = format!("function({parameters}) {{ ${inner}({parameters}) }}");
    let lambda = jsonata_core::parser::parse(&lambda).ok()?;
    Evaluator::new().evaluate(&lambda, &JValue::Undefined).ok()
}

/// `$pad`, within bounds: the evaluator's own would allocate any width at once.
fn pad(args: &[JValue]) -> Answer {
    let width = args.get(1).and_then(JValue::as_f64).unwrap_or_default();
    if width.abs() > WIDTH_LIMIT {
        return Err(out_of_memory());
    }
    builtin("pad", args)
}

/// `$now` with its picture and time zone, at the execution's time.
fn say_now(args: &[JValue], now: Timestamp) -> Answer {
    let at = JValue::from(now.as_millisecond());
    let args: Vec<JValue> = std::iter::once(at).chain(args.iter().cloned()).collect();
    builtin("fromMillis", &args)
}

/// Calls a function of the evaluator itself.
fn builtin(name: &str, args: &[JValue]) -> Answer {
    let mut context = Context::new();
    let mut given = Vec::new();
    for (index, value) in args.iter().enumerate() {
        context.bind(format!("a{index}"), value.clone());
        given.push(format!("$a{index}"));
    }
    let call = format!("${name}({})", given.join(", "));
    let call = jsonata_core::parser::parse(&call)
        .map_err(|error| EvaluatorError::EvaluationError(error.to_string()))?;
    Evaluator::with_context(context).evaluate(&call, &JValue::Undefined)
}
