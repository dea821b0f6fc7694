//! The stages of a campaign, in their order, and which artifacts each of them makes.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A stage of a campaign. Stages compare by their order.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The brand and its history are read, and what worked is found out.
    #[default]
    Collect,
    /// The calendar of the month is drawn up.
    Strategy,
    /// The mails are written and checked.
    Content,
    /// The mails are handed over, tested and scheduled.
    Deployment,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 4] = [
        Self::Collect,
        Self::Strategy,
        Self::Content,
        Self::Deployment,
    ];

    /// The stage as it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Collect => "collect",
            Self::Strategy => "strategy",
            Self::Content => "content",
            Self::Deployment => "deployment",
        }
    }

    /// The stage of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }

    /// The stage that makes an artifact of this name. What no later stage makes was collected.
    pub fn of_artifact(name: &str) -> Self {
        match name {
            "strategy" => Self::Strategy,
            "content" => Self::Content,
            "deployment-plan" => Self::Deployment,
            name if name.starts_with("content.") || name.starts_with("qa.") => Self::Content,
            _ => Self::Collect,
        }
    }

    /// The artifact without which the stage cannot begin.
    pub const fn needs(self) -> Option<&'static str> {
        match self {
            Self::Collect | Self::Strategy => None,
            Self::Content => Some("strategy"),
            Self::Deployment => Some("content"),
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_spelt() {
        for stage in Stage::ALL {
            assert_eq!(serde_json::to_value(stage).unwrap(), stage.name());
            assert_eq!(Stage::named(stage.name()), Some(stage));
        }
        assert_eq!(Stage::named("Collect"), None);
    }

    #[test]
    fn a_stage_needs_what_an_earlier_one_makes() {
        for stage in Stage::ALL {
            if let Some(name) = stage.needs() {
                assert!(Stage::of_artifact(name) < stage, "{stage} needs {name}");
            }
        }
        assert_eq!(Stage::of_artifact("qa.email-01"), Stage::Content);
        assert_eq!(Stage::of_artifact("brand"), Stage::Collect);
    }
}
