//! The routes of the router, of its OpenAPI document and of the API in front are the same.

use std::collections::BTreeSet;

use baton_embedded::{Embedded, SqliteItems};
use baton_http::Access;
use baton_tests::http_api::Api;
use serde_json::Value;

use crate::template::resources;

/// The OpenAPI document, as it is served.
async fn document() -> Value {
    let baton = Embedded::over(SqliteItems::in_memory().expect("SQLite opens in memory"));
    let served = Api::of(&baton, Access::Open)
        .await
        .get("/openapi.json", "any")
        .await;
    served.body
}

#[tokio::test]
async fn the_gateway_has_every_route_of_the_api() {
    let document = document().await;
    let mut names = BTreeSet::new();
    let mut wanted = BTreeSet::from(["GET /openapi.json".to_owned()]);
    for (path, methods) in document["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            assert!(
                names.insert(operation["operationId"].to_string()),
                "{operation:#}"
            );
            wanted.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let routes = resources("AWS::ApiGatewayV2::Route");
    let keys = routes
        .values()
        .filter_map(|route| route["Properties"]["RouteKey"].as_str());
    assert_eq!(keys.map(str::to_owned).collect::<BTreeSet<_>>(), wanted);
}

#[tokio::test]
async fn every_schema_that_is_named_is_there() {
    let document = document().await;
    let mut named = Vec::new();
    references(&document, &mut named);
    assert!(named.len() > 20, "{named:?}");
    for reference in named {
        let pointer = reference.trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

#[tokio::test]
async fn each_input_of_a_context_has_an_example() {
    let document = document().await;
    let inputs = &document["components"]["schemas"]["Context"]["properties"];
    for (result, field) in [
        ("lead", "events"),
        ("forecast", "series"),
        ("copy", "brand"),
        ("script", "brand"),
    ] {
        let example = &inputs[result]["example"];
        assert!(
            example.get(field).is_some(),
            "{result}: {:#}",
            inputs[result]
        );
    }
}

fn references(value: &Value, named: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str);
            named.extend(reference.map(str::to_owned));
            fields.values().for_each(|value| references(value, named));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, named)),
        _ => {}
    }
}
