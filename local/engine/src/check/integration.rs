//! What a Task may call: Lambda functions and the integrations of AWS, but no activities.

use crate::execution::WorkflowKind;

/// An optimised integration: its service, its actions, and how it can be waited for.
struct Service {
    name: &'static str,
    actions: &'static [&'static str],
    /// `.sync`
    jobs: bool,
    /// `.waitForTaskToken`
    tokens: bool,
}

const fn service(
    name: &'static str,
    actions: &'static [&'static str],
    jobs: bool,
    tokens: bool,
) -> Service {
    Service {
        name,
        actions,
        jobs,
        tokens,
    }
}

/// The integrations that AWS has optimised.
const SERVICES: [Service; 21] = [
    service("apigateway", &["invoke"], false, true),
    service(
        "athena",
        &[
            "startQueryExecution",
            "stopQueryExecution",
            "getQueryExecution",
            "getQueryResults",
        ],
        true,
        false,
    ),
    service("batch", &["submitJob"], true, false),
    service(
        "bedrock",
        &["invokeModel", "createModelCustomizationJob"],
        true,
        true,
    ),
    service(
        "codebuild",
        &[
            "startBuild",
            "stopBuild",
            "batchDeleteBuilds",
            "batchGetReports",
            "startBuildBatch",
            "stopBuildBatch",
            "retryBuildBatch",
            "deleteBuildBatch",
        ],
        true,
        false,
    ),
    service("databrew", &["startJobRun"], true, false),
    service(
        "dynamodb",
        &["getItem", "putItem", "deleteItem", "updateItem"],
        false,
        false,
    ),
    service("ecs", &["runTask"], true, true),
    service(
        "eks",
        &[
            "call",
            "runJob",
            "createCluster",
            "deleteCluster",
            "createFargateProfile",
            "deleteFargateProfile",
            "createNodegroup",
            "deleteNodegroup",
        ],
        true,
        true,
    ),
    service(
        "elasticmapreduce",
        &[
            "createCluster",
            "terminateCluster",
            "addStep",
            "cancelStep",
            "setClusterTerminationProtection",
            "modifyInstanceFleetByName",
            "modifyInstanceGroupByName",
        ],
        true,
        false,
    ),
    service(
        "emr-containers",
        &[
            "createVirtualCluster",
            "deleteVirtualCluster",
            "startJobRun",
        ],
        true,
        false,
    ),
    service(
        "emr-serverless",
        &[
            "createApplication",
            "startApplication",
            "stopApplication",
            "deleteApplication",
            "startJobRun",
            "cancelJobRun",
        ],
        true,
        false,
    ),
    service("events", &["putEvents"], false, true),
    service("glue", &["startJobRun"], true, false),
    service("http", &["invoke"], false, false),
    service("lambda", &["invoke"], false, true),
    service("mediaconvert", &["createJob"], true, false),
    service(
        "sagemaker",
        &[
            "createEndpoint",
            "createEndpointConfig",
            "createHyperParameterTuningJob",
            "createLabelingJob",
            "createModel",
            "createProcessingJob",
            "createTrainingJob",
            "createTransformJob",
            "updateEndpoint",
        ],
        true,
        false,
    ),
    service("sns", &["publish"], false, true),
    service("sqs", &["sendMessage"], false, true),
    service("states", &["startExecution"], true, true),
];

/// Why a Task cannot have this resource, if it cannot.
pub(super) fn refuse(resource: &str, kind: WorkflowKind) -> Option<String> {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let ["arn", partition, service, region, account, rest] = parts.as_slice() else {
        return Some("must be an ARN".to_owned());
    };
    if !partition.starts_with("aws") {
        return Some(format!("'{partition}' is not a partition of AWS"));
    }
    let express = kind == WorkflowKind::Express;
    match (*service, region.is_empty() && account.is_empty()) {
        ("lambda", false) if rest.starts_with("function:") => None,
        ("states", false) if rest.starts_with("activity:") => Some(if express {
            "an Express workflow has no activities".to_owned()
        } else {
            "activities are not supported: a Task of an integration that ends with \
                 '.waitForTaskToken' waits for a worker as well"
                .to_owned()
        }),
        ("states", true) => refuse_integration(rest, express),
        _ => Some(unknown(resource)),
    }
}

fn unknown(resource: &str) -> String {
    format!("'{resource}' is not an integration")
}

/// `service:action`, with `.sync`, `.sync:2` or `.waitForTaskToken` behind it.
fn refuse_integration(text: &str, express: bool) -> Option<String> {
    let (call, pattern) = match text.split_once('.') {
        Some((call, pattern)) => (call, Some(pattern)),
        None => (text, None),
    };
    let refused = match call.strip_prefix("aws-sdk:") {
        Some(call) => refuse_sdk(call, pattern),
        None => refuse_optimised(call, pattern),
    };
    refused.then(|| unknown(text)).or_else(|| {
        let pattern = pattern.filter(|_| express)?;
        Some(format!(
            "an Express workflow does not wait with '.{pattern}'"
        ))
    })
}

fn refuse_optimised(call: &str, pattern: Option<&str>) -> bool {
    let Some((name, action)) = call.split_once(':') else {
        return true;
    };
    let service = SERVICES.iter().find(|service| service.name == name);
    let Some(service) = service.filter(|service| service.actions.contains(&action)) else {
        return true;
    };
    match pattern {
        None => false,
        Some("sync") => !service.jobs,
        Some("sync:2") => name != "states",
        Some("waitForTaskToken") => !service.tokens,
        Some(_) => true,
    }
}

/// Any action of the AWS SDK, in camel case.
fn refuse_sdk(call: &str, pattern: Option<&str>) -> bool {
    let Some((service, action)) = call.split_once(':') else {
        return true;
    };
    let known = !service.is_empty()
        && service
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    let camel = action.starts_with(|letter: char| letter.is_ascii_lowercase())
        && action.chars().all(|letter| letter.is_ascii_alphanumeric());
    !known || !camel || !matches!(pattern, None | Some("waitForTaskToken"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(resource: &str, kind: WorkflowKind) -> bool {
        refuse(resource, kind).is_none()
    }

    #[test]
    fn integrations_are_known_by_name_and_pattern() {
        let standard =
            |name: &str| accepts(&format!("arn:aws:states:::{name}"), WorkflowKind::Standard);
        for known in [
            "lambda:invoke",
            "lambda:invoke.waitForTaskToken",
            "states:startExecution.sync:2",
            "states:startExecution.sync",
            "ecs:runTask.sync",
            "aws-sdk:sfn:sendTaskSuccess",
            "aws-sdk:dynamodb:query",
        ] {
            assert!(standard(known), "{known}");
        }
        for unknown in [
            "lambda:fly",
            "lambda:invoke.sync",
            "sqs:sendMessage.sync:2",
            "nobody:doSomething",
            "aws-sdk:sfn",
            "aws-sdk:Sfn:SendTaskSuccess",
            "dynamodb:getItem.waitForTaskToken",
            "s3:getObject",
        ] {
            assert!(!standard(unknown), "{unknown}");
        }
    }

    #[test]
    fn an_express_workflow_does_not_wait() {
        let express = |resource: &str| accepts(resource, WorkflowKind::Express);
        assert!(express("arn:aws:states:::lambda:invoke"));
        assert!(express("arn:aws:lambda:eu-west-1:1:function:f:alias"));
        assert!(!express(
            "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
        ));
        assert!(!express("arn:aws:states:::states:startExecution.sync:2"));
        assert!(!express("arn:aws:states:eu-west-1:1:activity:a"));
    }
}
