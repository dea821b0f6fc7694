//! What is kept survives: crashes after every write, redrive, forks, and the history of it all.

use std::sync::Arc;

use async_trait::async_trait;
use baton_engine::bench::{
    Plan, Played, crash_everywhere, every_task_fails, every_task_recovers, every_task_repeats,
};
use baton_engine::{
    Begun, Clock, Ended, Entry, Execution, Info, Journal, Journaled, Machine, MemoryJournal,
    MockFile, Origin, Record, RunOptions, Stimulus, Task, TaskError, TaskExecutor, run,
    run_journaled,
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// Answers with its arguments; what waits for a token is left open.
struct Echo;

#[async_trait]
impl TaskExecutor for Echo {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        if task.token.is_some() {
            return Err(TaskError::deferred());
        }
        // Lets others go first, so that the order of parallel tasks matters.
        tokio::task::yield_now().await;
        match task.arguments.get("fail").and_then(Value::as_u64) {
            Some(times) if u64::from(task.attempt) < times => {
                Err(TaskError::new("Flaky", "not yet"))
            }
            _ => Ok(Value::clone(&task.arguments)),
        }
    }
}

const INVOKE: &str = "arn:aws:states:::lambda:invoke";

/// Branches, retries, waits, a Map, a token that nobody completes, and random values.
fn busy() -> String {
    let retry = json!([{"ErrorEquals": ["Flaky"], "MaxAttempts": 3, "JitterStrategy": "FULL"}]);
    let token = "arn:aws:states:::lambda:invoke.waitForTaskToken";
    let fetch = json!({"Type": "Task", "Resource": INVOKE, "Retry": retry, "Assign": {
        "id": "{% $uuid() %}"}, "Arguments": {"FunctionName": "f", "fail": 2, "r": "{% $random() %}"}, "Next": "Rest"});
    let rest = json!({"Type": "Wait", "Seconds": 60, "Output": "{% $id %}", "End": true});
    let wait = json!({"Type": "Task", "Resource": token, "TimeoutSeconds": 1_209_600,
        "HeartbeatSeconds": 86_400, "Arguments": {"FunctionName": "f"}, "End": true,
        "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]});
    let late = json!({"Type": "Pass", "Output": "late", "End": true});
    let input = "{% $states.input %}";
    let each = json!({"Type": "Task", "Resource": INVOKE, "Arguments": input, "End": true});
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "All", "States": {
        "All": {"Type": "Parallel", "Next": "Each", "Branches": [
            {"StartAt": "Fetch", "States": {"Fetch": fetch, "Rest": rest}},
            {"StartAt": "Await", "States": {"Await": wait, "Late": late}},
            {"StartAt": "Other", "States": {"Other": each.clone()}}]},
        "Each": {"Type": "Map", "Items": "{% [1..5] %}", "MaxConcurrency": 2, "Next": "End",
            "Assign": {"all": "{% $states.input %}"},
            "ItemProcessor": {"StartAt": "One", "States": {"One": each}}},
        "End": {"Type": "Pass", "Output": ["{% $all %}", "{% $states.input %}"], "End": true}}});
    definition.to_string()
}

fn scene() -> Arc<dyn TaskExecutor> {
    Arc::new(Echo)
}

fn seen(played: &Played<Arc<dyn TaskExecutor>>) -> (String, Vec<String>) {
    let finished = &played.finished;
    (format!("{:?}", finished.outcome), finished.trace.clone())
}

#[tokio::test]
async fn a_process_that_dies_after_any_write_makes_no_difference() {
    let plan = Plan::new(&busy(), json!({"n": 1}));
    let deaths = crash_everywhere(&plan, async || scene(), seen).await;
    assert!(deaths > 50, "{deaths}");
}

#[tokio::test]
async fn the_loops_reach_every_task() {
    let plan = Plan::new(&busy(), json!({"n": 1}));
    let codes = |_: &_| vec![Some("Boom".to_owned()), None];
    let check = async |_: baton_engine::bench::Failing<'_, Arc<dyn TaskExecutor>>| {};
    let plays = every_task_fails(&plan, async || scene(), codes, check).await;
    assert_eq!(plays, 8);
    every_task_repeats(&plan, async || scene(), async |played| seen(played)).await;
    let calm = busy().replace("\"fail\":2", "\"fail\":0");
    let plan = Plan::new(&calm, json!({"n": 1}));
    let recovered = every_task_recovers(&plan, async || scene(), check).await;
    assert_eq!(recovered, 1);
}

fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().expect("a timestamp")
}

fn record(definition: &str) -> Record {
    Record {
        begun: Begun {
            definition: definition.to_owned(),
            info: Info::local("machine", "e"),
            input: json!({"n": 1}),
            started: noon(),
            origin: None,
        },
        entries: Vec::new(),
    }
}

fn machine(definition: &str) -> Arc<Machine> {
    Arc::new(Machine::parse(definition).expect("checks"))
}

/// Runs a record to its end; what it then is.
async fn finish(record: Record, executor: Arc<dyn TaskExecutor>) -> (Record, Value) {
    let machine = machine(&record.begun.definition);
    let journal = Arc::new(MemoryJournal::default());
    journal.begin(&record).await.expect("begins");
    let mut options = RunOptions::new("e", executor);
    options.clock = Clock::virtual_at(noon());
    let kept = Journaled {
        record,
        journal: Arc::clone(&journal) as _,
        patience: None,
    };
    let ended = run_journaled(machine, kept, options)
        .await
        .expect("is kept");
    let Ended::Finished(finished) = ended else {
        panic!("it waits");
    };
    let record = journal.load("e").await.expect("is read").expect("is there");
    let output = finished.outcome.output().cloned();
    (
        record,
        output.unwrap_or_else(|| json!(finished.outcome.status())),
    )
}

/// Fails what its mock says and echoes the rest.
fn mocks(text: &Value) -> Arc<dyn TaskExecutor> {
    let file = MockFile::parse(&text.to_string()).expect("is read");
    Arc::new(file.case(None, scene()).expect("the case is there"))
}

fn fails(state: &str) -> Arc<dyn TaskExecutor> {
    mocks(&json!({
        "StateMachines": {"m": {"TestCases": {"c": {state: "broken"}}}},
        "MockedResponses": {"broken": {"0-9": {"Throw": {"Error": "Broken", "Cause": "c"}}}}}))
}

fn redriven() -> Entry {
    let (at, stimulus) = (noon(), Stimulus::Redriven);
    Entry { at, stimulus }
}

#[tokio::test]
async fn redrive_runs_only_what_did_not_succeed() {
    let (mut record, output) = finish(record(&busy()), fails("One")).await;
    assert_eq!(output, json!("FAILED"));
    let before = record.entries.len();
    record.entries.push(redriven());
    let (record, output) = finish(record, scene()).await;
    assert_eq!(output[1], json!([1, 2, 3, 4, 5]), "{output}");
    // Five iterations at most: the three branches are not run again.
    assert!(
        record.entries.len() - before <= 6,
        "{:?}",
        &record.entries[before..]
    );
    let history = Execution::history(machine(&record.begun.definition), &record);
    let entered = history.iter().filter(|event| *event.name == *"Fetch");
    let entered = entered.filter(|event| event.kind.name() == "TaskStateEntered");
    assert_eq!(entered.count(), 1);
}

#[tokio::test]
async fn a_redriven_execution_can_fail_and_be_redriven_again() {
    let (mut record, _) = finish(record(&busy()), fails("Other")).await;
    for _ in 0..2 {
        record.entries.push(redriven());
        let output;
        (record, output) = finish(record, fails("Other")).await;
        assert_eq!(output, json!("FAILED"));
    }
    record.entries.push(redriven());
    let (_, output) = finish(record, scene()).await;
    assert_eq!(output[1], json!([1, 2, 3, 4, 5]), "{output}");
}

#[tokio::test]
async fn a_fork_enters_its_state_with_another_input() {
    let (parent, _) = finish(record(&busy()), scene()).await;
    let forked = parent.fork(
        machine(&parent.begun.definition),
        "End",
        Some(json!("new")),
        7,
    );
    let (mut entries, stimulus) = forked.expect("it was entered");
    entries.push(Entry {
        at: noon(),
        stimulus,
    });
    let begun = parent.begun.clone();
    let (_, output) = finish(Record { begun, entries }, fails("One")).await;
    assert_eq!(output[1], json!("new"), "nothing was called: {output}");
    let nowhere = parent.fork(machine(&parent.begun.definition), "No", None, 7);
    assert!(nowhere.is_none());
}

#[tokio::test]
async fn a_fork_starts_when_it_is_forked_and_what_it_took_over_happened_before() {
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "Note", "States": {
        "Note": {"Type": "Pass", "Assign": {"noted": "{% $now() %}"}, "Next": "Rest"},
        "Rest": {"Type": "Wait", "Seconds": 10, "Next": "Say"},
        "Say": {"Type": "Pass", "End": true, "Output": {
            "noted": "{% $noted %}", "start": "{% $states.context.Execution.StartTime %}"}}}})
    .to_string();
    let early = "2026-01-01T12:00:00.000Z";
    let (parent, output) = finish(record(&definition), scene()).await;
    assert_eq!(output, json!({"noted": early, "start": early}));
    let forked = parent.fork(machine(&definition), "Say", None, 7);
    let (mut entries, stimulus) = forked.expect("it was entered");
    let at = noon() + jiff::SignedDuration::from_secs(100);
    entries.push(Entry { at, stimulus });
    let mut begun = parent.begun.clone();
    let started = Some(begun.counts_from());
    begun.started = at;
    let (execution, state) = ("e".to_owned(), "Say".to_owned());
    begun.origin = Some(Origin {
        execution,
        state,
        started,
    });
    assert_eq!(begun.counts_from(), noon());
    let (_, output) = finish(Record { begun, entries }, scene()).await;
    let late = "2026-01-01T12:01:40.000Z";
    assert_eq!(output, json!({"noted": early, "start": late}));
}

/// The history of a definition as the API answers it, without times.
async fn history_of(definition: &Value, executor: Arc<dyn TaskExecutor>) -> Vec<Value> {
    let (record, _) = finish(record(&definition.to_string()), executor).await;
    let history = Execution::history(machine(&record.begun.definition), &record);
    let told = history.iter().filter(|event| event.kind.is_history());
    let told = told.map(|event| {
        let mut event = event.to_history(&record.begun.info);
        event
            .as_object_mut()
            .expect("an object")
            .remove("timestamp");
        event
    });
    told.collect()
}

#[tokio::test]
async fn the_history_is_spelt_as_the_api_spells_it() {
    let task = json!({"Type": "Task", "Resource": INVOKE, "Arguments": {"FunctionName": "f"},
        "TimeoutSeconds": 9, "HeartbeatSeconds": 3, "Assign": {"x": 1}, "Next": "Each"});
    let each = json!({"Type": "Map", "Items": [7], "Next": "Add", "ItemProcessor": {
        "StartAt": "One", "States": {"One": {"Type": "Succeed"}}}});
    let add = json!({"Type": "Pass", "Output": "{% $y %}", "End": true});
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "Call",
        "States": {"Call": task, "Each": each, "Add": add}});
    let history = history_of(&definition, scene()).await;
    let whole = json!({"truncated": false});
    let cause = history[16]["executionFailedEventDetails"]["cause"].clone();
    let wanted = json!([
        {"id": 1, "previousEventId": 0, "type": "ExecutionStarted", "executionStartedEventDetails": {
            "input": "{\"n\":1}", "inputDetails": whole,
            "roleArn": "arn:aws:iam::000000000000:role/local"}},
        {"id": 2, "previousEventId": 0, "type": "TaskStateEntered", "stateEnteredEventDetails": {
            "name": "Call", "input": "{\"n\":1}", "inputDetails": whole}},
        {"id": 3, "previousEventId": 2, "type": "TaskScheduled", "taskScheduledEventDetails": {
            "resourceType": "lambda", "resource": "invoke", "region": "local",
            "parameters": "{\"FunctionName\":\"f\"}", "timeoutInSeconds": 9, "heartbeatInSeconds": 3}},
        {"id": 4, "previousEventId": 3, "type": "TaskStarted", "taskStartedEventDetails": {
            "resourceType": "lambda", "resource": "invoke"}},
        {"id": 5, "previousEventId": 4, "type": "TaskSucceeded", "taskSucceededEventDetails": {
            "resourceType": "lambda", "resource": "invoke", "output": "{\"FunctionName\":\"f\"}",
            "outputDetails": whole}},
        {"id": 6, "previousEventId": 5, "type": "TaskStateExited", "stateExitedEventDetails": {
            "name": "Call", "output": "{\"FunctionName\":\"f\"}", "outputDetails": whole,
            "assignedVariables": {"x": "1"}, "assignedVariablesDetails": whole}},
        {"id": 7, "previousEventId": 6, "type": "MapStateEntered", "stateEnteredEventDetails": {
            "name": "Each", "input": "{\"FunctionName\":\"f\"}", "inputDetails": whole}},
        {"id": 8, "previousEventId": 7, "type": "MapStateStarted",
            "mapStateStartedEventDetails": {"length": 1}},
        {"id": 9, "previousEventId": 8, "type": "MapIterationStarted",
            "mapIterationStartedEventDetails": {"name": "Each", "index": 0}},
        {"id": 10, "previousEventId": 9, "type": "SucceedStateEntered",
            "stateEnteredEventDetails": {"name": "One", "input": "7", "inputDetails": whole}},
        {"id": 11, "previousEventId": 10, "type": "SucceedStateExited",
            "stateExitedEventDetails": {"name": "One", "output": "7", "outputDetails": whole}},
        {"id": 12, "previousEventId": 11, "type": "MapIterationSucceeded",
            "mapIterationSucceededEventDetails": {"name": "Each", "index": 0}},
        {"id": 13, "previousEventId": 12, "type": "MapStateSucceeded"},
        {"id": 14, "previousEventId": 13, "type": "MapStateExited", "stateExitedEventDetails": {
            "name": "Each", "output": "[7]", "outputDetails": whole}},
        {"id": 15, "previousEventId": 14, "type": "PassStateEntered", "stateEnteredEventDetails": {
            "name": "Add", "input": "[7]", "inputDetails": whole}},
        {"id": 16, "previousEventId": 15, "type": "EvaluationFailed",
            "evaluationFailedEventDetails": {"error": "States.QueryEvaluationError",
                "cause": cause, "location": "Output", "state": "Add"}},
        {"id": 17, "previousEventId": 16, "type": "ExecutionFailed",
            "executionFailedEventDetails": {"error": "States.QueryEvaluationError", "cause": cause}},
    ]);
    assert_eq!(json!(history), wanted, "{:#}", json!(history));
}

#[tokio::test]
async fn tasks_of_others_are_submitted_and_direct_lambda_calls_have_their_own_names() {
    let token = "arn:aws:states:::sqs:sendMessage.waitForTaskToken";
    let lambda = "arn:aws:lambda:eu-west-1:1:function:f";
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "Await", "States": {
        "Await": {"Type": "Task", "Resource": token, "TimeoutSeconds": 9,
            "Arguments": {"QueueUrl": "q", "MessageBody": "m"},
            "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Direct"}], "End": true},
        "Direct": {"Type": "Task", "Resource": lambda, "End": true}}});
    let history = history_of(&definition, scene()).await;
    let types: Vec<_> = history
        .iter()
        .filter_map(|event| event["type"].as_str())
        .collect();
    let wanted = [
        "ExecutionStarted",
        "TaskStateEntered",
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskTimedOut",
        "TaskStateExited",
        "TaskStateEntered",
        "LambdaFunctionScheduled",
        "LambdaFunctionStarted",
        "LambdaFunctionSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ];
    assert_eq!(types, wanted);
    let submitted = &history[4]["taskSubmittedEventDetails"];
    assert_eq!(submitted["resource"], "sendMessage.waitForTaskToken");
    assert!(
        history[9]
            .get("lambdaFunctionStartedEventDetails")
            .is_none()
    );
}

#[tokio::test]
async fn mocks_count_calls_and_name_their_problems() {
    let text = json!({
        "StateMachines": {"m": {"TestCases": {"c": {"T": "flaky"}, "d": {"T": "missing"}}}},
        "MockedResponses": {"flaky": {
            "0": {"Throw": {"Error": "Slow", "Cause": "c"}},
            "1-2": {"Throw": {"Error": "Slow", "Cause": "c"}},
            "3": {"Return": {"ok": true}}}}});
    let file = MockFile::parse(&text.to_string()).expect("is read");
    let task = json!({"Type": "Task", "Resource": INVOKE, "End": true,
        "Arguments": {"FunctionName": "f"},
        "Retry": [{"ErrorEquals": ["Slow"], "MaxAttempts": 5}]});
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "T", "States": {"T": task}});
    let case = file.case(Some("m#c"), scene()).expect("the case is there");
    let mut options = RunOptions::new("e", Arc::new(case));
    options.clock = Clock::virtual_at(noon());
    let finished = run(machine(&definition.to_string()), json!({}), options).await;
    assert_eq!(finished.outcome.output(), Some(&json!({"ok": true})));
    for (name, clue) in [
        (None, "which test case? There are: m#c, m#d"),
        (Some("x"), "there is no test case x; there are: m#c, m#d"),
        (Some("d"), "there is no mocked response missing"),
    ] {
        let problem = file.case(name, scene()).err().expect("a problem");
        assert_eq!(problem.to_string(), clue);
    }
}

#[test]
fn a_mock_that_cannot_be_used_is_named() {
    for (responses, clue) in [
        (
            json!({"slow": {"0": {"Give": 1}}}),
            "the mocked response slow, rule \"0\": it needs one of Return and Throw",
        ),
        (
            json!({"slow": {"0-1": {"Throw": {"Cause": "c"}}}}),
            "the mocked response slow, rule \"0-1\": it needs one of Return and Throw {Error, \
             Cause}: missing field `Error`",
        ),
        (
            json!({"slow": {"2-1": {"Return": 1}}}),
            "the mocked response slow, rule \"2-1\": it is not a number or a range",
        ),
        (
            json!({"slow": []}),
            "the mocked response slow is not an object",
        ),
    ] {
        let text = json!({"MockedResponses": responses}).to_string();
        let problem = MockFile::parse(&text).expect_err("a problem").to_string();
        assert!(problem.starts_with(clue), "{problem}");
    }
}

#[test]
fn a_mock_for_a_state_that_is_not_there_is_refused() {
    let text = json!({
        "StateMachines": {"m": {"TestCases": {"c": {"Prise": "r"}, "d": {"Price": "r"}}}},
        "MockedResponses": {"r": {"0": {"Return": 1}}}});
    let file = MockFile::parse(&text.to_string()).expect("is read");
    let task = json!({"Type": "Task", "Resource": INVOKE, "End": true,
        "Arguments": {"FunctionName": "f"}});
    let branch = json!({"StartAt": "Price", "States": {"Price": task}});
    let definition = json!({"QueryLanguage": "JSONata", "StartAt": "All", "States": {
        "All": {"Type": "Parallel", "Branches": [branch], "End": true}}});
    let machine = machine(&definition.to_string());
    let check = |case| {
        let mocks = file.case(Some(case), scene()).expect("the case is there");
        mocks.check(&machine)
    };
    let problem = check("c").expect_err("there is no Prise").to_string();
    assert!(
        problem.contains("mocks Prise") && problem.contains("perhaps Price?"),
        "{problem}"
    );
    assert_eq!(check("d"), Ok(()));
}
