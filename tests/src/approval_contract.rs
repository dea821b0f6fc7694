//! What approvals must do on every store: one body, run on all of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use baton_app::{App, AppError, ApprovalRefusal, LoggedNotices, Ports};
use baton_domain::approval::{Approval, ApprovalOutcome, ApprovalStatus, Decision, Submission};
use baton_domain::ports::{Callbacks, Clock, Items, Told, WorkflowError, Workflows};
use baton_domain::run::{Event, Run, RunStatus, Subject, Workflow};
use baton_domain::{ApprovalId, RunId, TenantId};
use serde_json::{Value, json};

use crate::set_clock::SetClock;

/// Asserts the contract on a store that holds nothing of the tenant `approvals`; two people decide
/// otherwise in each of so many `rounds`.
pub async fn approval_contract(items: Arc<dyn Items>, rounds: u32) {
    let world = World::over(items);
    one_of_two_decisions_wins(&world, rounds).await;
    a_lost_callback_is_swept_up(&world).await;
    expiry_and_decision_do_not_both_happen(&world, rounds.div_ceil(5)).await;
    lists_follow(&world).await;
}

/// Use cases over a store, with tasks that wait and a clock that is set.
pub struct World {
    /// The use cases.
    pub app: App,
    /// Whose runs they are.
    pub tenant: TenantId,
    /// The tasks that wait.
    pub tasks: Arc<WaitingTasks>,
    clock: Arc<SetClock>,
}

impl World {
    /// A world over a store.
    pub fn over(items: Arc<dyn Items>) -> Self {
        let (tasks, clock) = (Arc::<WaitingTasks>::default(), Arc::<SetClock>::default());
        let app = App::new(Ports {
            items,
            workflows: Arc::new(NoWorkflows),
            clock: Arc::clone(&clock) as _,
            callbacks: Arc::clone(&tasks) as _,
            notices: Arc::new(LoggedNotices),
        });
        Self {
            app,
            tenant: "approvals".parse().expect("a name"),
            tasks,
            clock,
        }
    }

    /// A new run that waits at its gate `strategy`, with this token.
    pub async fn waiting(&self, token: &str) -> Approval {
        let (run_id, tenant) = (
            RunId::new(self.clock.now(), self.clock.entropy()),
            &self.tenant,
        );
        let queued = Event::Queued {
            workflow: Workflow::Campaign,
            subject: Subject::default(),
            origin: None,
            max_cost_usd: None,
            auto_approve: false,
        };
        let begun = self.app.begin_run(tenant, run_id, vec![queued], Vec::new());
        assert!(begun.await.expect("the store answers").is_some());
        let entered = Event::StageEntered {
            stage: "strategy".to_owned(),
        };
        let entered = self
            .app
            .append(tenant, run_id, "1/enter", vec![entered])
            .await;
        entered.expect("it may run");
        let artifact = self
            .app
            .store_artifact(tenant, run_id, "notes", &json!({"plan": "<b>socks</b>"}))
            .await
            .expect("stored");
        let opened = self.app.approvals(json!({
            "op": "open", "tenant_id": tenant, "run_id": run_id, "attempt": 1, "gate": "strategy",
            "round": 1, "artifact": artifact, "summary": ["Socks"], "token": token,
            "due_seconds": 60, "expires_seconds": 600, "default_decision": "reject",
        }));
        let opened = opened.await.expect("it opens");
        let id = serde_json::from_value(opened["approval_id"].clone()).expect("an id");
        self.approval(id).await
    }

    async fn approval(&self, id: ApprovalId) -> Approval {
        let shown = self.app.show_approval(&self.tenant, id).await;
        shown.expect("it is there").approval
    }

    async fn submit(
        &self,
        id: ApprovalId,
        decision: Decision,
        by: &str,
    ) -> Result<Approval, AppError> {
        let submission = says(id, decision, by);
        let (app, tenant) = (self.app.clone(), self.tenant.clone());
        let work = async move { app.submit_approval(&tenant, &submission).await };
        tokio::spawn(work).await.expect("it does not panic")
    }

    async fn expire(&self, approval: &Approval) -> Value {
        let expired = self.app.approvals(json!({
            "op": "expire", "tenant_id": self.tenant, "run_id": approval.run_id, "attempt": 1,
            "gate": "strategy", "round": 1,
        }));
        expired.await.expect("it expires")
    }
}

fn says(id: ApprovalId, decision: Decision, by: &str) -> Submission {
    Submission {
        request_id: id,
        decision,
        approver: by.to_owned(),
        notes: String::new(),
        edits: None,
        max_cost_usd: None,
        artifact_hash: None,
    }
}

async fn one_of_two_decisions_wins(world: &World, rounds: u32) {
    for round in 0..rounds {
        let token = format!("race-{round}");
        let id = world.waiting(&token).await.approval_id;
        let said = tokio::join!(
            world.submit(id, Decision::Approve, "ada"),
            world.submit(id, Decision::Reject, "bob")
        );
        let (won, lost) = match said {
            (Ok(won), Err(lost)) | (Err(lost), Ok(won)) => (won, lost),
            other => panic!("round {round}: {other:?}"),
        };
        let AppError::Approval(ApprovalRefusal::Decided(there)) = lost else {
            panic!("round {round}: {lost:?}");
        };
        assert_eq!(
            there.outcome, won.outcome,
            "round {round}: the loser is told what won"
        );
        let decision = won.outcome.expect("it is decided").decision;
        let told = world.tasks.told(&token);
        let told: Vec<_> = told.iter().map(|outcome| outcome.decision).collect();
        assert_eq!(told, [decision], "round {round}: the workflow goes on once");
        let calls = world.tasks.calls(&token);
        assert_eq!(calls, 1, "round {round}: who lost tells nobody");
        let run = world
            .app
            .load_run(&world.tenant, won.run_id)
            .await
            .expect("there");
        assert_eq!(run.approvals[0].decision, Some(decision));
        assert_eq!(run.status, RunStatus::Running);
    }
}

async fn a_lost_callback_is_swept_up(world: &World) {
    world.tasks.fail(true);
    let approval = world.waiting("lost").await;
    let decided = world
        .submit(approval.approval_id, Decision::Approve, "ada")
        .await;
    assert_eq!(
        decided.expect("it is decided").status,
        ApprovalStatus::Decided
    );
    world.tasks.fail(false);
    world.clock.advance(Duration::from_secs(31));
    assert_eq!(
        world.tasks.calls("lost"),
        1,
        "whoever decides tries at once"
    );
    assert_eq!(world.tasks.told("lost"), []);
    for (sweep, told) in [(1, 1), (2, 0)] {
        let swept = world
            .app
            .sweep_approvals()
            .await
            .expect("the store answers");
        assert_eq!((swept.told, swept.failed), (told, 0), "sweep {sweep}");
        assert_eq!(world.tasks.told("lost").len(), 1);
        let calls = world.tasks.calls("lost");
        assert_eq!(calls, 2, "sweep {sweep}: what was told is not told again");
    }
}

async fn expiry_and_decision_do_not_both_happen(world: &World, rounds: u32) {
    for round in 0..rounds {
        let token = format!("expiry-{round}");
        let approval = world.waiting(&token).await;
        let submitted = world.submit(approval.approval_id, Decision::Approve, "ada");
        let (submitted, outcome) = tokio::join!(submitted, world.expire(&approval));
        let there = world.approval(approval.approval_id).await.outcome;
        let there = there.expect("one of the two").decision;
        assert_eq!(outcome["decision"], there.name(), "round {round}");
        assert_eq!(
            submitted.is_ok(),
            there == Decision::Approve,
            "round {round}"
        );
        let run = world
            .app
            .load_run(&world.tenant, approval.run_id)
            .await
            .expect("there");
        assert_eq!(run.approvals[0].decision, Some(there), "round {round}");
        // The workflow hears of an expiry by the answer of the task that expires it.
        let calls = world.tasks.calls(&token);
        assert_eq!(calls, usize::from(submitted.is_ok()), "round {round}");
    }
}

async fn lists_follow(world: &World) {
    let approval = world.waiting("listed").await;
    let id = approval.approval_id;
    let is_listed = async |status| {
        let page = world
            .app
            .list_approvals(&world.tenant, Some(status), None, 100)
            .await;
        let page = page.expect("the store answers");
        page.approvals
            .iter()
            .any(|approval| approval.approval_id == id)
    };
    assert!(is_listed(ApprovalStatus::Pending).await);
    world
        .submit(id, Decision::Reject, "ada")
        .await
        .expect("it is decided");
    assert!(!is_listed(ApprovalStatus::Pending).await);
    assert!(is_listed(ApprovalStatus::Decided).await);
}

/// Tasks that wait: each can be completed once, all can be out of reach, and every call is counted.
#[derive(Debug, Default)]
pub struct WaitingTasks {
    told: Mutex<Vec<(String, ApprovalOutcome)>>,
    calls: Mutex<BTreeMap<String, usize>>,
    failing: AtomicBool,
}

impl WaitingTasks {
    /// What the task with this token was told.
    pub fn told(&self, token: &str) -> Vec<ApprovalOutcome> {
        let told = self.told.lock().expect("no thread panics");
        let mine = told.iter().filter(|(known, _)| known == token);
        mine.map(|(_, outcome)| outcome.clone()).collect()
    }

    /// How often somebody called with this token, whatever came of it.
    pub fn calls(&self, token: &str) -> usize {
        let calls = self.calls.lock().expect("no thread panics");
        calls.get(token).copied().unwrap_or_default()
    }

    fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }
}

#[async_trait]
impl Callbacks for WaitingTasks {
    async fn succeed(&self, token: &str, output: &Value) -> Result<Told, WorkflowError> {
        let mut calls = self.calls.lock().expect("no thread panics");
        *calls.entry(token.to_owned()).or_default() += 1;
        if self.failing.load(Ordering::SeqCst) {
            return Err(WorkflowError::Unavailable("switched off".to_owned()));
        }
        let mut told = self.told.lock().expect("no thread panics");
        if told.iter().any(|(known, _)| known == token) {
            return Ok(Told::NobodyWaits);
        }
        let outcome = serde_json::from_value(output.clone()).expect("what was decided");
        told.push((token.to_owned(), outcome));
        Ok(Told::Yes)
    }
}

struct NoWorkflows;

#[async_trait]
impl Workflows for NoWorkflows {
    async fn run(&self, _: &Run) -> Result<Value, WorkflowError> {
        Err(WorkflowError::Unavailable("there are none here".to_owned()))
    }

    async fn start(&self, _: &Run) -> Result<(), WorkflowError> {
        Ok(())
    }

    async fn stop(&self, _: &Run, _: &str) -> Result<(), WorkflowError> {
        Ok(())
    }
}
