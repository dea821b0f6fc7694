//! What one transaction writes for the entries of a journal.

use baton_domain::item::{Condition, Item, Key, Table, Write};
use baton_domain::run::{JournalEntry, RunState, RunStatus, RunSummary};
use serde_json::{Map, Value};

use super::SNAPSHOT_EVERY;

/// The attribute of a run's head by which writers notice each other.
const VERSION: &str = "version";

/// Everything that a transaction writes for these entries, which took a run from `before` (nothing
/// where they begin it) to `after`.
pub(super) fn written(
    before: Option<&RunState>,
    after: &RunState,
    entries: &[JournalEntry],
) -> Vec<Write> {
    let (tenant, run_id) = (&after.tenant_id, after.run_id);
    let mut writes = Vec::with_capacity(entries.len() + 8);
    let mut put = |item, condition| writes.push(Write::put(Table::Runs, item, condition));
    for entry in entries {
        let key = Key::run_event(tenant, run_id, entry.version);
        put(Item::document(key, entry), Condition::Absent);
    }
    let mut head = Item::document(Key::run(tenant, run_id), after);
    let version = (VERSION.to_owned(), Value::from(after.version));
    head.attributes.extend([version]);
    let unchanged = before.map_or(Condition::Absent, |before| Condition::AttributeIs {
        name: VERSION,
        value: Value::from(before.version),
    });
    put(head, unchanged);
    put(heard_item(before, after, entries), Condition::Absent);
    let then = before.map_or(0, |before| before.version);
    if then / SNAPSHOT_EVERY != after.version / SNAPSHOT_EVERY {
        let key = Key::run_snapshot(tenant, run_id, after.version);
        put(Item::document(key, after), Condition::Absent);
    }
    writes.extend(listed(before, after));
    writes
}

fn heard_item(before: Option<&RunState>, after: &RunState, entries: &[JournalEntry]) -> Item {
    let event_id = entries.first().map_or("", |entry| &entry.event_id);
    let first = before.map_or(0, |before| before.version);
    Item {
        key: Key::run_heard(&after.tenant_id, after.run_id, event_id),
        attributes: Map::from_iter([
            ("after".to_owned(), Value::from(first)),
            ("last".to_owned(), Value::from(after.version)),
        ]),
        expires_at: None,
    }
}

/// Where lists show the run: among all, among its brand's, among those that stand so; while it is
/// queued, among those whose workflows were not heard of; and once it ended, among those that left
/// mails behind, if it did.
fn listed(before: Option<&RunState>, after: &RunState) -> Vec<Write> {
    let (tenant, run_id) = (&after.tenant_id, after.run_id);
    let summary = RunSummary::from(after);
    let entry = |partition| {
        let item = Item::document(Key::listed_run(partition, run_id), &summary);
        Write::put(Table::Runs, item, Condition::Always)
    };
    let brand = after.subject.brand_id.as_ref();
    let mut writes = vec![entry(Key::runs(tenant))];
    writes.extend(brand.map(|brand| entry(Key::runs_by_brand(tenant, brand))));
    writes.push(entry(Key::runs_by_status(tenant, after.status)));
    let delete = |key| Write::Delete {
        table: Table::Runs,
        key,
    };
    let then = before.map(|before| before.status);
    if let Some(then) = then.filter(|then| *then != after.status) {
        let partition = Key::runs_by_status(tenant, then);
        writes.push(delete(Key::listed_run(partition, run_id)));
    }
    match (
        then == Some(RunStatus::Queued),
        after.status == RunStatus::Queued,
    ) {
        (false, true) => writes.push(mark(Key::unstarted(tenant, run_id), after)),
        (true, false) => writes.push(delete(Key::unstarted(tenant, run_id))),
        _ => {}
    }
    match (
        before.is_some_and(RunState::leaves_mails_behind),
        after.leaves_mails_behind(),
    ) {
        (false, true) => writes.push(mark(Key::left_behind(tenant, run_id), after)),
        (true, false) => writes.push(delete(Key::left_behind(tenant, run_id))),
        _ => {}
    }
    writes
}

/// Shows a run to the sweeper.
fn mark(key: Key, after: &RunState) -> Write {
    let attributes = Map::from_iter([
        ("tenant_id".to_owned(), after.tenant_id.as_str().into()),
        ("run_id".to_owned(), after.run_id.to_string().into()),
        ("since".to_owned(), after.updated_at.to_string().into()),
    ]);
    let item = Item {
        key,
        attributes,
        expires_at: None,
    };
    Write::put(Table::Runs, item, Condition::Always)
}
