//! Stores and reads artifacts: what a run makes. A version is written once and never changed.

use baton_domain::campaign::{check_artifact, check_name};
use baton_domain::item::{Condition, Item, Key, Table, Written};
use baton_domain::run::{ArtifactRef, Event, RunState};
use baton_domain::{FieldError, RunId, TenantId};
use serde_json::Value;

use crate::digest::digest;
use crate::journal::Change;
use crate::load_run::readable;
use crate::{App, AppError};

/// The largest artifact, in bytes of JSON: DynamoDB's items end at 400 KB.
pub const MAX_ARTIFACT_BYTES: usize = 350 * 1024;

/// What is not found when an artifact is not.
pub(crate) const ARTIFACT: &str = "such artifact of this run";

/// The attribute that holds an artifact's hash.
const HASH: &str = "hash";

/// How often the next version is looked for after somebody else took it.
const ATTEMPTS: u32 = 20;

impl App {
    /// Stores the next version of an artifact, unless the newest has the same content: then that
    /// one is meant. The run does not know it before its journal says `ArtifactStored`; a version
    /// that it never says is harmless.
    ///
    /// # Errors
    /// When the content is not what an artifact of this name must be, is larger than
    /// [`MAX_ARTIFACT_BYTES`], or the store does not answer.
    pub async fn store_artifact(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        name: &str,
        content: &Value,
    ) -> Result<ArtifactRef, AppError> {
        check_artifact(name, content)?;
        check_size(content)?;
        let hash = digest(content);
        for _ in 0..ATTEMPTS {
            let newest = self.newest_version(tenant, run_id, name).await?;
            let version = match newest {
                Some((version, known)) if known == hash => {
                    return Ok(named(name, version, hash));
                }
                newest => newest.map_or(0, |(version, _)| version) + 1,
            };
            let key = Key::artifact(tenant, run_id, name, version);
            let mut item = Item::document(key, content);
            item.attributes
                .insert(HASH.to_owned(), Value::from(hash.as_str()));
            let items = &self.ports.items;
            let put = items.put(Table::Runs, &item, &Condition::Absent).await?;
            if put == Written::Yes {
                return Ok(named(name, version, hash));
            }
        }
        Err(AppError::Contended)
    }

    /// Stores an artifact and says so in the journal, once for each `event_id`: a later call answers
    /// what the first stored.
    pub(crate) async fn keep_artifact(
        &self,
        tenant: &TenantId,
        run: RunId,
        event_id: &str,
        (name, content): (&str, &Value),
        by: &str,
    ) -> Result<ArtifactRef, AppError> {
        let other = || FieldError::new("event_id", "names something else that was recorded before");
        if let Some(heard) = self.heard(tenant, run, event_id).await? {
            let stored = self.artifacts_of(tenant, run, heard).await?;
            return Ok(stored.into_iter().next().ok_or_else(other)?);
        }
        let artifact = self.store_artifact(tenant, run, name, content).await?;
        let change = |_: &RunState| {
            let event = Event::ArtifactStored {
                artifact: artifact.clone(),
                by: by.to_owned(),
            };
            Ok(Change::from(vec![event]))
        };
        let appended = self.append_from(tenant, run, event_id, change).await?;
        if appended.heard.before {
            let stored = self.artifacts_of(tenant, run, appended.heard).await?;
            return Ok(stored.into_iter().next().ok_or_else(other)?);
        }
        Ok(artifact)
    }

    /// An artifact of a run: a version of it, or the one that the run's journal names.
    ///
    /// # Errors
    /// When there is no such run, artifact or version, or the store does not answer.
    pub async fn load_artifact(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        name: &str,
        version: Option<u64>,
    ) -> Result<(ArtifactRef, Value), AppError> {
        check_name(name)?;
        let version = if let Some(version) = version {
            version
        } else {
            let run = self.load_run(tenant, run_id).await?;
            let current = run.artifacts.get(name);
            current.ok_or(AppError::NotFound(ARTIFACT))?.version
        };
        let key = Key::artifact(tenant, run_id, name, version);
        let item = self.ports.items.get(Table::Runs, &key).await?;
        let item = item.ok_or(AppError::NotFound(ARTIFACT))?;
        let content = readable(&item)?;
        Ok((named(name, version, hash_of(&item)), content))
    }

    async fn newest_version(
        &self,
        tenant: &TenantId,
        run_id: RunId,
        name: &str,
    ) -> Result<Option<(u64, String)>, AppError> {
        let partition = Key::artifacts(tenant, run_id, name);
        let items = &self.ports.items;
        let newest = items.newest(Table::Runs, &partition, None, 1).await?;
        let newest = newest.first();
        Ok(newest.and_then(|item| Some((item.key.sk.parse().ok()?, hash_of(item)))))
    }
}

fn hash_of(item: &Item) -> String {
    let hash = item.attributes.get(HASH).and_then(Value::as_str);
    hash.unwrap_or_default().to_owned()
}

fn named(name: &str, version: u64, hash: String) -> ArtifactRef {
    ArtifactRef {
        name: name.to_owned(),
        version,
        hash,
    }
}

fn check_size(content: &Value) -> Result<(), AppError> {
    let bytes = content.to_string().len();
    if bytes > MAX_ARTIFACT_BYTES {
        return Err(AppError::TooLarge {
            what: "artifact",
            bytes,
            limit: MAX_ARTIFACT_BYTES,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{TestWorld, tenant};

    #[tokio::test]
    async fn the_same_content_is_the_same_version() {
        let (app, acme, run) = TestWorld::with_run().await;
        let store = async |content: Value| {
            let stored = app.store_artifact(&acme, run, "notes", &content).await;
            stored.unwrap()
        };
        let first = store(json!({"a": 1, "b": 2})).await;
        assert_eq!(store(json!({"b": 2.0, "a": 1})).await, first);
        let second = store(json!({"a": 2})).await;
        assert_eq!((first.version, second.version), (1, 2));
        // Back again is a change, too.
        assert_eq!(store(json!({"a": 1, "b": 2})).await.version, 3);
        let (loaded, content) = app
            .load_artifact(&acme, run, "notes", Some(2))
            .await
            .unwrap();
        assert_eq!((loaded, content), (second, json!({"a": 2})));
    }

    #[tokio::test]
    async fn a_run_knows_what_its_journal_names() {
        let (app, acme, run) = TestWorld::with_run().await;
        app.store_artifact(&acme, run, "notes", &json!(1))
            .await
            .unwrap();
        let unnamed = app.load_artifact(&acme, run, "notes", None).await;
        assert_eq!(unnamed, Err(AppError::NotFound(ARTIFACT)));
        let (other, notes) = (tenant("other"), "notes");
        let theirs = app.load_artifact(&other, run, notes, Some(1)).await;
        assert_eq!(theirs, Err(AppError::NotFound(ARTIFACT)));
    }

    #[tokio::test]
    async fn what_is_wrong_or_too_large_is_not_stored() {
        let (app, acme, run) = TestWorld::with_run().await;
        let wrong = app
            .store_artifact(&acme, run, "strategy", &json!({}))
            .await
            .unwrap_err();
        assert!(matches!(wrong, AppError::Invalid(_)), "{wrong:?}");
        let large = json!("x".repeat(MAX_ARTIFACT_BYTES - 1));
        let large = app
            .store_artifact(&acme, run, "notes", &large)
            .await
            .unwrap_err();
        assert!(matches!(large, AppError::TooLarge { .. }), "{large:?}");
    }
}
