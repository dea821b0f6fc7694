//! What the tests of the personalize workflow share.

use std::collections::BTreeMap;

use baton_domain::item::{Key, Table};
use baton_domain::request::Findings;
use baton_domain::{LogId, RequestId, RunId, TenantId, UserId};
use baton_engine::{Finished, Outcome};
use baton_tests::workflow::{NOON, TENANT, World, noon};
use serde_json::{Value, json};

/// Each result with its agent.
pub(crate) fn agents() -> BTreeMap<&'static str, &'static str> {
    baton_domain::request::RequestType::Personalize
        .results()
        .iter()
        .copied()
        .collect()
}

/// The input that a request of this user is run with.
pub(crate) fn input(user: &str, want: &[&str]) -> Value {
    let tenant = tenant();
    let user: UserId = user.parse().expect("a name");
    json!({
        "request_id": RequestId::new(noon(), 1),
        "run_id": RunId::new(noon(), 2),
        "request_type": "personalize",
        "user_id": user,
        "want": want,
        "limit": 3,
        "as_of": NOON,
        "received_at": NOON,
        "received_ms": noon().as_millisecond(),
        "profile_key": Key::profile(&tenant, &user),
        "catalog_key": Key::catalog(&tenant),
        "log_key": Key::log(&tenant, noon(), LogId::new(noon(), 3)),
        "log_expires_at": noon().as_second() + 86_400,
    })
}

/// All four results.
pub(crate) const ALL: [&str; 4] = ["wtp", "segmentation", "recommendations", "pricing"];

pub(crate) fn tenant() -> TenantId {
    TENANT.parse().expect("a name")
}

/// What the workflow put out; it must have succeeded.
pub(crate) fn findings(finished: &Finished) -> (Findings, bool) {
    let Outcome::Succeeded { output } = &finished.outcome else {
        panic!("the workflow did not succeed: {finished:#?}");
    };
    let findings = serde_json::from_value(output["findings"].clone());
    let findings = findings.unwrap_or_else(|e| panic!("not findings: {e}\n{output:#}"));
    (
        findings,
        output["logged"].as_bool().expect("whether it was logged"),
    )
}

/// The log as the workflow left it.
pub(crate) async fn log(world: &World) -> Vec<Value> {
    let partition = Key::log_partition(&tenant(), noon());
    let items = world.stored(Table::OrchestrationLog, &partition).await;
    items
        .into_iter()
        .map(|item| Value::Object(item.attributes))
        .collect()
}
