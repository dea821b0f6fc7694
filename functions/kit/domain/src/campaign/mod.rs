//! Campaigns: what the agents hand to each other, people approve, and EmailPilot is told.

mod artifact;
mod brand;
mod calendar;
mod content;
mod deployment;
mod edit;
mod history;
mod insights;
mod month;
mod qa;
mod send_time;
mod stage;
mod strategy;

pub use artifact::{check_artifact, check_name};
pub use brand::{
    AudienceSegment, Brand, FrequencyCaps, Objective, ObjectiveKind, Palette, PersonalizationField,
    Product, Theme, Voice,
};
pub use calendar::{MAX_EMAILS, MAX_TEXT};
pub use content::{
    CallToAction, Content, ContentSet, Copy, PersonalizationRule, SubjectLine, SubjectTechnique,
};
pub use deployment::{Delivery, DeliveryState, DeploymentPlan, PlannedSend};
pub use edit::{check_edit, check_segments};
pub use history::PastCampaign;
pub use insights::{Dimension, Insights, Lift, Rates};
pub use month::Month;
pub use qa::{Finding, QaReport, Readability, Severity};
pub use send_time::{DayPart, SendTime, SendTimeError};
pub use stage::Stage;
pub use strategy::{Expectation, PlannedEmail, Strategy};
