//! What a Task hands to an integration, as far as the definition says it.

use serde_json::Value;

use super::reader::Reader;
use crate::jsonata::expression_text;

/// The arguments that a request of an integration needs, by its call.
///
/// Callbacks and jobs need what the plain call needs.
const REQUIRED: [(&str, &[&str]); 15] = [
    ("lambda:invoke", &["FunctionName"]),
    ("dynamodb:getItem", &["TableName", "Key"]),
    ("dynamodb:putItem", &["TableName", "Item"]),
    ("dynamodb:deleteItem", &["TableName", "Key"]),
    ("dynamodb:updateItem", &["TableName", "Key"]),
    ("sqs:sendMessage", &["QueueUrl", "MessageBody"]),
    ("sns:publish", &["Message"]),
    ("events:putEvents", &["Entries"]),
    ("states:startExecution", &["StateMachineArn"]),
    ("ecs:runTask", &["TaskDefinition"]),
    ("glue:startJobRun", &["JobName"]),
    ("aws-sdk:sfn:sendTaskSuccess", &["TaskToken", "Output"]),
    ("aws-sdk:sfn:sendTaskFailure", &["TaskToken"]),
    ("aws-sdk:sfn:sendTaskHeartbeat", &["TaskToken"]),
    ("aws-sdk:sfn:startExecution", &["StateMachineArn"]),
];

/// `service:action` of an integration, without how it is waited for.
fn call(resource: &str) -> Option<&str> {
    let mut parts = resource.splitn(6, ':');
    let is_integration = parts.nth(2) == Some("states") && parts.next() == Some("");
    let call = parts.nth(1).filter(|_| is_integration)?;
    Some(call.split_once('.').map_or(call, |(call, _)| call))
}

impl Reader<'_> {
    /// Reports what this Task's integration needs and does not get. A Lambda function or an
    /// activity by its own ARN takes whatever the input is; an integration does not.
    pub(super) fn required_arguments(&mut self, resource: &str) {
        let Some(call) = call(resource) else { return };
        let name = if self.is_jsonata() {
            "Arguments"
        } else {
            "Parameters"
        };
        let Some(value) = self.get(name) else {
            let message = format!("{name} field is required for resource ARN: {resource}");
            self.report("", message);
            return;
        };
        // What an expression gives as a whole is not known before it runs.
        if self.is_jsonata() && value.as_str().and_then(expression_text).is_some() {
            return;
        }
        let Value::Object(given) = value else {
            self.report(name, "must be an object");
            return;
        };
        let by_path = !self.is_jsonata();
        let required = REQUIRED.iter().find(|(known, _)| *known == call);
        for field in required.into_iter().flat_map(|(_, fields)| *fields) {
            let has_path = by_path && given.contains_key(&format!("{field}.$"));
            if !has_path && !given.contains_key(*field) {
                let message = format!("The field '{field}' is required but was missing");
                self.report(name, message);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::call;

    #[test]
    fn the_call_is_known_however_it_is_waited_for() {
        assert_eq!(
            call("arn:aws:states:::lambda:invoke"),
            Some("lambda:invoke")
        );
        let sync = "arn:aws-cn:states:::states:startExecution.sync:2";
        assert_eq!(call(sync), Some("states:startExecution"));
        let sdk = "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess";
        assert_eq!(call(sdk), Some("aws-sdk:sfn:sendTaskSuccess"));
        assert_eq!(call("arn:aws:lambda:eu-west-1:1:function:f"), None);
        assert_eq!(call("arn:aws:states:eu-west-1:1:activity:a"), None);
    }
}
