use std::sync::Arc;

use async_trait::async_trait;
use baton_app::{LoggedNotices, Ports, SystemClock};
use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::ports::{
    Callbacks, Deliveries, DeliveryError, Items, StoreError, Told, WorkflowError, Workflows,
};
use baton_domain::run::Run;

use super::*;

/// A world in which nothing is there; only deliveries matter here.
struct Nothing;

fn nothing<T>() -> Result<T, StoreError> {
    Err(StoreError("nothing is there".to_owned()))
}

fn nobody<T>() -> Result<T, WorkflowError> {
    Err(WorkflowError::Unavailable("nobody is there".to_owned()))
}

#[async_trait]
impl Items for Nothing {
    async fn get(&self, _: Table, _: &Key) -> Result<Option<Item>, StoreError> {
        nothing()
    }
    async fn put(&self, _: Table, _: &Item, _: &Condition) -> Result<Written, StoreError> {
        nothing()
    }
    async fn delete(&self, _: Table, _: &Key) -> Result<(), StoreError> {
        nothing()
    }
    async fn transact(&self, _: &[Write]) -> Result<Written, StoreError> {
        nothing()
    }
    async fn newest(
        &self,
        _: Table,
        _: &str,
        _: Option<&str>,
        _: usize,
    ) -> Result<Vec<Item>, StoreError> {
        nothing()
    }
}

#[async_trait]
impl Workflows for Nothing {
    async fn run(&self, _: &Run) -> Result<Value, WorkflowError> {
        nobody()
    }
    async fn start(&self, _: &Run) -> Result<(), WorkflowError> {
        nobody()
    }
    async fn stop(&self, _: &Run, _: &str) -> Result<(), WorkflowError> {
        nobody()
    }
}

#[async_trait]
impl Callbacks for Nothing {
    async fn succeed(&self, _: &str, _: &Value) -> Result<Told, WorkflowError> {
        nobody()
    }
}

/// Delivers by the title: `late` may arrive later, `never` will not.
struct ByTitle;

#[async_trait]
impl Deliveries for ByTitle {
    async fn deliver(&self, notice: &Notice) -> Result<(), DeliveryError> {
        let failed = |transient| DeliveryError {
            reason: "on purpose".to_owned(),
            transient,
        };
        match notice.title.as_str() {
            "late" => Err(failed(true)),
            "never" => Err(failed(false)),
            _ => Ok(()),
        }
    }
}

fn app() -> App {
    let nothing = Arc::new(Nothing);
    App::new(Ports {
        items: Arc::clone(&nothing) as _,
        workflows: Arc::clone(&nothing) as _,
        clock: Arc::new(SystemClock),
        callbacks: nothing,
        notices: Arc::new(LoggedNotices),
    })
    .with_deliveries(Arc::new(ByTitle))
}

fn message(id: &str, title: &str) -> Value {
    let notice = json!({
        "notice_id": id, "tenant_id": "acme", "kind": "approval_requested",
        "run_id": "run_01KF0RDQG00000000000000002", "title": title, "lines": [],
    });
    json!({"messageId": id, "body": notice.to_string()})
}

#[tokio::test]
async fn only_what_may_arrive_later_comes_again() {
    let unreadable = json!({"messageId": "torn", "body": "{"});
    let event = json!({"Records": [
        message("a", "fine"), message("b", "late"), message("c", "never"), unreadable,
        message("d", "fine"),
    ]});
    let answer = deliver(&app(), event).await.unwrap();
    let again = json!([{"itemIdentifier": "b"}, {"itemIdentifier": "torn"}]);
    assert_eq!(answer, json!({ "batchItemFailures": again }));
}

#[tokio::test]
async fn what_is_no_batch_is_refused() {
    let error = deliver(&app(), json!({"Records": [{"body": "x"}]})).await;
    let error = error.unwrap_err();
    assert_eq!(error.code, FunctionError::INVALID_INPUT);
    assert!(error.message.starts_with("Records[0]: "), "{error}");
}
