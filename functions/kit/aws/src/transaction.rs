//! Several writes that happen together, on DynamoDB.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem};
use baton_domain::item::{Write, Written};
use baton_domain::ports::StoreError;

use crate::attributes::{from_item, from_key};
use crate::config::TableNames;
use crate::expression::Expression;
use crate::items::store_error;

/// How often a transaction is tried that met another on the same item, and the first pause.
const ATTEMPTS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(20);

/// Does all of these writes or none. The SDK gives the call a token, by which DynamoDB knows its
/// repetitions: one whose answer was lost is not refused for what it wrote itself.
pub(crate) async fn transact(
    client: &Client,
    tables: &TableNames,
    writes: &[Write],
) -> Result<Written, StoreError> {
    let mut pause = PAUSE;
    for attempt in 1.. {
        let items = writes.iter().map(|write| translated(tables, write));
        let items = items.collect::<Result<Vec<_>, StoreError>>()?;
        let call = client.transact_write_items();
        let answer = call.set_transact_items(Some(items)).send().await;
        let Err(error) = answer else {
            return Ok(Written::Yes);
        };
        match refusal(&error) {
            Some(Refusal::Condition) => return Ok(Written::No),
            Some(Refusal::Conflict) if attempt < ATTEMPTS => {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
            _ => return Err(store_error("TransactWriteItems", "tables", &error)),
        }
    }
    Err(StoreError("TransactWriteItems: out of attempts".to_owned()))
}

fn translated(tables: &TableNames, write: &Write) -> Result<TransactWriteItem, StoreError> {
    let incomplete = |error: BuildError| StoreError(error.to_string());
    let item = TransactWriteItem::builder();
    let item = match write {
        Write::Put {
            table,
            item: put,
            condition,
        } => {
            let Expression {
                text,
                names,
                values,
            } = Expression::of(condition);
            let put = Put::builder()
                .table_name(tables.of(*table)?)
                .set_item(Some(from_item(put)))
                .set_condition_expression(text)
                .set_expression_attribute_names(names)
                .set_expression_attribute_values(values);
            item.put(put.build().map_err(incomplete)?)
        }
        Write::Delete { table, key } => {
            let delete = Delete::builder().table_name(tables.of(*table)?);
            let delete = delete.set_key(Some(from_key(key))).build();
            item.delete(delete.map_err(incomplete)?)
        }
    };
    Ok(item.build())
}

enum Refusal {
    /// The condition of a write does not hold.
    Condition,
    /// Another transaction is at work on an item.
    Conflict,
}

fn refusal(error: &SdkError<TransactWriteItemsError>) -> Option<Refusal> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return None;
    };
    let reasons = cancelled.cancellation_reasons().iter();
    let codes: Vec<&str> = reasons.filter_map(|reason| reason.code()).collect();
    if codes.contains(&"ConditionalCheckFailed") {
        Some(Refusal::Condition)
    } else if codes.contains(&"TransactionConflict") {
        Some(Refusal::Conflict)
    } else {
        None
    }
}
