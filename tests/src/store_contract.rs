//! What every adapter of [`Items`] must do: one body, run on all of them.

use baton_domain::Timestamp;
use baton_domain::item::{Condition, Item, Key, Table, Written};
use baton_domain::ports::Items;
use futures::future::join_all;
use serde_json::{Map, Value, json};

mod transactions;

/// Asserts the contract on a store that holds nothing under `TENANT#contract…`.
pub async fn store_contract(items: &dyn Items) {
    writes_and_deletes(items).await;
    keeps_tables_and_tenants_apart(items).await;
    round_trips(items).await;
    expiry_is_lazy(items).await;
    absent_or_expired(items).await;
    one_of_many_claims_wins(items).await;
    attribute_is(items).await;
    newest_first(items).await;
    pages_of_large_items(items).await;
    transactions::all_or_nothing(items).await;
    transactions::as_many_as_may_be(items).await;
    transactions::one_of_two_wins(items).await;
}

/// Every part has a partition of its own, so that parts do not meet.
fn key(part: &str, sk: impl Into<String>) -> Key {
    Key {
        pk: format!("TENANT#contract#{part}"),
        sk: sk.into(),
    }
}

fn item(key: Key, attributes: Value) -> Item {
    let attributes: Map<String, Value> =
        serde_json::from_value(attributes).expect("attributes are an object");
    Item {
        key,
        attributes,
        expires_at: None,
    }
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a second in range")
}

async fn put(items: &dyn Items, table: Table, item: &Item, condition: &Condition) -> Written {
    let written = items.put(table, item, condition).await;
    written.expect("the store takes the item")
}

async fn get(items: &dyn Items, table: Table, key: &Key) -> Option<Item> {
    items.get(table, key).await.expect("the store answers")
}

async fn writes_and_deletes(items: &dyn Items) {
    for table in Table::ALL {
        let first = item(key("plain", "a"), json!({"n": 1, "only_first": true}));
        assert_eq!(get(items, table, &first.key).await, None);
        assert_eq!(
            put(items, table, &first, &Condition::Always).await,
            Written::Yes
        );
        assert_eq!(get(items, table, &first.key).await, Some(first.clone()));
        // A put replaces the whole item: what it does not name is gone.
        let second = item(first.key.clone(), json!({"n": 2}));
        assert_eq!(
            put(items, table, &second, &Condition::Always).await,
            Written::Yes
        );
        assert_eq!(get(items, table, &first.key).await, Some(second));
        for _ in 0..2 {
            items
                .delete(table, &first.key)
                .await
                .expect("deleting twice is no error");
            assert_eq!(get(items, table, &first.key).await, None);
        }
    }
}

async fn keeps_tables_and_tenants_apart(items: &dyn Items) {
    let mine = item(key("apart", "same"), json!({"of": "mine"}));
    let theirs = item(key("apart2", "same"), json!({"of": "theirs"}));
    put(items, Table::Profiles, &mine, &Condition::Always).await;
    put(items, Table::Profiles, &theirs, &Condition::Always).await;
    assert_eq!(
        get(items, Table::Profiles, &mine.key).await,
        Some(mine.clone())
    );
    assert_eq!(get(items, Table::Catalogs, &mine.key).await, None);
    let newest = items.newest(Table::Profiles, &mine.key.pk, None, 10).await;
    assert_eq!(
        newest,
        Ok(vec![mine.clone()]),
        "a key that is a prefix of another finds its own"
    );
    items
        .delete(Table::Profiles, &mine.key)
        .await
        .expect("deleted");
    assert_eq!(get(items, Table::Profiles, &theirs.key).await, Some(theirs));
}

async fn round_trips(items: &dyn Items) {
    let attributes = json!({
        "unicode": "Ærøskøbing 東京 🛒 e\u{301}", "control": "a\u{1}\n\t\"\\", "empty": "",
        "null": null, "true": true, "false": false,
        "zero": 0, "negative": -7, "u64": u64::MAX, "i64": i64::MIN,
        "share": 0.1, "third": 1.0 / 3.0, "tiny": 1e-100, "huge": 1.5e100,
        "list": [1, "two", null, [], {}], "map": {"nested": {"deep": [true]}, "": "empty name"},
        "a.b": "dot", "name with spaces": 1, "size": "a word that query languages reserve",
        "document": "x".repeat(300_000),
    });
    let stored = item(key("round-trips", "ü#🛒"), attributes);
    put(items, Table::Profiles, &stored, &Condition::Always).await;
    let read = get(items, Table::Profiles, &stored.key)
        .await
        .expect("it was stored");
    for (name, value) in &stored.attributes {
        assert_eq!(
            read.attributes.get(name),
            Some(value),
            "the attribute `{name}`"
        );
    }
    assert_eq!(read, stored);
    let document = Item::document(
        key("round-trips", "document"),
        &json!({"b": 1, "a": [1.50]}),
    );
    put(items, Table::Profiles, &document, &Condition::Always).await;
    let read = get(items, Table::Profiles, &document.key)
        .await
        .expect("it was stored");
    assert_eq!(read.parse::<Value>(), Some(json!({"b": 1, "a": [1.5]})));
}

async fn expiry_is_lazy(items: &dyn Items) {
    // Long ago, but not so long that a sweeper of old items would have a reason to hurry.
    let mut stale = item(key("expiry", "a"), json!({"n": 1}));
    stale.expires_at = Some(second(1_000_000_000));
    put(items, Table::Responses, &stale, &Condition::Always).await;
    let read = get(items, Table::Responses, &stale.key).await;
    assert_eq!(
        read.as_ref(),
        Some(&stale),
        "an expired item is there until it is deleted"
    );
    assert!(stale.is_expired(second(1_000_000_000)));
    // A replacement without an expiry has none.
    let fresh = item(stale.key.clone(), json!({"n": 2}));
    put(items, Table::Responses, &fresh, &Condition::Always).await;
    assert_eq!(get(items, Table::Responses, &stale.key).await, Some(fresh));
}

async fn absent_or_expired(items: &dyn Items) {
    let until = |at: i64, n: u64| {
        let mut claim = item(key("claim", "a"), json!({"n": n}));
        claim.expires_at = Some(second(at));
        claim
    };
    let now = |at: i64| Condition::AbsentOrExpired { now: second(at) };
    let later = 4_000_000_000;
    let table = Table::Responses;
    let first = until(later, 1);
    assert_eq!(
        put(items, table, &first, &now(later - 10)).await,
        Written::Yes,
        "absent"
    );
    let second = until(later + 100, 2);
    assert_eq!(
        put(items, table, &second, &now(later - 1)).await,
        Written::No,
        "still held"
    );
    assert_eq!(
        get(items, table, &first.key).await,
        Some(first.clone()),
        "nothing changed"
    );
    assert_eq!(
        put(items, table, &second, &now(later)).await,
        Written::Yes,
        "expired now"
    );
    assert_eq!(get(items, table, &first.key).await, Some(second));
    // What never expires is held for ever.
    let forever = item(key("claim", "forever"), json!({}));
    assert_eq!(put(items, table, &forever, &now(0)).await, Written::Yes);
    assert_eq!(
        put(items, table, &forever, &now(later * 2)).await,
        Written::No
    );
}

async fn one_of_many_claims_wins(items: &dyn Items) {
    for round in 0..10 {
        let claims: Vec<_> = (0..8)
            .map(|claimant| {
                item(
                    key("race", round.to_string()),
                    json!({"claimant": claimant}),
                )
            })
            .collect();
        let condition = Condition::AbsentOrExpired { now: second(1) };
        let puts = claims
            .iter()
            .map(|claim| put(items, Table::Responses, claim, &condition));
        let written = join_all(puts).await;
        let winners: Vec<_> = (0..8).filter(|i| written[*i] == Written::Yes).collect();
        assert_eq!(winners.len(), 1, "round {round}: {written:?}");
        let kept = get(items, Table::Responses, &claims[0].key).await;
        assert_eq!(
            kept.as_ref(),
            Some(&claims[winners[0]]),
            "the winner's item is kept"
        );
    }
}

async fn attribute_is(items: &dyn Items) {
    let table = Table::Responses;
    let is = |name, value| Condition::AttributeIs { name, value };
    let next = item(
        key("attribute", "a"),
        json!({"version": 2, "state": "done", "open": true}),
    );
    let absent = put(items, table, &next, &is("version", json!(1))).await;
    assert_eq!(absent, Written::No, "there is no item");
    assert_eq!(get(items, table, &next.key).await, None);
    let first = item(
        next.key.clone(),
        json!({"version": 1, "state": "running", "open": false}),
    );
    let tried = [
        ("version", json!(2), Written::No),
        ("version", json!("1"), Written::No),
        ("missing", json!(1), Written::No),
        ("state", json!("done"), Written::No),
        ("open", json!(true), Written::No),
        ("version", json!(1), Written::Yes),
        ("state", json!("running"), Written::Yes),
        ("open", json!(false), Written::Yes),
    ];
    for (name, value, expected) in tried {
        put(items, table, &first, &Condition::Always).await;
        let written = put(items, table, &next, &is(name, value.clone())).await;
        assert_eq!(written, expected, "{name} is {value}");
        let kept = if expected == Written::Yes {
            &next
        } else {
            &first
        };
        assert_eq!(get(items, table, &next.key).await.as_ref(), Some(kept));
    }
}

async fn newest_first(items: &dyn Items) {
    let table = Table::OrchestrationLog;
    // Sort keys compare by bytes: digits, capitals, small letters, then everything beyond ASCII.
    let keys = ["", "0", "10", "2", "A", "Z", "a", "b", "é", "東"].map(|sk| format!("log_{sk}"));
    // Stored in another order than the one they are read in.
    for sk in keys.iter().rev().chain(&keys) {
        put(
            items,
            table,
            &item(key("newest", sk), json!({"sk": sk})),
            &Condition::Always,
        )
        .await;
    }
    let newest = async |before: Option<&str>, limit| -> Vec<String> {
        let found = items
            .newest(table, &key("newest", "").pk, before, limit)
            .await;
        let found = found.expect("the store answers");
        found.into_iter().map(|item| item.key.sk).collect()
    };
    let mut expected = keys.to_vec();
    expected.reverse();
    assert_eq!(newest(None, 100).await, expected);
    assert_eq!(newest(None, 3).await, expected[..3]);
    assert_eq!(
        newest(Some(&expected[2]), 3).await,
        expected[3..6],
        "the next page"
    );
    assert_eq!(
        newest(Some("log_B"), 2).await,
        ["log_A", "log_2"],
        "before a key that is not there"
    );
    assert_eq!(newest(Some("log_"), 10).await, [""; 0]);
    assert_eq!(newest(None, 0).await, [""; 0]);
    let nothing = items
        .newest(table, "TENANT#contract#nobody", None, 10)
        .await;
    assert_eq!(nothing, Ok(vec![]));
}

/// A store may answer in pages of its own, by size: the caller never sees them.
async fn pages_of_large_items(items: &dyn Items) {
    let large = "x".repeat(300_000);
    for n in 0..5 {
        let entry = item(key("large", n.to_string()), json!({"n": n, "text": large}));
        put(items, Table::OrchestrationLog, &entry, &Condition::Always).await;
    }
    let pk = key("large", "").pk;
    let found = items.newest(Table::OrchestrationLog, &pk, None, 5).await;
    let found = found.expect("the store answers");
    let order: Vec<_> = found
        .iter()
        .map(|item| item.attributes["n"].clone())
        .collect();
    assert_eq!(order, [4, 3, 2, 1, 0]);
}
