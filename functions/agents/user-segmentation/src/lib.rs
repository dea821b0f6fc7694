//! `user-segmentation`: which named segment a user belongs to.
//!
//! Purchases are scored by recency, frequency and monetary value (RFM) in quintiles of a packaged
//! reference distribution ([`reference`]); the three scores name a segment ([`segment`]), and the
//! category that the user cares for most makes a micro-segment of it ([`category`]). Users who never
//! bought are `prospects`. The fallback knows counts only.
//!
//! | code | when |
//! |---|---|
//! | `NotEnoughData` | there is neither an order nor an event |

pub mod category;
pub mod reference;
pub mod rfm;
pub mod segment;

use baton_agent::{Agent, AgentError, Report};
use baton_domain::profile::{Event, Order};
use baton_domain::{Method, Timestamp};
use serde::{Deserialize, Serialize};

use rfm::Rfm;
use segment::Segment;

/// The agent.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserSegmentation;

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The moment that recency is counted to.
    pub as_of: Timestamp,
    /// What the user bought, in any order.
    #[serde(default)]
    pub orders: Vec<Order>,
    /// What the user did, in any order.
    #[serde(default)]
    pub events: Vec<Event>,
    /// Declared topics, most important first.
    #[serde(default)]
    pub interests: Vec<String>,
    /// The category of each catalogue item that orders and events may name.
    #[serde(default)]
    pub items: Vec<ItemCategory>,
}

/// The category of one catalogue item. Other fields of the item are tolerated, so that a whole
/// catalogue item may stand here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ItemCategory {
    /// The item.
    pub item_id: String,
    /// Its category.
    pub category: String,
}

/// What the fallback works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// How many orders the user has placed.
    #[serde(default)]
    pub orders_count: u32,
    /// How many events of the user are known.
    #[serde(default)]
    pub events_count: u32,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The segment's name, such as `champions`.
    pub segment: String,
    /// The segment and the user's dominant category, such as `champions/footwear`, or
    /// `champions/general` where no category dominates.
    pub micro_segment: String,
    /// What the segment was derived from; absent for users who never bought, and in the fallback.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rfm: Option<Rfm>,
    /// The segment in words, for people.
    pub label: String,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing is known of the user.
    #[error("not enough data: there is neither an order nor an event of this user")]
    NotEnoughData,
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["NotEnoughData"];

    fn code(&self) -> &'static str {
        match self {
            Self::NotEnoughData => "NotEnoughData",
        }
    }
}

/// How sure the agent is that a user with events but no order is a prospect: orders may have been
/// placed where nobody counted them.
const PROSPECT_CONFIDENCE: f64 = 0.8;

/// How sure a segment is that was derived from counts alone, and from counts of nothing.
const COUNT_CONFIDENCE: f64 = 0.25;
const NO_COUNT_CONFIDENCE: f64 = 0.1;

impl Agent for UserSegmentation {
    const NAME: &'static str = "user-segmentation";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        if input.orders.is_empty() && input.events.is_empty() {
            return Err(Error::NotEnoughData);
        }
        let rfm = Rfm::of(&input.orders, input.as_of);
        let segment = rfm.map_or(Segment::Prospects, |rfm| Segment::of(rfm.r, rfm.f, rfm.m));
        let confidence = rfm.map_or(PROSPECT_CONFIDENCE, rfm::stability);
        let output = describe(segment, category::dominant(&input), rfm);
        let method = Method::new("rfm-quintiles", "1");
        Ok(Report::new(output, confidence, method))
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let segment = Segment::of_count(input.orders_count);
        let confidence = match (input.orders_count, input.events_count) {
            (0, 0) => NO_COUNT_CONFIDENCE,
            _ => COUNT_CONFIDENCE,
        };
        let method = Method::new("order-count", "1");
        let report = Report::new(describe(segment, None, None), confidence, method);
        Ok(report.with_warnings(vec![
            "the segment comes from the number of orders alone".to_owned(),
        ]))
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        let Some(segment) = Segment::named(&output.segment) else {
            return Err(format!("segment: {} is not a segment", output.segment));
        };
        let detail = output.micro_segment.strip_prefix(segment.name());
        if !detail.is_some_and(|rest| rest.len() > 1 && rest.starts_with('/')) {
            return Err(format!(
                "micro_segment: {} does not start with its segment",
                output.micro_segment
            ));
        }
        if output.label.is_empty() {
            return Err("label: is empty".to_owned());
        }
        output.rfm.map_or(Ok(()), |rfm| rfm.validate())
    }
}

fn describe(segment: Segment, category: Option<String>, rfm: Option<Rfm>) -> Output {
    let category = category.unwrap_or_else(|| "general".to_owned());
    Output {
        segment: segment.name().to_owned(),
        micro_segment: format!("{}/{category}", segment.name()),
        rfm,
        label: segment.label().to_owned(),
    }
}

#[cfg(test)]
mod tests;
