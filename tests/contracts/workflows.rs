//! The rules that every workflow keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use baton_app::{FunctionError, PaymentError};
use baton_domain::email_pilot::PartnerError;
use baton_domain::marketplace::MarketError;
use baton_domain::run::Workflow;
use baton_embedded::{Agents, definition, kind};
use baton_engine::bench::TaskState;
use baton_engine::{Machine, WorkflowKind};
use baton_tests::root;
use baton_tests::workflow::tasks;
use serde_json::Value;

use crate::template::{pascal_case, resources, template};

/// The names of AWS that the workflows use, each as its service or Step Functions gives it.
const AWS_NAMES: [&str; 18] = [
    "States.DataLimitExceeded",
    "States.ALL",
    "States.Timeout",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
    "Lambda.TooManyRequestsException",
    "DynamoDB.ProvisionedThroughputExceededException",
    "DynamoDB.RequestLimitExceeded",
    "DynamoDB.ThrottlingException",
    "DynamoDB.InternalServerErrorException",
    "DynamoDB.AmazonDynamoDBException",
    "DynamoDB.SdkClientException",
    "SNS.ThrottledException",
    "SNS.InternalErrorException",
    "SNS.SdkClientException",
    "Sfn.SfnException",
    "Sfn.SdkClientException",
];

/// Every code that a function may fail with, by the function's name.
fn codes() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut codes = Agents::all().codes();
    for function in ["journal", "approvals", "videos"] {
        codes.insert(function, FunctionError::CODES.to_vec());
    }
    let of_both = [&FunctionError::CODES[..], &PartnerError::CODES].concat();
    codes.insert("email-pilot", of_both);
    let of_three = [
        &FunctionError::CODES[..],
        &MarketError::CODES,
        &PaymentError::CODES,
    ];
    codes.insert("payments", of_three.concat());
    codes
}

/// Whether a task waits until somebody brings its token back.
fn waits_for_token(task: &TaskState) -> bool {
    task.resource.ends_with(".waitForTaskToken")
}

#[test]
fn every_file_is_a_workflow_and_sound() {
    let files = fs::read_dir(root().join("infra/workflows")).expect("workflows");
    let files: BTreeSet<String> = files
        .map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let named: BTreeSet<String> = Workflow::ALL
        .iter()
        .map(|workflow| format!("{}.asl.json", workflow.name()))
        .collect();
    assert_eq!(files, named);
    for workflow in Workflow::ALL {
        if let Err(problems) = Machine::parse(&definition(workflow)) {
            panic!("{}: {problems:#?}", workflow.name());
        }
    }
}

#[test]
fn every_task_has_a_timeout_named_retries_and_a_catch() {
    for workflow in Workflow::ALL {
        for task in tasks(workflow) {
            let what = format!("{}: {}", workflow.name(), task.name);
            let timeout = &task.source["TimeoutSeconds"];
            // People have the time that the run's settings give them.
            let by_settings = waits_for_token(&task)
                && timeout
                    .as_str()
                    .is_some_and(|text| text.starts_with("{% $settings."));
            assert!(timeout.is_u64() || by_settings, "{what}: TimeoutSeconds");
            assert!(!task.retried.is_empty(), "{what}: Retry");
            assert!(
                !task.retried.contains("States.ALL"),
                "{what}: Retry of States.ALL"
            );
            for retrier in task.source["Retry"].as_array().expect("a list") {
                assert_eq!(retrier["JitterStrategy"], "FULL", "{what}: jitter");
            }
            assert!(!task.caught_by.is_empty(), "{what}: Catch");
        }
    }
}

/// The longest that a workflow for which a caller waits may take, retries and all, must fit its own
/// limit: else an outage ends it before its defaults answer.
#[test]
fn the_longest_way_through_an_express_workflow_fits_its_timeout() {
    let express = |workflow: &Workflow| kind(*workflow) == WorkflowKind::Express;
    for workflow in Workflow::ALL.into_iter().filter(express) {
        let definition: Value = serde_json::from_str(&definition(workflow)).expect("JSON");
        let longest = longest(
            &definition,
            definition["StartAt"].as_str().expect("a state"),
        );
        let limit = definition["TimeoutSeconds"].as_f64().expect("a limit");
        println!("{}: at most {longest} s of {limit} s", workflow.name());
        assert!(
            longest < limit,
            "{}: {longest} s of {limit} s",
            workflow.name()
        );
    }
}

/// Seconds from a state to the end, on the longest way. Express workflows here have no loops.
fn longest(machine: &Value, name: &str) -> f64 {
    let state = &machine["States"][name];
    let branches = state["Branches"].as_array().into_iter().flatten();
    let branches = branches.map(|b| longest(b, b["StartAt"].as_str().expect("a state")));
    let own = branches.fold(attempts(state), f64::max);
    let rules = ["Choices", "Catch"]
        .into_iter()
        .filter_map(|rule| state[rule].as_array());
    let caught = rules.flatten().map(|rule| &rule["Next"]);
    let nexts = caught
        .chain([&state["Next"], &state["Default"]])
        .filter_map(Value::as_str);
    own + nexts.map(|next| longest(machine, next)).fold(0.0, f64::max)
}

/// Seconds that all attempts of a state may take, and the pauses between them.
fn attempts(state: &Value) -> f64 {
    let timeout = state["TimeoutSeconds"].as_f64().unwrap_or(0.0);
    let retriers = state["Retry"].as_array().into_iter().flatten();
    let repeated = retriers.map(|retrier| {
        let times = retrier["MaxAttempts"].as_i64().unwrap_or(3);
        let rate = retrier["BackoffRate"].as_f64().unwrap_or(2.0);
        let first = retrier["IntervalSeconds"].as_f64().unwrap_or(1.0);
        let pauses = (0..times).map(|n| first * rate.powi(i32::try_from(n).unwrap_or(i32::MAX)));
        pauses.sum::<f64>() + times as f64 * timeout
    });
    timeout + repeated.sum::<f64>()
}

#[test]
fn every_error_name_is_a_code_of_its_function_or_an_aws_name() {
    let codes = codes();
    for workflow in Workflow::ALL {
        for task in tasks(workflow) {
            let own = task.function.as_deref().and_then(|name| codes.get(name));
            for rule in ["Retry", "Catch"] {
                for name in error_names(&task.source[rule]) {
                    let known = own.is_some_and(|own| own.contains(&name.as_str()))
                        || AWS_NAMES.contains(&name.as_str());
                    assert!(known, "{}: {} {rule} {name}", workflow.name(), task.name);
                }
            }
        }
    }
}

/// A task of a platform function repeats what may pass by itself; what an outside service may have
/// done all the same as well, where the task speaks to one. `payments` looks before it pays again, so
/// each of its tasks does.
#[test]
fn what_may_pass_by_itself_is_tried_again() {
    let platform = ["journal", "approvals", "email-pilot", "payments", "videos"];
    let is_platform = |task: &TaskState| {
        let function = task.function.as_deref();
        function.is_some_and(|name| platform.contains(&name))
    };
    for workflow in Workflow::ALL {
        for task in tasks(workflow).into_iter().filter(is_platform) {
            let names = |codes: &[&str]| codes.iter().any(|code| task.retried.contains(*code));
            let mut wanted = FunctionError::TRANSIENT.to_vec();
            if names(&PartnerError::CODES) {
                wanted.extend(PartnerError::TRANSIENT);
            }
            if task.function.as_deref() == Some("payments") {
                wanted.extend(MarketError::TRANSIENT);
                wanted.extend(PaymentError::TRANSIENT);
            }
            for code in wanted {
                let what = format!("{}: {} {code}", workflow.name(), task.name);
                assert!(task.retried.contains(code), "{what}");
            }
        }
    }
}

/// A task that times out is tried again; a function that does fails with a name that nobody
/// foresees, and leaves a task that waits for a token waiting.
#[test]
fn a_function_has_more_time_than_the_tasks_that_wait_for_it() {
    let functions = resources("AWS::Serverless::Function");
    let usual = &template()["Globals"]["Function"]["Timeout"];
    for workflow in Workflow::ALL {
        for task in tasks(workflow) {
            let Some(name) = task.function.as_deref() else {
                continue;
            };
            let own = &functions[&format!("{}Function", pascal_case(name))]["Properties"];
            let timeout = own["Timeout"].as_u64().or(usual.as_u64()).expect("seconds");
            let waited = task.source["TimeoutSeconds"].as_u64().unwrap_or(0);
            let what = format!("{}: {} waits {waited} s", workflow.name(), task.name);
            assert!(timeout > waited, "{what}, {name} has {timeout} s");
        }
    }
}

#[test]
fn every_function_that_is_invoked_exists_and_its_workflow_may_invoke_it() {
    let machines = resources("AWS::Serverless::StateMachine");
    let roles = resources("AWS::IAM::Role");
    let known = codes();
    for workflow in Workflow::ALL {
        let id = pascal_case(workflow.name());
        let machine = &machines[&format!("{id}StateMachine")]["Properties"];
        assert_eq!(
            machine["DefinitionUri"],
            format!("workflows/{}.asl.json", workflow.name())
        );
        // By its own word: the workflow and the agent `creative` are called alike.
        let role = machine["Role"]["!GetAtt"].as_str().unwrap_or_default();
        let role = roles[role.trim_end_matches(".Arn")].to_string();
        for name in tasks(workflow)
            .iter()
            .filter_map(|task| task.function.as_deref())
        {
            assert!(
                known.contains_key(name),
                "{name} is no function of workflows"
            );
            let function = format!("{}Function.Arn", pascal_case(name));
            assert!(role.contains(&function), "{id} may not invoke {name}");
        }
    }
}

#[test]
fn substitutions_of_the_workflow_and_of_the_template_are_the_same() {
    let machines = resources("AWS::Serverless::StateMachine");
    for workflow in Workflow::ALL {
        let file = format!("infra/workflows/{}.asl.json", workflow.name());
        let source = fs::read_to_string(root().join(file)).expect("the workflow");
        let used: BTreeSet<&str> = source
            .split("${")
            .skip(1)
            .filter_map(|rest| rest.split('}').next())
            .collect();
        let machine = &machines[&format!("{}StateMachine", pascal_case(workflow.name()))];
        let given = machine["Properties"]["DefinitionSubstitutions"]
            .as_object()
            .expect("a map");
        let given: BTreeSet<&str> = given.keys().map(String::as_str).collect();
        assert_eq!(used, given, "{}", workflow.name());
    }
}

#[test]
fn states_are_named_once_and_in_pascal_case() {
    for workflow in Workflow::ALL {
        let definition: Value = serde_json::from_str(&definition(workflow)).expect("JSON");
        let mut names = Vec::new();
        collect_names(&definition, &mut names);
        let unique: BTreeSet<&String> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "{names:?}");
        for name in &names {
            let pascal = name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.chars().all(|c| c.is_ascii_alphanumeric());
            assert!(pascal, "{name}");
        }
    }
}

#[test]
fn every_workflow_has_events() {
    for workflow in Workflow::ALL {
        for case in ["happy", "thin", "bad"] {
            let file = format!("events/workflows/{}/{case}.json", workflow.name());
            let text = fs::read_to_string(root().join(&file)).unwrap_or_else(|_| panic!("{file}"));
            serde_json::from_str::<Value>(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        }
    }
}

fn error_names(rules: &Value) -> Vec<String> {
    let rules = rules.as_array().into_iter().flatten();
    let names = rules.flat_map(|rule| rule["ErrorEquals"].as_array().into_iter().flatten());
    names
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect()
}

fn collect_names(value: &Value, names: &mut Vec<String>) {
    if let Some(states) = value.get("States").and_then(Value::as_object) {
        names.extend(states.keys().cloned());
    }
    match value {
        Value::Object(fields) => fields
            .values()
            .for_each(|value| collect_names(value, names)),
        Value::Array(values) => values.iter().for_each(|value| collect_names(value, names)),
        _ => {}
    }
}
