//! Answers a starting request once for each idempotency key (X1).
//!
//! The first request claims the key before it does anything; its answer is stored under the key
//! for a day. A claim is an item that expires: when the process dies before it answers, the next
//! request under the key may claim it again.

use baton_domain::item::{Condition, Item, Key, Table, Written};
use baton_domain::{TenantId, Timestamp};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::digest::digest;
use crate::{App, AppError};

/// How long a claim holds: longer than any request may run.
const CLAIM: SignedDuration = SignedDuration::from_secs(60);

/// How long an answer is kept under its key.
const KEEP: SignedDuration = SignedDuration::from_hours(24);

/// An answer kept under an idempotency key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredResponse {
    /// HTTP status.
    pub status: u16,
    /// JSON body.
    pub body: Value,
}

/// The right to answer under a key.
#[derive(Debug, Clone)]
pub struct Claim {
    key: Key,
    id: String,
    body: String,
}

/// What to do with a request under an idempotency key.
#[derive(Debug)]
pub enum Once {
    /// It is the first: do it, then [`App::keep_response`] or [`App::release`].
    Proceed(Claim),
    /// It was done: answer this.
    Replay(StoredResponse),
}

impl App {
    /// Claims `key` for a request with this body. `scope` keeps routes apart.
    ///
    /// # Errors
    /// [`AppError::KeyReused`] when the key was used with another body,
    /// [`AppError::StillRunning`] while the first request runs.
    pub async fn claim(
        &self,
        tenant: &TenantId,
        scope: &str,
        key: &str,
        body: &impl Serialize,
    ) -> Result<Once, AppError> {
        let now = self.ports.clock.now();
        let claim = Claim {
            key: Key::idempotency(tenant, &digest(&[scope, key])),
            id: format!("{:032x}", self.ports.clock.entropy()),
            body: digest(body),
        };
        let item = claim.item(None, now + CLAIM);
        let condition = Condition::AbsentOrExpired { now };
        match self
            .ports
            .items
            .put(Table::Responses, &item, &condition)
            .await?
        {
            Written::Yes => Ok(Once::Proceed(claim)),
            Written::No => self.replay(&claim).await,
        }
    }

    async fn replay(&self, claim: &Claim) -> Result<Once, AppError> {
        let Some(item) = self.ports.items.get(Table::Responses, &claim.key).await? else {
            return Err(AppError::StillRunning);
        };
        if item.attributes.get("body").and_then(Value::as_str) != Some(&claim.body) {
            return Err(AppError::KeyReused);
        }
        let response = item.attributes.get("response").and_then(Value::as_str);
        let response = response.and_then(|text| serde_json::from_str(text).ok());
        response.map(Once::Replay).ok_or(AppError::StillRunning)
    }

    /// Keeps the answer of a claimed request. When the claim was lost meanwhile, the answer of who
    /// holds it now stands.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn keep_response(
        &self,
        claim: &Claim,
        response: &StoredResponse,
    ) -> Result<(), AppError> {
        let text = serde_json::to_string(response).unwrap_or_default();
        let item = claim.item(Some(text), self.ports.clock.now() + KEEP);
        self.ports
            .items
            .put(Table::Responses, &item, &claim.held())
            .await?;
        Ok(())
    }

    /// Gives a claim back, so that the request may be repeated at once: for failures that a
    /// repetition may mend.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn release(&self, claim: &Claim) -> Result<(), AppError> {
        let item = claim.item(None, self.ports.clock.now());
        self.ports
            .items
            .put(Table::Responses, &item, &claim.held())
            .await?;
        Ok(())
    }
}

impl Claim {
    fn item(&self, response: Option<String>, expires_at: Timestamp) -> Item {
        let mut attributes = Map::from_iter([
            ("claim".to_owned(), Value::from(self.id.as_str())),
            ("body".to_owned(), Value::from(self.body.as_str())),
        ]);
        attributes.extend(response.map(|text| ("response".to_owned(), Value::from(text))));
        Item {
            key: self.key.clone(),
            attributes,
            expires_at: Some(expires_at),
        }
    }

    fn held(&self) -> Condition {
        Condition::AttributeIs {
            name: "claim",
            value: Value::from(self.id.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{TestWorld, tenant};

    #[tokio::test]
    async fn the_first_answer_is_kept_and_replayed() {
        let world = TestWorld::new(|_| Ok(Value::Null));
        let (app, tenant, body) = (world.app(), tenant("acme"), json!({"a": 1}));
        let Once::Proceed(claim) = app.claim(&tenant, "r", "k", &body).await.unwrap() else {
            panic!("the first request proceeds");
        };
        let waiting = app.claim(&tenant, "r", "k", &body).await;
        assert!(
            matches!(waiting, Err(AppError::StillRunning)),
            "{waiting:?}"
        );
        let response = StoredResponse {
            status: 200,
            body: json!({"ok": true}),
        };
        app.keep_response(&claim, &response).await.unwrap();
        let again = app.claim(&tenant, "r", "k", &body).await.unwrap();
        assert!(matches!(again, Once::Replay(stored) if stored == response));
        let other = app.claim(&tenant, "r", "k", &json!({"a": 2})).await;
        assert!(matches!(other, Err(AppError::KeyReused)));
    }

    #[tokio::test]
    async fn tenants_and_routes_do_not_share_keys() {
        let world = TestWorld::new(|_| Ok(Value::Null));
        let app = world.app();
        for (name, scope) in [("acme", "r"), ("other", "r"), ("acme", "s")] {
            let once = app.claim(&tenant(name), scope, "k", &1).await.unwrap();
            assert!(matches!(once, Once::Proceed(_)), "{name} {scope}");
        }
    }

    #[tokio::test]
    async fn a_dead_or_released_claim_can_be_taken_again() {
        let world = TestWorld::new(|_| Ok(Value::Null));
        let (app, tenant) = (world.app(), tenant("acme"));
        let Once::Proceed(dead) = app.claim(&tenant, "r", "k", &1).await.unwrap() else {
            panic!("the first request proceeds");
        };
        world.clock.advance(CLAIM);
        let Once::Proceed(second) = app.claim(&tenant, "r", "k", &1).await.unwrap() else {
            panic!("the claim of a dead process expires");
        };
        let late = StoredResponse {
            status: 200,
            body: json!("late"),
        };
        app.keep_response(&dead, &late).await.unwrap();
        app.release(&second).await.unwrap();
        let third = app.claim(&tenant, "r", "k", &1).await.unwrap();
        assert!(
            matches!(third, Once::Proceed(_)),
            "the late answer is not kept"
        );
    }
}
