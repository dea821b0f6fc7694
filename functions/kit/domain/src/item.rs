//! What is stored, and under which keys. Both adapters of [`crate::ports::Items`] and the direct
//! integrations of the workflows use these keys; they are made nowhere else.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::{LogId, TenantId, UserId};

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
}

impl Table {
    /// Every table.
    pub const ALL: [Self; 4] = [
        Self::Profiles,
        Self::Catalogs,
        Self::OrchestrationLog,
        Self::Responses,
    ];

    /// The table's name embedded; on AWS it is a suffix of the name that the stack gives.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Profiles => "profiles",
            Self::Catalogs => "catalogs",
            Self::OrchestrationLog => "orchestration_log",
            Self::Responses => "responses",
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
            Self::AbsentOrExpired { now } => there.is_none_or(|item| item.is_expired(*now)),
            Self::AttributeIs { name, value } => {
                there.is_some_and(|item| item.attributes.get(*name) == Some(value))
            }
        }
    }
}

/// Whether a conditional write happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The condition held and the item is stored.
    Yes,
    /// The condition did not hold and nothing changed.
    No,
}
