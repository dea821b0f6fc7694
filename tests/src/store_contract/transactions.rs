//! Several writes that happen together.

use baton_domain::item::{Condition, Item, Key, MAX_WRITES, Table, Write, Written};
use baton_domain::ports::Items;
use futures::future::join;
use serde_json::{Value, json};

use super::{get, item, key, put};

const TABLE: Table = Table::Runs;

async fn transact(items: &dyn Items, writes: &[Write]) -> Written {
    let written = items.transact(writes).await;
    written.expect("the store takes the writes")
}

fn store(item: &Item, condition: Condition) -> Write {
    Write::put(TABLE, item.clone(), condition)
}

fn version_is(version: u64) -> Condition {
    Condition::AttributeIs {
        name: "version",
        value: Value::from(version),
    }
}

fn version(key: &Key, version: u64) -> Item {
    item(key.clone(), json!({"version": version}))
}

fn delete(key: &Key) -> Write {
    Write::Delete {
        table: TABLE,
        key: key.clone(),
    }
}

/// Of writes over two tables, none happens unless the condition of each holds.
pub(super) async fn all_or_nothing(items: &dyn Items) {
    let [head, old, new] = ["head", "old", "new"].map(|sk| key("together", sk));
    put(items, TABLE, &version(&head, 1), &Condition::Always).await;
    put(items, TABLE, &version(&old, 0), &Condition::Always).await;
    let elsewhere = item(key("together", "elsewhere"), json!({"n": 1}));
    let second = version(&head, 2);
    let writes = |known, of_new: Condition| {
        [
            store(&version(&new, 0), of_new),
            Write::put(Table::Approvals, elsewhere.clone(), Condition::Absent),
            delete(&old),
            store(&second, version_is(known)),
            delete(&key("together", "nobody")),
        ]
    };
    let nothing = async |why: &str| {
        assert_eq!(get(items, TABLE, &new).await, None, "{why}");
        assert_eq!(
            get(items, Table::Approvals, &elsewhere.key).await,
            None,
            "{why}"
        );
        let unchanged = Some(version(&head, 1));
        assert_eq!(get(items, TABLE, &head).await, unchanged, "{why}");
        assert!(get(items, TABLE, &old).await.is_some(), "{why}");
    };
    let stale = transact(items, &writes(7, Condition::Absent)).await;
    assert_eq!(stale, Written::No);
    nothing("the last write's condition does not hold").await;
    let first = transact(items, &writes(1, version_is(1))).await;
    assert_eq!(first, Written::No);
    nothing("the first write's condition does not hold").await;
    let done = transact(items, &writes(1, Condition::Absent)).await;
    assert_eq!(done, Written::Yes);
    assert_eq!(get(items, TABLE, &head).await, Some(second.clone()));
    assert_eq!(get(items, TABLE, &old).await, None);
    assert!(get(items, TABLE, &new).await.is_some());
    assert!(get(items, Table::Approvals, &elsewhere.key).await.is_some());
    let twice = transact(items, &writes(2, Condition::Absent)).await;
    assert_eq!(twice, Written::No, "what is there is not absent");
}

/// As many writes as DynamoDB does together, puts and deletes.
pub(super) async fn as_many_as_may_be(items: &dyn Items) {
    let keys: Vec<Key> = (0..MAX_WRITES)
        .map(|n| key("many", format!("{n:03}")))
        .collect();
    let absent = |key: &Key| store(&version(key, 1), Condition::Absent);
    let all: Vec<Write> = keys.iter().map(absent).collect();
    assert_eq!(transact(items, &all[1..]).await, Written::Yes);
    assert_eq!(transact(items, &all).await, Written::No);
    assert_eq!(get(items, TABLE, &keys[0]).await, None);
    let deletes: Vec<Write> = keys.iter().map(delete).collect();
    assert_eq!(transact(items, &deletes).await, Written::Yes);
    assert_eq!(transact(items, &all).await, Written::Yes);
    let found = items.newest(TABLE, &keys[0].pk, None, MAX_WRITES + 1).await;
    assert_eq!(found.map(|found| found.len()), Ok(MAX_WRITES));
}

/// Two that know the same version: one wins, and all of its writes stand.
pub(super) async fn one_of_two_wins(items: &dyn Items) {
    let head = key("races", "head");
    put(items, TABLE, &version(&head, 0), &Condition::Always).await;
    for round in 0..50_u64 {
        let entry = |who: u64| item(key("races", format!("{round}-{who}")), json!({"who": who}));
        let writes = |who: u64| {
            let mut next = version(&head, round + 1);
            next.attributes.insert("who".to_owned(), Value::from(who));
            [
                store(&entry(who), Condition::Absent),
                store(&next, version_is(round)),
            ]
        };
        let (first, second) = (writes(0), writes(1));
        let both = join(transact(items, &first), transact(items, &second)).await;
        let winner = match both {
            (Written::Yes, Written::No) => 0,
            (Written::No, Written::Yes) => 1,
            other => panic!("round {round}: {other:?}"),
        };
        let there = get(items, TABLE, &head).await.expect("it is there");
        assert_eq!(there.attributes["who"], winner, "round {round}");
        for who in 0..2 {
            let kept = get(items, TABLE, &entry(who).key).await;
            assert_eq!(kept.is_some(), who == winner, "round {round}");
        }
    }
}
