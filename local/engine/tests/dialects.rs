//! Whatever a path, an intrinsic function or an input is, the JSONPath dialect answers and
//! never panics.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use baton_engine::{
    Clock, Finished, Machine, RunOptions, Task, TaskError, TaskExecutor, WorkflowKind, run,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Gives back what it gets.
struct Echo;

#[async_trait]
impl TaskExecutor for Echo {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        Ok(Value::clone(&task.arguments))
    }
}

fn play(machine: Machine, input: Value) -> Finished {
    let mut options = RunOptions::new("p", Arc::new(Echo));
    options.clock = Clock::virtual_at("2026-01-01T00:00:00Z".parse().expect("a timestamp"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(run(Arc::new(machine), input, options))
}

/// Plays a Pass with these fields, where they check.
fn pass(fields: &Value, input: Value) -> Option<Finished> {
    let mut state = json!({"Type": "Pass", "End": true});
    for (name, value) in fields.as_object().into_iter().flatten() {
        state[name] = value.clone();
    }
    let definition = json!({"StartAt": "A", "States": {"A": state}});
    let machine = Machine::parse(&definition.to_string()).ok()?;
    Some(play(machine, input))
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3_i64..5).prop_map(Value::from),
        "[a-c{}\\\\']{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[a-c]", inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Paths made of the parts that paths have.
fn path() -> impl Strategy<Value = String> {
    let roots = prop::sample::select(vec!["$", "$$", "$v", "$$.Execution", "$$.Map"]);
    let steps = prop::sample::select(vec![
        ".a",
        ".b",
        "['c']",
        "[0]",
        "[-1]",
        "[1:]",
        "[:2]",
        "[-3:9]",
        "[0,1]",
        "[*]",
        ".*",
        "..a",
        "..*",
        "..[0]",
        "['a','b']",
        "[?(@.a)]",
        "[?(@.a > 1)]",
        "[?(@.b == 'a' || !@.c)]",
        "[?(@ in [1, 2])]",
        "[?($..a)]",
        ".length()",
        ".sum()",
    ]);
    (roots, prop::collection::vec(steps, 0..6))
        .prop_map(|(root, steps)| root.to_owned() + &steps.concat())
}

/// Calls of every function, with arguments that may not fit.
fn call() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        path(),
        prop::sample::select(vec![
            "1", "-2.5", "1e300", "true", "null", "'a{}'", "'\\{'", "''"
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let names = prop::sample::select(vec![
            "Format",
            "StringToJson",
            "JsonToString",
            "Array",
            "ArrayPartition",
            "ArrayContains",
            "ArrayRange",
            "ArrayGetItem",
            "ArrayLength",
            "ArrayUnique",
            "Base64Encode",
            "Base64Decode",
            "Hash",
            "JsonMerge",
            "MathRandom",
            "MathAdd",
            "StringSplit",
            "UUID",
        ]);
        (names, prop::collection::vec(inner, 0..4))
            .prop_map(|(name, arguments)| format!("States.{name}({})", arguments.join(", ")))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_is_a_path_or_a_problem(text in "[$.\\[\\]'\"*?@()a-c0-9:,!&|=<> -]{0,24}", input in value()) {
        let text = format!("${text}");
        pass(&json!({"InputPath": text, "Parameters": {"v.$": text}, "OutputPath": text}), input);
    }

    #[test]
    fn any_path_is_walked(path in path(), input in value()) {
        pass(&json!({"Parameters": {"v.$": path}}), input.clone());
        pass(&json!({"InputPath": path, "ResultPath": path}), input);
    }

    #[test]
    fn any_call_is_made(call in call(), input in value()) {
        pass(&json!({"Parameters": {"v.$": call}}), input);
    }

    #[test]
    fn a_result_is_found_where_it_was_put(name in "[a-z]{1,5}", result in prop::collection::vec(0..9, 0..3)) {
        let path = format!("$.r.{name}");
        let finished = pass(&json!({"Result": result, "ResultPath": path, "OutputPath": path}), json!({}));
        let output = finished.and_then(|finished| finished.outcome.output().cloned());
        prop_assert_eq!(output, Some(json!(result)));
    }
}

#[test]
fn nesting_ends_in_a_problem_or_an_error() {
    for text in [
        "$".to_owned() + &"..*".repeat(40),
        "$".to_owned() + &"[?(@".repeat(2_000),
        "$[?(".to_owned() + &"!".repeat(2_000) + "@.a)]",
        "$".to_owned() + &".a".repeat(4_000),
        "States.Array(".repeat(2_000),
        "$[99999999999999999999]".to_owned(),
        "$[-9223372036854775808:9223372036854775807]".to_owned(),
    ] {
        let wide = json!([[1, [2, {"a": [3, 4]}]], {"b": [[[5]]]}, [6, 7, 8, 9]]);
        pass(&json!({"Parameters": {"v.$": text}}), wide);
    }
}

#[test]
fn a_path_that_looks_around_forever_is_stopped() {
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let path = "$..*..*..*..*..*..*";
    let finished = pass(&json!({"Parameters": {"v.$": path}}), deep);
    let error = finished.and_then(|finished| finished.outcome.error().map(str::to_owned));
    assert_eq!(error.as_deref(), Some("States.Runtime"));
}

/// Every case of the table, with inputs that it was not made for.
#[test]
fn cases_answer_other_inputs() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let inputs = [
        Value::Null,
        json!([]),
        json!("text"),
        json!({"a": {"a": [{}]}, "v": -1, "l": {"x": 1}, "s": 1e300, "t": "T", "n": {}}),
        json!([{"a": 1}, [], null, 1]),
    ];
    for file in std::fs::read_dir(folder).expect("the folder is there") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("it is text");
        let cases: Vec<Value> = serde_json::from_str(&text).expect("it holds cases");
        for case in cases {
            let definition = case["definition"].to_string();
            for input in &inputs {
                if let Ok(machine) = Machine::parse_as(&definition, WorkflowKind::Standard) {
                    play(machine, input.clone());
                }
            }
        }
    }
}
