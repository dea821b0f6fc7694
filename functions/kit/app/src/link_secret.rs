//! The secret of links of a Baton that nobody gave one: made at the first start, and kept beside what
//! it protects. For one machine; on AWS it is a parameter of the stack.

use baton_domain::item::{Condition, Item, Key, Table};
use baton_domain::ports::{Clock, Items, StoreError};

/// The secret that the store keeps for links: 64 hexadecimal digits of 256 random bits.
///
/// # Errors
/// When the store does not answer.
pub async fn kept_link_secret(items: &dyn Items, clock: &dyn Clock) -> Result<String, StoreError> {
    let made = format!("{:032x}{:032x}", clock.entropy(), clock.entropy());
    let item = Item::document(Key::link_secret(), &made);
    // Of several that start at once, all take the secret of the first.
    items
        .put(Table::Approvals, &item, &Condition::Absent)
        .await?;
    let kept = items.get(Table::Approvals, &item.key).await?;
    let kept = kept.and_then(|item| item.parse());
    kept.ok_or_else(|| StoreError("the secret of links is not there".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ApprovalLinks;
    use crate::testing::{TestWorld, tenant};

    #[tokio::test]
    async fn the_secret_stays_and_does() {
        let world = TestWorld::new(|_| Ok(serde_json::Value::Null));
        let first = kept_link_secret(&*world.items, &*world.clock)
            .await
            .unwrap();
        let second = kept_link_secret(&*world.items, &*world.clock)
            .await
            .unwrap();
        assert_eq!((first.len(), &first), (64, &second));
        assert!(ApprovalLinks::new(first.as_bytes(), "http://localhost:8080").is_ok());
        let listed = world
            .app()
            .list_approvals(&tenant("acme"), None, None, 10)
            .await;
        assert_eq!(listed.unwrap().approvals, []);
    }
}
