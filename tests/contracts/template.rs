//! The SAM template as a value.

use std::fs;

use baton_tests::root;
use serde_json::{Map, Value};
use serde_norway::Value as Yaml;

/// The template; a tag such as `!Ref X` becomes `{"!Ref": "X"}`.
pub(crate) fn template() -> Value {
    let text = fs::read_to_string(root().join("infra/template.yaml")).expect("the template");
    to_json(serde_norway::from_str(&text).expect("YAML"))
}

/// The resources of a type, by logical id.
pub(crate) fn resources(kind: &str) -> Map<String, Value> {
    let template = template();
    let resources = template["Resources"].as_object().expect("resources");
    let of_kind = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind);
    of_kind
        .map(|(id, resource)| (id.clone(), resource.clone()))
        .collect()
}

/// `wtp-scoring` as it is in logical ids: `WtpScoring`.
pub(crate) fn pascal_case(kebab: &str) -> String {
    let capitalised = |word: &str| word[..1].to_uppercase() + &word[1..];
    kebab.split('-').map(capitalised).collect()
}

fn to_json(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(value) => serde_json::to_value(value).expect("a number"),
        Yaml::String(value) => value.into(),
        Yaml::Sequence(values) => values.into_iter().map(to_json).collect(),
        Yaml::Mapping(fields) => fields
            .into_iter()
            .map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), to_json(value)))
            .collect(),
        Yaml::Tagged(tagged) => Value::Object(Map::from_iter([(
            tagged.tag.to_string(),
            to_json(tagged.value),
        )])),
    }
}
