//! The tables on SQLite: one file, one table of rows, write-ahead log.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use baton_domain::Timestamp;
use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::ports::{Items, StoreError};
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use rusqlite_migration::{M, Migrations};

/// What brings a file of any older version up to date, in order. Never edit one that was
/// released: add the next.
const MIGRATIONS: &[M<'static>] = &[
    M::up(
        "CREATE TABLE items (
        tbl TEXT NOT NULL,
        pk TEXT NOT NULL,
        sk TEXT NOT NULL,
        attributes TEXT NOT NULL,
        expires_at INTEGER,
        PRIMARY KEY (tbl, pk, sk)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX items_by_expiry ON items (expires_at) WHERE expires_at IS NOT NULL;",
    ),
    M::up(crate::executions::TABLES),
    M::up(crate::outbox::TABLES),
    M::up(crate::executions::SETTLED),
];

/// The file cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the database {path}: {reason}")]
pub struct OpenError {
    path: String,
    reason: String,
}

impl OpenError {
    pub(crate) fn new(path: &Path, reason: String) -> Self {
        let path = path.display().to_string();
        Self { path, reason }
    }
}

/// The tables of items in one SQLite file. Several processes may have it open.
#[derive(Debug, Clone)]
pub struct SqliteItems {
    connection: Arc<Mutex<Connection>>,
}

impl SqliteItems {
    /// Opens the file at `path`, made when it is not there, and brings it up to date.
    ///
    /// # Errors
    /// When the file cannot be opened, is not a database, or was made by a newer Baton.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let fail = |reason: String| OpenError::new(path, reason);
        let connection = Connection::open(path).map_err(|error| fail(error.to_string()))?;
        Self::prepare(connection).map_err(fail)
    }

    /// A store that is gone with the process.
    ///
    /// # Errors
    /// When SQLite fails to start.
    pub fn in_memory() -> Result<Self, OpenError> {
        let fail = |reason: String| OpenError::new(Path::new(":memory:"), reason);
        let connection = Connection::open_in_memory().map_err(|error| fail(error.to_string()))?;
        Self::prepare(connection).map_err(fail)
    }

    fn prepare(mut connection: Connection) -> Result<Self, String> {
        let patience = connection.busy_timeout(Duration::from_secs(5));
        patience.map_err(|error| error.to_string())?;
        claim(&connection)?;
        // Two processes may open a new file at the same moment. The one that comes second fails
        // half-way, and finds the file ready when it looks again.
        let mut tries = 0;
        while let Err(error) = set_up(&mut connection) {
            tries += 1;
            if tries == SET_UP_TRIES {
                return Err(error);
            }
            std::thread::sleep(SET_UP_PAUSE);
        }
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Deletes what has expired at `now`, and says how many items that were.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn purge(&self, now: Timestamp) -> Result<usize, StoreError> {
        self.with(move |connection| {
            connection.execute(
                "DELETE FROM items WHERE expires_at <= ?1",
                [now.as_second()],
            )
        })
        .await
    }

    /// Runs SQL on a thread that may block.
    pub(crate) async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let done = self.try_with(work).await;
        done.map_err(|error| StoreError(error.to_string()))
    }

    /// The same, for callers that must know which error it was.
    pub(crate) async fn try_with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> rusqlite::Result<T> {
        let connection = Arc::clone(&self.connection);
        let blocking = tokio::task::spawn_blocking(move || {
            work(&mut connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        // The thread panicked, or the process is stopping.
        let died = |_| rusqlite::Error::InvalidQuery;
        blocking.await.map_err(died)?
    }
}

/// How often a file is set up before its error counts, and how long to wait in between.
const SET_UP_TRIES: u32 = 10;
const SET_UP_PAUSE: Duration = Duration::from_millis(30);

/// Brings an open file up to date; done again, it changes nothing.
fn set_up(connection: &mut Connection) -> Result<(), String> {
    let pragmas = |connection: &Connection| {
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")
    };
    pragmas(connection).map_err(|error| error.to_string())?;
    let migrations = Migrations::from_slice(MIGRATIONS);
    migrations
        .to_latest(connection)
        .map_err(|error| error.to_string())
}

/// What marks a SQLite file as Baton's: "Batn" in ASCII.
const APPLICATION_ID: i32 = 0x4261_746e;

/// Makes an empty file Baton's, and refuses one that belongs to something else or cannot be
/// written.
fn claim(connection: &Connection) -> Result<(), String> {
    let say = |error: rusqlite::Error| error.to_string();
    // In this order: who claims a file marks it first and fills it then.
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(say)?;
    let id: i32 = connection
        .query_row("PRAGMA application_id", [], |row| row.get(0))
        .map_err(say)?;
    if id != APPLICATION_ID && (id != 0 || tables > 0) {
        return Err("it is the database of another program: name another file".to_owned());
    }
    // Written every time: a file that cannot be written is of no use, and had better say so now.
    connection
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(say)
}

#[async_trait]
impl Items for SqliteItems {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        let key = key.clone();
        self.with(move |connection| read(connection, table, key))
            .await
    }

    async fn put(
        &self,
        table: Table,
        item: &Item,
        condition: &Condition,
    ) -> Result<Written, StoreError> {
        let (item, condition) = (item.clone(), condition.clone());
        self.with(move |connection| {
            // Immediate: the lock is taken before what is there is read.
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let holds = condition == Condition::Always
                || condition.holds(read(&transaction, table, item.key.clone())?.as_ref());
            if !holds {
                return Ok(Written::No);
            }
            write(&transaction, table, &item)?;
            transaction.commit()?;
            Ok(Written::Yes)
        })
        .await
    }

    async fn delete(&self, table: Table, key: &Key) -> Result<(), StoreError> {
        let key = key.clone();
        self.with(move |connection| delete(connection, table, &key))
            .await
    }

    async fn transact(&self, writes: &[Write]) -> Result<Written, StoreError> {
        let writes = writes.to_vec();
        self.with(move |connection| {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for write in &writes {
                // What was written before is undone with the transaction.
                if !do_write(&transaction, write)? {
                    return Ok(Written::No);
                }
            }
            transaction.commit()?;
            Ok(Written::Yes)
        })
        .await
    }

    async fn newest(
        &self,
        table: Table,
        pk: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let (pk, before) = (pk.to_owned(), before.map(str::to_owned));
        self.with(move |connection| {
            let sql = "SELECT attributes, expires_at, sk FROM items
                WHERE tbl = ?1 AND pk = ?2 AND (?3 IS NULL OR sk < ?3) ORDER BY sk DESC LIMIT ?4";
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map(params![table.name(), pk, before, limit], |row| {
                let key = Key {
                    pk: pk.clone(),
                    sk: row.get(2)?,
                };
                item(row, key)
            })?;
            rows.collect()
        })
        .await
    }
}

fn read(connection: &Connection, table: Table, key: Key) -> rusqlite::Result<Option<Item>> {
    let sql = "SELECT attributes, expires_at FROM items WHERE tbl = ?1 AND pk = ?2 AND sk = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let place = params![table.name(), key.pk.clone(), key.sk.clone()];
    statement.query_row(place, |row| item(row, key)).optional()
}

fn delete(connection: &Connection, table: Table, key: &Key) -> rusqlite::Result<()> {
    let sql = "DELETE FROM items WHERE tbl = ?1 AND pk = ?2 AND sk = ?3";
    let place = params![table.name(), key.pk, key.sk];
    connection.prepare_cached(sql)?.execute(place)?;
    Ok(())
}

/// Does one of several writes; answers whether its condition held.
fn do_write(connection: &Connection, wanted: &Write) -> rusqlite::Result<bool> {
    match wanted {
        Write::Put {
            table,
            item,
            condition,
        } => {
            let holds = *condition == Condition::Always
                || condition.holds(read(connection, *table, item.key.clone())?.as_ref());
            if holds {
                write(connection, *table, item)?;
            }
            Ok(holds)
        }
        Write::Delete { table, key } => delete(connection, *table, key).map(|()| true),
    }
}

fn write(connection: &Connection, table: Table, item: &Item) -> rusqlite::Result<()> {
    let sql = "INSERT INTO items (tbl, pk, sk, attributes, expires_at) VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT DO UPDATE SET attributes = excluded.attributes, expires_at = excluded.expires_at";
    let attributes = serde_json::to_string(&item.attributes).unwrap_or_default();
    let expires_at = item.expires_at.map(Timestamp::as_second);
    let place = params![
        table.name(),
        item.key.pk,
        item.key.sk,
        attributes,
        expires_at
    ];
    connection.prepare_cached(sql)?.execute(place)?;
    Ok(())
}

fn item(row: &Row<'_>, key: Key) -> rusqlite::Result<Item> {
    let attributes = row.get_ref(0)?.as_str()?;
    let attributes = serde_json::from_str(attributes).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error))
    })?;
    let seconds: Option<i64> = row.get(1)?;
    let expires_at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    Ok(Item {
        key,
        attributes,
        expires_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_database_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "x".repeat(4096)).unwrap();
        let error = SqliteItems::open(&path).unwrap_err().to_string();
        assert!(
            error.contains("notes.txt") && error.contains("not a database"),
            "{error}"
        );
    }

    #[test]
    fn the_database_of_another_program_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.db");
        Connection::open(&path)
            .unwrap()
            .execute_batch("CREATE TABLE t (a)")
            .unwrap();
        let error = SqliteItems::open(&path).unwrap_err().to_string();
        assert!(error.contains("another program"), "{error}");
        let own = folder.path().join("own.db");
        drop(SqliteItems::open(&own).unwrap());
        assert!(SqliteItems::open(&own).is_ok(), "its own file opens again");
    }

    #[test]
    fn a_new_file_may_be_opened_by_many_at_once() {
        for _ in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("baton.db");
            std::thread::scope(|scope| {
                let open = || SqliteItems::open(&path).map(drop);
                let opened: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
                for opened in opened {
                    opened.join().unwrap().unwrap();
                }
            });
        }
    }

    #[tokio::test]
    async fn what_is_stored_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("baton.db");
        let key = Key {
            pk: "TENANT#a".to_owned(),
            sk: "CATALOG".to_owned(),
        };
        let item = Item::document(key.clone(), &"kept");
        let items = SqliteItems::open(&path).unwrap();
        items
            .put(Table::Catalogs, &item, &Condition::Always)
            .await
            .unwrap();
        drop(items);
        let again = SqliteItems::open(&path).unwrap();
        assert_eq!(again.get(Table::Catalogs, &key).await.unwrap(), Some(item));
    }

    #[tokio::test]
    async fn expired_items_are_purged() {
        let items = SqliteItems::in_memory().unwrap();
        let key = Key {
            pk: "TENANT#a".to_owned(),
            sk: "CACHE#1".to_owned(),
        };
        let mut item = Item::document(key, &1);
        item.expires_at = Timestamp::from_second(100).ok();
        items
            .put(Table::Responses, &item, &Condition::Always)
            .await
            .unwrap();
        assert_eq!(
            items
                .purge(Timestamp::from_second(99).unwrap())
                .await
                .unwrap(),
            0
        );
        assert_eq!(
            items
                .purge(Timestamp::from_second(100).unwrap())
                .await
                .unwrap(),
            1
        );
    }
}
