//! The services that workflows call directly, embedded: agents in process, tables in the store,
//! the topic on the alert port. Answers and error names are those of AWS.

mod synchronous;

use std::sync::Arc;

use async_trait::async_trait;
use baton_agent::Failure;
use baton_domain::Timestamp;
use baton_domain::item::{Condition, EXPIRES_AT, Item, Key, Table};
use baton_domain::ports::{Alert, Alerts, Items, StoreError};
use baton_engine::{Task, TaskError, TaskExecutor};
use serde_json::{Map, Value, json};

use crate::dynamodb_json::{map_from_plain, map_to_plain};
use crate::{Agents, Objects, Outbox, Platform, SqliteItems};

/// Does the tasks of embedded workflows.
#[derive(Clone)]
pub struct Integrations {
    agents: Agents,
    items: Arc<SqliteItems>,
    alerts: Arc<dyn Alerts>,
    outbox: Outbox,
    objects: Option<Objects>,
    platform: Platform,
}

/// The end of a resource that waits for a callback.
const WITH_TOKEN: &str = ".waitForTaskToken";

impl Integrations {
    /// Integrations over these agents, tables and alerts, without objects.
    pub fn new(agents: Agents, items: Arc<SqliteItems>, alerts: Arc<dyn Alerts>) -> Self {
        let outbox = Outbox::new((*items).clone());
        Self {
            agents,
            items,
            alerts,
            outbox,
            objects: None,
            platform: Platform::default(),
        }
    }

    /// The same with platform functions.
    #[must_use]
    pub fn with_platform(self, platform: Platform) -> Self {
        Self { platform, ..self }
    }

    /// The same with S3 in a folder.
    #[must_use]
    pub fn with_objects(mut self, objects: Option<Objects>) -> Self {
        self.objects = objects;
        self
    }

    async fn send_message(&self, arguments: &Value) -> Result<Value, TaskError> {
        let queue = text(arguments, "QueueUrl")?;
        let Some(body) = arguments.get("MessageBody") else {
            return Err(TaskError::new(
                "States.Runtime",
                "the argument MessageBody is missing",
            ));
        };
        let sent = self.outbox.send(queue, body).await;
        let id = sent.map_err(|e| TaskError::new("SQS.SqsException", e.to_string()))?;
        Ok(json!({"MessageId": id.to_string()}))
    }

    async fn put_events(&self, arguments: &Value) -> Result<Value, TaskError> {
        let Some(entries) = arguments["Entries"].as_array() else {
            return Err(TaskError::new(
                "States.Runtime",
                "the argument Entries is not a list",
            ));
        };
        let mut ids = Vec::new();
        for entry in entries {
            let bus = entry["EventBusName"].as_str().unwrap_or("default");
            let sent = self.outbox.send(bus, entry).await;
            let id = sent
                .map_err(|e| TaskError::new("EventBridge.EventBridgeException", e.to_string()))?;
            ids.push(json!({"EventId": id.to_string()}));
        }
        Ok(json!({"Entries": ids, "FailedEntryCount": 0}))
    }

    fn objects(&self) -> Result<&Objects, TaskError> {
        let missing = || TaskError::new("S3.S3Exception", "this Baton has no folder for objects");
        self.objects.as_ref().ok_or_else(missing)
    }

    async fn invoke(&self, mut arguments: Value) -> Result<Value, TaskError> {
        let function = text(&arguments, "FunctionName")?.to_owned();
        let payload = arguments["Payload"].take();
        let answer = self.run(function_name(&function), payload).await?;
        Ok(json!({"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200}))
    }

    /// Runs a function; its answer is the payload itself.
    async fn run(&self, function: &str, payload: Value) -> Result<Value, TaskError> {
        if Platform::FUNCTIONS.contains(&function) {
            let invoked = self.platform.invoke(function, payload).await;
            return invoked.map_err(|error| {
                tracing::warn!(%function, error = error.code, "failed");
                function_error(error.code, &error.message)
            });
        }
        let request_id = payload["request_id"].as_str().unwrap_or("-").to_owned();
        match self.agents.invoke(function, payload).await {
            Ok(envelope) => {
                tracing::info!(%request_id, agent = %function, duration_ms = %envelope["usage"]["duration_ms"], "answered");
                Ok(envelope)
            }
            Err(Failure { code, message }) => {
                tracing::warn!(%request_id, agent = %function, error = %code, "failed");
                Err(function_error(&code, &message))
            }
        }
    }

    async fn get_item(&self, arguments: &Value) -> Result<Value, TaskError> {
        let (table, key) = (table(arguments)?, key(&arguments["Key"])?);
        let item = self
            .items
            .get(table, &key)
            .await
            .map_err(|e| unavailable(&e))?;
        let Some(item) = item else {
            return Ok(json!({}));
        };
        let mut plain = item.attributes;
        plain.insert("pk".to_owned(), item.key.pk.into());
        plain.insert("sk".to_owned(), item.key.sk.into());
        plain.extend(
            item.expires_at
                .map(|at| (EXPIRES_AT.to_owned(), at.as_second().into())),
        );
        Ok(json!({"Item": map_from_plain(&plain)}))
    }

    async fn put_item(&self, arguments: &Value) -> Result<Value, TaskError> {
        let table = table(arguments)?;
        let plain = arguments["Item"].as_object().and_then(map_to_plain);
        let item = to_item(plain.ok_or_else(|| invalid("Item is not an item"))?)?;
        let put = self.items.put(table, &item, &Condition::Always).await;
        put.map_err(|e| unavailable(&e))?;
        Ok(json!({}))
    }

    async fn delete_item(&self, arguments: &Value) -> Result<Value, TaskError> {
        let (table, key) = (table(arguments)?, key(&arguments["Key"])?);
        self.items
            .delete(table, &key)
            .await
            .map_err(|e| unavailable(&e))?;
        Ok(json!({}))
    }

    async fn publish(&self, arguments: &Value) -> Result<Value, TaskError> {
        let alert = Alert {
            subject: arguments["Subject"].as_str().unwrap_or_default().to_owned(),
            message: text(arguments, "Message")?.to_owned(),
        };
        let raised = self.alerts.raise(&alert).await;
        raised.map_err(|e| TaskError::new("SNS.InternalErrorException", e.to_string()))?;
        Ok(json!({"MessageId": "embedded"}))
    }
}

#[async_trait]
impl TaskExecutor for Integrations {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        // The engine may share the arguments with its history; agents take what they are given.
        let arguments = Arc::unwrap_or_clone(task.arguments);
        if is_function(&task.resource) {
            return self.run(function_name(&task.resource), arguments).await;
        }
        let service = task
            .resource
            .strip_prefix("arn:aws:states:::")
            .unwrap_or(&task.resource);
        let waits = service.ends_with(WITH_TOKEN);
        let done = self
            .call(service.trim_end_matches(WITH_TOKEN), arguments)
            .await?;
        // Who was called completes the task later, by its token.
        if waits {
            Err(TaskError::deferred())
        } else {
            Ok(done)
        }
    }
}

impl Integrations {
    async fn call(&self, service: &str, arguments: Value) -> Result<Value, TaskError> {
        match service {
            "lambda:invoke" => self.invoke(arguments).await,
            "dynamodb:getItem" => self.get_item(&arguments).await,
            "dynamodb:putItem" => self.put_item(&arguments).await,
            "dynamodb:deleteItem" => self.delete_item(&arguments).await,
            "sns:publish" => self.publish(&arguments).await,
            "aws-sdk:sfn:startSyncExecution" => {
                let executor = Arc::new(self.clone());
                synchronous::start(executor, &arguments).await
            }
            "sqs:sendMessage" => self.send_message(&arguments).await,
            "events:putEvents" => self.put_events(&arguments).await,
            "s3:getObject" => self.objects()?.get(&arguments),
            "s3:putObject" => self.objects()?.put(&arguments),
            "s3:listObjectsV2" => self.objects()?.list(&arguments),
            _ => Err(TaskError::new(
                "States.Runtime",
                format!("the integration {service} is not supported embedded"),
            )),
        }
    }
}

/// A function's failure as Step Functions tells it.
fn function_error(code: &str, message: &str) -> TaskError {
    let cause = json!({"errorType": code, "errorMessage": message}).to_string();
    TaskError::new(code, cause)
}

/// Whether a resource is a Lambda function by its own ARN, which a state may name directly.
fn is_function(resource: &str) -> bool {
    let parts: Vec<&str> = resource.splitn(7, ':').collect();
    matches!(parts[..], ["arn", _, "lambda", _, _, "function", _])
}

/// The name of a function that is given as Lambda takes it: a name, a part of its ARN or all of
/// it, with or without a version or an alias, which do not differ here.
fn function_name(given: &str) -> &str {
    let name = given
        .rsplit_once("function:")
        .map_or(given, |(_, name)| name);
    name.split_once(':').map_or(name, |(name, _)| name)
}

fn table(arguments: &Value) -> Result<Table, TaskError> {
    let name = text(arguments, "TableName")?;
    let missing = || {
        let cause = format!("there is no table {name}");
        TaskError::new("DynamoDB.ResourceNotFoundException", cause)
    };
    Table::ALL
        .into_iter()
        .find(|table| table.name() == name)
        .ok_or_else(missing)
}

fn key(key: &Value) -> Result<Key, TaskError> {
    let part = |name| key[name]["S"].as_str().map(str::to_owned);
    match (part("pk"), part("sk")) {
        (Some(pk), Some(sk)) => Ok(Key { pk, sk }),
        _ => Err(invalid("Key needs the strings pk and sk")),
    }
}

fn to_item(mut plain: Map<String, Value>) -> Result<Item, TaskError> {
    let mut take = |name| match plain.remove(name) {
        Some(Value::String(text)) => Ok(text),
        _ => Err(invalid("Item needs the strings pk and sk")),
    };
    let key = Key {
        pk: take("pk")?,
        sk: take("sk")?,
    };
    let seconds = plain
        .remove(EXPIRES_AT)
        .and_then(|seconds| seconds.as_i64());
    let expires_at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(Item {
        key,
        attributes: plain,
        expires_at,
    })
}

fn text<'a>(arguments: &'a Value, name: &str) -> Result<&'a str, TaskError> {
    let missing = || TaskError::new("States.Runtime", format!("the argument {name} is missing"));
    arguments[name].as_str().ok_or_else(missing)
}

fn invalid(cause: &str) -> TaskError {
    TaskError::new("DynamoDB.ValidationException", cause)
}

fn unavailable(error: &StoreError) -> TaskError {
    TaskError::new("DynamoDB.InternalServerErrorException", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_known_by_every_name_that_lambda_takes() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:wtp-scoring";
        for given in [
            "wtp-scoring",
            "wtp-scoring:live",
            "123456789012:function:wtp-scoring",
            arn,
        ] {
            assert_eq!(function_name(given), "wtp-scoring");
        }
        let alias = format!("{arn}:live");
        assert_eq!(function_name(&alias), "wtp-scoring");
        assert!(is_function(arn) && is_function(&alias));
        assert!(!is_function("arn:aws:states:::lambda:invoke"));
    }
}
