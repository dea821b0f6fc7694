//! How people are asked: who approves, and by which links. Read once at start.

use crate::{ApprovalLinks, Environment, SettingError};

/// How people are asked.
#[derive(Debug, Clone, Default)]
pub struct Approving {
    /// Who is told when something waits: names or addresses, in whose name their links decide.
    pub approvers: Vec<String>,
    /// Makes their links, and reads them.
    pub links: Option<ApprovalLinks>,
    /// Whether a gate may approve itself, where its run says so: in development only.
    pub may_auto_approve: bool,
}

impl Approving {
    /// The variable that names the approvers, with commas between them.
    pub const APPROVERS: &'static str = "APPROVERS";

    /// As the environment says.
    ///
    /// # Errors
    /// A variable that is set to what does not do.
    pub fn from_env() -> Result<Self, SettingError> {
        let approvers = std::env::var(Self::APPROVERS).unwrap_or_default();
        Ok(Self {
            approvers: parse(&approvers)?,
            links: ApprovalLinks::from_env()?,
            may_auto_approve: Environment::from_env()? == Environment::Development,
        })
    }
}

fn parse(list: &str) -> Result<Vec<String>, SettingError> {
    let names = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(str::to_owned).collect();
    let sound = |name: &String| name.chars().count() <= 256 && !name.contains(char::is_control);
    if names.iter().all(sound) {
        return Ok(names);
    }
    let message = "must be names of at most 256 characters with commas between them";
    Err(SettingError::new(Approving::APPROVERS, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn approvers_stand_between_commas() {
        assert_eq!(
            parse(" ada@example.com, , bob "),
            Ok(vec!["ada@example.com".into(), "bob".into()])
        );
        assert_eq!(parse(""), Ok(Vec::new()));
        assert_eq!(parse("a\u{7}").unwrap_err().variable, "APPROVERS");
        assert!(parse(&"x".repeat(257)).is_err());
    }
}
