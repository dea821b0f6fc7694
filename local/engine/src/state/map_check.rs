//! The fields of a Map, as its definition says them.

use serde_json::Value;

use super::distributed::Distributed;
use super::items::Items;
use super::map::{MOST, MapState};
use crate::check::Reader;
use crate::dialect::Content;
use crate::model::FlowId;

impl MapState {
    pub(crate) fn check(reader: &mut Reader<'_>) -> Self {
        let (processor, is_distributed) = Self::processor(reader);
        let items = Items::check(reader, is_distributed);
        let (name, path) = ("MaxConcurrency", "MaxConcurrencyPath");
        let concurrency = reader.integer_operand(name, 0..=MOST);
        let concurrency = reader.with_path(concurrency, name, path);
        let (name, path) = ("ToleratedFailureCount", "ToleratedFailureCountPath");
        let tolerated_count = reader.integer_operand(name, 0..=MOST);
        let tolerated_count = reader.with_path(tolerated_count, name, path);
        let name = "ToleratedFailurePercentage";
        let percentage = |value: &Value| {
            let number = value.as_f64();
            number.filter(|number| (0.0..=100.0).contains(number))
        };
        let tolerated_percentage = reader.operand(name, "a number from 0 to 100", percentage);
        let path = "ToleratedFailurePercentagePath";
        let tolerated_percentage = reader.with_path(tolerated_percentage, name, path);
        let selector = Self::selector(reader);
        let distributed = is_distributed.then(|| Box::new(Distributed::check(reader)));
        if distributed.is_none() {
            for field in ["ItemReader", "ItemBatcher", "ResultWriter", "Label"] {
                if reader.get(field).is_some() {
                    reader.report(field, "needs a processor in DISTRIBUTED mode");
                }
            }
        }
        Self {
            items,
            selector,
            processor,
            concurrency,
            tolerated_count,
            tolerated_percentage,
            distributed,
        }
    }

    /// `ItemSelector`, or `Parameters` as it was once called.
    fn selector(reader: &mut Reader<'_>) -> Option<Content> {
        let old = (!reader.is_jsonata() && reader.get("Parameters").is_some())
            .then(|| reader.content("Parameters"))
            .flatten();
        let selector = reader.content("ItemSelector");
        if old.is_some() && selector.is_some() {
            reader.report("", "has both 'ItemSelector' and 'Parameters'");
        }
        selector.or(old)
    }

    /// `ItemProcessor`, or `Iterator` as it was once called, and whether it is distributed.
    fn processor(reader: &mut Reader<'_>) -> (Option<FlowId>, bool) {
        let mut name = "ItemProcessor";
        let old = !reader.is_jsonata() && reader.get("Iterator").is_some();
        if old && reader.get(name).is_some() {
            reader.report("", "has both 'ItemProcessor' and 'Iterator'");
        } else if old {
            name = "Iterator";
        }
        let Some(value) = reader.get(name) else {
            reader.report("", "needs the field 'ItemProcessor'");
            return (None, false);
        };
        let Some(mut processor) = reader.inner(name, value) else {
            return (None, false);
        };
        processor.text("Comment");
        let is_distributed = Self::is_distributed(&mut processor);
        let flow = processor.flow();
        processor.finish("an ItemProcessor");
        (Some(flow), is_distributed)
    }

    fn is_distributed(processor: &mut Reader<'_>) -> bool {
        let express = processor.is_express();
        let Some(mut config) = processor.part("ProcessorConfig") else {
            return false;
        };
        let kind = config.text("ExecutionType");
        let is_distributed = match config.text("Mode") {
            None | Some("INLINE") => false,
            Some("DISTRIBUTED") => true,
            Some(_) => {
                config.report("Mode", "must be INLINE or DISTRIBUTED");
                false
            }
        };
        if is_distributed && express {
            config.report("Mode", "an Express workflow has no distributed Map");
        }
        if is_distributed && !matches!(kind, Some("STANDARD" | "EXPRESS")) {
            config.report("", "needs 'ExecutionType': STANDARD or EXPRESS");
        }
        if !is_distributed && config.get("ExecutionType").is_some() {
            config.report("ExecutionType", "needs 'Mode': DISTRIBUTED");
        }
        config.finish("a ProcessorConfig");
        is_distributed
    }
}
