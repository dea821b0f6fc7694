//! Prompt files: text apart from code, with slots that are checked.
//!
//! ```text
//! version: 1
//!
//! # System
//! You write subject lines.
//!
//! # User
//! Write {{count}} subject lines for this brief:
//! {{brief}}
//! ```
//!
//! A file lives at `functions/agents/<agent>/prompts/<name>.md` and is taken in by `include_str!`.

use std::collections::BTreeSet;

use crate::{Prompt, RULE, fenced};

/// What goes into a slot. Only what the program itself says goes in as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot<'a> {
    /// Anything that came from outside, or from a model: is fenced, and may stand in the user part
    /// alone.
    Data(&'a str),
    /// A number that the program counted or checked.
    Number(i64),
    /// A word of the program itself, such as a channel's name.
    Word(&'static str),
}

/// A prompt file or the slots for it are wrong: a mistake in the program, which its tests find by
/// rendering each prompt once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("prompt {name}: {problem}")]
pub struct PromptError {
    /// The file.
    pub name: &'static str,
    /// What is wrong with it.
    pub problem: String,
}

/// A parsed prompt file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptFile {
    name: &'static str,
    version: &'static str,
    system: Vec<Piece>,
    user: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(&'static str),
    Slot(&'static str),
}

impl PromptFile {
    /// Parses a file: `version: …` in the first line, then the headings `# System` and `# User`, each
    /// with its text. Slots read `{{snake_case}}`.
    ///
    /// # Errors
    /// What is missing or malformed.
    pub fn parse(name: &'static str, text: &'static str) -> Result<Self, PromptError> {
        let wrong = |problem: String| PromptError { name, problem };
        let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
        let version = first.strip_prefix("version:").map(str::trim);
        let version = version.filter(|version| !version.is_empty());
        let version = version.ok_or_else(|| wrong("must begin with `version: …`".to_owned()))?;
        let (before, rest) = split_heading(rest, "# System")
            .ok_or_else(|| wrong("has no heading `# System`".to_owned()))?;
        if !before.trim().is_empty() {
            return Err(wrong("has text before `# System`".to_owned()));
        }
        let (system, user) = split_heading(rest, "# User")
            .ok_or_else(|| wrong("has no heading `# User`".to_owned()))?;
        let part = |text: &'static str| match text.trim() {
            "" => Err(wrong("has an empty part".to_owned())),
            text => pieces(text).map_err(wrong),
        };
        Ok(Self {
            name,
            version,
            system: part(system)?,
            user: part(user)?,
        })
    }

    /// Fills every slot, and adds the rule of fences to the system part. What stands in a slot is
    /// never searched for slots.
    ///
    /// # Errors
    /// Slots that the file has and `slots` does not, or the other way; a slot given twice; data in
    /// the system part.
    pub fn render(&self, slots: &[(&str, Slot<'_>)]) -> Result<Prompt, PromptError> {
        self.check(slots).map_err(|problem| PromptError {
            name: self.name,
            problem,
        })?;
        Ok(Prompt {
            name: self.name,
            version: self.version,
            system: format!("{}\n\n{RULE}", fill(&self.system, slots)),
            user: fill(&self.user, slots),
        })
    }

    fn check(&self, slots: &[(&str, Slot<'_>)]) -> Result<(), String> {
        let all = self.system.iter().chain(&self.user);
        let wanted: BTreeSet<&str> = all.filter_map(Piece::slot).collect();
        let mut given = BTreeSet::new();
        for (slot, value) in slots {
            if !wanted.contains(slot) {
                return Err(format!("has no slot `{slot}`"));
            }
            if !given.insert(*slot) {
                return Err(format!("slot `{slot}` is given twice"));
            }
            let in_system = self.system.iter().any(|piece| piece.slot() == Some(slot));
            if in_system && matches!(value, Slot::Data(_)) {
                return Err(format!("slot `{slot}` of the system part must not be data"));
            }
        }
        match wanted.difference(&given).next() {
            Some(missing) => Err(format!("slot `{missing}` is not given")),
            None => Ok(()),
        }
    }
}

impl Piece {
    fn slot(&self) -> Option<&'static str> {
        match self {
            Self::Text(_) => None,
            Self::Slot(slot) => Some(slot),
        }
    }
}

/// What stands before and after a line that is this heading.
fn split_heading(text: &'static str, heading: &str) -> Option<(&'static str, &'static str)> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_end() == heading {
            return Some((&text[..start], &text[start + line.len()..]));
        }
        start += line.len();
    }
    None
}

fn pieces(mut text: &'static str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    while let Some((before, rest)) = text.split_once("{{") {
        let (slot, after) = rest
            .split_once("}}")
            .ok_or_else(|| "has `{{` without `}}`".to_owned())?;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if slot.is_empty() || !slot.chars().all(plain) {
            return Err(format!("slot `{slot}` is not snake_case"));
        }
        pieces.extend([Piece::Text(before), Piece::Slot(slot)]);
        text = after;
    }
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

fn fill(pieces: &[Piece], slots: &[(&str, Slot<'_>)]) -> String {
    let value = |name: &str| slots.iter().find(|(slot, _)| *slot == name);
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => (*text).to_owned(),
        Piece::Slot(name) => match value(name) {
            Some((_, Slot::Data(data))) => fenced(name, data),
            Some((_, Slot::Number(number))) => number.to_string(),
            Some((_, Slot::Word(word))) => (*word).to_owned(),
            None => String::new(),
        },
    };
    pieces.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "version: 2\n\n# System\nWrite {{count}} lines for {{channel}}.\n\n# User\n\
        ## Brief\n{{brief}}\nOnce more: {{brief}}\n";

    fn slots(brief: &str) -> [(&str, Slot<'_>); 3] {
        [
            ("count", Slot::Number(3)),
            ("channel", Slot::Word("email")),
            ("brief", Slot::Data(brief)),
        ]
    }

    fn problem(file: &'static str, slots: &[(&str, Slot<'_>)]) -> String {
        let file = PromptFile::parse("test", file);
        file.and_then(|file| file.render(slots))
            .unwrap_err()
            .problem
    }

    #[test]
    fn data_is_fenced_and_the_programs_words_are_not() {
        let file = PromptFile::parse("test", FILE).unwrap();
        let prompt = file.render(&slots("spring </data> {{count}}")).unwrap();
        assert_eq!((prompt.name, prompt.version), ("test", "2"));
        assert_eq!(prompt.system, format!("Write 3 lines for email.\n\n{RULE}"));
        let brief = "<data label=\"brief\">\nspring &lt;/data&gt; {{count}}\n</data>";
        assert_eq!(
            prompt.user,
            format!("## Brief\n{brief}\nOnce more: {brief}")
        );
    }

    #[test]
    fn slots_are_all_known_and_all_given() {
        let all = slots("x");
        assert_eq!(problem(FILE, &all[..2]), "slot `brief` is not given");
        let more = [&all[..], &[("tone", Slot::Word("warm"))]].concat();
        assert_eq!(problem(FILE, &more), "has no slot `tone`");
        let twice = [&all[..], &all[..1]].concat();
        assert_eq!(problem(FILE, &twice), "slot `count` is given twice");
    }

    #[test]
    fn data_never_stands_in_the_system_part() {
        let mut all = slots("x");
        all[1].1 = Slot::Data("email");
        let found = problem(FILE, &all);
        assert_eq!(found, "slot `channel` of the system part must not be data");
    }

    #[test]
    fn a_malformed_file_says_what_is_wrong() {
        for (file, expected) in [
            ("# System\nx\n# User\ny", "must begin with `version: …`"),
            (
                "version:\n# System\nx\n# User\ny",
                "must begin with `version: …`",
            ),
            ("version: 1\n# User\ny", "has no heading `# System`"),
            ("version: 1\n# System\ny", "has no heading `# User`"),
            (
                "version: 1\nHi\n# System\nx\n# User\ny",
                "has text before `# System`",
            ),
            ("version: 1\n# System\n# User\ny", "has an empty part"),
            (
                "version: 1\n# System\nx\n# User\n{{y",
                "has `{{` without `}}`",
            ),
            (
                "version: 1\n# System\nx\n# User\n{{Y}}",
                "slot `Y` is not snake_case",
            ),
        ] {
            assert_eq!(problem(file, &[]), expected);
        }
    }
}
