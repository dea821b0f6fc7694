//! Approvals as items, and which of their writes belong together. The task token is an item of its
//! own that only [`App::token_of`] reads: it is in no type that callers are answered.

use baton_domain::approval::{Approval, ApprovalStatus, Gate};
use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::{ApprovalId, RunId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{App, AppError};

/// The attribute that decides races: of all who close an approval, one finds it `pending`.
const STATUS: &str = "status";

const TABLE: Table = Table::Approvals;

/// A gate of an execution of a run, which has one approval.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GateAt {
    pub(crate) tenant_id: TenantId,
    pub(crate) run_id: RunId,
    pub(crate) attempt: u32,
    pub(crate) gate: Gate,
    pub(crate) round: u32,
}

/// What the sweeper finds: an approval to look at, and since when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Mark {
    pub(crate) tenant_id: TenantId,
    pub(crate) approval_id: ApprovalId,
    pub(crate) since: Timestamp,
}

impl App {
    /// An approval.
    pub(crate) async fn approval(
        &self,
        tenant: &TenantId,
        id: ApprovalId,
    ) -> Result<Approval, AppError> {
        let key = Key::approval(tenant, id);
        let item = self.ports.items.get(TABLE, &key).await?;
        let found = item.and_then(|item| item.parse());
        found.ok_or(AppError::NotFound("approval with this id"))
    }

    /// The approval of a gate, if the execution came to it.
    pub(crate) async fn approval_at(&self, at: &GateAt) -> Result<Option<Approval>, AppError> {
        let item = self.ports.items.get(TABLE, &at.key()).await?;
        match item.and_then(|item| item.parse()) {
            Some(id) => self.approval(&at.tenant_id, id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Stores a new approval, unless its gate has one.
    pub(crate) async fn create_approval(
        &self,
        approval: &Approval,
        token: &str,
    ) -> Result<Written, AppError> {
        let (tenant, id) = (&approval.tenant_id, approval.approval_id);
        let gate = Item::document(GateAt::of(approval).key(), &id);
        let mark = Mark::of(approval, approval.requested_at);
        let new = |item| Write::put(TABLE, item, Condition::Absent);
        let writes = [
            new(gate),
            new(head(approval)),
            new(Item::document(Key::approval_token(tenant, id), &token)),
            new(listed(approval)),
            new(Item::document(Key::undecided(tenant, id), &mark)),
        ];
        Ok(self.ports.items.transact(&writes).await?)
    }

    /// Gives a pending approval the token of the task that waits now. The head is written too,
    /// since its status must not change meanwhile.
    pub(crate) async fn replace_token(
        &self,
        approval: &Approval,
        token: &str,
    ) -> Result<Written, AppError> {
        let writes = [
            Write::put(TABLE, head(approval), is_pending()),
            put_token(approval, token),
        ];
        Ok(self.ports.items.transact(&writes).await?)
    }

    /// Remembers that the task with this token must be told what was decided.
    pub(crate) async fn owe_outcome(
        &self,
        approval: &Approval,
        token: &str,
    ) -> Result<(), AppError> {
        let writes = [put_token(approval, token), self.put_untold(approval)];
        self.ports.items.transact(&writes).await?;
        Ok(())
    }

    /// Closes a pending approval: of all who try, one does. A decision is told to the workflow
    /// afterwards, and until it was, a mark for the sweeper says so.
    pub(crate) async fn close_approval(&self, closed: &Approval) -> Result<Written, AppError> {
        let (tenant, id) = (&closed.tenant_id, closed.approval_id);
        let pending = Key::approvals_by_status(tenant, ApprovalStatus::Pending);
        let delete = |key| Write::Delete { table: TABLE, key };
        let mut writes = vec![
            Write::put(TABLE, head(closed), is_pending()),
            delete(Key::listed_approval(pending, id)),
            Write::put(TABLE, listed(closed), Condition::Always),
            delete(Key::undecided(tenant, id)),
        ];
        if closed.status == ApprovalStatus::Decided {
            writes.push(self.put_untold(closed));
        }
        Ok(self.ports.items.transact(&writes).await?)
    }

    /// The token of the task that waits for an approval.
    pub(crate) async fn token_of(&self, approval: &Approval) -> Result<Option<String>, AppError> {
        let key = Key::approval_token(&approval.tenant_id, approval.approval_id);
        let item = self.ports.items.get(TABLE, &key).await?;
        Ok(item.and_then(|item| item.parse()))
    }

    /// The approvals of a run, of every attempt.
    pub(crate) async fn approvals_of_run(
        &self,
        tenant: &TenantId,
        run: RunId,
    ) -> Result<Vec<Approval>, AppError> {
        let gates = self.all_of(&Key::gates(tenant, run)).await?;
        let mut approvals = Vec::with_capacity(gates.len());
        for id in gates.iter().filter_map(Item::parse) {
            approvals.push(self.approval(tenant, id).await?);
        }
        Ok(approvals)
    }

    /// Every item of a partition of the approvals.
    pub(crate) async fn all_of(&self, pk: &str) -> Result<Vec<Item>, AppError> {
        const PAGE: usize = 100;
        let mut found: Vec<Item> = Vec::new();
        loop {
            let before = found.last().map(|item| item.key.sk.clone());
            let page = self.ports.items.newest(TABLE, pk, before.as_deref(), PAGE);
            let page = page.await?;
            let is_last = page.len() < PAGE;
            found.extend(page);
            if is_last {
                return Ok(found);
            }
        }
    }

    fn put_untold(&self, approval: &Approval) -> Write {
        let key = Key::untold(&approval.tenant_id, approval.approval_id);
        let mark = Mark::of(approval, self.ports.clock.now());
        Write::put(TABLE, Item::document(key, &mark), Condition::Always)
    }
}

impl GateAt {
    pub(crate) fn of(approval: &Approval) -> Self {
        Self {
            tenant_id: approval.tenant_id.clone(),
            run_id: approval.run_id,
            attempt: approval.attempt,
            gate: approval.gate,
            round: approval.round,
        }
    }

    fn key(&self) -> Key {
        Key::gate(
            &self.tenant_id,
            self.run_id,
            self.attempt,
            self.gate,
            self.round,
        )
    }
}

impl Mark {
    fn of(approval: &Approval, since: Timestamp) -> Self {
        Self {
            tenant_id: approval.tenant_id.clone(),
            approval_id: approval.approval_id,
            since,
        }
    }
}

fn is_pending() -> Condition {
    Condition::AttributeIs {
        name: STATUS,
        value: Value::from(ApprovalStatus::Pending.name()),
    }
}

fn head(approval: &Approval) -> Item {
    let key = Key::approval(&approval.tenant_id, approval.approval_id);
    let mut item = Item::document(key, approval);
    let status = Value::from(approval.status.name());
    item.attributes.insert(STATUS.to_owned(), status);
    item
}

/// An approval as it is listed: without the edits, which may be long.
fn listed(approval: &Approval) -> Item {
    let partition = Key::approvals_by_status(&approval.tenant_id, approval.status);
    let mut approval = approval.clone();
    if let Some(outcome) = &mut approval.outcome {
        outcome.edits = None;
    }
    Item::document(
        Key::listed_approval(partition, approval.approval_id),
        &approval,
    )
}

fn put_token(approval: &Approval, token: &str) -> Write {
    let key = Key::approval_token(&approval.tenant_id, approval.approval_id);
    Write::put(TABLE, Item::document(key, &token), Condition::Always)
}
