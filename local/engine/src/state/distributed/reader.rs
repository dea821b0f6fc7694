//! `ItemReader`: where the items of a distributed Map come from.

use std::sync::Arc;

use serde_json::Value;

use super::body::{Delimiter, Format};
use crate::check::Reader;
use crate::dialect::{Content, Fault};
use crate::failure::{Failure, ITEM_READER_FAILED};
use crate::jsonata::Scope;
use crate::operand::{Operand, optional_integer};

/// The most items that a map run takes.
const MOST: u64 = 100_000_000;

/// `Resource`, its arguments and `ReaderConfig`.
#[derive(Debug)]
pub(crate) struct ItemReader {
    resource: String,
    arguments: Option<Content>,
    format: Format,
    /// Whether the objects of a listing are read, and not the listing itself.
    flatten: bool,
    max: Option<Operand<u64>>,
}

impl ItemReader {
    pub(super) fn check(mut reader: Reader<'_>) -> Self {
        let resource = reader
            .required_text("Resource")
            .unwrap_or_default()
            .to_owned();
        let action = resource.rsplit(':').next().unwrap_or_default();
        if !resource.is_empty() && !["getObject", "listObjectsV2"].contains(&action) {
            reader.report("Resource", "must be s3:getObject or s3:listObjectsV2");
        }
        let name = if reader.is_jsonata() {
            "Arguments"
        } else {
            "Parameters"
        };
        let arguments = reader.content(name);
        let listing = action == "listObjectsV2";
        let (mut format, mut flatten, mut max) = (Format::Listing, false, None);
        if let Some(mut config) = reader.part("ReaderConfig") {
            max = config.integer_operand("MaxItems", 0..=MOST);
            max = config.with_path(max, "MaxItems", "MaxItemsPath");
            flatten = Self::flatten(&mut config, listing);
            format = Self::format_of(&mut config, listing && !flatten);
            config.finish("a ReaderConfig");
        } else if !listing {
            reader.report("", "needs 'ReaderConfig' with an InputType");
        }
        reader.finish("an ItemReader");
        Self {
            resource,
            arguments,
            format,
            flatten,
            max,
        }
    }

    fn flatten(config: &mut Reader<'_>, listing: bool) -> bool {
        match config.text("Transformation") {
            None | Some("NONE") => false,
            Some("LOAD_AND_FLATTEN") if listing => true,
            Some("LOAD_AND_FLATTEN") => {
                config.report("Transformation", "needs s3:listObjectsV2");
                false
            }
            Some(_) => {
                config.report("Transformation", "must be NONE or LOAD_AND_FLATTEN");
                false
            }
        }
    }

    /// How a body holds items; a listing whose objects are not read has no body.
    fn format_of(config: &mut Reader<'_>, listing: bool) -> Format {
        let kind = config.text("InputType");
        let csv = Self::csv(config, kind == Some("CSV") && !listing);
        let pointer = config.text("ItemsPointer").map(str::to_owned);
        match kind {
            Some("CSV" | "JSON" | "JSONL") | None if listing => Format::Listing,
            Some("CSV") => csv,
            Some("JSON") => Format::Json(pointer),
            Some("JSONL") => Format::JsonLines,
            Some("MANIFEST" | "PARQUET") => {
                config.report("InputType", "is not read by this engine");
                Format::Listing
            }
            None => {
                config.report("", "needs the field 'InputType'");
                Format::Listing
            }
            Some(_) => {
                config.report("InputType", "must be CSV, JSON or JSONL");
                Format::Listing
            }
        }
    }

    fn csv(config: &mut Reader<'_>, required: bool) -> Format {
        let location = config.text("CSVHeaderLocation");
        let headers = config.array("CSVHeaders");
        let headers = headers.map(|names| {
            let names = names.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect::<Vec<_>>()
        });
        let delimiter = config.text("CSVDelimiter");
        let delimiter = delimiter.map_or(Some(Delimiter::Comma), Delimiter::named);
        if delimiter.is_none() {
            config.report(
                "CSVDelimiter",
                "must be COMMA, PIPE, SEMICOLON, SPACE or TAB",
            );
        }
        if required {
            match (location, &headers) {
                (Some("FIRST_ROW"), None) | (Some("GIVEN"), Some(_)) => {}
                (Some("GIVEN"), None) => config.report("", "needs the field 'CSVHeaders'"),
                (Some("FIRST_ROW"), Some(_)) => {
                    config.report("CSVHeaders", "belongs to CSVHeaderLocation GIVEN");
                }
                _ => config.report("", "needs 'CSVHeaderLocation': FIRST_ROW or GIVEN"),
            }
        }
        Format::Csv(headers, delimiter.unwrap_or(Delimiter::Comma))
    }

    /// Which action of S3 is called.
    pub(crate) fn resource(&self) -> &str {
        &self.resource
    }

    /// What the call is made with.
    pub(crate) fn arguments(&self, scope: &Scope<'_>) -> Result<Arc<Value>, Fault> {
        match &self.arguments {
            Some(arguments) => arguments.value(scope, "ItemReader/Arguments"),
            None => Ok(Arc::new(Value::Object(serde_json::Map::new()))),
        }
    }

    /// How many items are taken.
    pub(crate) fn max(&self, scope: &Scope<'_>) -> Result<Option<u64>, Fault> {
        let field = "ItemReader/ReaderConfig/MaxItems";
        let max = optional_integer(self.max.as_ref(), scope, field, 0..=MOST)?;
        Ok(max.filter(|max| *max > 0))
    }

    /// Whether S3 is asked for a listing first.
    pub(super) fn is_listing(&self) -> bool {
        self.resource.ends_with(":listObjectsV2")
    }

    /// Whether the objects of the listing are read, and what is in them are the items.
    pub(super) fn flattens(&self) -> bool {
        self.flatten
    }

    pub(super) fn format(&self) -> &Format {
        &self.format
    }
}

/// The failure of a Map whose items cannot be read.
pub(super) fn failed(why: String) -> Failure {
    Failure::new(ITEM_READER_FAILED, why)
}
