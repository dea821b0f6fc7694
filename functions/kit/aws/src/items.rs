//! [`Items`] on DynamoDB.

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure};
use baton_domain::item::{Condition, Item, Key, Table, Write, Written};
use baton_domain::ports::{Items, StoreError};

use crate::attempts::Attempts;
use crate::attributes::{from_item, from_key, to_item};
use crate::config::TableNames;
use crate::expression::Expression;
use crate::transaction;
use crate::{Config, Connection};

/// The tables of one stack. Every table has the string keys `pk` and `sk` and its time to live in
/// `expires_at`.
#[derive(Debug, Clone)]
pub struct DynamoItems {
    client: Client,
    tables: TableNames,
}

impl DynamoItems {
    /// The tables that `config` names.
    pub fn new(connection: &Connection, config: &Config) -> Self {
        Self {
            client: connection.dynamodb(),
            tables: config.tables.clone(),
        }
    }

    /// Opens the connection by reading an item that is not there. At start Lambda gives a whole
    /// core, later only a share of one, so the handshake is cheapest now. A failure is left to the
    /// first real call, which can answer for it.
    pub async fn warm(&self) {
        let nothing = Key {
            pk: "-".to_owned(),
            sk: "-".to_owned(),
        };
        let Some(table) = self.tables.any() else {
            return;
        };
        if let Err(error) = self.get(table, &nothing).await {
            tracing::warn!(%error, "the store did not answer at start");
        }
    }

    fn page(
        &self,
        table: Table,
        pk: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<QueryFluentBuilder, StoreError> {
        let query = self.client.query().table_name(self.tables.of(table)?);
        let query = query
            .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX));
        Ok(match before {
            None => query.key_condition_expression("pk = :pk"),
            Some(sk) => query
                .key_condition_expression("pk = :pk AND sk < :before")
                .expression_attribute_values(":before", AttributeValue::S(sk.to_owned())),
        })
    }

    async fn send_put(
        &self,
        put: PutItemFluentBuilder,
        table: Table,
        item: &Item,
    ) -> Result<Written, StoreError> {
        let attempts = Attempts::default();
        let put = put.customize().interceptor(attempts.clone());
        match put.send().await {
            Ok(_) => Ok(Written::Yes),
            Err(error) if !is_refusal(&error) => Err(store_error("PutItem", table.name(), &error)),
            Err(error) if attempts.repeated() && found(&error, item) => Ok(Written::Yes),
            Err(_) => Ok(Written::No),
        }
    }
}

#[async_trait]
impl Items for DynamoItems {
    async fn get(&self, table: Table, key: &Key) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(self.tables.of(table)?);
        let get = get.set_key(Some(from_key(key))).consistent_read(true);
        let answer = get.send().await;
        let answer = answer.map_err(|error| store_error("GetItem", table.name(), &error))?;
        answer.item.map(to_item).transpose()
    }

    async fn put(
        &self,
        table: Table,
        item: &Item,
        condition: &Condition,
    ) -> Result<Written, StoreError> {
        let put = self.client.put_item().table_name(self.tables.of(table)?);
        let put = put.set_item(Some(from_item(item)));
        self.send_put(conditional(put, condition), table, item)
            .await
    }

    async fn delete(&self, table: Table, key: &Key) -> Result<(), StoreError> {
        let delete = self.client.delete_item().table_name(self.tables.of(table)?);
        let answer = delete.set_key(Some(from_key(key))).send().await;
        answer.map_err(|error| store_error("DeleteItem", table.name(), &error))?;
        Ok(())
    }

    async fn transact(&self, writes: &[Write]) -> Result<Written, StoreError> {
        transaction::transact(&self.client, &self.tables, writes).await
    }

    async fn newest(
        &self,
        table: Table,
        pk: &str,
        before: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut from = None;
        // A page of DynamoDB ends at 1 MB, whatever the limit.
        while items.len() < limit {
            let query = self.page(table, pk, before, limit - items.len())?;
            let page = query.set_exclusive_start_key(from).send().await;
            let page = page.map_err(|error| store_error("Query", table.name(), &error))?;
            for attributes in page.items.unwrap_or_default() {
                items.push(to_item(attributes)?);
            }
            from = page.last_evaluated_key;
            if from.is_none() {
                break;
            }
        }
        Ok(items)
    }
}

fn conditional(put: PutItemFluentBuilder, condition: &Condition) -> PutItemFluentBuilder {
    if *condition == Condition::Always {
        return put;
    }
    let Expression {
        text,
        names,
        values,
    } = Expression::of(condition);
    put.set_condition_expression(text)
        .set_expression_attribute_names(names)
        .set_expression_attribute_values(values)
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
}

fn is_refusal(error: &SdkError<PutItemError>) -> bool {
    let service = error.as_service_error();
    service.is_some_and(PutItemError::is_conditional_check_failed_exception)
}

/// Whether what stood in the way is this very item: then an earlier attempt of the same call
/// stored it.
fn found(error: &SdkError<PutItemError>, item: &Item) -> bool {
    match error.as_service_error() {
        Some(PutItemError::ConditionalCheckFailedException(refusal)) => {
            refusal.item().is_some_and(|old| *old == from_item(item))
        }
        _ => false,
    }
}

/// Names the operation and the service's code, never what was stored.
pub(crate) fn store_error<E>(operation: &str, table: &str, error: &SdkError<E>) -> StoreError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let what = match error.code() {
        Some(code) => format!("{code}: {}", error.message().unwrap_or("no message")),
        None => DisplayErrorContext(error).to_string(),
    };
    StoreError(format!("{operation} on {table}: {what}"))
}
