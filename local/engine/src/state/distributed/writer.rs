//! `ResultWriter`: what becomes of the results of a distributed Map.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::check::Reader;
use crate::dialect::{Content, Fault};
use crate::execution::Execution;
use crate::jsonata::Scope;

/// `Resource`, its arguments and `WriterConfig`.
#[derive(Debug)]
pub(crate) struct ResultWriter {
    pub(crate) resource: Option<String>,
    arguments: Option<Content>,
    transformation: Option<Transformation>,
    lines: bool,
}

/// What is written of each child execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transformation {
    /// Its output with its metadata.
    None,
    /// Its output.
    Compact,
    /// Its output; the items of it where it is an array.
    Flatten,
}

/// The results of the child executions, by how they ended.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) succeeded: Vec<Value>,
    pub(crate) failed: Vec<Value>,
}

impl From<Vec<(bool, Value)>> for Results {
    /// From results that say whether they failed.
    fn from(results: Vec<(bool, Value)>) -> Self {
        let mut split = Self::default();
        for (failed, result) in results {
            if failed {
                split.failed.push(result);
            } else {
                split.succeeded.push(result);
            }
        }
        split
    }
}

impl ResultWriter {
    pub(super) fn check(mut reader: Reader<'_>) -> Self {
        let resource = reader.text("Resource").map(str::to_owned);
        if resource
            .as_ref()
            .is_some_and(|resource| !resource.ends_with(":s3:putObject"))
        {
            reader.report("Resource", "must be s3:putObject");
        }
        let name = if reader.is_jsonata() {
            "Arguments"
        } else {
            "Parameters"
        };
        let arguments = reader.content(name);
        if resource.is_some() != arguments.is_some() {
            reader.report(
                "",
                format!("needs both 'Resource' and '{name}', or neither"),
            );
        }
        let (mut transformation, mut lines) = (None, false);
        if let Some(mut config) = reader.part("WriterConfig") {
            (transformation, lines) = Self::config(&mut config);
            config.finish("a WriterConfig");
        } else if resource.is_none() {
            reader.report("", "needs 'Resource' or 'WriterConfig'");
        }
        reader.finish("a ResultWriter");
        Self {
            resource,
            arguments,
            transformation,
            lines,
        }
    }

    fn config(config: &mut Reader<'_>) -> (Option<Transformation>, bool) {
        let transformation = match config.text("Transformation") {
            None => None,
            Some("NONE") => Some(Transformation::None),
            Some("COMPACT") => Some(Transformation::Compact),
            Some("FLATTEN") => Some(Transformation::Flatten),
            Some(_) => {
                config.report("Transformation", "must be NONE, COMPACT or FLATTEN");
                None
            }
        };
        let lines = match config.text("OutputType") {
            None | Some("JSON") => false,
            Some("JSONL") => true,
            Some(_) => {
                config.report("OutputType", "must be JSON or JSONL");
                false
            }
        };
        (transformation, lines)
    }

    /// Where the results are written.
    pub(crate) fn arguments(&self, scope: &Scope<'_>) -> Result<Option<Arc<Value>>, Fault> {
        let arguments = self.arguments.as_ref();
        let value = |arguments: &Content| arguments.value(scope, "ResultWriter/Arguments");
        arguments.map(value).transpose()
    }

    /// What is made of each child execution.
    pub(crate) fn transformation(&self) -> Transformation {
        let exported = match self.resource {
            Some(_) => Transformation::None,
            None => Transformation::Compact,
        };
        self.transformation.unwrap_or(exported)
    }

    /// The calls that write the results, and what the Map gives instead of them.
    pub(crate) fn export(
        &self,
        to: &Value,
        run: &MapRunName,
        results: &Results,
    ) -> (Vec<Value>, Value) {
        let bucket = to.get("Bucket").cloned().unwrap_or_default();
        let prefix = to.get("Prefix").and_then(Value::as_str).unwrap_or_default();
        let folder = match prefix.trim_end_matches('/') {
            "" => run.id.clone(),
            prefix => format!("{prefix}/{}", run.id),
        };
        let mut calls = Vec::new();
        let mut file = |name: &str, values: &[Value]| {
            if values.is_empty() {
                return json!([]);
            }
            let extension = if self.lines { "jsonl" } else { "json" };
            let key = format!("{folder}/{name}_0.{extension}");
            let body = self.body(values);
            let listed = json!([{"Key": key, "Size": body.len()}]);
            calls.push(json!({"Bucket": bucket, "Key": key, "Body": body}));
            listed
        };
        let failed = file("FAILED", &results.failed);
        let succeeded = file("SUCCEEDED", &results.succeeded);
        let manifest = json!({
            "DestinationBucket": bucket,
            "MapRunArn": run.arn,
            "ResultFiles": {"FAILED": failed, "PENDING": [], "SUCCEEDED": succeeded},
        });
        let key = format!("{folder}/manifest.json");
        calls.push(json!({"Bucket": bucket, "Key": key, "Body": manifest.to_string()}));
        let output = json!({
            "MapRunArn": run.arn,
            "ResultWriterDetails": {"Bucket": bucket, "Key": key},
        });
        (calls, output)
    }

    fn body(&self, values: &[Value]) -> String {
        if self.lines {
            let lines: Vec<String> = values.iter().map(ToString::to_string).collect();
            return lines.join("\n");
        }
        let items: Vec<String> = values.iter().map(ToString::to_string).collect();
        format!("[{}]", items.join(","))
    }
}

/// What a map run is called.
#[derive(Debug)]
pub(crate) struct MapRunName {
    id: String,
    arn: String,
}

impl MapRunName {
    pub(crate) fn new(run: &mut Execution, label: &str) -> Self {
        let id = run.draw_uuid();
        let machine = &run.info().machine_id;
        let machine = machine.replacen(":stateMachine:", ":mapRun:", 1);
        let arn = format!("{machine}/{label}:{id}");
        Self { id, arn }
    }
}
