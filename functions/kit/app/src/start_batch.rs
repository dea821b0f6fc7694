//! Starts a batch: many requests of one type, answered in the background by the workflow of the type.

use baton_domain::item::{Condition, Item, Key, Table, Write};
use baton_domain::request::{OrchestrationRequest, RequestType};
use baton_domain::run::{Event, RunState, Subject, Workflow};
use baton_domain::{FieldError, RunId, TenantId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::received::Received;
use crate::start_run::keep_input;
use crate::{App, AppError};

/// The most requests of a batch.
pub const MAX_REQUESTS: usize = 500;

/// The most parts of a batch: all are written in the transaction that accepts it, which holds a
/// hundred items.
const MAX_PARTS: usize = 80;

/// How large the requests of a part may be together, in bytes: a workflow reads them at once. A single
/// one may be larger, as it may be by itself.
const MAX_PART_BYTES: usize = 100 * 1024;

/// How large all answers of a part may be together, in bytes: they go through the workflow at once.
const MAX_ANSWERS_BYTES: usize = 190 * 1024;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartBatch {
    /// What is asked for of everybody.
    #[serde(rename = "type")]
    pub request_type: RequestType,
    /// 1 to 500 requests.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<BatchRequest>, min_items = 1, max_items = 500))]
    pub requests: Vec<Value>,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// Whom it is about.
    pub user_id: UserId,
    /// As in a request by itself.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub context: Map<String, Value>,
}

impl StartBatch {
    /// The requests.
    ///
    /// # Errors
    /// Every request that breaks a rule, by its index.
    pub fn checked(&self) -> Result<Vec<OrchestrationRequest>, Vec<FieldError>> {
        if !(1..=MAX_REQUESTS).contains(&self.requests.len()) {
            let message = format!("must be 1 to {MAX_REQUESTS}, not {}", self.requests.len());
            return Err(vec![FieldError::new("requests", message)]);
        }
        if self.request_type.takes_a_run() {
            let message = "each is a run of its own: send them one by one to POST /requests";
            return Err(vec![FieldError::new("type", message)]);
        }
        let (mut sound, mut errors) = (Vec::new(), Vec::new());
        for (index, request) in self.requests.iter().enumerate() {
            match self.request(request) {
                Ok(request) => sound.push(request),
                Err(FieldError { field, message }) => {
                    let dot = if field.is_empty() { "" } else { "." };
                    let field = format!("requests[{index}]{dot}{field}");
                    errors.push(FieldError::new(field, message));
                }
            }
        }
        if errors.is_empty() {
            Ok(sound)
        } else {
            Err(errors)
        }
    }

    fn request(&self, request: &Value) -> Result<OrchestrationRequest, FieldError> {
        let BatchRequest { user_id, context } =
            serde_path_to_error::deserialize(request).map_err(|error| {
                let path = error.path().to_string();
                let field = if path == "." { String::new() } else { path };
                FieldError::new(field, error.into_inner().to_string())
            })?;
        let request = OrchestrationRequest {
            request_type: self.request_type,
            user_id,
            context,
        };
        request.validate()?;
        Ok(request)
    }
}

/// What the workflow of a batch is started with.
#[derive(Debug, Serialize)]
struct BatchInput {
    run_id: RunId,
    tenant_id: TenantId,
    attempt: u32,
    request_type: RequestType,
    started_at: Timestamp,
    requests: usize,
    /// How large an answer may be, in bytes.
    max_answer_bytes: usize,
    parts: Vec<PlaceOfPart>,
}

/// Where a part of the requests is.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct PlaceOfPart {
    pub(crate) part: u32,
    requests: usize,
    pub(crate) key: Key,
}

/// A request as it is kept until it is answered.
#[derive(Debug, Serialize)]
struct Kept {
    index: usize,
    received: Received,
    /// What its workflow is started with.
    input: Value,
}

impl App {
    /// Accepts a batch of requests that were [`StartBatch::checked`] and starts its workflow. Answers
    /// its run, which is queued. With `once` as [`App::start_run`].
    ///
    /// # Errors
    /// When there is no request, or the store does not answer. Workflows that do not answer are no error:
    /// the run is started later.
    pub async fn start_batch(
        &self,
        tenant: &TenantId,
        requests: &[OrchestrationRequest],
        once: Option<&str>,
    ) -> Result<RunState, AppError> {
        let none = || FieldError::new("requests", "must be 1 or more");
        let request_type = requests.first().ok_or_else(none)?.request_type;
        let now = self.ports.clock.now();
        let run_id = RunId::new(now, self.ports.clock.entropy());
        let mut kept = Vec::with_capacity(requests.len());
        for (index, request) in requests.iter().enumerate() {
            let arrival = self.arrive(tenant, request, None);
            let input = arrival.input()?;
            let received = arrival.received();
            kept.push(Kept {
                index,
                received,
                input,
            });
        }
        let parts = parts(kept, request_type);
        let largest = parts.iter().map(Vec::len).max().unwrap_or(1);
        let (mut named, mut writes) = (Vec::new(), Vec::new());
        for (part, requests) in (1..).zip(&parts) {
            let key = Key::run_requests(tenant, run_id, part);
            let item = Item::document(key.clone(), requests);
            writes.push(Write::put(Table::Runs, item, Condition::Always));
            let requests = requests.len();
            named.push(PlaceOfPart {
                part,
                requests,
                key,
            });
        }
        let input = BatchInput {
            run_id,
            tenant_id: tenant.clone(),
            attempt: 1,
            request_type,
            started_at: now,
            requests: requests.len(),
            max_answer_bytes: MAX_ANSWERS_BYTES / largest,
            parts: named,
        };
        writes.push(keep_input(tenant, run_id, 1, &input));
        let queued = Event::Queued {
            workflow: Workflow::Batch,
            subject: Subject {
                request_type: Some(request_type),
                requests: u32::try_from(requests.len()).ok(),
                ..Subject::default()
            },
            origin: None,
            max_cost_usd: None,
            auto_approve: self.settings.auto_approve,
        };
        let begun = self.begin_once_with(tenant, run_id, vec![queued], writes, once);
        self.restart(begun.await?).await
    }
}

/// Requests in parts of the same number, and of fewer where they are large. Answers of `analyze` and
/// `creative` are large, so that each is asked for by itself as long as there are not too many.
fn parts(requests: Vec<Kept>, request_type: RequestType) -> Vec<Vec<Kept>> {
    let least = match request_type {
        RequestType::Personalize | RequestType::Score => 5,
        _ => 1,
    };
    let most = requests.len().div_ceil(MAX_PARTS).max(least);
    let (mut parts, mut bytes): (Vec<Vec<Kept>>, usize) = (Vec::new(), 0);
    for request in requests {
        let size = request.input.to_string().len();
        let fits = |part: &&mut Vec<Kept>| part.len() < most && bytes + size <= MAX_PART_BYTES;
        if let Some(part) = parts.last_mut().filter(fits) {
            bytes += size;
            part.push(request);
        } else {
            bytes = size;
            parts.push(vec![request]);
        }
    }
    parts
}

#[cfg(test)]
mod tests;
