//! As long as was asked for: the pace and the pauses that meet the target, and the mark-up that
//! says them.

use baton_speech::rate::{NORMAL_WPM, seconds, words};
use baton_speech::ssml::{Dialect, Level, Node, Prosody, Speech};
use baton_speech::syllables::syllables;

use crate::{Input, Output, Role, Scene};

/// By how much a script may miss its target.
pub const TOLERANCE: f64 = 0.1;

/// The rates that still sound natural, in percent.
const RATES: (f64, f64) = (85.0, 115.0);

/// The pauses between scenes, in milliseconds: the shortest, the usual and the longest.
const PAUSES: (f64, f64, f64) = (200.0, 500.0, 1_200.0);

/// A scene before it is timed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it is for.
    pub role: Role,
    /// What is said.
    pub text: String,
    /// Words of it that get weight.
    pub emphasis: Vec<String>,
}

/// How scenes are said.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fit {
    /// The rate, in percent of normal.
    pub rate: u16,
    /// The pause between scenes, in milliseconds.
    pub pause_ms: u32,
    /// How long it takes in all, in seconds.
    pub seconds: f64,
}

/// Whether a duration meets its target.
pub fn is_within(seconds: f64, target: f64) -> bool {
    (seconds - target).abs() <= TOLERANCE * target + 1e-9
}

/// The rate and the pauses that come nearest to a target, the usual pauses first. `spoken` is how
/// long the words take at the normal pace, `gaps` how many pauses there are.
pub fn fit(spoken: f64, gaps: usize, target: f64) -> Fit {
    let gaps = gaps as f64;
    let (shortest, usual, longest) = PAUSES;
    let free = (target - gaps * usual / 1_000.0).max(0.1);
    let rate = (100.0 * spoken / free).clamp(RATES.0, RATES.1).round();
    let said = spoken * 100.0 / rate;
    let pause = if gaps > 0.0 {
        ((target - said) / gaps * 1_000.0)
            .clamp(shortest, longest)
            .round()
    } else {
        usual
    };
    Fit {
        rate: rate as u16,
        pause_ms: pause as u32,
        seconds: said + gaps * pause / 1_000.0,
    }
}

/// How scenes come nearest to a brief's target.
pub fn of(drafts: &[Draft], input: &Input) -> Fit {
    let language = input.spoken_language();
    let spoken = drafts
        .iter()
        .map(|draft| seconds(&draft.text, language, NORMAL_WPM))
        .sum();
    fit(spoken, drafts.len().saturating_sub(1), input.target_seconds)
}

/// The script whose duration comes nearest to the target.
pub fn nearest(drafts: &[Draft], input: &Input) -> Output {
    let fit = of(drafts, input);
    let mut nodes = Vec::new();
    let mut scenes = Vec::new();
    let mut at = 0.0;
    for (i, draft) in drafts.iter().enumerate() {
        if i > 0 {
            nodes.push(Node::Break(fit.pause_ms));
            at += f64::from(fit.pause_ms) / 1_000.0;
        }
        let paragraph = Node::Paragraph(weighted(draft));
        nodes.push(paragraph.clone());
        let speech = speech(vec![paragraph], fit.rate, input);
        let seconds = speech.seconds();
        scenes.push(Scene {
            scene: i + 1,
            role: draft.role,
            text: speech.text(),
            ssml: speech.to_ssml(Dialect::Standard),
            start_seconds: rounded(at),
            seconds: rounded(seconds),
            words: words(&draft.text),
        });
        at += seconds;
    }
    let speech = speech(nodes, fit.rate, input);
    let text = speech.text();
    let seconds = rounded(speech.seconds());
    Output {
        language: input.language.clone(),
        scenes,
        ssml: speech.to_ssml(Dialect::Standard),
        seconds,
        target_seconds: input.target_seconds,
        within_target: is_within(seconds, input.target_seconds),
        words: words(&text),
        syllables: syllables(&text, input.spoken_language()),
        words_per_minute: rounded(speech.words_per_minute()),
        text,
    }
}

fn speech(nodes: Vec<Node>, rate: u16, input: &Input) -> Speech {
    let nodes = if rate == 100 {
        nodes
    } else {
        let prosody = Prosody {
            rate: Some(rate),
            ..Prosody::default()
        };
        vec![Node::Prosody(prosody, nodes)]
    };
    Speech {
        locale: input.language.clone(),
        nodes,
    }
}

/// The words, with the first of those that get weight marked.
fn weighted(draft: &Draft) -> Vec<Node> {
    let found = draft
        .emphasis
        .iter()
        .filter(|words| !words.is_empty())
        .find_map(|words| Some((draft.text.find(words.as_str())?, words.len())));
    let Some((at, length)) = found else {
        return vec![Node::Text(draft.text.clone())];
    };
    let text = |part: &str| Node::Text(part.to_owned());
    let parts = [
        text(&draft.text[..at]),
        Node::Emphasis(Level::Moderate, vec![text(&draft.text[at..at + length])]),
        text(&draft.text[at + length..]),
    ];
    let empty = |node: &Node| matches!(node, Node::Text(words) if words.is_empty());
    parts.into_iter().filter(|node| !empty(node)).collect()
}

fn rounded(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fits_keeps_the_usual_pace() {
        let fit = fit(9.0, 2, 10.0);
        assert_eq!((fit.rate, fit.pause_ms), (100, 500));
        assert!((fit.seconds - 10.0).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn the_nearest_is_natural_and_meets_what_can_be_met(spoken in 0.1f64..400.0, gaps in 0usize..12, target in 5.0f64..300.0) {
            let fit = fit(spoken, gaps, target);
            prop_assert!((85..=115).contains(&fit.rate) && (200..=1_200).contains(&fit.pause_ms));
            let gaps = gaps as f64;
            let least = spoken / 1.15 + gaps * 0.2;
            let most = spoken / 0.85 + gaps * 1.2;
            if least <= target && target <= most {
                prop_assert!(is_within(fit.seconds, target), "{fit:?}");
            }
        }
    }
}
