//! How far the items of a distributed Map are read, answer by answer of S3.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};

use super::body::listing;
use super::reader::{ItemReader, failed};
use crate::failure::Failure;
use crate::state::dataset::{Dataset, Found, Reading};

/// What was read, and what is still to be read.
#[derive(Debug, Clone)]
pub(crate) struct Progress {
    /// What the first call is made with.
    arguments: Arc<Value>,
    items: Reading,
    /// Objects of the listing that are still to be read, where they are.
    objects: VecDeque<String>,
    /// The one that is asked for now; without it, it is the listing or the only object.
    object: Option<String>,
}

/// The next call to S3: its resource and arguments.
pub(crate) type Call = (String, Arc<Value>);

impl Progress {
    pub(crate) fn new(arguments: Arc<Value>) -> Self {
        Self {
            arguments,
            items: Reading::default(),
            objects: VecDeque::new(),
            object: None,
        }
    }

    /// Takes in an answer. Gives the call that follows, or nothing once all is read that is
    /// wanted: at most `max` items.
    pub(crate) fn take(
        &mut self,
        reader: &ItemReader,
        answer: Value,
        max: Option<usize>,
    ) -> Result<Option<Call>, Failure> {
        let more = match (self.object.take(), reader.flattens()) {
            (None, true) => self.list(answer)?,
            (object, _) => {
                let more = token(reader, &answer);
                let found = reader.items(answer)?;
                let source = self.source(object.as_deref(), reader.is_listing());
                self.items.take(found, &source);
                more
            }
        };
        if max.is_some_and(|max| self.items.len() >= max) {
            self.items.truncate(max.unwrap_or(usize::MAX));
            return Ok(None);
        }
        if let Some(token) = more {
            let mut next = Value::clone(&self.arguments);
            next["ContinuationToken"] = token;
            return Ok(Some((reader.resource().to_owned(), Arc::new(next))));
        }
        Ok(self.objects.pop_front().map(|key| self.get(reader, key)))
    }

    /// Every item.
    pub(crate) fn dataset(self) -> Dataset {
        self.items.into()
    }

    /// Notes the objects of a page; what only stands for a folder holds nothing.
    fn list(&mut self, mut answer: Value) -> Result<Option<Value>, Failure> {
        let more = answer.get_mut("NextContinuationToken").map(Value::take);
        let keys = listing(answer).map_err(failed)?;
        let keys = keys.iter().filter_map(|object| object["Key"].as_str());
        let keys = keys.filter(|key| !key.ends_with('/'));
        self.objects.extend(keys.map(str::to_owned));
        Ok(more.filter(|token| !token.is_null()))
    }

    fn get(&mut self, reader: &ItemReader, key: String) -> Call {
        let mut arguments = json!({"Bucket": self.arguments["Bucket"], "Key": key});
        if let Some(owner) = self.arguments.get("ExpectedBucketOwner") {
            arguments["ExpectedBucketOwner"] = owner.clone();
        }
        self.object = Some(key);
        let resource = reader.resource().replace(":listObjectsV2", ":getObject");
        (resource, Arc::new(arguments))
    }

    /// The place in S3 as the context names it: a bucket, or an object.
    fn source(&self, object: Option<&str>, is_listing: bool) -> String {
        let text = |name: &str| self.arguments[name].as_str().unwrap_or_default();
        let bucket = text("Bucket");
        match object {
            Some(key) => format!("s3://{bucket}/{key}"),
            None if is_listing => format!("s3://{bucket}"),
            None => format!("s3://{bucket}/{}", text("Key")),
        }
    }
}

/// Where a listing goes on whose objects are the items themselves.
fn token(reader: &ItemReader, answer: &Value) -> Option<Value> {
    let token = answer.get("NextContinuationToken")?;
    let goes_on = reader.is_listing() && !reader.flattens() && !token.is_null();
    goes_on.then(|| token.clone())
}

impl ItemReader {
    /// The items of one answer.
    fn items(&self, answer: Value) -> Result<Found, Failure> {
        self.format().items(answer).map_err(failed)
    }
}
