//! Settings, read once at start.

use baton_domain::item::Table;
use baton_domain::ports::{StoreError, WorkflowError};
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

/// What a function works with. The rest of the stack is not there for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Uses {
    /// Its tables.
    pub tables: &'static [Table],
    /// The workflows that it starts or stops.
    pub workflows: &'static [Workflow],
}

impl Uses {
    /// All there is.
    pub const ALL: Self = Self {
        tables: &Table::ALL,
        workflows: &Workflow::ALL,
    };

    /// Nothing of it.
    pub const NOTHING: Self = Self {
        tables: &[],
        workflows: &[],
    };

    /// These tables alone.
    pub const fn tables(tables: &'static [Table]) -> Self {
        Self {
            tables,
            workflows: &[],
        }
    }
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
    /// Of what is used: `PROFILES_TABLE`, `CATALOGS_TABLE`, `ORCHESTRATION_LOG_TABLE`,
    /// `RESPONSES_TABLE`, `RUNS_TABLE`, `APPROVALS_TABLE` and `PAYMENTS_TABLE`.
    pub tables: TableNames,
    /// Of what is used: `PERSONALIZE_ARN` and the like.
    pub machines: MachineArns,
    /// `NOTIFICATIONS_QUEUE_URL`: where notices are handed over.
    pub notifications: Option<String>,
}

/// The names of the tables that are used, as the stack gave them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames(Vec<(Table, String)>);

impl TableNames {
    /// # Errors
    /// A table that the function was not given.
    pub(crate) fn of(&self, table: Table) -> Result<&str, StoreError> {
        let found = self.0.iter().find(|(known, _)| *known == table);
        let missing = || StoreError(format!("{} is no table of this function", table.name()));
        found.map(|(_, name)| name.as_str()).ok_or_else(missing)
    }

    /// Any of them.
    pub(crate) fn any(&self) -> Option<Table> {
        self.0.first().map(|(table, _)| *table)
    }
}

/// The ARNs of the state machines of the workflows that are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MachineArns(Vec<(Workflow, String)>);

impl MachineArns {
    /// # Errors
    /// A workflow that the function was not given.
    pub(crate) fn of(&self, workflow: Workflow) -> Result<&str, WorkflowError> {
        let found = self.0.iter().find(|(known, _)| *known == workflow);
        let missing = || {
            let message = format!("{} is no workflow of this function", workflow.name());
            WorkflowError::Unavailable(message)
        };
        found.map(|(_, arn)| arn.as_str()).ok_or_else(missing)
    }
}

const fn table_variable(table: Table) -> &'static str {
    match table {
        Table::Profiles => "PROFILES_TABLE",
        Table::Catalogs => "CATALOGS_TABLE",
        Table::OrchestrationLog => "ORCHESTRATION_LOG_TABLE",
        Table::Responses => "RESPONSES_TABLE",
        Table::Runs => "RUNS_TABLE",
        Table::Approvals => "APPROVALS_TABLE",
        Table::Payments => "PAYMENTS_TABLE",
    }
}

const fn machine_variable(workflow: Workflow) -> &'static str {
    match workflow {
        Workflow::Personalize => "PERSONALIZE_ARN",
        Workflow::Score => "SCORE_ARN",
        Workflow::Analyze => "ANALYZE_ARN",
        Workflow::Creative => "CREATIVE_ARN",
        Workflow::Avatar => "AVATAR_ARN",
        Workflow::Campaign => "CAMPAIGN_ARN",
        Workflow::Research => "RESEARCH_ARN",
        Workflow::Batch => "BATCH_ARN",
    }
}

impl Config {
    /// Reads what is used from the process's environment.
    ///
    /// # Errors
    /// The first variable that is missing or bad, by name.
    pub fn from_env(uses: &Uses) -> Result<Self, ConfigError> {
        Self::from_lookup(uses, |name| std::env::var(name).ok())
    }

    /// Reads settings from anything that answers a variable's value by its name.
    ///
    /// # Errors
    /// The first variable that is missing or bad, by name.
    pub fn from_lookup(
        uses: &Uses,
        lookup: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, ConfigError> {
        let optional = |name| lookup(name).filter(|value| !value.is_empty());
        let required = |name| optional(name).ok_or(ConfigError::Missing(name));
        let table = |table: &Table| Ok((*table, required(table_variable(*table))?));
        let machine = |workflow: &Workflow| {
            let name = machine_variable(*workflow);
            Ok((*workflow, arn(name, required(name)?)?))
        };
        let tables = uses.tables.iter().map(table).collect::<Result<_, _>>()?;
        let machines = uses.workflows.iter().map(machine);
        Ok(Self {
            region: required("AWS_REGION")?,
            endpoint: optional("AWS_ENDPOINT_URL"),
            ca_bundle: optional("AWS_CA_BUNDLE"),
            tables: TableNames(tables),
            machines: MachineArns(machines.collect::<Result<_, _>>()?),
            notifications: optional("NOTIFICATIONS_QUEUE_URL"),
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

    const SETTINGS: [(&str, &str); 16] = [
        ("AWS_REGION", "eu-central-1"),
        ("PROFILES_TABLE", "p"),
        ("CATALOGS_TABLE", "c"),
        ("ORCHESTRATION_LOG_TABLE", "l"),
        ("RESPONSES_TABLE", "r"),
        ("RUNS_TABLE", "u"),
        ("APPROVALS_TABLE", "a"),
        ("PAYMENTS_TABLE", "y"),
        (
            "AVATAR_ARN",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:v",
        ),
        (
            "SCORE_ARN",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:s",
        ),
        (
            "CREATIVE_ARN",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:v",
        ),
        (
            "ANALYZE_ARN",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:z",
        ),
        (
            "RESEARCH_ARN",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:r",
        ),
        (
            "BATCH_ARN",
            "arn:aws:states:eu-central-1:123456789012:stateMachine:b",
        ),
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
        Config::from_lookup(&Uses::ALL, |asked| {
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
        let tables = Table::ALL.map(|table| config.tables.of(table).unwrap().to_owned());
        assert_eq!(tables, ["p", "c", "l", "r", "u", "a", "y"]);
        let machine = |workflow| config.machines.of(workflow).unwrap();
        assert!(machine(Workflow::Personalize).ends_with(":m"));
        assert!(machine(Workflow::Campaign).ends_with(":n"));
        assert_eq!(config.endpoint.as_deref(), Some("http://127.0.0.1:1"));
    }

    #[test]
    fn a_missing_variable_is_named() {
        for (name, _) in SETTINGS {
            assert_eq!(with(name, ""), Err(ConfigError::Missing(name)));
        }
    }

    #[test]
    fn what_is_not_used_need_not_be_there_and_is_not() {
        let uses = Uses::tables(&[Table::Runs]);
        let lookup = |name: &str| {
            let set = ["AWS_REGION", "RUNS_TABLE"].contains(&name);
            set.then(|| "x".to_owned())
        };
        let config = Config::from_lookup(&uses, lookup).unwrap();
        assert_eq!(config.tables.of(Table::Runs), Ok("x"));
        let error = config.tables.of(Table::Approvals).unwrap_err();
        assert!(error.0.starts_with("approvals is no table"), "{error}");
        assert!(config.machines.of(Workflow::Campaign).is_err());
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
