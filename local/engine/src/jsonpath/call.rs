//! A call of an intrinsic function.

use std::sync::Arc;

use serde_json::Value;

use super::functions;
use super::path::Path;
use super::source::Sight;

/// `States.Array($.a, 'b', 1)`
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(super) text: String,
    pub(super) function: Function,
    pub(super) arguments: Vec<Argument>,
}

/// One argument.
#[derive(Debug, Clone)]
pub(super) enum Argument {
    /// A text between single quotes, its escapes still in it.
    Text(String),
    Value(Value),
    Path(Path),
    Call(Box<Call>),
}

/// Why a call gave nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// This path names nothing.
    Missing(String),
    Failed(String),
}

impl Trouble {
    pub(super) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }
}

/// The intrinsic functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the language")]
pub(super) enum Function {
    Format,
    StringToJson,
    JsonToString,
    Array,
    ArrayPartition,
    ArrayContains,
    ArrayRange,
    ArrayGetItem,
    ArrayLength,
    ArrayUnique,
    Base64Encode,
    Base64Decode,
    Hash,
    JsonMerge,
    MathRandom,
    MathAdd,
    StringSplit,
    Uuid,
}

impl Function {
    /// Every function with its name after `States.`.
    pub(super) const ALL: [(&'static str, Self); 18] = [
        ("Format", Self::Format),
        ("StringToJson", Self::StringToJson),
        ("JsonToString", Self::JsonToString),
        ("Array", Self::Array),
        ("ArrayPartition", Self::ArrayPartition),
        ("ArrayContains", Self::ArrayContains),
        ("ArrayRange", Self::ArrayRange),
        ("ArrayGetItem", Self::ArrayGetItem),
        ("ArrayLength", Self::ArrayLength),
        ("ArrayUnique", Self::ArrayUnique),
        ("Base64Encode", Self::Base64Encode),
        ("Base64Decode", Self::Base64Decode),
        ("Hash", Self::Hash),
        ("JsonMerge", Self::JsonMerge),
        ("MathRandom", Self::MathRandom),
        ("MathAdd", Self::MathAdd),
        ("StringSplit", Self::StringSplit),
        ("UUID", Self::Uuid),
    ];

    /// How many arguments it takes.
    pub(super) fn arity(self) -> std::ops::RangeInclusive<usize> {
        match self {
            Self::Format => 1..=usize::MAX,
            Self::Array => 0..=usize::MAX,
            Self::Uuid => 0..=0,
            Self::ArrayRange | Self::JsonMerge => 3..=3,
            Self::MathRandom => 2..=3,
            Self::ArrayPartition
            | Self::ArrayContains
            | Self::ArrayGetItem
            | Self::Hash
            | Self::MathAdd
            | Self::StringSplit => 2..=2,
            Self::StringToJson
            | Self::JsonToString
            | Self::ArrayLength
            | Self::ArrayUnique
            | Self::Base64Encode
            | Self::Base64Decode => 1..=1,
        }
    }
}

impl Call {
    /// The text, as causes quote it.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What the function gives.
    pub(super) fn value(&self, sight: Sight<'_>) -> Result<Value, Trouble> {
        if !self.function.arity().contains(&self.arguments.len()) {
            return Err(Trouble::failed("Invalid number of arguments"));
        }
        if self.function == Function::Format {
            return self.format(sight);
        }
        let arguments = self.arguments.iter();
        let arguments: Vec<Value> = arguments
            .map(|argument| argument.value(sight))
            .collect::<Result<_, _>>()?;
        functions::apply(self.function, &arguments, sight.scope)
    }

    /// `States.Format`: each `{}` stands for the next argument.
    fn format(&self, sight: Sight<'_>) -> Result<Value, Trouble> {
        let template = match &self.arguments[0] {
            Argument::Text(raw) => raw.clone(),
            other => match other.value(sight)? {
                Value::String(text) => text,
                _ => return Err(Trouble::failed("The first argument must be a string")),
            },
        };
        let parts = super::compile::parts(&template).map_err(Trouble::Failed)?;
        if parts.len() != self.arguments.len() {
            return Err(Trouble::failed(
                "Number of arguments do not match the occurrences of {}",
            ));
        }
        let mut text = parts[0].clone();
        for (argument, part) in self.arguments[1..].iter().zip(&parts[1..]) {
            text.push_str(&functions::printed(&argument.value(sight)?));
            text.push_str(part);
        }
        Ok(Value::String(text))
    }
}

impl Argument {
    fn value(&self, sight: Sight<'_>) -> Result<Value, Trouble> {
        match self {
            Self::Text(raw) => Ok(Value::String(super::compile::unescape(raw))),
            Self::Value(value) => Ok(value.clone()),
            Self::Path(path) => {
                let missing = |_| Trouble::Missing(path.text().to_owned());
                path.value(sight).map(Arc::unwrap_or_clone).map_err(missing)
            }
            Self::Call(call) => call.value(sight),
        }
    }
}
