//! What holds whatever sources say.

use proptest::prelude::*;

use super::*;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z][a-z]{1,6}( Inc)?",
        "\\PC{0,20}",
        "[-\\[\\]()!<>#*_`~|:.0-9 \n=+a]{1,20}",
        Just("x".repeat(5_000))
    ]
}

fn data() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("name".to_owned()),
        Just("revenue".to_owned()),
        Just("founded".to_owned()),
        Just("growth_rate".to_owned()),
        Just("financial_data".to_owned()),
        text(),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(key.clone(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// The kit validates every answer, so that an answer is a sound one.
    #[test]
    fn any_data_is_reported_soundly_and_without_markup(
        sources in prop::collection::vec((text(), data()), 0..6),
        aspects in prop::collection::vec(prop_oneof![Just("revenue".to_owned()), text()], 0..4),
        theme in "[A-Za-z]{1,9}.{0,20}",
    ) {
        let facts: Vec<Value> = sources.iter().enumerate().map(|(i, (name, data))| {
            json!({"source_id": format!("s{i}"), "name": name, "cost": 1, "rail": "token", "data": data})
        }).collect();
        let input = json!({
            "theme": theme, "facts": facts, "budget": 9, "spent": facts.len(),
            "search": {"keywords": [], "wider": [], "aspects": aspects},
        });
        let first = answer(json!({ "input": input })).unwrap();
        let markdown = first["output"]["markdown"].as_str().unwrap();
        prop_assert_eq!(markup(markdown), Vec::<String>::new(), "{}", markdown);
        let again = answer(json!({ "input": input })).unwrap();
        prop_assert_eq!(&again["output"], &first["output"]);
        let claims = first["output"]["claims"].as_array().unwrap();
        prop_assert_eq!(claims.is_empty(), sources.is_empty());
        let fallback = answer(json!({"mode": "fallback", "input": input}));
        prop_assert!(fallback.is_ok());
    }
}
