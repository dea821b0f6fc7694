//! How runs go: the settings of campaigns, read once at start, and what a start may change of them.

use std::num::NonZeroU32;

use baton_domain::FieldError;
use baton_domain::approval::Decision;
use serde::{Deserialize, Serialize};

use crate::{Environment, PaymentSettings, SettingError};

/// The settings of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// What campaigns start with.
    pub campaign: CampaignSettings,
    /// Whether gates approve by themselves: in development only.
    pub auto_approve: bool,
    /// How long one stream of events may take, in seconds, 1 to 86,400. A reader that was cut off
    /// goes on where it was; in front of a gateway this must be shorter than its patience.
    pub event_stream_seconds: u64,
    /// How many requests of one tenant are answered in a minute by one process.
    pub requests_per_minute: NonZeroU32,
    /// What may be spent without asking.
    pub payments: PaymentSettings,
}

/// What a campaign goes by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignSettings {
    /// After how long approvers are reminded, in seconds, 1 to 2,419,200 (four weeks).
    pub due_seconds: u64,
    /// After how long a gate's default action is taken, in seconds; longer than the reminder takes.
    pub expires_seconds: u64,
    /// That action: `approve` or `reject`.
    pub default_decision: Decision,
    /// How often a person may send the same thing back, 0 to 10.
    pub max_rounds: u32,
    /// How often the check may send a mail back, 0 to 10.
    pub max_qa_rounds: u32,
    /// How many mails are written at once, 1 to 40.
    pub concurrency: u32,
}

/// What a start changes of [`CampaignSettings`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SettingsChange {
    /// After how long approvers are reminded, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_seconds: Option<u64>,
    /// After how long a gate's default action is taken, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_seconds: Option<u64>,
    /// That action: `approve` or `reject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_decision: Option<Decision>,
    /// How often a person may send the same thing back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_rounds: Option<u32>,
    /// How often the check may send a mail back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_qa_rounds: Option<u32>,
    /// How many mails are written at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
}

impl Default for CampaignSettings {
    fn default() -> Self {
        Self {
            due_seconds: 86_400,
            expires_seconds: 259_200,
            default_decision: Decision::Reject,
            max_rounds: 3,
            max_qa_rounds: 2,
            concurrency: 5,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            campaign: CampaignSettings::default(),
            auto_approve: false,
            event_stream_seconds: 25,
            requests_per_minute: const { NonZeroU32::new(1_200).unwrap() },
            payments: PaymentSettings::default(),
        }
    }
}

/// The longest that a gate may wait, in seconds: four weeks, so that a campaign with all its gates
/// stays below the year that an execution may take.
const MAX_SECONDS: u64 = 2_419_200;

impl CampaignSettings {
    /// These settings with a change.
    ///
    /// # Errors
    /// The first setting that leaves its range, by its name.
    pub fn with(&self, change: &SettingsChange) -> Result<Self, FieldError> {
        let changed = Self {
            due_seconds: change.due_seconds.unwrap_or(self.due_seconds),
            expires_seconds: change.expires_seconds.unwrap_or(self.expires_seconds),
            default_decision: change.default_decision.unwrap_or(self.default_decision),
            max_rounds: change.max_rounds.unwrap_or(self.max_rounds),
            max_qa_rounds: change.max_qa_rounds.unwrap_or(self.max_qa_rounds),
            concurrency: change.concurrency.unwrap_or(self.concurrency),
        };
        changed.check()?;
        Ok(changed)
    }

    fn check(&self) -> Result<(), FieldError> {
        within("due_seconds", self.due_seconds, 1, MAX_SECONDS)?;
        within("expires_seconds", self.expires_seconds, 1, MAX_SECONDS)?;
        if self.expires_seconds <= self.due_seconds {
            let message = "must be more than the seconds until the reminder";
            return Err(FieldError::new("expires_seconds", message));
        }
        if !matches!(self.default_decision, Decision::Approve | Decision::Reject) {
            let message = "must be `approve` or `reject`: nobody is there to say what to change";
            return Err(FieldError::new("default_decision", message));
        }
        within("max_rounds", self.max_rounds.into(), 0, 10)?;
        within("max_qa_rounds", self.max_qa_rounds.into(), 0, 10)?;
        within("concurrency", self.concurrency.into(), 1, 40)
    }
}

fn within(field: &str, value: u64, least: u64, most: u64) -> Result<(), FieldError> {
    let message = format!("must be {least} to {most}");
    (least..=most)
        .contains(&value)
        .then_some(())
        .ok_or_else(|| FieldError::new(field, message))
}

/// The variables, with the setting that each holds.
const VARIABLES: [(&str, &str); 6] = [
    ("due_seconds", "APPROVAL_DUE_SECONDS"),
    ("expires_seconds", "APPROVAL_EXPIRES_SECONDS"),
    ("default_decision", "APPROVAL_DEFAULT_DECISION"),
    ("max_rounds", "MAX_REVISIONS"),
    ("max_qa_rounds", "MAX_QA_ROUNDS"),
    ("concurrency", "CAMPAIGN_CONCURRENCY"),
];

impl Settings {
    /// The variable that lets gates approve by themselves, in development.
    pub const AUTO_APPROVE: &'static str = "AUTO_APPROVE_IN_DEV";

    /// The variable that bounds a stream of events.
    pub const EVENT_STREAM: &'static str = "EVENT_STREAM_SECONDS";

    /// The variable that bounds how often a tenant may ask.
    pub const RATE_LIMIT: &'static str = "REQUESTS_PER_MINUTE";

    /// The settings that the environment variables hold; defaults where they are not set.
    ///
    /// # Errors
    /// The variable that is not valid, or not allowed in this environment.
    pub fn from_env() -> Result<Self, SettingError> {
        let environment = Environment::from_env()?;
        Self::read(environment, &|name| std::env::var(name).ok())
    }

    fn read(
        environment: Environment,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, SettingError> {
        let default = Self::default();
        let change = SettingsChange {
            due_seconds: parsed(variable, "APPROVAL_DUE_SECONDS")?,
            expires_seconds: parsed(variable, "APPROVAL_EXPIRES_SECONDS")?,
            default_decision: decision(variable)?,
            max_rounds: parsed(variable, "MAX_REVISIONS")?,
            max_qa_rounds: parsed(variable, "MAX_QA_ROUNDS")?,
            concurrency: parsed(variable, "CAMPAIGN_CONCURRENCY")?,
        };
        let campaign = default.campaign.with(&change).map_err(|error| {
            let found = VARIABLES.into_iter().find(|(name, _)| *name == error.field);
            SettingError::new(found.map_or("", |(_, variable)| variable), error.message)
        })?;
        let seconds = parsed(variable, Self::EVENT_STREAM)?;
        let event_stream_seconds = seconds.unwrap_or(default.event_stream_seconds);
        within("", event_stream_seconds, 1, 86_400)
            .map_err(|error| SettingError::new(Self::EVENT_STREAM, error.message))?;
        let requests = parsed(variable, Self::RATE_LIMIT)?;
        Ok(Self {
            campaign,
            auto_approve: auto_approve(environment, variable)?,
            event_stream_seconds,
            requests_per_minute: requests.unwrap_or(default.requests_per_minute),
            payments: PaymentSettings::read(variable)?,
        })
    }
}

fn parsed<T: std::str::FromStr>(
    variable: &dyn Fn(&str) -> Option<String>,
    name: &'static str,
) -> Result<Option<T>, SettingError> {
    let value = variable(name).map(|text| text.trim().parse());
    value
        .transpose()
        .map_err(|_| SettingError::new(name, "must be a whole number in its range"))
}

fn decision(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Decision>, SettingError> {
    let name = "APPROVAL_DEFAULT_DECISION";
    match variable(name).as_deref().map(str::trim) {
        None => Ok(None),
        Some("approve") => Ok(Some(Decision::Approve)),
        Some("reject") => Ok(Some(Decision::Reject)),
        Some(_) => Err(SettingError::new(name, "must be `approve` or `reject`")),
    }
}

fn auto_approve(
    environment: Environment,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<bool, SettingError> {
    let name = Settings::AUTO_APPROVE;
    let wanted = match variable(name).as_deref().map(str::trim) {
        None | Some("" | "false") => false,
        Some("true") => true,
        Some(_) => return Err(SettingError::new(name, "must be `true` or `false`")),
    };
    if wanted && environment != Environment::Development {
        let message = "gates approve by themselves in development only: unset it";
        return Err(SettingError::new(name, message));
    }
    Ok(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(environment: Environment, set: &[(&str, &str)]) -> Result<Settings, SettingError> {
        Settings::read(environment, &|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn what_is_not_set_has_a_default() {
        let settings = read(Environment::Production, &[]).unwrap();
        assert_eq!(settings, Settings::default());
        let settings = read(
            Environment::Development,
            &[("MAX_REVISIONS", "0"), ("AUTO_APPROVE_IN_DEV", "true")],
        );
        let settings = settings.unwrap();
        assert!(settings.auto_approve && settings.campaign.max_rounds == 0);
    }

    #[test]
    fn what_is_wrong_names_its_variable() {
        for (name, value) in [
            ("APPROVAL_DUE_SECONDS", "soon"),
            ("APPROVAL_DUE_SECONDS", "0"),
            ("APPROVAL_EXPIRES_SECONDS", "86400"),
            ("APPROVAL_EXPIRES_SECONDS", "2419201"),
            ("APPROVAL_DEFAULT_DECISION", "request_changes"),
            ("MAX_REVISIONS", "11"),
            ("MAX_QA_ROUNDS", "-1"),
            ("CAMPAIGN_CONCURRENCY", "0"),
            ("EVENT_STREAM_SECONDS", "0"),
            ("REQUESTS_PER_MINUTE", "0"),
            ("AUTO_APPROVE_IN_DEV", "yes"),
        ] {
            let error = read(Environment::Development, &[(name, value)]).unwrap_err();
            assert_eq!(error.variable, name, "{error}");
        }
    }

    #[test]
    fn gates_approve_by_themselves_in_development_only() {
        for environment in [Environment::Staging, Environment::Production] {
            let error = read(environment, &[("AUTO_APPROVE_IN_DEV", "true")]).unwrap_err();
            assert_eq!(error.variable, "AUTO_APPROVE_IN_DEV");
            assert!(read(environment, &[("AUTO_APPROVE_IN_DEV", "false")]).is_ok());
        }
    }
}
