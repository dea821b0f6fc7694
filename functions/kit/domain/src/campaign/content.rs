//! What is sent: the second thing that people approve.

use serde::{Deserialize, Serialize};

/// Every mail of a campaign, with what the check of each found.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ContentSet {
    /// The mails, in the calendar's order.
    pub emails: Vec<Content>,
    /// What QA found in each; a mail whose report has not `passed` is flagged.
    #[serde(default)]
    pub qa: Vec<super::QaReport>,
}

/// The content of one mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// The mail's name in the calendar.
    pub email_id: String,
    /// Two or more subject lines to test against each other.
    pub subject_lines: Vec<SubjectLine>,
    /// The text.
    pub copy: Copy,
    /// The mail as HTML, merge fields included: a complete document.
    pub mockup_html: String,
    /// What differs from recipient to recipient.
    pub personalization: Vec<PersonalizationRule>,
}

/// One subject line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SubjectLine {
    /// `A`, `B`, ….
    pub variant: String,
    /// The line, merge fields included.
    pub text: String,
    /// What mail programs show behind it.
    pub preheader: String,
    /// What makes it different from the others.
    pub technique: SubjectTechnique,
}

/// How a subject line tries to be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SubjectTechnique {
    /// Says what is in it for the reader.
    Benefit,
    /// Asks.
    Question,
    /// Names the reader.
    Personal,
    /// Says until when, where it is true.
    Deadline,
    /// Says how many.
    Number,
}

/// The text of a mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Copy {
    /// Its heading.
    pub headline: String,
    /// Its paragraphs, merge fields included.
    pub paragraphs: Vec<String>,
    /// What the reader should do.
    pub call_to_action: CallToAction,
    /// The mail without HTML, complete with address and unsubscribe link.
    pub plain_text: String,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CallToAction {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub url: String,
}

/// What stands in a place for which recipient.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PersonalizationRule {
    /// The merge field, without braces.
    pub field: String,
    /// Where it stands: `subject`, `headline`, `body` or `cta`.
    pub place: String,
    /// What stands there when the field is not known.
    pub fallback: String,
}
