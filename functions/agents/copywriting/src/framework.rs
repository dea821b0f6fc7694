//! The published frameworks of persuasive copy, as steps to be filled with what is true.
//!
//! AIDA: E. St. Elmo Lewis, 1898 (attention, interest, desire, action). PAS: D. Kennedy, *The
//! Ultimate Sales Letter*, 1990 (problem, agitate, solve). FAB: feature, advantage, benefit, of sales
//! training since the 1960s. BAB: before, after, bridge.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::brief::Brief;

/// A framework.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Framework {
    /// Attention, interest, desire, action.
    Aida,
    /// Problem, agitation, solution; needs a problem.
    Pas,
    /// Feature, advantage, benefit; needs a feature.
    Fab,
    /// Before, after, bridge; needs a problem.
    Bab,
}

/// How a brand speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Register {
    Warm,
    Formal,
    Plain,
}

impl Register {
    /// What the first known adjective asks for.
    pub(crate) fn of(tone: &[String]) -> Self {
        const WARM: [&str; 8] = [
            "warm", "friendly", "playful", "casual", "cheerful", "caring", "fun", "bold",
        ];
        const FORMAL: [&str; 7] = [
            "formal",
            "elegant",
            "premium",
            "professional",
            "refined",
            "serious",
            "expert",
        ];
        let known = tone.iter().find_map(|word| {
            let word = word.to_lowercase();
            let warm = WARM.contains(&word.as_str()).then_some(Self::Warm);
            warm.or(FORMAL.contains(&word.as_str()).then_some(Self::Formal))
        });
        known.unwrap_or(Self::Plain)
    }
}

impl Framework {
    /// Every framework.
    pub const ALL: [Self; 4] = [Self::Aida, Self::Pas, Self::Fab, Self::Bab];

    /// Whether the brief has what the framework needs.
    pub(crate) fn is_possible(self, brief: &Brief) -> bool {
        match self {
            Self::Aida => true,
            Self::Pas | Self::Bab => brief.problem.is_some(),
            Self::Fab => !brief.features.is_empty(),
        }
    }

    /// What may be seen first, the best first. `turn` moves on from benefit to benefit.
    pub(crate) fn hooks(self, brief: &Brief, turn: usize) -> Vec<String> {
        let benefit = nth(&brief.benefits, turn);
        let product = &brief.product;
        let problem = brief.problem.as_ref();
        let meet = match Register::of(&brief.voice.tone) {
            Register::Warm => format!("Meet {product}"),
            Register::Formal => format!("Introducing {product}"),
            Register::Plain => format!("{product} by {}", brief.brand),
        };
        let mut hooks = match self {
            Self::Aida => vec![benefit.to_owned(), format!("{product}: {benefit}")],
            Self::Pas => problem
                .map(|problem| format!("{problem}?"))
                .into_iter()
                .collect(),
            Self::Fab => vec![nth(&brief.features, turn).to_owned()],
            Self::Bab => vec![format!("{benefit}, at last")],
        };
        hooks.retain(|hook| !hook.is_empty());
        let shared = [
            brief
                .audience
                .as_ref()
                .map(|audience| format!("{product} for {audience}")),
            brief.offer.clone(),
            Some(meet),
            Some(benefit.to_owned()),
            Some(product.clone()),
        ];
        let shared: Vec<String> = shared.into_iter().flatten().collect();
        // Later rounds begin elsewhere, so that they differ.
        let moved = turn / brief.benefits.len().max(1);
        if moved > 0 {
            let by = moved % hooks.len().max(1);
            hooks.rotate_left(by);
            let at = moved % shared.len();
            return shared[at..]
                .iter()
                .chain(&hooks)
                .chain(&shared[..at])
                .cloned()
                .collect();
        }
        hooks.into_iter().chain(shared).collect()
    }

    /// The steps of the text, each with sentences that may fill it, the best first.
    pub(crate) fn steps(self, brief: &Brief, turn: usize) -> Vec<Vec<String>> {
        let product = &brief.product;
        let first = nth(&brief.benefits, turn);
        let second = nth(&brief.benefits, turn + 1);
        let feature = nth(&brief.features, turn);
        let problem = brief.problem.as_deref().unwrap_or_default();
        let mut steps = match self {
            Self::Aida => vec![
                vec![format!("{first}."), format!("{product}.")],
                interest(brief, feature),
                vec![format!("{second}.")],
            ],
            Self::Pas => vec![
                vec![format!("{problem}?")],
                agitation(turn),
                vec![format!("{product}: {first}."), format!("{product}.")],
            ],
            Self::Fab => vec![
                vec![format!("{product}: {feature}."), format!("{feature}.")],
                vec![format!("{first}.")],
                vec![format!("{second}.")],
            ],
            Self::Bab => vec![
                vec![format!("Before: {problem}."), format!("{problem}?")],
                vec![format!("After: {first}."), format!("{first}.")],
                vec![
                    format!("What lies between: {product}."),
                    format!("{product}."),
                ],
            ],
        };
        for step in &mut steps {
            step.retain(|sentence| sentence.len() > 1);
        }
        // With one benefit, the third step would say the first again.
        if first == second {
            steps
                .iter_mut()
                .skip(1)
                .for_each(|step| step.retain(|s| *s != format!("{first}.")));
            if self == Self::Fab {
                steps[1] = vec![format!("{first}.")];
            }
        }
        steps.push(action(brief));
        steps
    }
}

fn interest(brief: &Brief, feature: &str) -> Vec<String> {
    let product = &brief.product;
    let mut sentences = Vec::new();
    sentences.extend(
        brief
            .audience
            .as_ref()
            .map(|audience| format!("{product}, for {audience}.")),
    );
    if !feature.is_empty() {
        sentences.push(format!("{product}: {feature}."));
    }
    sentences.push(match Register::of(&brief.voice.tone) {
        Register::Warm => format!("Meet {product}."),
        Register::Formal => format!("{} presents {product}.", brief.brand),
        Register::Plain => format!("{product} by {}.", brief.brand),
    });
    sentences
}

/// What makes the problem felt, without claiming anything.
fn agitation(turn: usize) -> Vec<String> {
    let mut sentences = [
        "It need not stay that way.",
        "Once is enough.",
        "Why put up with it?",
    ]
    .map(str::to_owned);
    sentences.rotate_left(turn % 3);
    sentences.to_vec()
}

/// The offer and what to do, or what to do alone.
fn action(brief: &Brief) -> Vec<String> {
    let end = match Register::of(&brief.voice.tone) {
        Register::Warm => '!',
        Register::Formal | Register::Plain => '.',
    };
    let action = format!("{}{end}", brief.action);
    let with = brief
        .offer
        .as_ref()
        .map(|offer| format!("{offer}. {action}"));
    with.into_iter().chain([action]).collect()
}

fn nth(texts: &[String], turn: usize) -> &str {
    texts
        .get(turn % texts.len().max(1))
        .map_or("", String::as_str)
}
