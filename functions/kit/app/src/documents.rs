//! Stores and reads profiles and catalogues: whole documents that enrich requests.

use baton_domain::item::{Condition, Item, Key, Table};
use baton_domain::{Catalog, Profile, TenantId, UserId};

use crate::{App, AppError};

/// How large a stored document may be. A workflow carries a profile and a catalogue, and hands
/// both to an agent: together they stay far below the 256 KiB that Step Functions passes on.
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;

impl App {
    /// Stores a user's profile, replacing the one before.
    ///
    /// # Errors
    /// When the profile breaks a rule, is too large, or the store does not answer.
    pub async fn store_profile(
        &self,
        tenant: &TenantId,
        user: &UserId,
        profile: &Profile,
    ) -> Result<(), AppError> {
        profile.validate()?;
        let item = Item::document(Key::profile(tenant, user), profile);
        self.store_document(Table::Profiles, "profile", item).await
    }

    /// The stored profile of a user.
    ///
    /// # Errors
    /// When there is none or the store does not answer.
    pub async fn read_profile(
        &self,
        tenant: &TenantId,
        user: &UserId,
    ) -> Result<Profile, AppError> {
        self.read_document(
            Table::Profiles,
            "profile of this user",
            &Key::profile(tenant, user),
        )
        .await
    }

    /// Stores a tenant's catalogue, replacing the one before.
    ///
    /// # Errors
    /// When the catalogue breaks a rule, is too large, or the store does not answer.
    pub async fn store_catalog(
        &self,
        tenant: &TenantId,
        catalog: &Catalog,
    ) -> Result<(), AppError> {
        catalog.validate()?;
        let item = Item::document(Key::catalog(tenant), catalog);
        self.store_document(Table::Catalogs, "catalog", item).await
    }

    /// The stored catalogue of a tenant.
    ///
    /// # Errors
    /// When there is none or the store does not answer.
    pub async fn read_catalog(&self, tenant: &TenantId) -> Result<Catalog, AppError> {
        self.read_document(Table::Catalogs, "catalog", &Key::catalog(tenant))
            .await
    }

    async fn store_document(
        &self,
        table: Table,
        what: &'static str,
        item: Item,
    ) -> Result<(), AppError> {
        let bytes = item
            .attributes
            .values()
            .filter_map(|v| v.as_str())
            .map(str::len)
            .sum();
        if bytes > MAX_DOCUMENT_BYTES {
            return Err(AppError::TooLarge {
                what,
                bytes,
                limit: MAX_DOCUMENT_BYTES,
            });
        }
        self.ports
            .items
            .put(table, &item, &Condition::Always)
            .await?;
        Ok(())
    }

    async fn read_document<T: serde::de::DeserializeOwned>(
        &self,
        table: Table,
        what: &'static str,
        key: &Key,
    ) -> Result<T, AppError> {
        let item = self.ports.items.get(table, key).await?;
        item.and_then(|item| item.parse())
            .ok_or(AppError::NotFound(what))
    }
}
