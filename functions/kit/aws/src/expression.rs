//! Conditions as DynamoDB spells them.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use baton_domain::item::{Condition, EXPIRES_AT};

use crate::attributes::{from_json, from_time};

/// A condition expression with what its placeholders stand for.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Expression {
    pub(crate) text: Option<String>,
    pub(crate) names: Option<HashMap<String, String>>,
    pub(crate) values: Option<HashMap<String, AttributeValue>>,
}

impl Expression {
    pub(crate) fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Always => Self::default(),
            Condition::Absent => Self {
                text: Some("attribute_not_exists(pk)".to_owned()),
                ..Self::default()
            },
            Condition::AbsentOrExpired { now } => Self::about(
                "attribute_not_exists(pk) OR #name <= :value",
                EXPIRES_AT,
                from_time(*now),
            ),
            Condition::AttributeIs { name, value } => {
                Self::about("#name = :value", name, from_json(value))
            }
        }
    }

    fn about(text: &str, name: &str, value: AttributeValue) -> Self {
        Self {
            text: Some(text.to_owned()),
            names: Some(HashMap::from([("#name".to_owned(), name.to_owned())])),
            values: Some(HashMap::from([(":value".to_owned(), value)])),
        }
    }
}
