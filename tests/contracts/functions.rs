//! One name for one thing: crate = binary = events folder, `DraftCopyFunction` in the template;
//! a log group with retention and a narrow role for each.

use std::collections::BTreeSet;

use baton_tests::functions::functions;
use serde_json::Value;

use crate::template::{pascal_case, resources};

#[test]
fn every_function_is_deployed_under_its_name() {
    let deployed = resources("AWS::Serverless::Function");
    let mut wanted = BTreeSet::new();
    for function in functions() {
        let id = format!("{}Function", pascal_case(&function.name));
        let properties = &deployed
            .get(&id)
            .unwrap_or_else(|| panic!("{id} is missing"))["Properties"];
        assert_eq!(
            properties["CodeUri"],
            format!("../target/lambda/{}/", function.name),
            "{id}"
        );
        wanted.insert(id);
    }
    let there: BTreeSet<String> = deployed.keys().cloned().collect();
    assert_eq!(there, wanted, "no function without a crate");
}

#[test]
fn every_function_has_events() {
    for function in functions() {
        let cases: Vec<String> = function
            .events()
            .into_iter()
            .map(|(case, _)| case)
            .collect();
        for case in ["bad", "happy", "thin"] {
            assert!(
                cases.contains(&case.to_owned()),
                "events/{}/{case}.json",
                function.name
            );
        }
    }
}

#[test]
fn every_function_logs_to_a_group_of_its_own_with_retention() {
    let groups = resources("AWS::Logs::LogGroup");
    for (id, function) in resources("AWS::Serverless::Function") {
        let group = function["Properties"]["LoggingConfig"]["LogGroup"]["!Ref"].as_str();
        let group = group.unwrap_or_else(|| panic!("{id} has no log group"));
        assert_eq!(group, id.replace("Function", "Logs"));
        assert!(
            !groups[group]["Properties"]["RetentionInDays"].is_null(),
            "{group}"
        );
    }
}

#[test]
fn an_agent_may_write_its_log_and_ask_its_model_and_nothing_else() {
    let roles = resources("AWS::IAM::Role");
    for function in functions().into_iter().filter(|function| function.is_agent) {
        let id = pascal_case(&function.name);
        let policies = roles[&format!("{id}Role")]["Properties"]["Policies"].as_array();
        let mut statements = statements(policies.expect("policies"));
        let log = statements.remove(0);
        let arn = serde_json::json!({"!GetAtt": format!("{id}Logs.Arn")});
        assert_eq!(log["Resource"], arn, "{id}");
        let actions: Vec<&Value> = statements.iter().map(|s| &s["Action"]).collect();
        let models: &[&str] = if function.asks_a_model() {
            &["bedrock:InvokeModel"]
        } else {
            &[]
        };
        assert_eq!(actions, models, "{id}");
    }
}

#[test]
fn no_role_reaches_everything() {
    for (id, role) in resources("AWS::IAM::Role") {
        assert!(role["Properties"]["ManagedPolicyArns"].is_null(), "{id}");
        for statement in statements(role["Properties"]["Policies"].as_array().expect("policies")) {
            let actions = &statement["Action"];
            assert!(!actions.to_string().contains('*'), "{id}: {actions}");
            // Delivery of logs is the one thing that IAM cannot narrow to a resource.
            let delivery = actions.to_string().contains("logs:CreateLogDelivery");
            assert!(
                delivery || statement["Resource"] != "*",
                "{id}: {actions} on everything"
            );
        }
    }
}

fn statements(policies: &[Value]) -> Vec<Value> {
    let of = |policy: &Value| policy["PolicyDocument"]["Statement"].as_array().cloned();
    let all = policies.iter().filter_map(of).flatten();
    // What is allowed under a condition counts as allowed.
    all.map(|statement| match statement["!If"].as_array() {
        Some(condition) => condition[1].clone(),
        None => statement,
    })
    .collect()
}
