//! The mockup as its elements, with the inline styles that each inherits.
//!
//! Tokens are those of the HTML standard (`html5gum`), so that character references, odd quoting
//! and case hide nothing. Elements nest as they are written: mails are not repaired here.

use std::collections::BTreeMap;

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

use crate::style::Style;

/// How deep elements nest at most; what is deeper counts as if it stood there.
const MAX_DEPTH: usize = 256;

/// One element.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its name in lower case.
    pub name: String,
    /// Its attributes by name in lower case, character references resolved.
    pub attributes: BTreeMap<String, String>,
    /// The text directly in it.
    pub own_text: String,
    /// The text in it and in what it contains, alternatives of images included.
    pub text: String,
    /// What applies to its text.
    pub style: Style,
}

impl Element {
    /// The value of an attribute.
    pub fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }
}

/// A parsed mockup.
#[derive(Debug, Clone, Default)]
pub struct Html {
    /// Every element, in the order of their start tags.
    pub elements: Vec<Element>,
    /// What people see, a line for each block.
    pub text: String,
    /// Whether it has comments that some mail programs read as markup.
    pub has_conditional_comment: bool,
    /// Whether it begins as an HTML document does.
    pub has_doctype: bool,
}

/// Elements that have no end tag.
const VOID: [&str; 13] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track",
    "wbr",
];

/// Elements that text flows through; all others begin a line.
const INLINE: [&str; 14] = [
    "a", "abbr", "b", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u",
];

/// Elements whose text nobody sees.
const UNSEEN: [&str; 6] = ["head", "title", "style", "script", "template", "noscript"];

impl Html {
    /// Parses a document; whatever the text, there is something to say about it.
    pub fn parse(text: &str) -> Self {
        let mut emitter = DefaultEmitter::new_with_span();
        emitter.naively_switch_states(true);
        let mut html = Self::default();
        let mut open: Vec<usize> = Vec::new();
        for token in Tokenizer::<_, DefaultEmitter<()>>::new_with_emitter(text, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => html.start(&tag, &mut open),
                Token::EndTag(tag) => html.end(&lossy(&tag.name), &mut open),
                Token::String(text) => html.text(&lossy(&text), &open),
                Token::Comment(comment) => {
                    let comment = lossy(&comment);
                    let comment = comment.trim_start();
                    html.has_conditional_comment |=
                        comment.starts_with("[if") || comment.starts_with("[endif");
                }
                Token::Doctype(doctype) => {
                    html.has_doctype |= lossy(&doctype.name).eq_ignore_ascii_case("html");
                }
                Token::Error(_) => {}
            }
        }
        html
    }

    /// Every element of this name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements.iter().filter(move |e| e.name == name)
    }

    fn start(&mut self, tag: &StartTag<()>, open: &mut Vec<usize>) {
        let name = lossy(&tag.name);
        let attributes: BTreeMap<String, String> = tag
            .attributes
            .iter()
            .map(|(name, value)| (lossy(name), lossy(value)))
            .collect();
        let parent = open.last().map(|parent| &self.elements[*parent].style);
        let mut style = Style::of(&name, &attributes, parent);
        style.hidden |= UNSEEN.contains(&name.as_str());
        if !INLINE.contains(&name.as_str()) {
            self.text.push('\n');
        }
        if let Some(alt) = attributes.get("alt").filter(|_| name == "img") {
            for element in &*open {
                self.elements[*element].text.push_str(alt);
            }
        }
        let is_void = VOID.contains(&name.as_str());
        self.elements.push(Element {
            name,
            attributes,
            own_text: String::new(),
            text: String::new(),
            style,
        });
        if !is_void && open.len() < MAX_DEPTH {
            open.push(self.elements.len() - 1);
        }
    }

    fn end(&mut self, name: &str, open: &mut Vec<usize>) {
        if let Some(at) = open.iter().rposition(|e| self.elements[*e].name == name) {
            open.truncate(at);
        }
        if !INLINE.contains(&name) {
            self.text.push('\n');
        }
    }

    fn text(&mut self, text: &str, open: &[usize]) {
        for element in open {
            self.elements[*element].text.push_str(text);
        }
        let Some(innermost) = open.last().map(|at| &mut self.elements[*at]) else {
            self.text.push_str(text);
            return;
        };
        innermost.own_text.push_str(text);
        if !innermost.style.hidden {
            self.text.push_str(text);
        }
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_case_and_quoting_hide_nothing() {
        let html = Html::parse("<A HREF='&#106;avascript:x' onClick=go>Go &amp; see</A>");
        let link = html.named("a").next().unwrap();
        assert_eq!(link.get("href"), Some("javascript:x"));
        assert_eq!(link.get("onclick"), Some("go"));
        assert_eq!(link.text, "Go & see");
    }

    #[test]
    fn seen_text_is_apart_from_the_rest() {
        let html = Html::parse(
            "<!DOCTYPE html><title>T</title><style>p{}</style>\
             <span style='display:none'>pre</span><p>One <b>two</b></p><p>three",
        );
        let lines: Vec<&str> = html.text.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(lines, ["One two", "three"]);
        assert_eq!(html.named("title").next().unwrap().text, "T");
        assert!(html.has_doctype);
    }

    #[test]
    fn comments_that_outlook_reads_are_noticed() {
        assert!(Html::parse("<!--[if mso]><a href=x><![endif]-->").has_conditional_comment);
        assert!(!Html::parse("<!-- if -->").has_conditional_comment);
    }

    #[test]
    fn any_depth_is_parsed() {
        let html = Html::parse(&"<div>x".repeat(5_000));
        assert_eq!(html.elements.len(), 5_000);
    }
}
