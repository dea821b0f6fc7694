//! Starts research: a theme, a budget, and the voice in whose name money is spent.

use baton_domain::run::{Event, RunState, Subject, Workflow};
use baton_domain::{FieldError, Money, RunId, TenantId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::start_run::keep_input;
use crate::{App, AppError, CampaignSettings};

/// The longest theme, in characters.
pub const MAX_THEME: usize = 500;

/// The largest budget, in whole US dollars.
pub const MAX_BUDGET_USD: u32 = 1_000_000;

/// The longest voice, in characters.
const MAX_VOICE: usize = 256;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StartTask {
    /// What to find out about: a topic or a question.
    pub theme: String,
    /// What may be spent on data, in whole US dollars.
    pub budget: u32,
    /// Whose voice the Payment Manager knows.
    pub voice_id: String,
    /// What it may cost altogether, data and the work of agents, in US dollars: more than 0. No such
    /// limit where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_usd: Option<Money>,
}

/// What the workflow of research is started with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ResearchInput {
    pub(crate) run_id: RunId,
    pub(crate) tenant_id: TenantId,
    pub(crate) attempt: u32,
    pub(crate) theme: String,
    pub(crate) budget: Money,
    pub(crate) voice_id: String,
    pub(crate) started_at: Timestamp,
    pub(crate) auto_approve: bool,
    /// Gates and concurrency are those of campaigns.
    pub(crate) settings: CampaignSettings,
}

impl StartTask {
    /// The same without white space around its texts.
    ///
    /// # Errors
    /// Every field that breaks a rule.
    pub fn checked(self) -> Result<Self, Vec<FieldError>> {
        let task = Self {
            theme: self.theme.trim().to_owned(),
            voice_id: self.voice_id.trim().to_owned(),
            ..self
        };
        let mut errors = Vec::new();
        let mut refuse = |field, message: &str| errors.push(FieldError::new(field, message));
        if task.theme.is_empty() {
            refuse("theme", "Theme cannot be empty");
        } else if task.theme.chars().count() > MAX_THEME || task.theme.contains(char::is_control) {
            refuse("theme", "Theme must be one line of at most 500 characters");
        } else if !names_something(&task.theme) {
            refuse(
                "theme",
                "Theme must name something to look for: a company, a product or an industry",
            );
        }
        if task.budget == 0 {
            refuse("budget", "Budget must be positive");
        } else if task.budget > MAX_BUDGET_USD {
            refuse("budget", "Budget must be at most 1000000");
        }
        let voice = &task.voice_id;
        if voice.is_empty() {
            refuse("voice_id", "Voice cannot be empty");
        } else if voice.chars().count() > MAX_VOICE || voice.contains(char::is_control) {
            refuse(
                "voice_id",
                "Voice must be at most 256 characters on one line",
            );
        }
        if task.max_cost_usd == Some(Money::ZERO) {
            let message = "Max cost must be positive";
            errors.push(FieldError::new("max_cost_usd", message));
        }
        if errors.is_empty() {
            Ok(task)
        } else {
            Err(errors)
        }
    }
}

/// Whether a theme has anything in it that can be searched for: a word of two letters or digits.
fn names_something(theme: &str) -> bool {
    // As in `AT&T` and `S.A.`; other marks end words.
    let joins = |c: char| c.is_alphanumeric() || matches!(c, '-' | '&' | '\'' | '\u{2019}' | '.');
    let mut words = theme.split(|c: char| !joins(c));
    words.any(|word| {
        word.chars()
            .filter(|c| c.is_alphanumeric())
            .nth(1)
            .is_some()
    })
}

impl App {
    /// Accepts a task that was [`StartTask::checked`] and starts its workflow. Answers its run,
    /// which is queued. With `once` as [`App::start_run`].
    ///
    /// # Errors
    /// When it has nowhere to buy, or the store does not answer. Workflows that do not answer are no error: the run is
    /// started later.
    pub async fn start_task(
        &self,
        tenant: &TenantId,
        task: &StartTask,
        once: Option<&str>,
    ) -> Result<RunState, AppError> {
        if self.cannot_buy {
            return Err(AppError::NowhereToBuy);
        }
        let now = self.ports.clock.now();
        let input = ResearchInput {
            run_id: RunId::new(now, self.ports.clock.entropy()),
            tenant_id: tenant.clone(),
            attempt: 1,
            theme: task.theme.clone(),
            budget: Money::from_micro_usd(u64::from(task.budget) * 1_000_000),
            voice_id: task.voice_id.clone(),
            started_at: now,
            auto_approve: self.settings.auto_approve,
            settings: self.settings.campaign.clone(),
        };
        let queued = Event::Queued {
            workflow: Workflow::Research,
            subject: Subject {
                theme: Some(input.theme.clone()),
                ..Subject::default()
            },
            origin: None,
            max_cost_usd: task.max_cost_usd,
            auto_approve: input.auto_approve,
        };
        let kept = keep_input(tenant, input.run_id, 1, &input);
        let begun = self.begin_once(tenant, input.run_id, vec![queued], kept, once);
        self.restart(begun.await?).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(theme: &str, budget: u32, voice_id: &str) -> StartTask {
        StartTask {
            theme: theme.to_owned(),
            budget,
            voice_id: voice_id.to_owned(),
            max_cost_usd: None,
        }
    }

    #[test]
    fn every_broken_rule_is_named() {
        let sound = task(" Tesla ", 50, "voice").checked().unwrap();
        assert_eq!(sound.theme, "Tesla");
        let errors = task(" ", 0, "\n").checked().unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["theme", "budget", "voice_id"]);
        let long = task(&"x".repeat(501), 1_000_001, &"v".repeat(257));
        assert_eq!(long.checked().unwrap_err().len(), 3);
        assert!(task("a\u{7}b", 1, "v").checked().is_err());
        let limited = |micro| StartTask {
            max_cost_usd: Some(Money::from_micro_usd(micro)),
            ..task("Tesla", 1, "v")
        };
        assert!(limited(1).checked().is_ok());
        let errors = limited(0).checked().unwrap_err();
        assert_eq!(errors[0].field, "max_cost_usd");
    }

    #[test]
    fn a_theme_names_something() {
        for theme in ["x", "?!", "a - b", "x, y", "\u{1f600}"] {
            let errors = task(theme, 1, "v").checked().unwrap_err();
            assert_eq!(errors[0].field, "theme", "{theme}");
            assert!(errors[0].message.contains("a company"), "{theme}");
        }
        for theme in ["EV", "R&D", "E.ON", "3M", "トヨタ", "is X dead"] {
            assert!(task(theme, 1, "v").checked().is_ok(), "{theme}");
        }
    }
}
