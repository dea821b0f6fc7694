//! What a webhook is sent: bodies and their signatures.

use std::fmt::Write as _;

use baton_domain::ports::Notice;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::Format;
use crate::Secret;

/// The most characters of a text in a Slack block.
const MAX_TEXT: usize = 3_000;

pub(super) fn body(notice: &Notice, format: Format) -> String {
    match format {
        Format::Json => json!(notice).to_string(),
        Format::Slack => slack(notice),
    }
}

/// A message of Slack's Block Kit; `text` is what notifications and screen readers show.
fn slack(notice: &Notice) -> String {
    let title = escape(&notice.title);
    let mut text = format!("*{title}*");
    if let Some(to) = &notice.to {
        let _ = write!(text, "\nFor {}", escape(to));
    }
    for line in &notice.lines {
        let _ = write!(text, "\n• {}", escape(line));
    }
    let text = cut(&text);
    let section = |text: &str| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    let mut blocks = vec![section(text)];
    // A block of its own, which no long summary cuts.
    blocks.extend(
        notice
            .link
            .as_ref()
            .map(|link| section(&format!("<{link}|Look at it and decide>"))),
    );
    json!({"text": title, "blocks": blocks}).to_string()
}

/// Slack's three characters of markup.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(MAX_TEXT);
    end.map_or(text, |(end, _)| &text[..end])
}

/// `sha256=` and the HMAC-SHA256 of the body.
pub(super) fn signature(secret: &Secret, body: &str) -> String {
    let mut text = "sha256=".to_owned();
    // HMAC takes keys of every length.
    if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()) {
        mac.update(body.as_bytes());
        for byte in mac.finalize().into_bytes() {
            let _ = write!(text, "{byte:02x}");
        }
    }
    text
}
