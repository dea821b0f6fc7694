//! How a run stands, and how that may change.

use serde::{Deserialize, Serialize};

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It is accepted, and its workflow was not heard of yet.
    Queued,
    /// Its workflow is at work.
    Running,
    /// Its workflow waits for a person.
    WaitingApproval,
    /// It did all of what was asked.
    Succeeded,
    /// It did some of what was asked.
    Partial,
    /// It could not do what was asked.
    Failed,
    /// A person stopped it, or said no.
    Cancelled,
    /// Nobody decided in time.
    Expired,
}

impl RunStatus {
    /// Every status.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::Running,
        Self::WaitingApproval,
        Self::Succeeded,
        Self::Partial,
        Self::Failed,
        Self::Cancelled,
        Self::Expired,
    ];

    /// The status as it is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::WaitingApproval => "waiting_approval",
            Self::Succeeded => "succeeded",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Whether the run is over. One that failed, expired or was cancelled may be redriven.
    pub const fn is_over(self) -> bool {
        !matches!(self, Self::Queued | Self::Running | Self::WaitingApproval)
    }

    /// Whether a run that is over may be redriven.
    pub const fn is_redrivable(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::Expired)
    }

    /// The one table of allowed changes. A status that stays is no change.
    pub const fn may_become(self, next: Self) -> bool {
        match self {
            Self::Queued => matches!(
                next,
                Self::Running | Self::Failed | Self::Cancelled | Self::Expired
            ),
            Self::Running => !matches!(next, Self::Queued | Self::Running),
            Self::WaitingApproval => matches!(
                next,
                Self::Running | Self::Failed | Self::Cancelled | Self::Expired
            ),
            Self::Failed | Self::Cancelled | Self::Expired => matches!(next, Self::Queued),
            Self::Succeeded | Self::Partial => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_is_spelt() {
        for status in RunStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }

    #[test]
    fn what_is_over_stays_over_but_for_a_redrive() {
        for status in RunStatus::ALL {
            for next in RunStatus::ALL {
                let may = status.may_become(next);
                assert!(!(status == next && may), "{status:?} stays");
                if status.is_over() {
                    let redriven = status.is_redrivable() && next == RunStatus::Queued;
                    assert_eq!(may, redriven, "{status:?} to {next:?}");
                }
            }
        }
    }

    #[test]
    fn every_status_can_be_reached() {
        let mut reached = vec![RunStatus::Queued];
        for _ in RunStatus::ALL {
            for next in RunStatus::ALL {
                let known = reached.contains(&next);
                if !known && reached.iter().any(|status| status.may_become(next)) {
                    reached.push(next);
                }
            }
        }
        assert_eq!(reached.len(), RunStatus::ALL.len());
    }
}
