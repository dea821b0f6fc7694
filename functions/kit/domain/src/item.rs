//! What is stored, and under which keys. Both adapters of [`crate::ports::Items`] and the direct
//! integrations of the workflows use these keys; they are made nowhere else.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::approval::{ApprovalStatus, Gate};
use crate::campaign::Month;
use crate::run::RunStatus;
use crate::{ApprovalId, BrandId, LogId, RunId, TenantId, UserId};

/// A table of items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Table {
    /// Users' profiles.
    Profiles,
    /// Tenants' catalogues.
    Catalogs,
    /// One entry for every request.
    OrchestrationLog,
    /// Answers that may be served again: cached ones and those under an idempotency key.
    Responses,
    /// Runs: their journals, what those add up to, and their artifacts.
    Runs,
    /// Gates that wait for a person, or waited.
    Approvals,
    /// What runs buy: accounts, purchases, tokens, and the audit trail.
    Payments,
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 7] = [
        Self::Profiles,
        Self::Catalogs,
        Self::OrchestrationLog,
        Self::Responses,
        Self::Runs,
        Self::Approvals,
        Self::Payments,
    ];

    /// The table's name embedded; on AWS it is a suffix of the name that the stack gives.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Profiles => "profiles",
            Self::Catalogs => "catalogs",
            Self::OrchestrationLog => "orchestration_log",
            Self::Responses => "responses",
            Self::Runs => "runs",
            Self::Approvals => "approvals",
            Self::Payments => "payments",
        }
    }
}

/// The primary key of an item: partition key and sort key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub struct Key {
    /// Partition key; begins with the tenant.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    /// Where a user's profile is.
    pub fn profile(tenant: &TenantId, user: &UserId) -> Self {
        Self::new(format!("TENANT#{tenant}#USER#{user}"), "PROFILE")
    }

    /// Where a tenant's catalogue is.
    pub fn catalog(tenant: &TenantId) -> Self {
        Self::new(format!("TENANT#{tenant}"), "CATALOG")
    }

    /// Where what was fitted to a tenant's customers is.
    pub fn models(tenant: &TenantId) -> Self {
        Self::new(format!("TENANT#{tenant}"), "MODELS")
    }

    /// Where one version of what was fitted for a result is.
    pub fn model(tenant: &TenantId, result: &str, version: u32) -> Self {
        Self::new(
            format!("TENANT#{tenant}#MODEL#{result}"),
            format!("{version:010}"),
        )
    }

    /// Where the log entry of a request that arrived at `at` is.
    pub fn log(tenant: &TenantId, at: Timestamp, id: LogId) -> Self {
        Self::new(Self::log_partition(tenant, at), id.to_string())
    }

    /// The partition of a tenant's log for the UTC day of `at`: one day each, so none grows
    /// without bound.
    pub fn log_partition(tenant: &TenantId, at: Timestamp) -> String {
        format!("TENANT#{tenant}#DAY#{}", at.strftime("%Y-%m-%d"))
    }

    /// Where the cached answer to the request with this digest is.
    pub fn cached_answer(tenant: &TenantId, user: &UserId, digest: &str) -> Self {
        Self::new(
            format!("TENANT#{tenant}#USER#{user}"),
            format!("CACHE#{digest}"),
        )
    }

    /// Where the answer under a caller's idempotency key is; the key is hashed by the caller of
    /// this function, since it may hold any character.
    pub fn idempotency(tenant: &TenantId, digest: &str) -> Self {
        Self::new(format!("TENANT#{tenant}"), format!("IDEMPOTENCY#{digest}"))
    }

    /// Where the read model of a run is.
    pub fn run(tenant: &TenantId, run: RunId) -> Self {
        Self::new(Self::of_run(tenant, run, ""), "HEAD")
    }

    /// Where the input is that an attempt of a run is started with.
    pub fn run_input(tenant: &TenantId, run: RunId, attempt: u32) -> Self {
        let pk = Self::of_run(tenant, run, "");
        Self::new(pk, format!("INPUT#{attempt:04}"))
    }

    /// Where the token of the task is that waits for a run's video.
    pub fn video_token(tenant: &TenantId, run: RunId) -> Self {
        Self::new(Self::of_run(tenant, run, ""), "VIDEO#TOKEN")
    }

    /// Where it is said that a provider told of a run's video, and whether its workflow was told.
    pub fn video_news(tenant: &TenantId, run: RunId) -> Self {
        Self::new(Self::of_run(tenant, run, ""), "VIDEO#NEWS")
    }

    /// Where a part of the requests of a batch is, counting from 1.
    pub fn run_requests(tenant: &TenantId, run: RunId, part: u32) -> Self {
        let pk = Self::of_run(tenant, run, "");
        Self::new(pk, format!("REQUESTS#{part:04}"))
    }

    /// Where the entry is that made `version` of a run. Padded, so that text sorts as numbers do.
    pub fn run_event(tenant: &TenantId, run: RunId, version: u64) -> Self {
        Self::new(Self::run_events(tenant, run), format!("{version:010}"))
    }

    /// The partition of a run's journal.
    pub fn run_events(tenant: &TenantId, run: RunId) -> String {
        Self::of_run(tenant, run, "#EVENTS")
    }

    /// Where it is kept that an event was heard, under the name that it was said with.
    pub fn run_heard(tenant: &TenantId, run: RunId, event_id: &str) -> Self {
        Self::new(Self::of_run(tenant, run, "#HEARD"), event_id)
    }

    /// Where a snapshot of a run is.
    pub fn run_snapshot(tenant: &TenantId, run: RunId, version: u64) -> Self {
        Self::new(Self::run_snapshots(tenant, run), format!("{version:010}"))
    }

    /// The partition of a run's snapshots.
    pub fn run_snapshots(tenant: &TenantId, run: RunId) -> String {
        Self::of_run(tenant, run, "#SNAPSHOTS")
    }

    /// Where a version of an artifact is.
    pub fn artifact(tenant: &TenantId, run: RunId, name: &str, version: u64) -> Self {
        let pk = Self::artifacts(tenant, run, name);
        Self::new(pk, format!("{version:010}"))
    }

    /// The partition of an artifact's versions.
    pub fn artifacts(tenant: &TenantId, run: RunId, name: &str) -> String {
        Self::of_run(tenant, run, &format!("#ARTIFACT#{name}"))
    }

    /// The partition of a tenant's runs, which sort by their ids and so by time.
    pub fn runs(tenant: &TenantId) -> String {
        format!("TENANT#{tenant}#RUNS")
    }

    /// The partition of a tenant's runs that stand so.
    pub fn runs_by_status(tenant: &TenantId, status: RunStatus) -> String {
        format!("TENANT#{tenant}#RUNS#STATUS#{}", status.name())
    }

    /// The partition of a tenant's runs for a brand.
    pub fn runs_by_brand(tenant: &TenantId, brand: &BrandId) -> String {
        format!("TENANT#{tenant}#RUNS#BRAND#{brand}")
    }

    /// Where a run is listed, in one of the partitions above.
    pub fn listed_run(partition: String, run: RunId) -> Self {
        Self::new(partition, run.to_string())
    }

    /// Where it is kept that the schedule started a brand's month.
    pub fn scheduled(tenant: &TenantId, brand: &BrandId, month: Month) -> Self {
        Self::new(
            format!("TENANT#{tenant}#SCHEDULED#BRAND#{brand}"),
            month.to_string(),
        )
    }

    /// Where it is kept that a run is queued: its workflow was not heard of. The sweeper reads all
    /// tenants' at once, so this partition is not a tenant's; its items hold ids only.
    pub fn unstarted(tenant: &TenantId, run: RunId) -> Self {
        Self::new(Self::all_unstarted(), format!("TENANT#{tenant}#{run}"))
    }

    /// The partition of runs whose workflows were not heard of.
    pub fn all_unstarted() -> String {
        "SWEEP#UNSTARTED".to_owned()
    }

    /// Where it is kept that a run ended and mails of it are in EmailPilot that have not gone out.
    /// As the queued ones, the sweeper reads those of all tenants at once.
    pub fn left_behind(tenant: &TenantId, run: RunId) -> Self {
        Self::new(Self::all_left_behind(), format!("TENANT#{tenant}#{run}"))
    }

    /// The partition of runs that left mails behind.
    pub fn all_left_behind() -> String {
        "SWEEP#LEFT_BEHIND".to_owned()
    }

    /// Where it is kept which run was started under a caller's idempotency key.
    pub fn started_once(tenant: &TenantId, digest: &str) -> Self {
        Self::new(format!("TENANT#{tenant}#STARTED"), digest)
    }

    /// Where an approval is.
    pub fn approval(tenant: &TenantId, id: ApprovalId) -> Self {
        Self::new(format!("TENANT#{tenant}#APPROVAL#{id}"), "HEAD")
    }

    /// Where the task token of an approval is: apart from what callers may read.
    pub fn approval_token(tenant: &TenantId, id: ApprovalId) -> Self {
        Self::new(format!("TENANT#{tenant}#APPROVAL#{id}"), "TOKEN")
    }

    /// Where the id of the approval of a run's gate is. An attempt begins its rounds anew.
    pub fn gate(tenant: &TenantId, run: RunId, attempt: u32, gate: Gate, round: u32) -> Self {
        let sk = format!("{attempt:04}#{}#{round:04}", gate.name());
        Self::new(Self::gates(tenant, run), sk)
    }

    /// The partition of a run's gates.
    pub fn gates(tenant: &TenantId, run: RunId) -> String {
        Self::of_run(tenant, run, "#GATES")
    }

    /// The partition of a tenant's approvals that stand so.
    pub fn approvals_by_status(tenant: &TenantId, status: ApprovalStatus) -> String {
        format!("TENANT#{tenant}#APPROVALS#STATUS#{}", status.name())
    }

    /// Where an approval is listed.
    pub fn listed_approval(partition: String, id: ApprovalId) -> Self {
        Self::new(partition, id.to_string())
    }

    /// Where it is kept that a workflow must still be told a decision. The sweeper reads all
    /// tenants' at once, so this partition is not a tenant's; its items hold ids only.
    pub fn untold(tenant: &TenantId, id: ApprovalId) -> Self {
        Self::new(Self::all_untold(), format!("TENANT#{tenant}#{id}"))
    }

    /// The partition of decisions that workflows must still be told.
    pub fn all_untold() -> String {
        "SWEEP#UNTOLD".to_owned()
    }

    /// Where it is kept that an approval waits. As with [`Key::untold`], the sweeper reads all
    /// tenants' at once and the items hold ids only.
    pub fn undecided(tenant: &TenantId, id: ApprovalId) -> Self {
        Self::new(Self::all_undecided(), format!("TENANT#{tenant}#{id}"))
    }

    /// The partition of approvals that wait.
    pub fn all_undecided() -> String {
        "SWEEP#UNDECIDED".to_owned()
    }

    /// Where the account of a tenant is, on which every run's spending counts.
    pub fn tenant_account(tenant: &TenantId) -> Self {
        Self::new(format!("TENANT#{tenant}#PAYMENTS"), "ACCOUNT")
    }

    /// Where the account of a run is.
    pub fn account(tenant: &TenantId, run: RunId) -> Self {
        Self::new(Self::of_run(tenant, run, "#PAYMENTS"), "ACCOUNT")
    }

    /// Where a token of a run is, the `number`th, apart from what callers may read.
    pub fn payment_token(tenant: &TenantId, run: RunId, number: u32) -> Self {
        let pk = Self::of_run(tenant, run, "#PAYMENTS");
        Self::new(pk, format!("TOKEN#{number:04}"))
    }

    /// Where it is kept that a run's budget was raised, under the name that it was said with.
    pub fn topped_up(tenant: &TenantId, run: RunId, event_id: &str) -> Self {
        let pk = Self::of_run(tenant, run, "#PAYMENTS");
        Self::new(pk, format!("TOPUP#{event_id}"))
    }

    /// Where the purchase of a source for a run is: there is one.
    pub fn purchase(tenant: &TenantId, run: RunId, source_id: &str) -> Self {
        Self::new(Self::purchases(tenant, run), source_id)
    }

    /// The partition of a run's purchases.
    pub fn purchases(tenant: &TenantId, run: RunId) -> String {
        Self::of_run(tenant, run, "#PURCHASES")
    }

    /// Where an entry of a run's audit trail is. `what` and `version` tell those of one microsecond
    /// apart.
    pub fn audit_entry(
        tenant: &TenantId,
        run: RunId,
        at: Timestamp,
        what: &str,
        version: u64,
    ) -> Self {
        let micros = at.as_microsecond();
        let sk = format!("{micros:017}#{what}#{version:06}");
        Self::new(Self::audit_trail(tenant, run), sk)
    }

    /// The partition of a run's audit trail of payments.
    pub fn audit_trail(tenant: &TenantId, run: RunId) -> String {
        Self::of_run(tenant, run, "#AUDIT")
    }

    /// Where it is kept that a purchase is under way. As with [`Key::untold`], the sweeper reads
    /// all tenants' at once and the items hold ids only.
    pub fn open_purchase(tenant: &TenantId, run: RunId, source_id: &str) -> Self {
        let sk = format!("TENANT#{tenant}#{run}#{source_id}");
        Self::new(Self::all_open_purchases(), sk)
    }

    /// The partition of purchases that are under way.
    pub fn all_open_purchases() -> String {
        "SWEEP#PURCHASES".to_owned()
    }

    /// Where the secret of approval links is kept, on one machine: it is no tenant's.
    pub fn link_secret() -> Self {
        Self::new("SECRETS".to_owned(), "APPROVAL_LINKS")
    }

    fn of_run(tenant: &TenantId, run: RunId, part: &str) -> String {
        format!("TENANT#{tenant}#RUN#{run}{part}")
    }

    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }
}

/// One stored item.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Its primary key.
    pub key: Key,
    /// Its other attributes as plain JSON. Numbers keep their JSON text; attributes that are
    /// absent and attributes that are null are different things.
    pub attributes: Map<String, Value>,
    /// When it may be deleted. Deletion is lazy: readers check it.
    pub expires_at: Option<Timestamp>,
}

/// The attribute that holds the time to live, in whole seconds of the Unix epoch.
pub const EXPIRES_AT: &str = "expires_at";

/// The attribute that holds a whole document as JSON text, so that a workflow parses it in one
/// expression and no schema of attributes has to follow the type.
pub const DOCUMENT: &str = "document";

impl Item {
    /// An item that is one JSON document.
    pub fn document(key: Key, document: &impl serde::Serialize) -> Self {
        let text = serde_json::to_string(document).unwrap_or_default();
        let attributes = Map::from_iter([(DOCUMENT.to_owned(), Value::from(text))]);
        Self {
            key,
            attributes,
            expires_at: None,
        }
    }

    /// The document of an item made by [`Item::document`]; `None` when it is not of that type.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.attributes.get(DOCUMENT)?.as_str()?).ok()
    }

    /// Whether the item has outlived its time at `now`.
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at <= now)
    }
}

/// What must hold for a write to happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// Nothing: the item is replaced, whatever it was.
    Always,
    /// No item is there.
    Absent,
    /// No item is there, or the one there has expired at `now`.
    AbsentOrExpired {
        /// The present.
        now: Timestamp,
    },
    /// The item there has this attribute with this value.
    AttributeIs {
        /// The attribute's name.
        name: &'static str,
        /// Its value: text, a number or a boolean.
        value: Value,
    },
}

impl Condition {
    /// Whether the condition holds for what is there.
    pub fn holds(&self, there: Option<&Item>) -> bool {
        match self {
            Self::Always => true,
            Self::Absent => there.is_none(),
            Self::AbsentOrExpired { now } => there.is_none_or(|item| item.is_expired(*now)),
            Self::AttributeIs { name, value } => {
                there.is_some_and(|item| item.attributes.get(*name) == Some(value))
            }
        }
    }
}

/// One of several writes that happen together or not at all.
#[derive(Debug, Clone, PartialEq)]
pub enum Write {
    /// Stores a whole item.
    Put {
        /// Where.
        table: Table,
        /// What.
        item: Item,
        /// If this holds for what is there.
        condition: Condition,
    },
    /// Deletes an item; no error when there is none.
    Delete {
        /// Where.
        table: Table,
        /// Which.
        key: Key,
    },
}

impl Write {
    /// Stores `item` if `condition` holds.
    pub fn put(table: Table, item: Item, condition: Condition) -> Self {
        Self::Put {
            table,
            item,
            condition,
        }
    }
}

/// The most writes that can happen together: DynamoDB's limit.
pub const MAX_WRITES: usize = 100;

/// Whether a conditional write happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The condition held and the item is stored.
    Yes,
    /// The condition did not hold and nothing changed.
    No,
}
