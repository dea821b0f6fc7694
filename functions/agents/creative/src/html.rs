//! The mail as HTML: tables and inline styles, as mail programs want them, and nothing that was not
//! escaped.

use baton_domain::text::escaped;
use std::fmt::Write as _;

use crate::draft::Draft;
use crate::facts::{Facts, plain};
use baton_domain::colour::{BLACK, Colour, WHITE};

/// The colours of a mail, every text readable on what is behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colours {
    background: Colour,
    text: Colour,
    heading: Colour,
    link: Colour,
    bar: Colour,
    button: Colour,
}

/// Builds the document. Warnings name colours of the palette that could not be read.
pub fn build(draft: &Draft, facts: &Facts<'_>, warnings: &mut Vec<String>) -> String {
    let colours = colours(facts, warnings);
    let mut paragraphs = String::new();
    let mut linked = Vec::new();
    for paragraph in &draft.paragraphs {
        let text = with_links(paragraph, facts, colours.link, &mut linked);
        let _ = writeln!(paragraphs, "<p style=\"margin:0 0 16px\">{text}</p>");
    }
    let preheader = draft
        .lines
        .first()
        .map_or("", |line| line.preheader.as_str());
    let values = [
        ("title", escaped(&without_fields(&draft.headline, facts))),
        ("preheader", escaped(preheader)),
        ("brand", escaped(&plain(&facts.brand.name))),
        ("headline", escaped(&draft.headline)),
        ("paragraphs", paragraphs),
        ("label", escaped(&draft.label)),
        ("url", escaped(&draft.url)),
        ("address", escaped(&plain(&facts.brand.postal_address))),
        ("unsubscribe", escaped(&facts.brand.unsubscribe_url)),
        ("background", colours.background.hex()),
        ("text", colours.text.hex()),
        ("heading", colours.heading.hex()),
        ("link", colours.link.hex()),
        ("bar", colours.bar.hex()),
        ("bar-ink", colours.bar.ink().hex()),
        ("button", colours.button.hex()),
        ("button-ink", colours.button.ink().hex()),
    ];
    fill(include_str!("mail.html"), &values)
}

/// Puts values into the places of a template, once: what a value says is never looked at again.
fn fill(template: &str, values: &[(&str, String)]) -> String {
    let mut html = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("<%") {
        html.push_str(before);
        let (name, after) = behind.split_once("%>").unwrap_or((behind, ""));
        let value = values.iter().find(|(known, _)| *known == name.trim());
        html.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    html.push_str(rest);
    html
}

/// The paragraph with the first mention of each product as a link to it.
fn with_links(text: &str, facts: &Facts<'_>, colour: Colour, linked: &mut Vec<String>) -> String {
    let products = facts.products();
    let open = |name: &str| !name.is_empty() && !linked.iter().any(|l| l == name);
    let first = products
        .iter()
        .map(|product| (plain(&product.name), product.url.as_str()))
        .filter(|(name, _)| open(name))
        .filter_map(|(name, url)| text.find(&name).map(|at| (at, name, url)))
        .min_by_key(|(at, name, _)| (*at, usize::MAX - name.len()));
    let Some((at, name, url)) = first else {
        return escaped(text);
    };
    let link = format!(
        "<a href=\"{}\" style=\"color:{};text-decoration:underline\">{}</a>",
        escaped(url),
        colour.hex(),
        escaped(&name)
    );
    let (before, after) = (&text[..at], &text[at + name.len()..]);
    linked.push(name);
    format!(
        "{}{link}{}",
        escaped(before),
        with_links(after, facts, colour, linked)
    )
}

/// The text with the fallback in the place of each field, for where fields are not filled in.
fn without_fields(text: &str, facts: &Facts<'_>) -> String {
    let mut text = text.to_owned();
    for field in &facts.brand.personalization_fields {
        text = text.replace(&format!("{{{{{}}}}}", field.name), &plain(&field.fallback));
    }
    text
}

fn colours(facts: &Facts<'_>, warnings: &mut Vec<String>) -> Colours {
    let palette = &facts.brand.palette;
    let mut read = |name: &str, text: &str, otherwise: Colour| {
        Colour::parse(text).unwrap_or_else(|| {
            let hex = otherwise.hex();
            warnings.push(format!(
                "brand.palette.{name}: is not `#rrggbb`, taken as {hex}"
            ));
            otherwise
        })
    };
    let background = read("background", &palette.background, WHITE);
    let text = read("text", &palette.text, BLACK).readable_on(background);
    let bar = read("primary", &palette.primary, BLACK);
    Colours {
        background,
        text,
        heading: bar.readable_on(background),
        link: bar.readable_on(background),
        bar,
        button: read("accent", &palette.accent, bar),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_value_is_markup() {
        let html = fill(
            "<p title=\"<% a %>\"><% b %></p>",
            &[
                ("a", escaped("\" onclick='x'")),
                ("b", escaped("<% a %><script>")),
            ],
        );
        assert_eq!(
            html,
            "<p title=\"&quot; onclick=&#39;x&#39;\">&lt;% a %&gt;&lt;script&gt;</p>"
        );
    }
}
