//! The services that workflows call directly, as an embedded workflow meets them.

use std::sync::Arc;

use baton_embedded::{Embedded, Objects, Outbox, SqliteItems};
use baton_engine::{Finished, Machine, Outcome, RunOptions};
use serde_json::{Value, json};

async fn play(baton: &Embedded, states: Value) -> Finished {
    let start = states
        .as_object()
        .and_then(|states| states.keys().next())
        .cloned();
    let definition =
        json!({"QueryLanguage": "JSONata", "StartAt": start, "States": states}).to_string();
    let machine = Machine::parse(&definition).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let options = RunOptions::new("test", baton.integrations());
    baton_engine::run(Arc::new(machine), json!({}), options).await
}

fn output(finished: &Finished) -> &Value {
    match &finished.outcome {
        Outcome::Succeeded { output } => output,
        other => panic!("{other:?}"),
    }
}

fn task(service: &str, arguments: &Value) -> Value {
    let resource = format!("arn:aws:states:::{service}");
    json!({"Call": {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": true}})
}

#[tokio::test]
async fn a_function_named_by_its_arn_answers_the_payload_itself() {
    let baton = Embedded::over(SqliteItems::in_memory().unwrap());
    let event = include_str!("../../../events/wtp-scoring/happy.json");
    let event: Value = serde_json::from_str(event).unwrap();
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:wtp-scoring";
    let direct = |resource: &str| json!({"Call": {"Type": "Task", "Resource": resource, "Arguments": event, "End": true}});
    for resource in [arn, &format!("{arn}:live")] {
        let played = play(&baton, direct(resource)).await;
        assert!(
            output(&played)["usage"].is_object(),
            "{:#}",
            output(&played)
        );
    }
    let invoked = json!({"FunctionName": arn, "Payload": event});
    let played = play(&baton, task("lambda:invoke", &invoked)).await;
    assert!(output(&played)["Payload"]["usage"].is_object());
    let nobody = direct("arn:aws:lambda:eu-west-1:123456789012:function:nobody");
    let played = play(&baton, nobody).await;
    assert_eq!(
        played.outcome.error(),
        Some("Lambda.ResourceNotFoundException")
    );
}

#[tokio::test]
async fn messages_and_events_are_kept_in_the_order_they_were_sent() {
    let items = SqliteItems::in_memory().unwrap();
    let outbox = Outbox::new(items.clone());
    let baton = Embedded::over(items);
    for n in 0..3 {
        let message = json!({"QueueUrl": "http://queue", "MessageBody": {"n": n}});
        let sent = play(&baton, task("sqs:sendMessage", &message)).await;
        assert!(output(&sent)["MessageId"].is_string());
    }
    let entries = json!({"Entries": [{"Detail": {"a": 1}, "DetailType": "t", "Source": "s"}]});
    let sent = play(&baton, task("events:putEvents", &entries)).await;
    assert_eq!(output(&sent)["FailedEntryCount"], 0);
    let queued = outbox.sent("http://queue").await.unwrap();
    let bodies: Vec<Value> = queued.into_iter().map(|message| message.message).collect();
    assert_eq!(bodies, [json!({"n": 0}), json!({"n": 1}), json!({"n": 2})]);
    assert_eq!(outbox.sent("default").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_distributed_map_reads_and_writes_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(folder.path().join("data/in")).unwrap();
    std::fs::write(
        folder.path().join("data/in/rows.csv"),
        "n,name\n1,ada\n2,bob\n",
    )
    .unwrap();
    let mut baton = Embedded::over(SqliteItems::in_memory().unwrap());
    baton.objects = Some(Objects::new(folder.path()));
    let read = json!({"Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"},
        "Arguments": {"Bucket": "data", "Key": "in/rows.csv"}});
    let write = json!({"Resource": "arn:aws:states:::s3:putObject",
        "Arguments": {"Bucket": "data", "Prefix": "out"}});
    let finished = play(
        &baton,
        json!({"Each": {"Type": "Map", "End": true,
        "ItemReader": read, "ResultWriter": write, "ItemProcessor": {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Name", "States": {
                "Name": {"Type": "Pass", "Output": "{% $states.input.name %}", "End": true}}}}}),
    )
    .await;
    let details = &output(&finished)["ResultWriterDetails"];
    let manifest = folder
        .path()
        .join("data")
        .join(details["Key"].as_str().expect("a key"));
    let manifest: Value =
        serde_json::from_str(&std::fs::read_to_string(manifest).unwrap()).unwrap();
    assert!(
        manifest["ResultFiles"]["SUCCEEDED"].is_array(),
        "{manifest:#}"
    );
}

#[tokio::test]
async fn what_is_not_there_fails_by_its_name() {
    let baton = Embedded::over(SqliteItems::in_memory().unwrap());
    let invoke = json!({"FunctionName": "nobody", "Payload": {}});
    let finished = play(&baton, task("lambda:invoke", &invoke)).await;
    assert_eq!(
        finished.outcome.error(),
        Some("Lambda.ResourceNotFoundException")
    );
    let key = json!({"pk": {"S": "a"}, "sk": {"S": "b"}});
    let get = json!({"TableName": "nothing", "Key": key});
    let finished = play(&baton, task("dynamodb:getItem", &get)).await;
    assert_eq!(
        finished.outcome.error(),
        Some("DynamoDB.ResourceNotFoundException")
    );
}
