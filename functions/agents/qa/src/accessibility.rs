//! Whether everybody can read the mockup: those who listen to it, who see little, who see no colour.

use crate::html::Element;
use crate::mail::{MOCKUP, Mail};
use crate::rules::{self, Findings, quoted};
use crate::style::MIN_CONTRAST;
use crate::words::words;

/// The smallest text, in pixels.
const MIN_FONT_PX: f64 = 14.0;

/// Links that say nothing to who hears them one after the other.
const EMPTY_PHRASES: [&str; 7] = [
    "click here",
    "click",
    "here",
    "this",
    "link",
    "more",
    "read more",
];

/// Checks the mockup.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) {
    check_document(mail, findings);
    for element in &mail.html.elements {
        check_element(element, findings);
        check_text(element, findings);
    }
    check_headings(mail, findings);
}

fn check_document(mail: &Mail<'_>, findings: &mut Findings) {
    let says = |name: &str, attribute: &str| {
        let mut all = mail.html.named(name).filter_map(|e| e.get(attribute));
        all.any(|value| !value.trim().is_empty())
    };
    if !mail.html.has_doctype || !says("html", "lang") {
        let message = "`<html lang>` is missing, or the doctype: readers need the language";
        findings.add(rules::HTML_LANG, MOCKUP, message);
    }
    let mut titles = mail.html.named("title");
    if !titles.any(|title| !title.text.trim().is_empty()) {
        findings.add(rules::HTML_TITLE, MOCKUP, "`<title>` is missing or empty");
    }
}

fn check_element(element: &Element, findings: &mut Findings) {
    match element.name.as_str() {
        "img" if element.get("alt").is_none() => {
            let source = quoted(element.get("src").unwrap_or("img"));
            let message = format!("{source} has no alt text; an empty one for decoration");
            findings.add(rules::IMAGE_ALT, MOCKUP, message);
        }
        "table" if !matches!(element.get("role"), Some("presentation" | "none")) => {
            let message = "`<table>` has no role=\"presentation\": it would be read as data";
            findings.add(rules::TABLE_ROLE, MOCKUP, message);
        }
        "a" if element.get("href").is_some() && !element.style.hidden => {
            let text = words(&element.text).join(" ");
            if text.is_empty() || EMPTY_PHRASES.contains(&text.as_str()) {
                let message = format!(
                    "{} does not say where it leads",
                    quoted(element.text.trim())
                );
                findings.add(rules::LINK_TEXT, MOCKUP, message);
            }
        }
        _ => {}
    }
}

fn check_text(element: &Element, findings: &mut Findings) {
    let text = element.own_text.trim();
    if text.is_empty() || element.style.hidden {
        return;
    }
    let shown = quoted(&text.chars().take(30).collect::<String>());
    let style = element.style;
    if style.font_px < MIN_FONT_PX {
        let message = format!(
            "{shown} is {:.0} px high: {MIN_FONT_PX} at least",
            style.font_px
        );
        findings.add(rules::FONT_SIZE, MOCKUP, message);
    }
    let (Some(colour), Some(background)) = (style.colour, style.background) else {
        let message =
            format!("{shown} has a colour that cannot be compared with what is behind it");
        return findings.add(rules::CONTRAST_UNKNOWN, MOCKUP, message);
    };
    let contrast = colour.contrast(background);
    if contrast < MIN_CONTRAST {
        let message = format!("{shown} has a contrast of {contrast:.2}: {MIN_CONTRAST} at least");
        findings.add(rules::CONTRAST, MOCKUP, message);
    }
}

/// One `h1`, first; then no level is left out on the way down.
fn check_headings(mail: &Mail<'_>, findings: &mut Findings) {
    let level = |element: &Element| match element.name.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => Some(digit - b'0'),
        _ => None,
    };
    let levels: Vec<u8> = mail.html.elements.iter().filter_map(level).collect();
    let mut before = 0;
    let mut tops = 0;
    let mut in_order = true;
    for level in levels {
        tops += usize::from(level == 1);
        in_order &= level <= before + 1;
        before = level;
    }
    if !in_order || tops != 1 {
        let message = "the headings are out of order: one `<h1>` first, and no level left out";
        findings.add(rules::HEADING_ORDER, MOCKUP, message);
    }
}
