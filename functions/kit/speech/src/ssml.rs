//! The part of the Speech Synthesis Markup Language (W3C SSML 1.1) that voices agree on: `speak`, `p`,
//! `s`, `break`, `emphasis` and `prosody`. Nothing else is read, so that no text of a caller can
//! make a voice fetch sounds or change its mark-up.

mod parse;
mod write;

use crate::rate::{Language, NORMAL_WPM, seconds};

pub use parse::SsmlError;
pub use write::Dialect;

/// The longest document that is read, in bytes.
pub const MAX_BYTES: usize = 65_536;

/// The deepest nesting that is read.
pub const MAX_DEPTH: usize = 16;

/// The longest pause, in milliseconds.
pub const MAX_BREAK_MS: u32 = 10_000;

/// A spoken text with its marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speech {
    /// Its language, such as `en-US`.
    pub locale: String,
    /// What is said.
    pub nodes: Vec<Node>,
}

/// One part of a spoken text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// Words, not escaped.
    Text(String),
    /// A pause, in milliseconds.
    Break(u32),
    /// Words with weight.
    Emphasis(Level, Vec<Node>),
    /// Words in another manner.
    Prosody(Prosody, Vec<Node>),
    /// A paragraph.
    Paragraph(Vec<Node>),
    /// A sentence.
    Sentence(Vec<Node>),
}

/// How much weight words get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Much.
    Strong,
    /// Some.
    Moderate,
    /// Less than usual.
    Reduced,
    /// As much as usual.
    None,
}

/// The manner of speaking; what is not given stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Prosody {
    /// The rate, in percent of what it would be, 20 to 300.
    pub rate: Option<u16>,
    /// By how many percent the voice is higher, -50 to 50.
    pub pitch: Option<i8>,
    /// By how many decibels it is louder, -20 to 20.
    pub volume: Option<i8>,
}

impl Prosody {
    /// Whether nothing changes.
    pub fn is_plain(self) -> bool {
        self.rate.unwrap_or(100) == 100
            && self.pitch.unwrap_or(0) == 0
            && self.volume.unwrap_or(0) == 0
    }
}

impl Speech {
    /// Reads a document.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(text: &str) -> Result<Self, SsmlError> {
        parse::parse(text)
    }

    /// The document.
    pub fn to_ssml(&self, dialect: Dialect) -> String {
        write::document(self, dialect)
    }

    /// What stands in the document's `speak`, for services that bring their own.
    pub fn inner(&self, dialect: Dialect) -> String {
        write::inner(&self.nodes, dialect)
    }

    /// The words alone.
    pub fn text(&self) -> String {
        let mut text = String::new();
        collect(&self.nodes, &mut text);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// How long it takes to say, in seconds, pauses and rates included.
    pub fn seconds(&self) -> f64 {
        let (spoken, paused) = self.spoken_and_paused();
        spoken + paused
    }

    /// The pace that its rates make, in words a minute; the normal pace where nothing is said.
    pub fn words_per_minute(&self) -> f64 {
        let (spoken, _) = self.spoken_and_paused();
        // Counted piece by piece as well: a word may stand across the border of two.
        let normal = normal_seconds(&self.nodes, self.language());
        if spoken > 0.0 {
            NORMAL_WPM * normal / spoken
        } else {
            NORMAL_WPM
        }
    }

    /// The same without any rate: at the normal pace.
    #[must_use]
    pub fn at_normal_rate(mut self) -> Self {
        self.nodes = without_rates(self.nodes);
        self
    }

    fn language(&self) -> Language {
        Language::of(&self.locale)
    }

    fn spoken_and_paused(&self) -> (f64, f64) {
        let mut sums = (0.0, 0.0);
        measure(&self.nodes, self.language(), 1.0, &mut sums);
        sums
    }
}

impl Node {
    /// The parts of this one.
    pub(crate) fn children(&self) -> &[Node] {
        match self {
            Self::Text(_) | Self::Break(_) => &[],
            Self::Emphasis(_, nodes)
            | Self::Prosody(_, nodes)
            | Self::Paragraph(nodes)
            | Self::Sentence(nodes) => nodes,
        }
    }
}

fn collect(nodes: &[Node], text: &mut String) {
    for node in nodes {
        if let Node::Text(words) = node {
            text.push_str(words);
        }
        // What stands in paragraphs and sentences, or around a pause, are words apart.
        let apart = matches!(
            node,
            Node::Break(_) | Node::Paragraph(_) | Node::Sentence(_)
        );
        text.push_str(if apart { " " } else { "" });
        collect(node.children(), text);
        text.push_str(if apart { " " } else { "" });
    }
}

fn measure(nodes: &[Node], language: Language, rate: f64, sums: &mut (f64, f64)) {
    for node in nodes {
        let inner = match node {
            Node::Text(words) => {
                sums.0 += seconds(words, language, NORMAL_WPM) / rate;
                rate
            }
            Node::Break(ms) => {
                sums.1 += f64::from(*ms) / 1_000.0;
                rate
            }
            Node::Prosody(prosody, _) => rate * f64::from(prosody.rate.unwrap_or(100)) / 100.0,
            _ => rate,
        };
        measure(node.children(), language, inner, sums);
    }
}

/// How long the words take without any rate.
fn normal_seconds(nodes: &[Node], language: Language) -> f64 {
    let one = |node: &Node| match node {
        Node::Text(words) => seconds(words, language, NORMAL_WPM),
        _ => normal_seconds(node.children(), language),
    };
    nodes.iter().map(one).sum()
}

fn without_rates(nodes: Vec<Node>) -> Vec<Node> {
    let plain = |node| match node {
        Node::Prosody(prosody, nodes) => {
            let prosody = Prosody {
                rate: None,
                ..prosody
            };
            let nodes = without_rates(nodes);
            if prosody.is_plain() {
                nodes
            } else {
                vec![Node::Prosody(prosody, nodes)]
            }
        }
        Node::Emphasis(level, nodes) => vec![Node::Emphasis(level, without_rates(nodes))],
        Node::Paragraph(nodes) => vec![Node::Paragraph(without_rates(nodes))],
        Node::Sentence(nodes) => vec![Node::Sentence(without_rates(nodes))],
        node => vec![node],
    };
    nodes.into_iter().flat_map(plain).collect()
}

#[cfg(test)]
mod tests;
