//! `ItemBatcher`: hands items to child executions in batches.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::check::Reader;
use crate::dialect::{Content, Fault};
use crate::jsonata::Scope;
use crate::operand::{Operand, optional_integer};

/// A batch is an input, so it has at most 256 KiB.
const MOST_BYTES: u64 = 256 * 1024;
const MOST_ITEMS: u64 = 100_000_000;

/// `MaxItemsPerBatch`, `MaxInputBytesPerBatch` and `BatchInput`.
#[derive(Debug)]
pub(crate) struct ItemBatcher {
    items: Option<Operand<u64>>,
    bytes: Option<Operand<u64>>,
    input: Option<Content>,
}

/// Its values.
#[derive(Debug)]
pub(crate) struct Batching {
    items: u64,
    bytes: u64,
    input: Option<Arc<Value>>,
}

impl ItemBatcher {
    pub(super) fn check(mut reader: Reader<'_>) -> Self {
        let (name, path) = ("MaxItemsPerBatch", "MaxItemsPerBatchPath");
        let items = reader.integer_operand(name, 1..=MOST_ITEMS);
        let items = reader.with_path(items, name, path);
        let (name, path) = ("MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath");
        let bytes = reader.integer_operand(name, 1..=MOST_BYTES);
        let bytes = reader.with_path(bytes, name, path);
        if items.is_none() && bytes.is_none() {
            reader.report("", "needs 'MaxItemsPerBatch' or 'MaxInputBytesPerBatch'");
        }
        let input = reader.content("BatchInput");
        reader.finish("an ItemBatcher");
        Self {
            items,
            bytes,
            input,
        }
    }

    /// Evaluates the fields.
    pub(crate) fn begin(&self, scope: &Scope<'_>) -> Result<Batching, Fault> {
        let field = "ItemBatcher/MaxItemsPerBatch";
        let items = optional_integer(self.items.as_ref(), scope, field, 1..=MOST_ITEMS)?;
        let field = "ItemBatcher/MaxInputBytesPerBatch";
        let bytes = optional_integer(self.bytes.as_ref(), scope, field, 1..=MOST_BYTES)?;
        let input = self.input.as_ref();
        let input = input.map(|input| input.value(scope, "ItemBatcher/BatchInput"));
        Ok(Batching {
            items: items.unwrap_or(MOST_ITEMS),
            bytes: bytes.unwrap_or(MOST_BYTES),
            input: input.transpose()?,
        })
    }
}

impl Batching {
    /// The inputs of the child executions.
    pub(crate) fn batches(&self, items: Vec<Value>) -> Vec<Value> {
        let empty = self.batch(&[]).to_string().len() as u64;
        let mut batches = Vec::new();
        let (mut batch, mut bytes) = (Vec::new(), empty);
        for item in items {
            // One more for the comma.
            let size = item.to_string().len() as u64 + 1;
            let full = batch.len() as u64 >= self.items || bytes + size > self.bytes;
            if full && !batch.is_empty() {
                batches.push(self.batch(&batch));
                batch.clear();
                bytes = empty;
            }
            bytes += size;
            batch.push(item);
        }
        if !batch.is_empty() {
            batches.push(self.batch(&batch));
        }
        batches
    }

    fn batch(&self, items: &[Value]) -> Value {
        match &self.input {
            None => json!({ "Items": items }),
            Some(input) => json!({ "BatchInput": **input, "Items": items }),
        }
    }
}
