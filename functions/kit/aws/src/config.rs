//! Settings, read once at start.

use baton_domain::item::Table;
use baton_domain::run::Workflow;

/// A setting is absent or unusable: the process must not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The variable is not set, or empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// The variable has a value that means nothing.
    #[error("the environment variable {name} must be {expected}, not `{value}`")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What would do.
        expected: &'static str,
        /// What it is.
        value: String,
    },
}

/// What a platform function must be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `AWS_REGION`, which Lambda sets.
    pub region: String,
    /// `AWS_ENDPOINT_URL`: where an emulator listens, in place of AWS itself.
    pub endpoint: Option<String>,
    /// `AWS_CA_BUNDLE`: a PEM file to trust in place of Amazon's roots, for networks that
    /// intercept TLS and for partitions with other certificate authorities.
    pub ca_bundle: Option<String>,
    /// `PROFILES_TABLE`, `CATALOGS_TABLE`, `ORCHESTRATION_LOG_TABLE`, `RESPONSES_TABLE`, `RUNS_TABLE`
    /// and `APPROVALS_TABLE`.
    pub tables: TableNames,
    /// `PERSONALIZE_ARN` and `CAMPAIGN_ARN`.
    pub machines: MachineArns,
}

/// The name of every table, as the stack gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    profiles: String,
    catalogs: String,
    orchestration_log: String,
    responses: String,
    runs: String,
    approvals: String,
}

impl TableNames {
    pub(crate) fn of(&self, table: Table) -> &str {
        match table {
            Table::Profiles => &self.profiles,
            Table::Catalogs => &self.catalogs,
            Table::OrchestrationLog => &self.orchestration_log,
            Table::Responses => &self.responses,
            Table::Runs => &self.runs,
            Table::Approvals => &self.approvals,
        }
    }
}

/// The ARN of every workflow's state machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineArns {
    personalize: String,
    campaign: String,
}

impl MachineArns {
    pub(crate) fn of(&self, workflow: Workflow) -> &str {
        match workflow {
            Workflow::Personalize => &self.personalize,
            Workflow::Campaign => &self.campaign,
        }
    }
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// The first variable that is missing or bad, by name.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads settings from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// The first variable that is missing or bad, by name.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let optional = |name| lookup(name).filter(|value| !value.is_empty());
        let required = |name| optional(name).ok_or(ConfigError::Missing(name));
        Ok(Self {
            region: required("AWS_REGION")?,
            endpoint: optional("AWS_ENDPOINT_URL"),
            ca_bundle: optional("AWS_CA_BUNDLE"),
            tables: TableNames {
                profiles: required("PROFILES_TABLE")?,
                catalogs: required("CATALOGS_TABLE")?,
                orchestration_log: required("ORCHESTRATION_LOG_TABLE")?,
                responses: required("RESPONSES_TABLE")?,
                runs: required("RUNS_TABLE")?,
                approvals: required("APPROVALS_TABLE")?,
            },
            machines: MachineArns {
                personalize: arn("PERSONALIZE_ARN", required("PERSONALIZE_ARN")?)?,
                campaign: arn("CAMPAIGN_ARN", required("CAMPAIGN_ARN")?)?,
            },
        })
    }
}

fn arn(name: &'static str, value: String) -> Result<String, ConfigError> {
    if value.starts_with("arn:") && value.contains(":states:") {
        return Ok(value);
    }
    let expected = "the ARN of a state machine";
    Err(ConfigError::Invalid {
        name,
        expected,
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: [(&str, &str); 9] = [
        ("AWS_REGION", "eu-central-1"),
        ("PROFILES_TABLE", "p"),
        ("CATALOGS_TABLE", "c"),
        ("ORCHESTRATION_LOG_TABLE", "l"),
        ("RESPONSES_TABLE", "r"),
        ("RUNS_TABLE", "u"),
        ("APPROVALS_TABLE", "a"),
        (
            "CAMPAIGN_ARN",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:n",
        ),
        (
            "PERSONALIZE_ARN",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:m",
        ),
    ];

    fn with(name: &str, value: &str) -> Result<Config, ConfigError> {
        Config::from_lookup(|asked| {
            let set = SETTINGS.iter().find(|(known, _)| *known == asked);
            let set = set.map(|(_, value)| (*value).to_owned());
            if asked == name {
                Some(value.to_owned())
            } else {
                set
            }
        })
    }

    #[test]
    fn every_table_and_machine_is_found_under_its_own_name() {
        let config = with("AWS_ENDPOINT_URL", "http://127.0.0.1:1").unwrap();
        let tables = Table::ALL.map(|table| config.tables.of(table).to_owned());
        assert_eq!(tables, ["p", "c", "l", "r", "u", "a"]);
        assert!(config.machines.of(Workflow::Personalize).ends_with(":m"));
        assert!(config.machines.of(Workflow::Campaign).ends_with(":n"));
        assert_eq!(config.endpoint.as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn a_missing_variable_is_named() {
        for (name, _) in SETTINGS {
            assert_eq!(with(name, ""), Err(ConfigError::Missing(name)));
        }
    }

    #[test]
    fn a_bad_variable_is_named_with_what_would_do() {
        let message = with("PERSONALIZE_ARN", "personalize")
            .unwrap_err()
            .to_string();
        assert_eq!(
            message,
            "the environment variable PERSONALIZE_ARN must be the ARN of a state machine, \
             not `personalize`"
        );
    }
}
