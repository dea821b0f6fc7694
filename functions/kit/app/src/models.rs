//! Stores and reads what agents fitted to a tenant's customers: fitted once, used by every request
//! that scores. Each storing is a version of its own, and earlier ones stay readable.

use std::collections::BTreeMap;

use baton_domain::item::{Condition, Item, Key, Table, Write, Written};

use baton_domain::request::RequestType;
use baton_domain::{FieldError, TenantId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::check_model::check_model;
use crate::{App, AppError};

/// How large what was fitted may be: three of them travel through a workflow beside a profile.
pub const MAX_MODEL_BYTES: usize = 16 * 1024;

/// How often it is tried while others store too.
const ATTEMPTS: usize = 10;

/// What counts the versions of all models of a tenant.
const CHANGES: &str = "changes";

/// What was fitted, as it is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoredModel {
    /// Counts from 1.
    pub version: u32,
    /// When it was stored.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub stored_at: Timestamp,
    /// What the agent answered as `fitted`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub fitted: Map<String, Value>,
}

type Models = BTreeMap<String, StoredModel>;

impl App {
    /// Stores what an agent of `score` answered as `fitted`, as the next version under the name of
    /// its result. Requests that score use it from now on.
    ///
    /// # Errors
    /// When there is no such result, it is too large or nothing that the result's agent would take, or
    /// the store does not answer.
    pub async fn store_model(
        &self,
        tenant: &TenantId,
        result: &str,
        fitted: Map<String, Value>,
    ) -> Result<StoredModel, AppError> {
        let result = known(result)?;
        let bytes = json!(fitted).to_string().len();
        if bytes > MAX_MODEL_BYTES {
            return Err(AppError::TooLarge {
                what: "model",
                bytes,
                limit: MAX_MODEL_BYTES,
            });
        }
        check_model(result, &fitted)?;
        for _ in 0..ATTEMPTS {
            if let Some(stored) = self.try_model(tenant, result, Some(&fitted)).await? {
                return Ok(stored);
            }
        }
        Err(AppError::Contended)
    }

    /// Takes what was fitted for a result out of use; no error where there is none. Its versions stay
    /// readable by their numbers.
    ///
    /// # Errors
    /// When there is no such result, or the store does not answer.
    pub async fn forget_model(&self, tenant: &TenantId, result: &str) -> Result<(), AppError> {
        let result = known(result)?;
        for _ in 0..ATTEMPTS {
            if self.try_model(tenant, result, None).await?.is_some() {
                return Ok(());
            }
        }
        Err(AppError::Contended)
    }

    /// How often the tenant's models have changed.
    pub(crate) async fn model_changes(&self, tenant: &TenantId) -> Result<u64, AppError> {
        let items = &self.ports.items;
        let there = items.get(Table::Catalogs, &Key::models(tenant)).await?;
        Ok(changes(there.as_ref()))
    }

    /// Stores it, or that there is none, unless somebody else stored something meanwhile.
    async fn try_model(
        &self,
        tenant: &TenantId,
        result: &str,
        fitted: Option<&Map<String, Value>>,
    ) -> Result<Option<StoredModel>, AppError> {
        let key = Key::models(tenant);
        let there = self.ports.items.get(Table::Catalogs, &key).await?;
        let changes = changes(there.as_ref());
        let condition = if there.is_none() {
            Condition::Absent
        } else {
            Condition::AttributeIs {
                name: CHANGES,
                value: json!(changes),
            }
        };
        let mut models: Models = there.and_then(|item| item.parse()).unwrap_or_default();
        let before = models.get(result).map_or(0, |model| model.version);
        let stored = StoredModel {
            // What is taken out of use leaves its number behind, so that no version is ever another.
            version: before + u32::from(fitted.is_some()),
            stored_at: self.ports.clock.now(),
            fitted: fitted.cloned().unwrap_or_default(),
        };
        models.insert(result.to_owned(), stored.clone());
        let mut latest = Item::document(key, &models);
        let counted = json!(changes + 1);
        latest.attributes.insert(CHANGES.to_owned(), counted);
        let version = Item::document(Key::model(tenant, result, stored.version), &stored);
        let put = |item, condition| Write::Put {
            table: Table::Catalogs,
            item,
            condition,
        };
        let mut writes = vec![put(latest, condition)];
        if fitted.is_some() {
            writes.push(put(version, Condition::Absent));
        }
        let written = self.ports.items.transact(&writes).await?;
        Ok((written == Written::Yes).then_some(stored))
    }

    /// What was fitted for a result: the latest version, or the one that is asked for.
    ///
    /// # Errors
    /// When there is no such result, nothing is stored, or the store does not answer.
    pub async fn read_model(
        &self,
        tenant: &TenantId,
        result: &str,
        version: Option<u32>,
    ) -> Result<StoredModel, AppError> {
        let result = known(result)?;
        let items = &self.ports.items;
        let found = if let Some(version) = version {
            let key = Key::model(tenant, result, version);
            let item = items.get(Table::Catalogs, &key).await?;
            item.and_then(|item| item.parse())
        } else {
            let item = items.get(Table::Catalogs, &Key::models(tenant)).await?;
            let models: Option<Models> = item.and_then(|item| item.parse());
            let latest = models.and_then(|mut models| models.remove(result));
            latest.filter(|model| !model.fitted.is_empty())
        };
        found.ok_or(AppError::NotFound("such model"))
    }
}

/// How often models have changed, as the item of all of them says.
fn changes(models: Option<&Item>) -> u64 {
    let counted = models.and_then(|item| item.attributes.get(CHANGES));
    counted.and_then(Value::as_u64).unwrap_or_default()
}

/// The results that something can be fitted for.
fn known(result: &str) -> Result<&'static str, AppError> {
    let results = RequestType::Score.results();
    let found = results.iter().find(|(name, _)| *name == result);
    found.map(|(name, _)| *name).ok_or_else(|| {
        let names: Vec<&str> = results.iter().map(|(name, _)| *name).collect();
        let message = format!("must be one of: {}", names.join(", "));
        FieldError::new("result", message).into()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestWorld, tenant};

    fn fitted(customers: u32) -> Map<String, Value> {
        let version =
            json!({"method": "m/1", "data_until": "2026-01-01T00:00:00Z", "customers": customers});
        let bg_nbd = json!({"r": 0.24, "alpha": 4.4, "a": 0.8, "b": 2.4});
        Map::from_iter([
            ("version".to_owned(), version),
            ("bg_nbd".to_owned(), bg_nbd),
        ])
    }

    #[tokio::test]
    async fn what_is_taken_out_of_use_leaves_its_versions() {
        let (app, tenant) = (TestWorld::new(|_| Ok(Value::Null)).app(), tenant("acme"));
        assert_eq!(app.forget_model(&tenant, "churn").await, Ok(()));
        app.store_model(&tenant, "churn", fitted(10)).await.unwrap();
        app.forget_model(&tenant, "churn").await.unwrap();
        let latest = app.read_model(&tenant, "churn", None).await;
        assert_eq!(latest, Err(AppError::NotFound("such model")));
        let first = app.read_model(&tenant, "churn", Some(1)).await.unwrap();
        assert_eq!(first.fitted, fitted(10));
        let stored = app.store_model(&tenant, "churn", fitted(20)).await.unwrap();
        assert_eq!(stored.version, 2);
        assert_eq!(app.model_changes(&tenant).await, Ok(4));
        let wrong = app.forget_model(&tenant, "wtp").await;
        assert!(matches!(wrong, Err(AppError::Invalid(_))), "{wrong:?}");
    }

    #[tokio::test]
    async fn each_storing_is_a_version_and_earlier_ones_stay() {
        let (app, tenant) = (TestWorld::new(|_| Ok(Value::Null)).app(), tenant("acme"));
        for (result, customers, version) in [("churn", 10, 1), ("ltv", 20, 1), ("churn", 30, 2)] {
            let stored = app.store_model(&tenant, result, fitted(customers)).await;
            assert_eq!(stored.unwrap().version, version, "{result}");
        }
        let read = async |result, version| {
            let model = app.read_model(&tenant, result, version).await;
            model.map(|model| model.fitted)
        };
        assert_eq!(read("churn", None).await, Ok(fitted(30)));
        assert_eq!(read("churn", Some(1)).await, Ok(fitted(10)));
        assert_eq!(read("ltv", None).await, Ok(fitted(20)));
        let none = Err(AppError::NotFound("such model"));
        assert_eq!(read("lead", None).await, none);
        assert_eq!(read("churn", Some(3)).await, none);
    }

    #[tokio::test]
    async fn a_score_is_not_served_again_once_models_have_changed() {
        let findings = json!({
            "agents_called": [], "results": {}, "status": "success",
            "errors": {}, "skipped": {}, "warnings": [], "total_cost": 0,
        });
        let world = TestWorld::new(move |_| Ok(json!({"findings": findings, "logged": true})));
        let (app, acme) = (world.app(), tenant("acme"));
        let request = serde_json::from_value(json!({"type": "score", "user_id": "u"})).unwrap();
        let cached = async || app.submit_request(&acme, &request).await.unwrap().cached;
        assert!(!cached().await && cached().await);
        app.store_model(&acme, "churn", fitted(10)).await.unwrap();
        assert!(!cached().await && cached().await);
        app.forget_model(&acme, "churn").await.unwrap();
        assert!(!cached().await && cached().await);
    }

    #[tokio::test]
    async fn two_at_once_both_count() {
        let (app, tenant) = (TestWorld::new(|_| Ok(Value::Null)).app(), tenant("acme"));
        let app = std::sync::Arc::new(app);
        let mut stores = tokio::task::JoinSet::new();
        for n in 0..8 {
            let (app, tenant) = (std::sync::Arc::clone(&app), tenant.clone());
            stores.spawn(async move { app.store_model(&tenant, "churn", fitted(n)).await });
        }
        let done = stores.join_all().await;
        let mut versions: Vec<u32> = done.into_iter().map(|s| s.unwrap().version).collect();
        versions.sort_unstable();
        assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[tokio::test]
    async fn what_cannot_be_stored_is_named() {
        let (app, tenant) = (TestWorld::new(|_| Ok(Value::Null)).app(), tenant("acme"));
        let wrong = app.store_model(&tenant, "wtp", fitted(1)).await;
        let error = FieldError::new("result", "must be one of: lead, churn, ltv");
        assert_eq!(wrong, Err(error.into()));
        let empty = app.store_model(&tenant, "lead", Map::new()).await;
        assert!(matches!(empty, Err(AppError::Invalid(_))), "{empty:?}");
        let large = Map::from_iter([("x".to_owned(), json!("y".repeat(MAX_MODEL_BYTES)))]);
        let large = app.store_model(&tenant, "lead", large).await;
        assert!(matches!(large, Err(AppError::TooLarge { .. })), "{large:?}");
    }
}
