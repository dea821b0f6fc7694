//! A mail with what it is checked against, and its texts by place.

use baton_domain::campaign::{Brand, Content, PlannedEmail};

use crate::html::Html;

/// What is checked.
#[derive(Debug)]
pub struct Mail<'a> {
    /// What the brand keeps to; absent in the fallback.
    pub brand: Option<&'a Brand>,
    /// What was planned; absent in the fallback.
    pub email: Option<&'a PlannedEmail>,
    /// The mail itself.
    pub content: &'a Content,
    /// Its mockup, parsed.
    pub html: Html,
}

/// What kind of text stands in a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// A subject line or its preheader.
    Subject,
    /// The headline.
    Headline,
    /// A paragraph.
    Body,
    /// What the button says.
    Cta,
}

impl Part {
    /// The name of such a place in a personalization rule.
    pub fn name(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Headline => "headline",
            Self::Body => "body",
            Self::Cta => "cta",
        }
    }
}

/// One text of a mail.
#[derive(Debug, Clone)]
pub struct Text<'a> {
    /// Where it stands, as a JSON pointer.
    pub place: String,
    /// What it is.
    pub part: Part,
    /// The text.
    pub text: &'a str,
}

/// JSON pointer of the HTML.
pub const MOCKUP: &str = "/mockup_html";
/// JSON pointer of the plain text.
pub const PLAIN_TEXT: &str = "/copy/plain_text";

impl<'a> Mail<'a> {
    /// A mail to check.
    pub fn new(
        brand: Option<&'a Brand>,
        email: Option<&'a PlannedEmail>,
        content: &'a Content,
    ) -> Self {
        let html = Html::parse(&content.mockup_html);
        Self {
            brand,
            email,
            content,
            html,
        }
    }

    /// The texts that people wrote: subject lines, preheaders and copy.
    pub fn texts(&self) -> Vec<Text<'a>> {
        let copy = &self.content.copy;
        let text = |place: &str, part, text| Text {
            place: place.to_owned(),
            part,
            text,
        };
        let mut texts = Vec::new();
        for (i, line) in self.content.subject_lines.iter().enumerate() {
            let place = |field: &str| format!("/subject_lines/{i}/{field}");
            texts.push(text(&place("text"), Part::Subject, &line.text));
            texts.push(text(&place("preheader"), Part::Subject, &line.preheader));
        }
        texts.push(text("/copy/headline", Part::Headline, &copy.headline));
        for (i, paragraph) in copy.paragraphs.iter().enumerate() {
            texts.push(text(
                &format!("/copy/paragraphs/{i}"),
                Part::Body,
                paragraph,
            ));
        }
        let label = &copy.call_to_action.label;
        texts.push(text("/copy/call_to_action/label", Part::Cta, label));
        texts
    }

    /// The texts, and behind them what of the HTML and of the plain text people see: these are
    /// checked as well, since nothing makes them say the same.
    pub fn texts_and_renderings(&self) -> Vec<Text<'_>> {
        let mut texts: Vec<Text<'_>> = self.texts();
        texts.push(Text {
            place: MOCKUP.to_owned(),
            part: Part::Body,
            text: &self.html.text,
        });
        texts.push(Text {
            place: PLAIN_TEXT.to_owned(),
            part: Part::Body,
            text: &self.content.copy.plain_text,
        });
        texts
    }

    /// Headline and paragraphs, a line each.
    pub fn body(&self) -> String {
        let copy = &self.content.copy;
        let mut body = copy.headline.clone();
        for paragraph in &copy.paragraphs {
            body.push('\n');
            body.push_str(paragraph);
        }
        body
    }

    /// The text as a recipient reads it of whom everything is known: an unknown field is nothing.
    pub fn with_examples(&self, text: &str) -> String {
        self.filled(text, |field| field.example.clone())
    }

    /// The text with the longer of example and fallback in the place of each known field.
    pub fn at_longest(&self, text: &str) -> String {
        self.filled(text, |field| {
            let longer = field.example.chars().count() >= field.fallback.chars().count();
            if longer {
                &field.example
            } else {
                &field.fallback
            }
            .clone()
        })
    }

    fn filled(
        &self,
        text: &str,
        value: impl Fn(&baton_domain::campaign::PersonalizationField) -> String,
    ) -> String {
        let mut text = text.to_owned();
        for field in self.brand.iter().flat_map(|b| &b.personalization_fields) {
            text = text.replace(&format!("{{{{{}}}}}", field.name), &value(field));
        }
        text
    }
}
