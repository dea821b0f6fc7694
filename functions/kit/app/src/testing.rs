//! A world in memory for the tests of the use cases.

pub(crate) mod dying_items;
pub(crate) mod email_pilot;
pub(crate) mod gate;
pub(crate) mod market;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use baton_domain::approval::ApprovalOutcome;
use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::ports::{
    Callbacks, Clock, Items, Notice, Notices, StoreError, Told, WorkflowError, Workflows,
};
use baton_domain::run::{Event, Run, Subject, Workflow};
use baton_domain::{RunId, TenantId, Timestamp};
use jiff::SignedDuration;
use serde_json::Value;

use crate::{App, Ports};

pub(crate) fn tenant(name: &str) -> TenantId {
    name.parse().unwrap()
}

pub(crate) struct TestWorld {
    pub(crate) items: Arc<TestItems>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) callbacks: Arc<TestCallbacks>,
    pub(crate) notices: Arc<TestNotices>,
    workflows: Arc<TestWorkflows>,
}

impl TestWorld {
    pub(crate) fn new(
        answer: impl Fn(&Run) -> Result<Value, WorkflowError> + Send + Sync + 'static,
    ) -> Self {
        let workflows = TestWorkflows {
            answer: Box::new(answer),
            runs: AtomicUsize::new(0),
            started: Mutex::default(),
            stopped: Mutex::default(),
        };
        Self {
            items: Arc::default(),
            clock: Arc::new(TestClock(Mutex::new((
                "2026-01-15T12:00:00Z".parse().unwrap(),
                0,
            )))),
            callbacks: Arc::default(),
            notices: Arc::default(),
            workflows: Arc::new(workflows),
        }
    }

    pub(crate) fn app(&self) -> App {
        App::new(Ports {
            items: Arc::clone(&self.items) as _,
            workflows: Arc::clone(&self.workflows) as _,
            clock: Arc::clone(&self.clock) as _,
            callbacks: Arc::clone(&self.callbacks) as _,
            notices: Arc::clone(&self.notices) as _,
        })
    }

    /// A campaign's run that is queued, and a world around it.
    pub(crate) async fn with_run() -> (App, TenantId, RunId) {
        let (app, acme) = (Self::new(|_| Ok(Value::Null)).app(), tenant("acme"));
        let run = app.begin_test_run(&acme, 1).await;
        (app, acme, run)
    }

    /// The runs whose workflows were started, each attempt by itself.
    pub(crate) fn started(&self) -> Vec<Run> {
        self.workflows.started.lock().unwrap().clone()
    }

    /// The names of executions that were stopped.
    pub(crate) fn stopped(&self) -> Vec<String> {
        self.workflows.stopped.lock().unwrap().clone()
    }

    pub(crate) fn runs(&self) -> usize {
        self.workflows.runs.load(Ordering::SeqCst)
    }
}

impl App {
    /// Begins a campaign's run, the `n`th.
    pub(crate) async fn begin_test_run(&self, tenant: &TenantId, n: u128) -> RunId {
        let run_id = RunId::new(self.ports.clock.now(), n);
        let begun = self.begin_run(tenant, run_id, vec![queued()], Vec::new());
        begun.await.unwrap().expect("it is new");
        run_id
    }
}

/// The first event of a campaign's run.
pub(crate) fn queued() -> Event {
    let subject = Subject {
        brand_id: Some("northwind".parse().unwrap()),
        month: Some("2026-02".parse().unwrap()),
        ..Subject::default()
    };
    Event::Queued {
        workflow: Workflow::Campaign,
        subject,
        origin: None,
        max_cost_usd: None,
        auto_approve: false,
    }
}

type Answering = dyn Fn(&Run) -> Result<Value, WorkflowError> + Send + Sync;

struct TestWorkflows {
    answer: Box<Answering>,
    runs: AtomicUsize,
    started: Mutex<Vec<Run>>,
    stopped: Mutex<Vec<String>>,
}

#[async_trait]
impl Workflows for TestWorkflows {
    async fn run(&self, run: &Run) -> Result<Value, WorkflowError> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        (self.answer)(run)
    }

    async fn start(&self, run: &Run) -> Result<(), WorkflowError> {
        self.run(run).await?;
        self.started.lock().unwrap().push(run.clone());
        Ok(())
    }

    async fn stop(&self, run: &Run, _cause: &str) -> Result<(), WorkflowError> {
        self.stopped.lock().unwrap().push(run.execution_name());
        Ok(())
    }
}

pub(crate) struct TestClock(Mutex<(Timestamp, u128)>);

impl TestClock {
    pub(crate) fn advance(&self, by: SignedDuration) {
        self.0.lock().unwrap().0 += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn entropy(&self) -> u128 {
        let mut state = self.0.lock().unwrap();
        state.1 += 1;
        state.1
    }
}

/// Tasks that wait. Each token can be completed once, and all can be out of reach.
#[derive(Default)]
pub(crate) struct TestCallbacks {
    told: Mutex<Vec<(String, Value)>>,
    failing: AtomicBool,
}

impl TestCallbacks {
    pub(crate) fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// What was decided, as it was told to which token, in order.
    pub(crate) fn told(&self) -> Vec<(String, ApprovalOutcome)> {
        let told = self.told.lock().unwrap().clone();
        let decided = |output| serde_json::from_value(output).unwrap();
        told.into_iter()
            .map(|(token, output)| (token, decided(output)))
            .collect()
    }

    /// The tokens that were told anything, in order.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let told = self.told.lock().unwrap();
        told.iter().map(|(token, _)| token.clone()).collect()
    }
}

#[async_trait]
impl Callbacks for TestCallbacks {
    async fn succeed(&self, token: &str, output: &Value) -> Result<Told, WorkflowError> {
        if self.failing.load(Ordering::SeqCst) {
            return Err(WorkflowError::Unavailable("switched off".to_owned()));
        }
        let mut told = self.told.lock().unwrap();
        if told.iter().any(|(known, _)| known == token) {
            return Ok(Told::NobodyWaits);
        }
        told.push((token.to_owned(), output.clone()));
        Ok(Told::Yes)
    }
}

/// Notices that were handed over.
#[derive(Default)]
pub(crate) struct TestNotices(Mutex<Vec<Notice>>);

impl TestNotices {
    pub(crate) fn all(&self) -> Vec<Notice> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl Notices for TestNotices {
    async fn send(&self, notice: &Notice) -> Result<(), StoreError> {
        self.0.lock().unwrap().push(notice.clone());
        Ok(())
    }
}

#[derive(Default)]
pub(crate) struct TestItems {
    items: Mutex<BTreeMap<(&'static str, String, String), Item>>,
    failing: AtomicBool,
}

impl TestItems {
    pub(crate) fn fail(&self, failing: bool) {
        self.failing.store(failing, Ordering::SeqCst);
    }

    fn check(&self) -> Result<(), StoreError> {
        let failing = self.failing.load(Ordering::SeqCst);
        if failing {
            Err(StoreError("switched off".to_owned()))
        } else {
            Ok(())
        }
    }
}

fn place(table: Table, key: &Key) -> (&'static str, String, String) {
    (table.name(), key.pk.clone(), key.sk.clone())
}

#[async_trait]
impl Items for TestItems {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        self.check()?;
        Ok(self.items.lock().unwrap().get(&place(table, key)).cloned())
    }

    async fn put(
        &self,
        table: Table,
        item: &Item,
        condition: &Condition,
    ) -> Result<Written, StoreError> {
        self.check()?;
        let mut items = self.items.lock().unwrap();
        let there = items.get(&place(table, &item.key));
        if !condition.holds(there) {
            return Ok(Written::No);
        }
        items.insert(place(table, &item.key), item.clone());
        Ok(Written::Yes)
    }

    async fn delete(&self, table: Table, key: &Key) -> Result<(), StoreError> {
        self.items.lock().unwrap().remove(&place(table, key));
        Ok(())
    }

    async fn transact(&self, writes: &[Write]) -> Result<Written, StoreError> {
        self.check()?;
        let mut items = self.items.lock().unwrap();
        let holds = writes.iter().all(|write| match write {
            Write::Put {
                table,
                item,
                condition,
            } => condition.holds(items.get(&place(*table, &item.key))),
            Write::Delete { .. } => true,
        });
        if !holds {
            return Ok(Written::No);
        }
        for write in writes {
            match write {
                Write::Put { table, item, .. } => {
                    items.insert(place(*table, &item.key), item.clone());
                }
                Write::Delete { table, key } => {
                    items.remove(&place(*table, key));
                }
            }
        }
        Ok(Written::Yes)
    }

    async fn newest(
        &self,
        table: Table,
        pk: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        self.check()?;
        let items = self.items.lock().unwrap();
        let in_partition = items.iter().rev().filter(|((t, p, s), _)| {
            *t == table.name() && p == pk && before.is_none_or(|before| s.as_str() < before)
        });
        Ok(in_partition
            .take(limit)
            .map(|(_, item)| item.clone())
            .collect())
    }
}
