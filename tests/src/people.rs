//! What people and the world around a workflow do in a test: they decide what waits for them, tasks
//! hear of it, and it is always noon.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baton_app::{App, AppError};
use baton_domain::approval::{Approval, ApprovalStatus, Submission};
use baton_domain::ports::{Callbacks, Clock, Told, WorkflowError, Workflows};
use baton_domain::run::Run;
use baton_domain::{TenantId, Timestamp};
use baton_embedded::Integrations;
use baton_engine::{Task, TaskError, TaskExecutor};
use serde_json::{Value, json};

use crate::workflow::{TENANT, noon};

/// What people do when something waits for them: decide it, or let it wait. The number is the round
/// of the gate, counted from 1.
pub type People = dyn Fn(&Approval, u32) -> Option<Value> + Send + Sync;

/// Everybody approves whatever comes.
pub fn approving() -> Arc<People> {
    Arc::new(|_, _| Some(json!({"decision": "approve"})))
}

/// Nobody is there.
pub fn nobody() -> Arc<People> {
    Arc::new(|_, _| None)
}

/// The tenant of the world.
pub fn tenant() -> TenantId {
    TENANT.parse().expect("a name")
}

/// Does tasks, and lets people decide what waits for them.
pub(crate) struct WithPeople {
    pub(crate) rest: Integrations,
    pub(crate) app: Arc<App>,
    pub(crate) desk: Arc<Desk>,
    pub(crate) people: Arc<People>,
}

#[async_trait]
impl TaskExecutor for WithPeople {
    async fn execute(&self, task: Task) -> Result<Value, TaskError> {
        let payload = &task.arguments["Payload"];
        let (token, round) = (payload["token"].clone(), payload["round"].clone());
        let done = self.rest.execute(task).await;
        // Where the function failed, nobody waits with this token: the task is tried again.
        let waits = done == Err(TaskError::deferred());
        let Some(token) = token.as_str().filter(|_| waits) else {
            return done;
        };
        if let Some(outcome) = self.desk.told(token) {
            return Ok(outcome);
        }
        self.decide(u32::try_from(round.as_u64().unwrap_or(1)).unwrap_or(1))
            .await;
        self.desk.told(token).map_or(done, Ok)
    }
}

impl WithPeople {
    async fn decide(&self, round: u32) {
        let pending = Some(ApprovalStatus::Pending);
        let pending = self.app.list_approvals(&tenant(), pending, None, 10).await;
        for approval in pending.expect("approvals are listed").approvals {
            let Some(mut submission) = (self.people)(&approval, round) else {
                continue;
            };
            submission["request_id"] = json!(approval.approval_id);
            submission["approver"] = json!("ada");
            let submission: Submission =
                serde_json::from_value(submission).expect("people know the form");
            let mut decided = self.app.submit_approval(&tenant(), &submission).await;
            if let Err(AppError::Store(_)) = decided {
                // Whoever is told that the store does not answer says the same again.
                decided = self.app.submit_approval(&tenant(), &submission).await;
            }
            decided.unwrap_or_else(|error| panic!("it can be decided: {error}"));
        }
    }
}

/// Where tasks hear what was decided: each token once.
#[derive(Default)]
pub(crate) struct Desk(Mutex<BTreeMap<String, Value>>);

impl Desk {
    pub(crate) fn forget(&self) {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.clear();
    }

    pub(crate) fn told(&self, token: &str) -> Option<Value> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(token).cloned()
    }
}

#[async_trait]
impl Callbacks for Desk {
    async fn succeed(&self, token: &str, output: &Value) -> Result<Told, WorkflowError> {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.contains_key(token) {
            return Ok(Told::NobodyWaits);
        }
        told.insert(token.to_owned(), output.clone());
        Ok(Told::Yes)
    }
}

/// Workflows that are started by the test itself.
#[derive(Default)]
pub(crate) struct Starts(Mutex<Vec<Run>>);

impl Starts {
    pub(crate) fn last(&self) -> Option<Run> {
        let starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        starts.last().cloned()
    }
}

#[async_trait]
impl Workflows for Starts {
    async fn run(&self, _: &Run) -> Result<Value, WorkflowError> {
        Err(WorkflowError::Unavailable("the test plays it".to_owned()))
    }

    async fn start(&self, run: &Run) -> Result<(), WorkflowError> {
        let mut starts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        starts.push(run.clone());
        Ok(())
    }

    async fn stop(&self, _: &Run, _: &str) -> Result<(), WorkflowError> {
        Ok(())
    }
}

/// It is noon until somebody waits, and chance counts, so that every world has the same ids.
#[derive(Default)]
pub(crate) struct StoppedClock {
    drawn: AtomicU64,
    waited: AtomicU32,
}

impl StoppedClock {
    /// Lets seconds pass.
    pub(crate) fn wait(&self, seconds: u32) {
        self.waited.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Timestamp {
        noon() + Duration::from_secs(self.waited.load(Ordering::Relaxed).into())
    }

    fn entropy(&self) -> u128 {
        u128::from(self.drawn.fetch_add(1, Ordering::Relaxed)) + 1
    }
}
