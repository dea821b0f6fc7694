//! A run that comes to a gate, for the tests of approvals.

use baton_domain::approval::{Approval, Decision, Submission};
use baton_domain::run::{ArtifactRef, Event, RunState};
use baton_domain::{ApprovalId, RunId, TenantId};
use serde_json::{Value, json};

use super::{TestWorld, tenant};
use crate::{App, ApprovalLinks, Approving, FunctionError};

pub(crate) const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

pub(crate) struct Gate {
    pub(crate) world: TestWorld,
    pub(crate) app: App,
    pub(crate) tenant: TenantId,
    pub(crate) run_id: RunId,
    pub(crate) artifact: ArtifactRef,
}

impl Gate {
    /// A run in its stage `content`, with one mail to approve, and an approver with links.
    pub(crate) async fn new() -> Self {
        let world = TestWorld::new(|_| Ok(Value::Null));
        let app = world.app().with_approving(Approving {
            approvers: vec!["ada@example.com".to_owned()],
            links: ApprovalLinks::new(SECRET, "https://baton.example/").ok(),
            may_auto_approve: true,
        });
        let (run_id, artifact) = run(&app, &tenant("acme"), 1).await;
        Self {
            world,
            app,
            tenant: tenant("acme"),
            run_id,
            artifact,
        }
    }

    /// The payload that opens the gate with this token.
    pub(crate) fn opening(&self, token: &str) -> Value {
        json!({
            "op": "open", "tenant_id": self.tenant, "run_id": self.run_id, "attempt": 1,
            "gate": "content", "round": 1, "artifact": self.artifact,
            "summary": ["1 mail", ["<b>Socks</b>"]], "token": token, "due_seconds": 3600,
            "expires_seconds": 7200, "default_decision": "reject", "auto_approve": false,
            "reminder": false,
        })
    }

    pub(crate) fn expiry(&self) -> Value {
        json!({"op": "expire", "tenant_id": self.tenant, "run_id": self.run_id, "attempt": 1,
            "gate": "content", "round": 1})
    }

    /// Opens the gate and answers its approval.
    pub(crate) async fn open(&self, token: &str) -> Approval {
        let id = self.call(self.opening(token)).await.unwrap()["approval_id"].clone();
        let id = serde_json::from_value(id).unwrap();
        self.approval(id).await
    }

    pub(crate) async fn call(&self, payload: Value) -> Result<Value, FunctionError> {
        self.app.approvals(payload).await
    }

    pub(crate) async fn approval(&self, id: ApprovalId) -> Approval {
        self.app.approval(&self.tenant, id).await.unwrap()
    }

    pub(crate) async fn run(&self) -> RunState {
        self.app.load_run(&self.tenant, self.run_id).await.unwrap()
    }

    /// The types of the run's events.
    pub(crate) async fn events(&self) -> Vec<String> {
        let events = self.app.run_events(&self.tenant, self.run_id, 0, 100).await;
        let kind = |event| json!(event)["type"].as_str().unwrap().to_owned();
        events
            .unwrap()
            .into_iter()
            .map(|entry| kind(entry.event))
            .collect()
    }
}

/// A run with one mail to approve.
pub(crate) async fn run(app: &App, tenant: &TenantId, n: u128) -> (RunId, ArtifactRef) {
    let run_id = app.begin_test_run(tenant, n).await;
    let stored = app
        .store_artifact(tenant, run_id, "content", &content())
        .await;
    let artifact = stored.unwrap();
    let entered = Event::StageEntered {
        stage: "content".to_owned(),
    };
    app.append(tenant, run_id, "1/enter", vec![entered])
        .await
        .unwrap();
    (run_id, artifact)
}

pub(crate) fn content() -> Value {
    json!({"qa": [], "emails": [{
        "email_id": "email-01",
        "subject_lines": [
            {"variant": "A", "text": "Warm <socks>", "preheader": "", "technique": "benefit"},
        ],
        "copy": {
            "headline": "Warm", "paragraphs": ["Socks."], "plain_text": "Socks.",
            "call_to_action": {"label": "Buy", "url": "https://example.com"},
        },
        "mockup_html": "<script>alert(1)</script>",
        "personalization": [],
    }]})
}

pub(crate) fn says(id: ApprovalId, decision: Decision, approver: &str) -> Submission {
    Submission {
        request_id: id,
        decision,
        approver: approver.to_owned(),
        notes: "because".to_owned(),
        edits: None,
        max_cost_usd: None,
        artifact_hash: None,
    }
}
