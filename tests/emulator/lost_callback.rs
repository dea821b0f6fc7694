//! A decision of which the workflow was not told, since Step Functions was out of reach at the time.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use baton_app::{App, LoggedNotices, Ports, SystemClock};
use baton_domain::Timestamp;
use baton_domain::approval::{ApprovalStatus, Submission};
use baton_domain::ports::{Callbacks, Clock, Told, WorkflowError};
use baton_tests::emulator::Deployed;
use baton_tests::http_api::Api;
use serde_json::{Value, json};

use crate::campaign::{TENANT, invoke, over, start, submit, waiting};

/// It was decided a minute ago on the stack's own tables: the deployed sweep tells the workflow,
/// which goes on to its next gate.
pub(crate) async fn is_delivered_by_the_sweep(stack: &Deployed, api: &Api) {
    let run = start(api, "lost").await;
    let approval = waiting(api, &run).await;
    assert_eq!(approval["gate"], "strategy");
    let submission: Submission = serde_json::from_value(json!({
        "request_id": approval["approval_id"], "decision": "approve", "approver": "ada",
    }))
    .expect("the form is known");
    let tenant = TENANT.parse().expect("a name");
    let decided = cut_off(stack).submit_approval(&tenant, &submission).await;
    assert_eq!(
        decided.expect("it is decided").status,
        ApprovalStatus::Decided
    );
    let swept = invoke(stack, "SweepFunction");
    assert_eq!(swept["approvals"]["failed"], 0, "{swept}");
    assert_eq!(waiting(api, &run).await["gate"], "content", "{swept}");
    let cancelled = submit(api, &format!("/runs/{run}/cancel"), &[], &json!({})).await;
    assert!(cancelled.status.is_success(), "{cancelled:?}");
    assert_eq!(over(api, &run).await["status"], "cancelled");
}

/// The use cases over the stack's tables, a minute ago, when no callback came through.
fn cut_off(stack: &Deployed) -> App {
    App::new(Ports {
        items: Arc::new(stack.items()),
        workflows: Arc::new(stack.workflows()),
        clock: Arc::new(AMinuteAgo),
        callbacks: Arc::new(OutOfReach),
        notices: Arc::new(LoggedNotices),
    })
}

struct OutOfReach;

#[async_trait]
impl Callbacks for OutOfReach {
    async fn succeed(&self, _: &str, _: &Value) -> Result<Told, WorkflowError> {
        Err(WorkflowError::Unavailable("by the test".to_owned()))
    }
}

struct AMinuteAgo;

impl Clock for AMinuteAgo {
    fn now(&self) -> Timestamp {
        SystemClock.now() - Duration::from_mins(1)
    }

    fn entropy(&self) -> u128 {
        SystemClock.entropy()
    }
}
