//! What workflows send to queues and event buses, embedded: kept in the store in the order it was
//! sent, since one process needs no transport between its parts.

use baton_domain::Timestamp;
use baton_domain::ports::StoreError;
use rusqlite::params;
use serde_json::Value;

use crate::SqliteItems;

/// The table of what was sent.
pub(crate) const TABLES: &str = "CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    destination TEXT NOT NULL,
    message TEXT NOT NULL,
    sent_at TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_by_destination ON outbox (destination, id);";

/// One thing that was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// Counts up; a later message has a larger one.
    pub id: i64,
    /// The queue's URL or the event bus's name, as the workflow gave it.
    pub destination: String,
    /// The message's body, or the event's entry.
    pub message: Value,
}

/// What was sent, in order.
#[derive(Debug, Clone)]
pub struct Outbox(SqliteItems);

impl Outbox {
    /// The outbox in a store.
    pub fn new(items: SqliteItems) -> Self {
        Self(items)
    }

    /// Keeps a message and answers its id.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn send(&self, destination: &str, message: &Value) -> Result<i64, StoreError> {
        let (destination, message) = (destination.to_owned(), message.to_string());
        self.0
            .with(move |connection| {
                let sql = "INSERT INTO outbox (destination, message, sent_at) VALUES (?1, ?2, ?3)";
                let now = Timestamp::now().to_string();
                connection.execute(sql, params![destination, message, now])?;
                Ok(connection.last_insert_rowid())
            })
            .await
    }

    /// What was sent to a destination, oldest first.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn sent(&self, destination: &str) -> Result<Vec<Message>, StoreError> {
        let destination = destination.to_owned();
        self.0
            .with(move |connection| {
                let sql = "SELECT id, message FROM outbox WHERE destination = ?1 ORDER BY id";
                let mut statement = connection.prepare_cached(sql)?;
                let rows = statement.query_map([&destination], |row| {
                    let text: String = row.get(1)?;
                    let message = serde_json::from_str(&text).unwrap_or(Value::String(text));
                    Ok(Message {
                        id: row.get(0)?,
                        destination: destination.clone(),
                        message,
                    })
                })?;
                rows.collect()
            })
            .await
    }
}
