//! The workflows' definitions, with names in place of what CloudFormation substitutes.

use baton_domain::item::Table;
use baton_domain::run::Workflow;
use baton_engine::WorkflowKind;

/// The definition of a workflow as it runs embedded: `${WtpScoringArn}` becomes the function
/// `wtp-scoring`, `${ProfilesTable}` the table `profiles`, `${AlertsTopicArn}` the topic `alerts`.
pub fn definition(workflow: Workflow) -> String {
    let source = match workflow {
        Workflow::Personalize => {
            include_str!("../../../infra/workflows/personalize.asl.json")
        }
        Workflow::Score => include_str!("../../../infra/workflows/score.asl.json"),
        Workflow::Analyze => include_str!("../../../infra/workflows/analyze.asl.json"),
        Workflow::Creative => include_str!("../../../infra/workflows/creative.asl.json"),
        Workflow::Avatar => include_str!("../../../infra/workflows/avatar.asl.json"),
        Workflow::Campaign => include_str!("../../../infra/workflows/campaign.asl.json"),
        Workflow::Research => include_str!("../../../infra/workflows/research.asl.json"),
        Workflow::Batch => include_str!("../../../infra/workflows/batch.asl.json"),
    };
    substitute(source)
}

/// The type of a workflow, as the template declares it.
pub fn kind(workflow: Workflow) -> WorkflowKind {
    match workflow {
        Workflow::Personalize | Workflow::Score | Workflow::Analyze | Workflow::Creative => {
            WorkflowKind::Express
        }
        Workflow::Avatar | Workflow::Campaign | Workflow::Research | Workflow::Batch => {
            WorkflowKind::Standard
        }
    }
}

/// A definition with the local names in place of its substitutions.
pub fn substitute(source: &str) -> String {
    let mut parts = source.split("${");
    let mut definition = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_name = |name: &str| {
            !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric())
        };
        // `${}` is text with a placeholder of `States.Format`, not a substitution.
        if let Some((name, rest)) = part.split_once('}').filter(|(name, _)| is_name(name)) {
            definition.push_str(&local_name(name));
            definition.push_str(rest);
        } else {
            definition.push_str("${");
            definition.push_str(part);
        }
    }
    definition
}

/// A substitution is named after what it stands for; embedded, a thing's name is enough.
fn local_name(substitution: &str) -> String {
    let is_table = |table: &Table| format!("{}Table", pascal_case(table.name())) == substitution;
    if let Some(table) = Table::ALL.into_iter().find(is_table) {
        return table.name().to_owned();
    }
    let name = substitution.strip_suffix("Arn").unwrap_or(substitution);
    kebab_case(name.strip_suffix("Topic").unwrap_or(name))
}

fn pascal_case(snake: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
    };
    snake.split('_').filter_map(capitalised).collect()
}

fn kebab_case(pascal: &str) -> String {
    let mut kebab = String::with_capacity(pascal.len() + 4);
    for letter in pascal.chars() {
        if letter.is_uppercase() && !kebab.is_empty() {
            kebab.push('-');
        }
        kebab.extend(letter.to_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn substitutions_become_local_names() {
        let source = "a ${WtpScoringArn} b ${OrchestrationLogTable} c ${AlertsTopicArn}";
        assert_eq!(
            substitute(source),
            "a wtp-scoring b orchestration_log c alerts"
        );
    }

    #[test]
    fn what_is_not_a_name_stays() {
        for text in ["costs ${} a piece", "${not a name}", "${open"] {
            assert_eq!(substitute(text), text);
        }
    }

    #[test]
    fn nothing_is_left_to_substitute() {
        for workflow in Workflow::ALL {
            assert!(!definition(workflow).contains("${"), "{}", workflow.name());
        }
    }
}
