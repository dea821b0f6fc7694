//! Orchestration requests and their answers (O1).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::run::Workflow;
use crate::{Envelope, FieldError, Money, RequestId, RunId, UserId};

/// What a caller may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RequestType {
    /// What to show a user, and at which price.
    Personalize,
    /// Advertisements and their parts.
    Creative,
    /// A spoken video; it takes minutes, so that the answer is a run.
    Avatar,
    /// How likely a user is to convert, to leave, and what the user is worth.
    Score,
    /// What happened and what will.
    Analyze,
}

impl RequestType {
    /// The type as callers write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Personalize => "personalize",
            Self::Creative => "creative",
            Self::Avatar => "avatar",
            Self::Score => "score",
            Self::Analyze => "analyze",
        }
    }

    /// The workflow that answers.
    pub const fn workflow(self) -> Workflow {
        match self {
            Self::Personalize => Workflow::Personalize,
            Self::Score => Workflow::Score,
            Self::Analyze => Workflow::Analyze,
            Self::Creative => Workflow::Creative,
            Self::Avatar => Workflow::Avatar,
        }
    }

    /// Whether it takes longer than a caller waits: the answer is then a run.
    pub const fn takes_a_run(self) -> bool {
        matches!(self, Self::Avatar)
    }

    /// The results that may be wanted, each with the agent that makes it.
    pub const fn results(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Personalize => &[
                ("wtp", "wtp-scoring"),
                ("segmentation", "user-segmentation"),
                ("recommendations", "content-recommendation"),
                ("pricing", "dynamic-pricing"),
            ],
            Self::Score => &[
                ("lead", "lead-scoring"),
                ("churn", "churn-prediction"),
                ("ltv", "ltv-prediction"),
            ],
            Self::Analyze => &[
                ("journeys", "journey-analysis"),
                ("attribution", "attribution"),
                ("forecast", "predictive-analytics"),
            ],
            Self::Creative => &[
                ("ads", "ad-assembly"),
                ("copy", "copywriting"),
                ("images", "image-generation"),
            ],
            Self::Avatar => &[
                ("script", "avatar-script"),
                ("voice", "voice-adapter"),
                ("video", "video-generation"),
            ],
        }
    }
}

/// One orchestration request, as callers send it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct OrchestrationRequest {
    /// What is asked for.
    #[serde(rename = "type")]
    pub request_type: RequestType,
    /// Whom it is about.
    pub user_id: UserId,
    /// What the caller knows of the moment. `want` (some of the type's results), `limit` (how many
    /// recommendations), `as_of` (the moment that the answer is for) and, for all but `personalize`,
    /// what each result's agent works on, by the result's name, are understood; the rest is part of
    /// what makes requests different.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = ContextSchema))]
    pub context: Map<String, Value>,
}

/// What a context may say, for the OpenAPI document.
#[cfg(feature = "openapi")]
#[derive(utoipa::ToSchema)]
#[schema(as = Context)]
#[allow(dead_code, reason = "only its schema is used")]
pub struct ContextSchema {
    /// Some of the type's results; all of them when it is not given.
    #[schema(min_items = 1, example = json!(["pricing"]))]
    want: Option<Vec<String>>,
    /// How many recommendations.
    #[schema(minimum = 1, maximum = 50)]
    limit: Option<u64>,
    /// The moment that the answer is for; what lies after it is not seen.
    #[schema(format = DateTime)]
    as_of: Option<String>,
    /// Of `score`, for `lead-scoring`: nothing but what the profile lacks: `orders`, `events`, `features`; `history` or `model`.
    #[schema(value_type = Option<Object>)]
    lead: Option<Map<String, Value>>,
    /// Of `score`, for `churn-prediction`: nothing but what the profile lacks: `orders` or a `contract`; `cohort`, `survivors` or `parameters`.
    #[schema(value_type = Option<Object>)]
    churn: Option<Map<String, Value>>,
    /// Of `score`, for `ltv-prediction`: nothing but what the profile lacks: `orders`; `cohort` or `parameters`.
    #[schema(value_type = Option<Object>)]
    ltv: Option<Map<String, Value>>,
    /// Of `analyze`, for `journey-analysis`: `journeys`.
    #[schema(value_type = Option<Object>)]
    journeys: Option<Map<String, Value>>,
    /// Of `analyze`, for `attribution`: `paths`.
    #[schema(value_type = Option<Object>)]
    attribution: Option<Map<String, Value>>,
    /// Of `analyze`, for `predictive-analytics`: `series` and `horizon`.
    #[schema(value_type = Option<Object>)]
    forecast: Option<Map<String, Value>>,
    /// Of `creative`, for `ad-assembly`: `components`.
    #[schema(value_type = Option<Object>)]
    ads: Option<Map<String, Value>>,
    /// Of `creative`, for `copywriting`: `brand`, `product`, `benefits`, `call_to_action` and `channels`.
    #[schema(value_type = Option<Object>)]
    copy: Option<Map<String, Value>>,
    /// Of `creative`, for `image-generation`: `brand` and `headline`.
    #[schema(value_type = Option<Object>)]
    images: Option<Map<String, Value>>,
    /// Of `avatar`, for `avatar-script`: `brand`, `purpose` and `target_seconds`.
    #[schema(value_type = Option<Object>)]
    script: Option<Map<String, Value>>,
    /// Of `avatar`, for `voice-adapter`: `ssml`, where no script is written.
    #[schema(value_type = Option<Object>)]
    voice: Option<Map<String, Value>>,
    /// Of `avatar`, for `video-generation`: `scenes`, where no script is written.
    #[schema(value_type = Option<Object>)]
    video: Option<Map<String, Value>>,
}

/// How large what a request brings for its agents may be. A workflow passes on 256 KiB, and what is
/// stored goes with it.
pub const MAX_INPUTS_BYTES: usize = 160 * 1024;

/// The most recommendations that may be asked for.
pub const MAX_LIMIT: u64 = 50;

/// How many recommendations are made when nothing is said.
pub const DEFAULT_LIMIT: u64 = 10;

impl OrchestrationRequest {
    /// Checks what types alone cannot.
    ///
    /// # Errors
    /// The first field that breaks a rule.
    pub fn validate(&self) -> Result<(), FieldError> {
        self.want()?;
        self.limit()?;
        let inputs = self.inputs()?;
        if self.request_type == RequestType::Avatar {
            self.has_something_to_say(&inputs)?;
        }
        self.as_of().map(drop)
    }

    /// Nobody waits for a run that has nothing to do, and a video speaks what its scenes show.
    fn has_something_to_say(&self, inputs: &Map<String, Value>) -> Result<(), FieldError> {
        let brings = |result: &str, field: &str| {
            inputs
                .get(result)
                .is_some_and(|input| !input[field].is_null())
        };
        let says = brings("voice", "ssml");
        if says && self.want()?.contains(&"video") {
            let message = "goes without a video, which speaks its script: give context.script or context.video.scenes";
            return Err(FieldError::new("context.voice.ssml", message));
        }
        if inputs.contains_key("script") || brings("video", "scenes") || says {
            return Ok(());
        }
        let message = "must be an object: what avatar-script works on, with brand, purpose and target_seconds";
        Err(FieldError::new("context.script", message))
    }

    /// What the request itself brings for its agents, by result. `personalize` works on what is
    /// stored alone.
    ///
    /// # Errors
    /// When one of them is no object, or all together are larger than [`MAX_INPUTS_BYTES`].
    pub fn inputs(&self) -> Result<Map<String, Value>, FieldError> {
        let brings = self.request_type != RequestType::Personalize;
        let results = self.request_type.results().iter().filter(|_| brings);
        let mut inputs = Map::new();
        for (result, agent) in results {
            let Some(input) = self.context.get(*result) else {
                continue;
            };
            if !input.is_object() {
                let message = format!("must be an object: what {agent} works on");
                return Err(FieldError::new(format!("context.{result}"), message));
            }
            inputs.insert((*result).to_owned(), input.clone());
        }
        let bytes = Value::Object(inputs.clone()).to_string().len();
        if bytes > MAX_INPUTS_BYTES {
            let message = format!("must have at most {MAX_INPUTS_BYTES} bytes, not {bytes}");
            return Err(FieldError::new("context", message));
        }
        Ok(inputs)
    }

    /// The moment that the answer is for, when it is not the present: the same request as of the
    /// same moment over the same data answers the same.
    ///
    /// # Errors
    /// When `context.as_of` is not a time in RFC 3339.
    pub fn as_of(&self) -> Result<Option<Timestamp>, FieldError> {
        let Some(as_of) = self.context.get("as_of") else {
            return Ok(None);
        };
        let parsed = as_of.as_str().and_then(|text| text.parse().ok());
        let message = "must be a time such as 2026-01-15T12:00:00Z";
        parsed
            .map(Some)
            .ok_or_else(|| FieldError::new("context.as_of", message))
    }

    /// The results that are wanted: those of `context.want`, or all of the type's.
    ///
    /// # Errors
    /// When `context.want` is not a list of one or more of the type's results.
    pub fn want(&self) -> Result<Vec<&'static str>, FieldError> {
        let known = self.request_type.results();
        let Some(want) = self.context.get("want") else {
            return Ok(known.iter().map(|(result, _)| *result).collect());
        };
        let names = known
            .iter()
            .map(|(result, _)| *result)
            .collect::<Vec<_>>()
            .join(", ");
        let refuse = |field: String| {
            FieldError::new(field, format!("must be a list of one or more of: {names}"))
        };
        let wanted = want.as_array().filter(|list| !list.is_empty());
        let wanted = wanted.ok_or_else(|| refuse("context.want".to_owned()))?;
        let find = |(i, name): (usize, &Value)| {
            let known = known.iter().find(|(result, _)| name == result);
            known
                .map(|(r, _)| *r)
                .ok_or_else(|| refuse(format!("context.want[{i}]")))
        };
        wanted.iter().enumerate().map(find).collect()
    }

    /// How many recommendations are asked for.
    ///
    /// # Errors
    /// When `context.limit` is not an integer from 1 to [`MAX_LIMIT`].
    pub fn limit(&self) -> Result<u64, FieldError> {
        let Some(limit) = self.context.get("limit") else {
            return Ok(DEFAULT_LIMIT);
        };
        limit
            .as_u64()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| {
                FieldError::new(
                    "context.limit",
                    format!("must be an integer from 1 to {MAX_LIMIT}"),
                )
            })
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AnswerStatus {
    /// Every agent that was called gave its best answer.
    Success,
    /// Some results come from a fallback or are a default (`errors` says which), or stored data
    /// could not be read (`warnings` says which).
    Partial,
    /// No agent answered: all results are defaults.
    Degraded,
    /// The workflow itself failed; seen in the log only, the caller gets an error.
    Failed,
}

impl AnswerStatus {
    /// The status as it is written.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Partial => "partial",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
        }
    }
}

/// One agent that failed, and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentFailure {
    /// The agent that failed.
    pub agent: String,
    /// The error's name: a code of the agent, or an AWS name.
    pub error: String,
    /// What the agent said about it, such as the field of its input that is wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What is in the result's place.
    pub replaced_by: Replacement,
}

/// What stands in the place of a failed agent's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Replacement {
    /// The answer of the agent's fallback, which needs less input.
    Fallback,
    /// A default value.
    Default,
    /// Nothing: the agent's rules leave no answer, and no default may break them.
    Nothing,
}

/// One agent that was not called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SkippedAgent {
    /// The agent.
    pub agent: String,
    /// Why, and what to do to have it called.
    pub reason: String,
}

/// What a workflow answers to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Findings {
    /// The agents that were called, in the order of the type's results.
    pub agents_called: Vec<String>,
    /// The wanted results by name.
    pub results: BTreeMap<String, Envelope>,
    /// How it went.
    pub status: AnswerStatus,
    /// By result: agents that failed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub errors: BTreeMap<String, AgentFailure>,
    /// By result: wanted agents that were not called.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub skipped: BTreeMap<String, SkippedAgent>,
    /// What a reader should know of the answer as a whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What all agents cost together.
    pub total_cost: Money,
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Answer {
    /// The request's id.
    pub request_id: RequestId,
    /// The run that answered; of a cached answer, the run that first did.
    pub run_id: RunId,
    /// Whom it is about.
    pub user_id: UserId,
    /// What was found.
    #[serde(flatten)]
    pub findings: Findings,
    /// Whether it was served from the cache: no agent was called and nothing was spent.
    pub cached: bool,
    /// From the request's arrival to its answer, in milliseconds.
    pub execution_time_ms: u64,
    /// When it was answered.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub timestamp: Timestamp,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(context: &Value) -> OrchestrationRequest {
        let body = json!({"type": "personalize", "user_id": "user_1", "context": context});
        serde_json::from_value(body).unwrap()
    }

    #[test]
    fn everything_is_wanted_unless_said() {
        assert_eq!(request(&json!({})).want().unwrap().len(), 4);
        assert_eq!(
            request(&json!({"want": ["pricing"]})).want().unwrap(),
            ["pricing"]
        );
    }

    #[test]
    fn bad_context_names_its_field() {
        for (context, field) in [
            (json!({"want": []}), "context.want"),
            (json!({"want": "wtp"}), "context.want"),
            (json!({"want": ["wtp", 1]}), "context.want[1]"),
            (json!({"limit": 0}), "context.limit"),
            (json!({"limit": 1.5}), "context.limit"),
            (json!({"as_of": "now"}), "context.as_of"),
        ] {
            assert_eq!(
                request(&context).validate().unwrap_err().field,
                field,
                "{context}"
            );
        }
    }

    #[test]
    fn what_a_request_brings_is_objects_by_result() {
        let request = |context: Value| -> OrchestrationRequest {
            let body = json!({"type": "analyze", "user_id": "user_1", "context": context});
            serde_json::from_value(body).unwrap()
        };
        let brought = request(json!({"forecast": {"horizon": 3}, "note": 1})).inputs();
        assert_eq!(json!(brought.unwrap()), json!({"forecast": {"horizon": 3}}));
        let wrong = request(json!({"journeys": []})).validate().unwrap_err();
        assert_eq!(wrong.field, "context.journeys");
        let large = json!({"forecast": {"series": "x".repeat(MAX_INPUTS_BYTES)}});
        assert_eq!(request(large).validate().unwrap_err().field, "context");
    }
}
