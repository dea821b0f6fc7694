//! What the check of a mail found.

use serde::{Deserialize, Serialize};

/// The check of one mail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct QaReport {
    /// The mail.
    pub email_id: String,
    /// Whether no finding is an error.
    pub passed: bool,
    /// What was found, worst first.
    pub findings: Vec<Finding>,
    /// How easy the text is to read.
    pub readability: Readability,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The rule that is broken, such as `link-host`.
    pub rule: String,
    /// How bad that is.
    pub severity: Severity,
    /// Where: a JSON pointer into the content, such as `/subject_lines/0/text`.
    pub place: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The mail must not leave so.
    Error,
    /// A person should look.
    Warning,
    /// Worth knowing.
    Info,
}

/// How easy a text is to read (Flesch 1948; Kincaid and others 1975).
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Readability {
    /// Flesch reading ease; 60 to 70 is plain English, higher is easier.
    pub reading_ease: f64,
    /// Flesch–Kincaid grade: years of school.
    pub grade: f64,
}
