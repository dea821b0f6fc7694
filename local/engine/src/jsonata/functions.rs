//! The functions that Step Functions adds to JSONata, and those it must answer itself:
//! randomness comes from the execution's seed and time from its clock, so that an
//! execution can be replayed.

use std::cell::RefCell;
use std::rc::Rc;

use jiff::Timestamp;
use jsonata_core::evaluator::{Context, Evaluator, EvaluatorError};
use jsonata_core::value::JValue;

use super::mentions::Mentions;
use super::scope::Scope;
use crate::digest;
use crate::seeded::Seeded;

type Answer = Result<JValue, EvaluatorError>;
type Random = Rc<RefCell<fastrand::Rng>>;

/// Characters that `$pad` may make; no state can give more away.
const WIDTH_LIMIT: f64 = 4_194_304.0;
/// Items that `$range` may make.
const RANGE_LIMIT: f64 = 400_000.0;

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
        "uuid" => evaluator.register_fn_override(known_as, move |_: &[JValue]| {
            Ok(JValue::from(digest::uuid(&mut random.borrow_mut())))
        }),
        "random" => {
            let draw = move |args: &[JValue]| draw(args, &random);
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

fn wrong(function: &str, what: &str) -> EvaluatorError {
    EvaluatorError::EvaluationError(format!("T0410: ${function}: {what}"))
}

/// What the evaluator says of a sequence that is too long: memory has a limit.
fn out_of_memory() -> EvaluatorError {
    EvaluatorError::EvaluationError("D2015: The maximum sequence length was exceeded.".to_owned())
}

fn integer(args: &[JValue], at: usize, function: &str) -> Result<f64, EvaluatorError> {
    match args.get(at).and_then(JValue::as_f64) {
        // AWS rounds each number towards zero before it uses it.
        Some(number) if number.is_finite() => Ok(number.trunc()),
        _ => Err(wrong(
            function,
            &format!("argument {} must be a number", at + 1),
        )),
    }
}

fn partition(args: &[JValue]) -> Answer {
    let items = match args.first() {
        Some(JValue::Array(items)) => items,
        None | Some(JValue::Undefined) => return Ok(JValue::Undefined),
        Some(single) => return Ok(JValue::array(vec![JValue::array(vec![single.clone()])])),
    };
    let size = integer(args, 1, "partition")?;
    if size < 1.0 {
        return Err(wrong("partition", "the chunk size must be positive"));
    }
    let chunks = items.chunks(size as usize);
    Ok(JValue::array(
        chunks.map(|chunk| JValue::array(chunk.to_vec())).collect(),
    ))
}

fn range(args: &[JValue]) -> Answer {
    let first = integer(args, 0, "range")?;
    let last = integer(args, 1, "range")?;
    let step = integer(args, 2, "range")?;
    if step == 0.0 {
        return Err(wrong("range", "the step must not be zero"));
    }
    let count = ((last - first) / step).floor() + 1.0;
    if count > RANGE_LIMIT {
        return Err(out_of_memory());
    }
    let items = (0..count.max(0.0) as u32).map(|index| first + f64::from(index) * step);
    // A sequence: one item collapses to itself, as on AWS.
    Ok(JValue::sequence(items.map(JValue::from).collect()).unwrap_sequence())
}

fn hash(args: &[JValue]) -> Answer {
    let (Some(text), Some(algorithm)) = (
        args.first().and_then(JValue::as_str),
        args.get(1).and_then(JValue::as_str),
    ) else {
        return Err(wrong("hash", "needs a text and the name of an algorithm"));
    };
    let digest = digest::hex_digest(algorithm, text.as_bytes());
    digest.map(JValue::from).ok_or_else(|| {
        let what = "algorithms are MD5, SHA-1, SHA-256, SHA-384, SHA-512";
        wrong("hash", what)
    })
}

fn parse(args: &[JValue]) -> Answer {
    match args.first() {
        None | Some(JValue::Undefined) => Ok(JValue::Undefined),
        Some(JValue::String(text)) => JValue::from_json_str(text)
            .map_err(|error| wrong("parse", &format!("the text is not JSON: {error}"))),
        Some(_) => Err(wrong("parse", "argument 1 must be a string")),
    }
}

/// `$random()` or, with an integer, the first number of that seed.
fn draw(args: &[JValue], random: &Random) -> Answer {
    match args.first() {
        None | Some(JValue::Undefined) => Ok(JValue::Number(random.borrow_mut().f64())),
        Some(JValue::Number(seed)) => Ok(JValue::Number(Seeded::new(*seed as i64).fraction())),
        Some(_) => Err(wrong("random", "the seed must be a number")),
    }
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
