//! Whatever the definition and the input are, the engine answers and never panics.

use std::sync::Arc;

use async_trait::async_trait;
use baton_engine::{
    Clock, Finished, Machine, RunOptions, Task, TaskError, TaskExecutor, WorkflowKind, run,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Map, Value, json};

/// Answers by the attempt and the name, so that retries and catchers have work.
struct Moody;

#[async_trait]
impl TaskExecutor for Moody {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        match (task.name.len() + task.attempt as usize) % 4 {
            0 => Ok(Value::clone(&task.arguments)),
            1 => Ok(json!({"list": [1, 2], "n": 1})),
            2 => Err(TaskError::new("Boom", "moody")),
            _ => Err(TaskError::deferred()),
        }
    }
}

fn play(machine: Machine, input: Value, kind: WorkflowKind) -> Finished {
    let mut options = RunOptions::new("p", Arc::new(Moody));
    options.clock = Clock::virtual_at("2026-01-01T00:00:00Z".parse().expect("a timestamp"));
    options.info.kind = kind;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(run(Arc::new(machine), input, options))
}

/// Any JSON, a few levels deep.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec(("[a-e]", inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn expression() -> impl Strategy<Value = Value> {
    let parts = prop::sample::select(vec![
        "$states.input",
        "$states.input.list",
        "$states.result.n",
        "$states.errorOutput",
        "$states.context.Map.Item",
        "$states",
        "$v",
        "$count($v)",
        "$range(1, 3, 1)",
        "$partition($v, 2)",
        "$hash($string($v), 'MD5')",
        "$parse('[1]')",
        "$random()",
        "$now()",
        "1",
        "'a'",
        "null",
        "function($x) { $x }",
        "$map($v, $string)",
        "$pad('x', 10)",
        "%",
        "[1..",
        "$error('no')",
    ]);
    let joined = prop::sample::select(vec!["+", "&", "=", ">", ".", "~>", "?"]);
    prop_oneof![
        3 => parts.clone().prop_map(|part| Value::from(format!("{{% {part} %}}"))),
        1 => (parts.clone(), joined, parts)
            .prop_map(|(left, op, right)| Value::from(format!("{{% {left} {op} {right} %}}"))),
        1 => json_value(),
    ]
}

/// One of few names, so that targets often exist.
fn name() -> impl Strategy<Value = String> {
    "[A-E]"
}

fn fields() -> impl Strategy<Value = Value> {
    let retry =
        json!([{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2, "JitterStrategy": "FULL"}]);
    let catch = |next: String| json!([{"ErrorEquals": ["States.ALL"], "Next": next, "Output": {"v": "{% $states.errorOutput %}"}}]);
    let options = (
        name(),
        prop::option::of(expression()),
        prop::option::of(expression()),
        any::<[bool; 4]>(),
        expression(),
    );
    let kinds = prop::sample::select(vec![
        "Pass", "Task", "Wait", "Choice", "Succeed", "Fail", "Map", "Parallel",
    ]);
    (kinds, options, name()).prop_map(move |(kind, (next, output, assign, flags, any), other)| {
        let mut state = json!({"Type": kind});
        let ends = matches!(kind, "Choice" | "Succeed" | "Fail");
        if !ends {
            if flags[0] {
                state["Next"] = next.clone().into();
            } else {
                state["End"] = true.into();
            }
        }
        if let Some(output) = output.filter(|_| kind != "Fail") {
            state["Output"] = output;
        }
        if let Some(assign) = assign.filter(|_| !matches!(kind, "Fail" | "Succeed")) {
            state["Assign"] = json!({"v": assign});
        }
        let inner =
            json!({"StartAt": "I", "States": {"I": {"Type": "Pass", "Output": any, "End": true}}});
        match kind {
            "Task" => {
                state["Resource"] = "arn:aws:states:::lambda:invoke".into();
                state["Arguments"] = json!({"FunctionName": "f", "Payload": any});
                state["TimeoutSeconds"] = if flags[1] { json!(5) } else { any };
            }
            "Wait" => state["Seconds"] = if flags[1] { json!(1) } else { any },
            "Choice" => {
                state["Choices"] = json!([{"Condition": any, "Next": next}]);
                state["Default"] = other.clone().into();
            }
            "Fail" => state["Error"] = any,
            "Map" => {
                state["Items"] = any;
                state["ItemProcessor"] = inner;
            }
            "Parallel" => {
                state["Arguments"] = any;
                state["Branches"] = json!([inner, inner]);
            }
            _ => {}
        }
        if matches!(kind, "Task" | "Map" | "Parallel") {
            if flags[2] {
                state["Retry"] = retry.clone();
            }
            if flags[3] {
                state["Catch"] = catch(other);
            }
        }
        state
    })
}

fn definition() -> impl Strategy<Value = Value> {
    let states = prop::collection::vec(fields(), 5);
    states.prop_map(|states| {
        let named: Map<String, Value> = ["A", "B", "C", "D", "E"]
            .iter()
            .map(|name| (*name).to_owned())
            .zip(states)
            .collect();
        let mut definition =
            json!({"QueryLanguage": "JSONata", "StartAt": "A", "TimeoutSeconds": 1000});
        definition["States"] = reachable(&named);
        definition
    })
}

/// Only what is reached, so that most definitions pass the check.
fn reachable(states: &Map<String, Value>) -> Value {
    let mut kept = Map::new();
    let mut open = vec!["A".to_owned()];
    while let Some(name) = open.pop() {
        let Some(state) = states.get(&name).filter(|_| !kept.contains_key(&name)) else {
            continue;
        };
        kept.insert(name, state.clone());
        let text = |value: &Value| value.as_str().map(str::to_owned);
        open.extend(
            ["Next", "Default"]
                .iter()
                .filter_map(|field| text(state.get(field)?)),
        );
        let lists = ["Choices", "Catch"]
            .iter()
            .filter_map(|list| state.get(list)?.as_array());
        open.extend(lists.flatten().filter_map(|entry| text(entry.get("Next")?)));
    }
    Value::Object(kept)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn definitions_and_inputs_never_panic(definition in definition(), input in json_value()) {
        if let Ok(machine) = Machine::parse(&definition.to_string()) {
            let finished = play(machine, input, WorkflowKind::Standard);
            prop_assert!(finished.events <= 25_100, "{} events", finished.events);
        }
    }

    #[test]
    fn any_json_is_checked_without_panic(value in json_value()) {
        let _ = Machine::parse(&value.to_string());
        let mut definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": value.clone()}});
        let _ = Machine::parse(&definition.to_string());
        for field in ["Retry", "Catch", "Choices", "Branches", "ItemProcessor", "Assign", "Items"] {
            for kind in ["Task", "Choice", "Parallel", "Map"] {
                definition["States"]["A"] = json!({"Type": kind, "End": true});
                definition["States"]["A"][field] = value.clone();
                let _ = Machine::parse(&definition.to_string());
            }
        }
    }

    #[test]
    fn any_text_is_checked_without_panic(text in ".{0,200}") {
        prop_assert!(Machine::parse(&text).is_err());
        let mut definition = json!({"QueryLanguage": "JSONata", "StartAt": "A"});
        definition["States"] = json!({"A": {"Type": "Pass", "Output": format!("{{%{text}%}}"), "End": true}});
        if let Ok(machine) = Machine::parse(&definition.to_string()) {
            play(machine, json!({}), WorkflowKind::Express);
        }
    }
}

#[test]
fn most_random_definitions_pass_the_check() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let tried = 200;
    let passed = (0..tried)
        .filter(|_| {
            let tree = definition().new_tree(&mut runner).expect("a definition");
            Machine::parse(&tree.current().to_string()).is_ok()
        })
        .count();
    assert!(passed * 5 > tried, "only {passed} of {tried}");
}

#[test]
fn deep_nesting_is_refused_and_not_a_crash() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(Machine::parse(&deep).is_err());
    for expression in [
        "(".repeat(50_000),
        "[".repeat(50_000) + &"]".repeat(50_000),
        "-".repeat(50_000) + "1",
        "1".to_owned() + &"+1".repeat(50_000),
        "a".to_owned() + &".a".repeat(50_000),
    ] {
        let states =
            json!({"A": {"Type": "Pass", "Output": format!("{{% {expression} %}}"), "End": true}});
        let definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": states});
        if let Ok(machine) = Machine::parse(&definition.to_string()) {
            play(machine, json!({}), WorkflowKind::Express);
        }
    }
}

#[test]
fn expressions_that_run_away_end_in_an_error() {
    for expression in [
        "($f := function($x) { $f($x) }; $f(1))",
        "($f := function($x) { 1 + $f($x) }; $f(1))",
        "($f := function($x) { {'a': $f($x)} }; $f(1))",
        "$reduce([1..5000], function($a, $b) { {'a': $a} })",
        "[1..100000000]",
        "$pad('x', 1e15)",
        "$range(1, 1e18, 1)",
        "1e308 * 1e308 + 1",
    ] {
        let states =
            json!({"A": {"Type": "Pass", "Output": format!("{{% {expression} %}}"), "End": true}});
        let definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": states});
        let machine = Machine::parse(&definition.to_string()).expect("checks");
        let finished = play(machine, json!({}), WorkflowKind::Express);
        let error = finished.outcome.error().map(str::to_owned);
        assert_eq!(
            error.as_deref(),
            Some("States.QueryEvaluationError"),
            "{expression}"
        );
    }
}

#[test]
fn an_express_loop_without_time_ends() {
    let states = json!({
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": [{"Condition": false, "Next": "C"}], "Default": "A"},
        "C": {"Type": "Succeed"},
    });
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "A", "States": states});
    let machine = Machine::parse(&definition.to_string()).expect("checks");
    let finished = play(machine, json!({}), WorkflowKind::Express);
    assert_eq!(finished.outcome.status(), "TIMED_OUT");
}
