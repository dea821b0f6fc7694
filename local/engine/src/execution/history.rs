//! Events as `GetExecutionHistory` spells them.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::{Details, Event, EventKind, Info};
use crate::failure::Failure;

impl EventKind {
    /// The name as the history spells it.
    pub fn name(self) -> Cow<'static, str> {
        let of_state =
            |state: crate::StateType, what: &str| Cow::Owned(format!("{state:?}State{what}"));
        match self {
            Self::StateEntered(state) => of_state(state, "Entered"),
            Self::StateExited(state) => of_state(state, "Exited"),
            Self::StateStarted(state) => of_state(state, "Started"),
            Self::StateSucceeded(state) => of_state(state, "Succeeded"),
            Self::StateFailed(state) => of_state(state, "Failed"),
            Self::StateAborted(state) => of_state(state, "Aborted"),
            other => Cow::Owned(format!("{other:?}")),
        }
    }

    /// Whether the history has it; the engine's own are for observers.
    pub fn is_history(self) -> bool {
        self != Self::Retry
    }

    /// The field that holds its details.
    fn field(self) -> String {
        match self {
            Self::StateEntered(_) => "stateEnteredEventDetails".to_owned(),
            Self::StateExited(_) => "stateExitedEventDetails".to_owned(),
            other => {
                let name = other.name();
                let mut letters = name.chars();
                let first = letters.next().map(|letter| letter.to_ascii_lowercase());
                let rest = letters.as_str();
                format!("{}{rest}EventDetails", first.unwrap_or_default())
            }
        }
    }
}

impl Event {
    /// The event as the API answers it: payloads are JSON in a string, times are ISO 8601.
    pub fn to_history(&self, info: &Info) -> Value {
        let mut fields = Map::new();
        fields.insert("timestamp".to_owned(), format!("{:.3}", self.at).into());
        fields.insert("type".to_owned(), self.kind.name().into());
        fields.insert("id".to_owned(), self.id.into());
        fields.insert("previousEventId".to_owned(), self.previous.into());
        if let Value::Object(details) = self.details(info)
            && !(details.is_empty() && matches!(self.details, Details::None))
        {
            fields.insert(self.kind.field(), Value::Object(details));
        }
        Value::Object(fields)
    }

    fn details(&self, info: &Info) -> Value {
        let legacy = self.kind.name().starts_with("LambdaFunction");
        match &self.details {
            Details::None => Value::Null,
            // A direct Lambda call has no details when it starts.
            Details::Started(_) if legacy => Value::Null,
            Details::Input(input) => self.with_input(input, info),
            Details::Output(output) => output_of(output),
            Details::Exited { output, assigned } => self.exited(output, assigned),
            Details::Evaluation { failure, location } => {
                let mut details = failure_of(failure);
                details["location"] = location.clone().into();
                details["state"] = (*self.name).into();
                details
            }
            Details::Failure(failure) => failure_of(failure),
            Details::TaskOutput(_, output) if legacy => output_of(output),
            Details::TaskOutput(resource, output) => of_resource(resource, output_of(output)),
            Details::TaskFailure(_, failure) if legacy => failure_of(failure),
            Details::TaskFailure(resource, failure) => of_resource(resource, failure_of(failure)),
            Details::Started(resource) => of_resource(resource, json!({})),
            Details::Redriven(count) => json!({"redriveCount": count}),
            Details::Length(length) => json!({"length": length}),
            Details::Iteration(index) => json!({"name": *self.name, "index": index}),
            Details::Scheduled { .. } => self.scheduled(legacy),
            Details::Retry { .. } => self.retried(),
        }
    }

    fn with_input(&self, input: &Value, info: &Info) -> Value {
        let mut details = json!({"input": input.to_string(), "inputDetails": {"truncated": false}});
        if self.kind == EventKind::ExecutionStarted {
            details["roleArn"] = info.role_arn.clone().into();
        } else {
            details["name"] = (*self.name).into();
        }
        details
    }

    fn exited(&self, output: &Value, assigned: &super::Assigned) -> Value {
        let mut details = output_of(output);
        details["name"] = (*self.name).into();
        if !assigned.is_empty() {
            let assigned = assigned
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string().into()));
            details["assignedVariables"] = Value::Object(assigned.collect());
            details["assignedVariablesDetails"] = json!({"truncated": false});
        }
        details
    }

    fn scheduled(&self, legacy: bool) -> Value {
        let Details::Scheduled {
            resource,
            parameters,
            timeout,
            heartbeat,
        } = &self.details
        else {
            return Value::Null;
        };
        let mut details = if legacy {
            json!({
                "resource": **resource,
                "input": parameters.to_string(),
                "inputDetails": {"truncated": false},
            })
        } else {
            let rest = json!({"region": region(resource), "parameters": parameters.to_string()});
            of_resource(resource, rest)
        };
        if let Some(seconds) = timeout {
            details["timeoutInSeconds"] = (*seconds).into();
        }
        if let Some(seconds) = heartbeat {
            details["heartbeatInSeconds"] = (*seconds).into();
        }
        details
    }

    fn retried(&self) -> Value {
        let Details::Retry {
            failure,
            attempt,
            delay_ms,
        } = &self.details
        else {
            return Value::Null;
        };
        let mut details = failure_of(failure);
        details["attempt"] = (*attempt).into();
        details["delayMs"] = (*delay_ms).into();
        details
    }
}

fn output_of(output: &Value) -> Value {
    json!({"output": output.to_string(), "outputDetails": {"truncated": false}})
}

/// Both parts are left out where there are none.
fn failure_of(failure: &Failure) -> Value {
    let mut details = json!({});
    if let Some(error) = &failure.error {
        details["error"] = error.clone().into();
    }
    if let Some(cause) = &failure.cause {
        details["cause"] = cause.clone().into();
    }
    details
}

/// `arn:aws:states:::lambda:invoke` has the type `lambda` and the resource `invoke`;
/// `arn:aws:states:::aws-sdk:s3:getObject` the type `aws-sdk:s3`.
fn of_resource(resource: &str, mut details: Value) -> Value {
    let name = resource.splitn(6, ':').nth(5).unwrap_or(resource);
    let colons = 1 + usize::from(name.starts_with("aws-sdk:"));
    let at = name.match_indices(':').nth(colons - 1).map(|(at, _)| at);
    let (kind, name) = at.map_or((name, ""), |at| (&name[..at], &name[at + 1..]));
    details["resourceType"] = kind.into();
    details["resource"] = name.into();
    details
}

/// The region that an ARN names; a local one names none.
fn region(resource: &str) -> &str {
    let region = resource.split(':').nth(3).unwrap_or_default();
    if region.is_empty() { "local" } else { region }
}
