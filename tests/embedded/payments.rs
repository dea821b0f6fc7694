//! Payments on SQLite.

use std::sync::Arc;

use baton_embedded::SqliteItems;
use baton_tests::payments_contract::payments_contract;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn payments_hold_their_contract() {
    let items = SqliteItems::in_memory().expect("SQLite opens in memory");
    payments_contract(Arc::new(items)).await;
}
