//! Shows research: how a task stands, what it spent on what, its report, and a tenant's tasks.

use baton_domain::item::Key;
use baton_domain::payment::{AuditEntry, PurchaseState};
use baton_domain::run::{GateRecord, RunState, RunStatus, RunSummary, Workflow};
use baton_domain::{Money, RunId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::start_task::ResearchInput;
use crate::{App, AppError, RunPage, ShownPurchase, explained};

/// The artifact that is a task's report, and its field that is read.
const REPORT: &str = "report";
const MARKDOWN: &str = "markdown";

/// The artifact that says which sources are worth their price.
const RANKING: &str = "ranking";

/// Why a source that was found was not even looked at.
const LEFT_OUT: &str = "the keywords stand only within words of its name";

/// What is not found when a task is not.
const TASK: &str = "such task";

/// What is not found before a report is written.
const NO_REPORT: &str = "report of this task yet: GET /tasks/{id} says how it stands";

/// A task of research.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Task {
    /// The task, which is a run: what `/runs/{id}` takes.
    pub task_id: RunId,
    /// How it stands.
    pub status: RunStatus,
    /// The stage that it is in, or ended in.
    pub stage: Option<String>,
    /// What to find out about.
    pub theme: String,
    /// What may be spent on data.
    pub budget: Money,
    /// What was paid for data.
    pub spent: Money,
    /// What is held: for what is under way, and for what nobody knows whether it was paid.
    pub reserved: Money,
    /// What was taken beyond what was agreed: more than a price, or unasked.
    pub overcharged: Money,
    /// What was bought or wanted, by the ids of the sources.
    pub purchases: Vec<ShownPurchase>,
    /// Every change of purchases and budget, oldest first; only where it is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<Vec<AuditEntry>>,
    /// The report in Markdown; nothing before it is written.
    pub report: Option<String>,
    /// Why it did not do what was asked; nothing where it did, or still may.
    pub error: Option<TaskError>,
    /// The gates at which it waits for a person: what `POST /approvals/submit` takes.
    pub approvals: Vec<GateRecord>,
    /// When it was accepted.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// Why a task did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskError {
    /// `WorkflowError`, `PaymentError`, `DataError` or `AuthenticationError`.
    pub error: String,
    /// What happened, and what to do about it.
    pub message: String,
    /// The task.
    pub task_id: RunId,
    /// When.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
}

impl TaskError {
    /// The name of every error that has no other.
    pub const WORKFLOW: &'static str = "WorkflowError";

    /// Every name.
    pub const NAMES: [&'static str; 4] = [
        Self::WORKFLOW,
        "PaymentError",
        "DataError",
        "AuthenticationError",
    ];

    /// Why a run ended without having done what was asked, if it did.
    fn of(run: &RunState) -> Option<Self> {
        if !run.status.is_redrivable() {
            return None;
        }
        let known = |name: &&str| run.error.as_deref() == Some(*name);
        let name = Self::NAMES.into_iter().find(known);
        // A name of the engine's says what the four do not, so it is kept in the message.
        let other = run.error.as_ref().filter(|_| name.is_none());
        let said: Vec<&str> = [other, run.cause.as_ref()]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        let said = match said[..] {
            [] => format!("the task is {}", run.status.name()),
            _ => said.join(": "),
        };
        let error = run.error.as_deref().unwrap_or_default();
        let message = match explained(error, run.cause.as_deref()) {
            Some(sentence) => format!("{sentence} ({said})"),
            None => said,
        };
        Some(Self {
            error: name.unwrap_or(Self::WORKFLOW).to_owned(),
            message,
            task_id: run.run_id,
            timestamp: run.updated_at,
        })
    }
}

/// A task in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskSummary {
    /// The task.
    pub task_id: RunId,
    /// How it stands.
    pub status: RunStatus,
    /// The stage that it is in, or ended in.
    pub stage: Option<String>,
    /// What to find out about.
    pub theme: String,
    /// What it cost so far: data, and the work of agents.
    pub total_cost: Money,
    /// The name of the error that ended it.
    pub error: Option<String>,
    /// When it was accepted.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    /// When it last changed.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

impl From<RunSummary> for TaskSummary {
    fn from(run: RunSummary) -> Self {
        Self {
            task_id: run.run_id,
            status: run.status,
            stage: run.stage,
            theme: run.subject.theme.unwrap_or_default(),
            total_cost: run.total_cost,
            error: run.error,
            created_at: run.created_at,
            updated_at: run.updated_at,
        }
    }
}

/// One page of tasks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TaskPage {
    /// The tasks, newest first.
    pub tasks: Vec<TaskSummary>,
    /// What to pass as `before` for the next page; absent when this is the last. A page may hold
    /// fewer than asked for, and still not be the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<RunId>,
}

impl App {
    /// How a task stands, and where each cent went. `with_audit` adds the audit trail of its
    /// payments.
    ///
    /// # Errors
    /// When there is no such task or the store does not answer.
    pub async fn show_task(
        &self,
        tenant: &TenantId,
        task_id: RunId,
        with_audit: bool,
    ) -> Result<Task, AppError> {
        let run = self.load_task(tenant, task_id).await?;
        let totals = self.payment_totals(tenant, task_id).await?;
        let budget = match totals.budget {
            // No account is open yet, or none ever was.
            Money::ZERO => self.kept_input::<ResearchInput>(&run).await?.budget,
            budget => budget,
        };
        let audit = if with_audit {
            Some(self.payment_audit(tenant, task_id).await?)
        } else {
            None
        };
        let report = self.artifact_of(&run, REPORT).await?;
        let mut purchases = totals.purchases;
        if purchases.iter().any(is_unexplained) {
            let ranking = self.artifact_of(&run, RANKING).await?;
            explain(&mut purchases, report.as_ref(), ranking.as_ref());
        }
        Ok(Task {
            task_id,
            status: run.status,
            report: report.as_ref().and_then(markdown),
            error: TaskError::of(&run),
            approvals: waiting(&run),
            stage: run.stage,
            theme: run.subject.theme.unwrap_or_default(),
            budget,
            spent: totals.spent,
            reserved: totals.reserved,
            purchases,
            overcharged: totals.overcharged,
            audit,
            created_at: run.created_at,
            updated_at: run.updated_at,
        })
    }

    /// A task's report, in Markdown.
    ///
    /// # Errors
    /// When there is no such task, no report yet, or the store does not answer.
    pub async fn task_report(&self, tenant: &TenantId, task_id: RunId) -> Result<String, AppError> {
        let run = self.load_task(tenant, task_id).await?;
        let report = self.artifact_of(&run, REPORT).await?;
        let report = report.as_ref().and_then(markdown);
        report.ok_or(AppError::NotFound(NO_REPORT))
    }

    /// Tasks that are older than `before`, at most `limit` of them (1 to [`crate::MAX_PAGE`]).
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn list_tasks(
        &self,
        tenant: &TenantId,
        status: Option<RunStatus>,
        before: Option<RunId>,
        limit: usize,
    ) -> Result<TaskPage, AppError> {
        let partition = match status {
            Some(status) => Key::runs_by_status(tenant, status),
            None => Key::runs(tenant),
        };
        let fits = |run: &RunSummary| {
            run.workflow == Workflow::Research && status.is_none_or(|status| status == run.status)
        };
        let listed = self.runs_that(&partition, fits, before, limit);
        let RunPage { runs, next } = listed.await?;
        let tasks = runs.into_iter().map(TaskSummary::from).collect();
        Ok(TaskPage { tasks, next })
    }

    /// The run of a task. A run that does something else is no task.
    pub(crate) async fn load_task(
        &self,
        tenant: &TenantId,
        task_id: RunId,
    ) -> Result<RunState, AppError> {
        let run = match self.load_run(tenant, task_id).await {
            Err(AppError::NotFound(_)) => return Err(AppError::NotFound(TASK)),
            run => run?,
        };
        let is_task = run.workflow == Workflow::Research;
        is_task.then_some(run).ok_or(AppError::NotFound(TASK))
    }

    /// What an artifact of a run holds, as it stands; none where the run has none.
    async fn artifact_of(&self, run: &RunState, name: &str) -> Result<Option<Value>, AppError> {
        let Some(named) = run.artifacts.get(name) else {
            return Ok(None);
        };
        let version = Some(named.version);
        let loaded = self.load_artifact(&run.tenant_id, run.run_id, name, version);
        Ok(Some(loaded.await?.1))
    }
}

/// The text of a report.
fn markdown(report: &Value) -> Option<String> {
    report[MARKDOWN].as_str().map(str::to_owned)
}

/// Whether a source was found, and the ledger does not know why it was not bought.
fn is_unexplained(purchase: &ShownPurchase) -> bool {
    purchase.state == PurchaseState::Quoted && purchase.reason.is_none()
}

/// Says why sources were not bought: as the report does, else as the ranking does. One that the
/// ranking does not know was left out of it.
fn explain(purchases: &mut [ShownPurchase], report: Option<&Value>, ranking: Option<&Value>) {
    let named = |list: &Value, id: &str| {
        let mut of_list = list.as_array().into_iter().flatten();
        let found = of_list.find(|source| source["source_id"] == id)?;
        Some(found.clone())
    };
    let reason = |source: &Value| source["reason"].as_str().map(str::to_owned);
    for purchase in purchases.iter_mut().filter(|it| is_unexplained(it)) {
        let id = purchase.source_id.as_str();
        let missing = report.and_then(|report| named(&report["missing"], id));
        let ranked = ranking.map(|ranking| named(&ranking["sources"], id));
        purchase.reason = match (missing, ranked) {
            (Some(missing), _) => reason(&missing),
            (None, Some(None)) => Some(LEFT_OUT.to_owned()),
            // What is to be bought may be under way.
            (None, Some(Some(ranked))) if ranked["buy"] == false => reason(&ranked),
            _ => None,
        };
    }
}

/// The gates at which a run waits. One that is over waits at none, whatever was left undecided.
fn waiting(run: &RunState) -> Vec<GateRecord> {
    let gates = run.approvals.iter();
    let waits = |gate: &&GateRecord| !run.status.is_over() && gate.decision.is_none();
    gates.filter(waits).cloned().collect()
}

#[cfg(test)]
mod tests;
