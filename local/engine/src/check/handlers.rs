//! `Retry` and `Catch`.

use serde_json::Value;

use super::reader::Reader;
use crate::dialect::{Data, JsonataData};
use crate::failure::ALL;
use crate::model::{Catcher, Next, Retrier};

/// The most retries and the longest interval that AWS takes.
const MOST: u64 = 99_999_999;
/// `MaxDelaySeconds` is below a leap year.
const LONGEST_DELAY: u64 = 31_622_399;

impl Reader<'_> {
    pub(super) fn retry(&mut self) -> Vec<Retrier> {
        self.handlers("Retry", Self::retrier)
    }

    pub(super) fn catch(&mut self) -> Vec<Catcher> {
        self.handlers("Catch", Self::catcher)
    }

    fn handlers<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(Reader<'_>, usize, bool) -> T,
    ) -> Vec<T> {
        let Some(entries) = self.array(name) else {
            return Vec::new();
        };
        let mut handlers = Vec::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            let last = index + 1 == entries.len();
            if let Some(reader) = self.inner(&format!("{name}/{index}"), entry) {
                handlers.push(read(reader, index, last));
            }
        }
        handlers
    }

    fn retrier(mut reader: Reader<'_>, _: usize, last: bool) -> Retrier {
        let errors = reader.error_equals(last);
        reader.text("Comment");
        let interval = reader.integer("IntervalSeconds", 1..=MOST).unwrap_or(1);
        let attempts = reader.integer("MaxAttempts", 0..=MOST).unwrap_or(3);
        let backoff = reader.number("BackoffRate", 1.0..=f64::MAX).unwrap_or(2.0);
        let max_delay = reader.integer("MaxDelaySeconds", 1..=LONGEST_DELAY);
        if max_delay.is_some_and(|delay| delay <= interval) {
            reader.report("MaxDelaySeconds", "must be greater than IntervalSeconds");
        }
        let jitter = match reader.text("JitterStrategy") {
            None | Some("NONE") => false,
            Some("FULL") => true,
            Some(_) => {
                reader.report("JitterStrategy", "must be FULL or NONE");
                false
            }
        };
        reader.finish("a Retrier");
        Retrier {
            errors,
            interval: interval as f64,
            attempts: attempts as u32,
            backoff,
            max_delay: max_delay.map(|delay| delay as f64),
            jitter,
        }
    }

    fn catcher(mut reader: Reader<'_>, index: usize, last: bool) -> Catcher {
        let errors = reader.error_equals(last);
        reader.text("Comment");
        if reader.get("Next").is_none() {
            reader.report("", "needs the field 'Next'");
        }
        let next = reader.target("Next").unwrap_or(Next::End);
        reader.in_catcher = true;
        let data = if reader.is_jsonata() {
            reader.rule_data(&format!("Catch[{index}]/"))
        } else {
            Data::JsonPath(Box::new(reader.catcher_paths()))
        };
        reader.finish("a Catcher");
        Catcher { errors, next, data }
    }

    /// `Output` and `Assign` of a Catcher or a Choice rule.
    ///
    /// `place` is what causes put in front of their names.
    pub(crate) fn rule_data(&mut self, place: &str) -> Data {
        Data::Jsonata(JsonataData {
            place: place.to_owned(),
            arguments: None,
            output: self.template("Output"),
            assign: self.assign(),
        })
    }

    /// `ErrorEquals`; `States.ALL` stands alone and last.
    fn error_equals(&mut self, last: bool) -> Vec<String> {
        if self.get("ErrorEquals").is_none() {
            self.report("", "needs the field 'ErrorEquals'");
        }
        let names = self
            .array("ErrorEquals")
            .map(Vec::as_slice)
            .unwrap_or_default();
        let errors: Vec<String> = names
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        if self.get("ErrorEquals").is_some() && (errors.is_empty() || errors.len() != names.len()) {
            self.report("ErrorEquals", "must list at least one error name");
        }
        if errors.iter().any(|name| name == ALL) && (errors.len() > 1 || !last) {
            self.report(
                "ErrorEquals",
                "States.ALL must stand alone, in the last entry",
            );
        }
        errors
    }
}
