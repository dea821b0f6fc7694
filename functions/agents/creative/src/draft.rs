//! A mail before it is built: what a writer decides, and nothing of its markup.

use baton_domain::campaign::{Content, SubjectTechnique};

/// One subject line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line.
    pub text: String,
    /// What mail programs show behind it.
    pub preheader: String,
    /// How it tries to be opened.
    pub technique: SubjectTechnique,
}

/// The words of a mail, merge fields included.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Its subject lines.
    pub lines: Vec<Line>,
    /// Its heading.
    pub headline: String,
    /// Its paragraphs.
    pub paragraphs: Vec<String>,
    /// What the button says.
    pub label: String,
    /// Where the button leads.
    pub url: String,
}

impl Draft {
    /// The words of a mail that was built before, perhaps changed by people since.
    pub fn of(content: &Content) -> Self {
        let copy = &content.copy;
        let line = |line: &baton_domain::campaign::SubjectLine| Line {
            text: line.text.clone(),
            preheader: line.preheader.clone(),
            technique: line.technique,
        };
        Self {
            lines: content.subject_lines.iter().map(line).collect(),
            headline: copy.headline.clone(),
            paragraphs: copy.paragraphs.clone(),
            label: copy.call_to_action.label.clone(),
            url: copy.call_to_action.url.clone(),
        }
    }

    /// Every text that can be changed, by its kind.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = (Kind, &mut String)> {
        let lines = self.lines.iter_mut().flat_map(|line| {
            [
                (Kind::Subject, &mut line.text),
                (Kind::Preheader, &mut line.preheader),
            ]
        });
        let copy = [
            (Kind::Headline, &mut self.headline),
            (Kind::Label, &mut self.label),
        ];
        lines
            .chain(copy)
            .chain(self.paragraphs.iter_mut().map(|p| (Kind::Paragraph, p)))
    }

    /// Headline and paragraphs, a line each.
    pub fn body(&self) -> String {
        format!("{}\n{}", self.headline, self.paragraphs.join("\n"))
    }
}

/// What a text of a draft is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A subject line.
    Subject,
    /// What stands behind it.
    Preheader,
    /// The heading.
    Headline,
    /// A paragraph.
    Paragraph,
    /// The button.
    Label,
}
