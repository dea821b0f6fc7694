//! The engine's journal on SQLite. Appends that wait at the same time are committed together.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use baton_domain::ports::StoreError;
use baton_engine::{Begun, Entry, Journal, JournalError, Outcome, Record, Stimulus};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Row, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::oneshot;

use super::{Status, Summary};
use crate::store::SqliteItems;

/// The tables. A definition is kept once for all executions that run it.
pub(crate) const TABLES: &str = "
    CREATE TABLE definitions (
        id INTEGER PRIMARY KEY,
        machine TEXT NOT NULL,
        text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX definitions_by_machine ON definitions (machine);
    CREATE TABLE executions (
        name TEXT PRIMARY KEY,
        machine TEXT NOT NULL,
        definition INTEGER NOT NULL REFERENCES definitions (id),
        info TEXT NOT NULL,
        input TEXT NOT NULL,
        started TEXT NOT NULL,
        origin TEXT,
        status TEXT NOT NULL,
        outcome TEXT,
        stopped TEXT,
        redrives INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX executions_by_status ON executions (status, started);
    CREATE TABLE journal (
        execution TEXT NOT NULL,
        seq INTEGER NOT NULL,
        at TEXT NOT NULL,
        stimulus TEXT NOT NULL,
        PRIMARY KEY (execution, seq)
    ) STRICT, WITHOUT ROWID;";

/// Whether it was seen what an execution's end means for its run.
pub(crate) const SETTLED: &str = "
    ALTER TABLE executions ADD COLUMN settled INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX executions_unsettled ON executions (machine)
        WHERE settled = 0 AND status <> 'RUNNING';";

/// An execution that ended, and nobody was told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unsettled {
    pub(crate) name: String,
    pub(crate) input: Value,
    pub(crate) outcome: Outcome,
}

/// The journal in the file of a store.
#[derive(Clone)]
pub(crate) struct SqliteJournal {
    store: SqliteItems,
    waiting: Arc<Mutex<Vec<Append>>>,
}

/// An append that waits for the next commit.
struct Append {
    execution: String,
    after: usize,
    lines: Vec<Line>,
    reopens: bool,
    done: oneshot::Sender<Result<(), JournalError>>,
}

/// An entry as it stands in its row.
type Line = (String, String);

impl SqliteJournal {
    pub(crate) fn over(store: SqliteItems) -> Self {
        let waiting = Arc::default();
        Self { store, waiting }
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, JournalError> {
        let done = self.store.with(work).await;
        done.map_err(|StoreError(why)| JournalError::Unavailable(why))
    }

    /// The executions of a status, or all of them, newest first.
    pub(crate) async fn list(
        &self,
        status: Option<Status>,
        limit: usize,
    ) -> Result<Vec<Summary>, JournalError> {
        self.with(move |connection| {
            let sql = "SELECT name, machine, started, origin, status, stopped, redrives, outcome
                FROM executions WHERE ?1 IS NULL OR status = ?1 ORDER BY started DESC, name LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let rows = statement.query_map(params![status.map(Status::name), limit], summary)?;
            rows.collect()
        })
        .await
    }

    /// The executions of a machine that ended and are not settled.
    pub(crate) async fn unsettled(&self, machine: &str) -> Result<Vec<Unsettled>, JournalError> {
        let machine = machine.to_owned();
        self.with(move |connection| {
            let sql = "SELECT name, input, outcome FROM executions
                WHERE machine = ?1 AND settled = 0 AND status <> 'RUNNING' LIMIT 100";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([machine], |row| {
                Ok(Unsettled {
                    name: row.get(0)?,
                    input: parsed(row, 1)?,
                    outcome: parsed(row, 2)?,
                })
            })?;
            rows.collect()
        })
        .await
    }

    /// An execution that ended is settled.
    pub(crate) async fn settle(&self, name: &str) -> Result<(), JournalError> {
        let name = name.to_owned();
        self.with(move |connection| {
            let sql = "UPDATE executions SET settled = 1 WHERE name = ?1 AND status <> 'RUNNING'";
            connection.prepare_cached(sql)?.execute([name])?;
            Ok(())
        })
        .await
    }

    /// One execution, without its journal.
    pub(crate) async fn summary(&self, name: &str) -> Result<Option<Summary>, JournalError> {
        let name = name.to_owned();
        self.with(move |connection| {
            let sql = "SELECT name, machine, started, origin, status, stopped, redrives, outcome
                FROM executions WHERE name = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_row([name], summary).optional()
        })
        .await
    }
}

#[async_trait]
impl Journal for SqliteJournal {
    async fn begin(&self, record: &Record) -> Result<(), JournalError> {
        let name = record.begun.info.name.clone();
        let begun = record.begun.clone();
        let lines = lines(&record.entries);
        let keep = move |connection: &mut Connection| {
            let immediate = TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(immediate)?;
            insert(&transaction, &begun)?;
            write(&transaction, &begun.info.name, 0, &lines)?;
            transaction.commit()
        };
        let kept = self.store.try_with(keep).await;
        kept.map_err(|error| failed(&error, &name))
    }

    async fn append(
        &self,
        execution: &str,
        after: usize,
        entries: &[Entry],
    ) -> Result<(), JournalError> {
        let (done, answer) = oneshot::channel();
        let reopens = |entry: &Entry| entry.stimulus == Stimulus::Redriven;
        let append = Append {
            execution: execution.to_owned(),
            after,
            lines: lines(entries),
            reopens: entries.iter().any(reopens),
            done,
        };
        let queue = || self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        queue().push(append);
        let waiting = Arc::clone(&self.waiting);
        // Whoever comes first commits for all that wait by then.
        self.with(move |connection| {
            let taken =
                std::mem::take(&mut *waiting.lock().unwrap_or_else(PoisonError::into_inner));
            commit(connection, taken);
            Ok(())
        })
        .await?;
        let lost = |_| JournalError::Unavailable("the commit was lost".to_owned());
        answer.await.map_err(lost)?
    }

    async fn load(&self, execution: &str) -> Result<Option<Record>, JournalError> {
        let name = execution.to_owned();
        self.with(move |connection| {
            let sql = "SELECT text, info, input, started, origin FROM executions
                JOIN definitions ON id = definition WHERE name = ?1";
            let begun = connection.prepare_cached(sql)?.query_row([&name], begun);
            let Some(begun) = begun.optional()? else {
                return Ok(None);
            };
            let sql = "SELECT at, stimulus FROM journal WHERE execution = ?1 ORDER BY seq";
            let mut statement = connection.prepare_cached(sql)?;
            let entries = statement.query_map([&name], entry)?;
            let entries = entries.collect::<rusqlite::Result<_>>()?;
            Ok(Some(Record { begun, entries }))
        })
        .await
    }

    async fn close(
        &self,
        execution: &str,
        outcome: &Outcome,
        at: Timestamp,
    ) -> Result<(), JournalError> {
        let (name, status) = (execution.to_owned(), outcome.status());
        let (outcome, at) = (json(outcome), text(at));
        self.with(move |connection| {
            let sql = "UPDATE executions SET status = ?2, outcome = ?3, stopped = ?4
                WHERE name = ?1 AND status = 'RUNNING'";
            connection
                .prepare_cached(sql)?
                .execute(params![name, status, outcome, at])?;
            Ok(())
        })
        .await
    }
}

fn failed(error: &rusqlite::Error, name: &str) -> JournalError {
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        return JournalError::Conflict(name.to_owned());
    }
    JournalError::Unavailable(error.to_string())
}

/// Commits what waits with one synchronisation of the disk, and says how it went.
fn commit(connection: &mut Connection, appends: Vec<Append>) {
    if appends.is_empty() {
        return;
    }
    let mut answers = Vec::with_capacity(appends.len());
    let immediate = TransactionBehavior::Immediate;
    let begun = connection.transaction_with_behavior(immediate);
    let all = begun.and_then(|mut transaction| {
        for append in &appends {
            let savepoint = transaction.savepoint()?;
            let written = append.write(&savepoint);
            answers.push(written.map_err(|error| failed(&error, &append.execution)));
            if answers.last().is_some_and(Result::is_ok) {
                savepoint.commit()?;
            }
        }
        transaction.commit()
    });
    answers.resize(appends.len(), Ok(()));
    for (append, answer) in appends.into_iter().zip(answers) {
        let answer = match &all {
            Ok(()) => answer,
            Err(error) => Err(JournalError::Unavailable(error.to_string())),
        };
        // The execution may be gone by now.
        let _ = append.done.send(answer);
    }
}

impl Append {
    fn write(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.after > 0 {
            self.follows(connection)?;
        }
        write(connection, &self.execution, self.after, &self.lines)?;
        if self.reopens {
            let sql = "UPDATE executions SET status = 'RUNNING', outcome = NULL, stopped = NULL,
                redrives = redrives + 1, settled = 0 WHERE name = ?1";
            connection.prepare_cached(sql)?.execute([&self.execution])?;
        }
        Ok(())
    }

    /// A gap would be a conflict just as an entry that is there already.
    fn follows(&self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "SELECT 1 FROM journal WHERE execution = ?1 AND seq = ?2";
        let last = number(self.after) - 1;
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_row(params![self.execution, last], |_| Ok(()))
    }
}

fn insert(connection: &Connection, begun: &Begun) -> rusqlite::Result<()> {
    let sql =
        "INSERT INTO executions (name, machine, definition, info, input, started, origin, status)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'RUNNING')";
    let machine = &begun.info.machine_name;
    let place = params![
        begun.info.name,
        machine,
        definition(connection, machine, &begun.definition)?,
        json(&begun.info),
        json(&begun.input),
        text(begun.started),
        begun.origin.as_ref().map(json),
    ];
    connection.prepare_cached(sql)?.execute(place)?;
    Ok(())
}

/// The number of a definition, which is kept when it is new.
fn definition(connection: &Connection, machine: &str, text: &str) -> rusqlite::Result<i64> {
    let sql = "SELECT id FROM definitions WHERE machine = ?1 AND text = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let known = statement.query_row([machine, text], |row| row.get(0));
    if let Some(id) = known.optional()? {
        return Ok(id);
    }
    let sql = "INSERT INTO definitions (machine, text) VALUES (?1, ?2)";
    connection.prepare_cached(sql)?.execute([machine, text])?;
    Ok(connection.last_insert_rowid())
}

fn write(
    connection: &Connection,
    execution: &str,
    after: usize,
    lines: &[Line],
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO journal (execution, seq, at, stimulus) VALUES (?1, ?2, ?3, ?4)";
    let mut statement = connection.prepare_cached(sql)?;
    for (index, (at, stimulus)) in lines.iter().enumerate() {
        statement.execute(params![execution, number(after + index), at, stimulus])?;
    }
    Ok(())
}

fn number(index: usize) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

fn lines(entries: &[Entry]) -> Vec<Line> {
    let line = |entry: &Entry| (text(entry.at), json(&entry.stimulus));
    entries.iter().map(line).collect()
}

/// Every digit, so that what is read is what was kept, and text sorts as time.
fn text(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// The types that are kept are always JSON.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn begun(row: &Row<'_>) -> rusqlite::Result<Begun> {
    Ok(Begun {
        definition: row.get(0)?,
        info: parsed(row, 1)?,
        input: parsed(row, 2)?,
        started: time(row, 3)?.unwrap_or_default(),
        origin: parsed_if_any(row, 4)?,
    })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    Ok(Entry {
        at: time(row, 0)?.unwrap_or_default(),
        stimulus: parsed(row, 1)?,
    })
}

fn summary(row: &Row<'_>) -> rusqlite::Result<Summary> {
    let status: String = row.get(4)?;
    Ok(Summary {
        name: row.get(0)?,
        machine: row.get(1)?,
        started: time(row, 2)?.unwrap_or_default(),
        origin: parsed_if_any(row, 3)?,
        status: Status::named(&status),
        stopped: time(row, 5)?,
        redrives: u64::try_from(row.get::<_, i64>(6)?).unwrap_or_default(),
        outcome: parsed_if_any(row, 7)?,
    })
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| text.parse().map_err(|error| unread(column, error)))
        .transpose()
}

fn parsed<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    read(row.get_ref(column)?.as_str()?).map_err(|error| unread(column, error))
}

fn parsed_if_any<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let text: Option<String> = row.get(column)?;
    text.map(|text| read(&text).map_err(|error| unread(column, error)))
        .transpose()
}

/// What the engine refuses for its depth stands in the journal as well.
fn read<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    T::deserialize(&mut reader)
}

fn unread(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    let kind = rusqlite::types::Type::Text;
    rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
}
