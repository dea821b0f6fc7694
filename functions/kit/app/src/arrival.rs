//! One request on its way: its ids, what its workflow is started with, and its log entry.

use baton_domain::item::{Condition, EXPIRES_AT, Item, Key, Table};
use baton_domain::log::{LogEntry, RETENTION_DAYS};
use baton_domain::request::{Findings, OrchestrationRequest, RequestType};
use baton_domain::run::Run;
use baton_domain::{LogId, RequestId, RunId, TenantId, Timestamp};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::digest::digest;
use crate::received::Received;
use crate::{App, AppError};

/// One request on its way.
pub(crate) struct Arrival<'a> {
    pub(crate) tenant: &'a TenantId,
    pub(crate) request: &'a OrchestrationRequest,
    pub(crate) at: Timestamp,
    pub(crate) request_id: RequestId,
    pub(crate) run_id: RunId,
    pub(crate) log_id: LogId,
    /// Where an equal request's answer is.
    pub(crate) cache_key: Key,
    /// Whether that can be told: whether it is known which models it rests on.
    pub(crate) is_cacheable: bool,
}

impl App {
    /// The request, now. Answers that rest on other models than the last ones are not equal: `models`
    /// counts how often these have changed, where that was learned.
    pub(crate) fn arrive<'a>(
        &self,
        tenant: &'a TenantId,
        request: &'a OrchestrationRequest,
        models: Option<u64>,
    ) -> Arrival<'a> {
        let clock = &self.ports.clock;
        let at = clock.now();
        let digest = digest(&json!({
            "tenant": tenant,
            "type": request.request_type,
            "user": request.user_id,
            "context": request.context,
            "models": models,
        }));
        Arrival {
            tenant,
            request,
            at,
            request_id: RequestId::new(at, clock.entropy()),
            run_id: RunId::new(at, clock.entropy()),
            log_id: LogId::new(at, clock.entropy()),
            cache_key: Key::cached_answer(tenant, &request.user_id, &digest),
            is_cacheable: models.is_some(),
        }
    }

    /// Writes the log entry of a request whose workflow did not write it.
    pub(crate) async fn write_log(&self, arrival: &Arrival<'_>, findings: &Findings, cached: bool) {
        let now = self.ports.clock.now();
        let entry = arrival.received().entry(findings, cached, now);
        let put = self.log_request(arrival.tenant, &entry, &Condition::Always);
        if let Err(error) = put.await {
            let request_id = arrival.request_id;
            tracing::error!(severity = "critical", %request_id, %error, "the log was not written");
        }
    }

    /// Writes an entry of the log where that holds; the same entry may be written again.
    ///
    /// # Errors
    /// When the store does not answer.
    pub(crate) async fn log_request(
        &self,
        tenant: &TenantId,
        entry: &LogEntry,
        unless: &Condition,
    ) -> Result<(), AppError> {
        let item = log_item(tenant, entry);
        let items = &self.ports.items;
        items.put(Table::OrchestrationLog, &item, unless).await?;
        Ok(())
    }
}

impl Arrival<'_> {
    /// What its workflow is started with.
    pub(crate) fn input(&self) -> Result<Value, AppError> {
        let mut input = json!({
            "request_id": self.request_id,
            "run_id": self.run_id,
            "request_type": self.request.request_type,
            "user_id": self.request.user_id,
            "want": self.request.want()?,
            "limit": self.request.limit()?,
            "as_of": self.request.as_of()?.unwrap_or(self.at),
            "received_at": self.at,
            "received_ms": self.at.as_millisecond(),
            "profile_key": Key::profile(self.tenant, &self.request.user_id),
            "catalog_key": Key::catalog(self.tenant),
            "log_key": Key::log(self.tenant, self.at, self.log_id),
            "log_expires_at": log_expires_at(self.at).as_second(),
        });
        if self.request.request_type != RequestType::Personalize {
            input["context"] = Value::Object(self.request.inputs()?);
            input["models_key"] = json!(Key::models(self.tenant));
        }
        Ok(input)
    }

    /// The execution that answers it.
    pub(crate) fn run(&self) -> Result<Run, AppError> {
        Ok(Run {
            attempt: 1,
            run_id: self.run_id,
            tenant_id: self.tenant.clone(),
            workflow: self.request.request_type.workflow(),
            input: self.input()?,
        })
    }

    /// What its log entry will say of it.
    pub(crate) fn received(&self) -> Received {
        Received {
            log_id: self.log_id,
            request_id: self.request_id,
            run_id: self.run_id,
            user_id: self.request.user_id.clone(),
            request_type: self.request.request_type,
            at: self.at,
        }
    }
}

/// An entry of a tenant's log as an item.
pub(crate) fn log_item(tenant: &TenantId, entry: &LogEntry) -> Item {
    let mut attributes = match serde_json::to_value(entry) {
        Ok(Value::Object(attributes)) => attributes,
        _ => serde_json::Map::new(),
    };
    attributes.remove(EXPIRES_AT);
    Item {
        key: Key::log(tenant, entry.timestamp, entry.id),
        attributes,
        expires_at: Some(log_expires_at(entry.timestamp)),
    }
}

fn log_expires_at(at: Timestamp) -> Timestamp {
    at + SignedDuration::from_hours(24 * RETENTION_DAYS)
}

pub(crate) fn elapsed_ms(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from((to - from).total(jiff::Unit::Millisecond).unwrap_or(0.0) as i64).unwrap_or(0)
}
