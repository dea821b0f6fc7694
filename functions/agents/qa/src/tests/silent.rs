//! Changes to the sound mail that come near to breaking a rule. A rule that is not here has the
//! sound mail itself.

use super::{Change, html, say, subject};
use crate::markup;
use crate::rules::{self, Rule};

pub(super) const STAYS_SILENT: &[(Rule, Change)] = &[
    (rules::LINK_HOST, |i| {
        say(
            i,
            "See https://www.fernhill.example/x and https://help.fernhill.example.",
        );
    }),
    (rules::LINK_UNPARSEABLE, |i| {
        say(i, "See https://fernhill.example/x?a={{first_name}}.");
    }),
    (rules::LINK_SCHEME, |i| {
        html(
            i,
            "</h1>",
            "</h1><a style='color:#000' href='mailto:hi@fernhill.example'>Write to us</a>",
        );
    }),
    (rules::SUBJECT_LENGTH, |i| i.brand.max_subject_length = 42),
    (rules::SUBJECT_UNBACKED, |i| {
        say(i, "It ends on Friday: three days.");
        subject(i, "Ends Friday, 3 days");
    }),
    (rules::EMOJI, |i| {
        i.brand.voice.emoji = true;
        subject(i, "Dry feet 🔥");
    }),
    (rules::EMOJI, |i| say(i, "Dry feet 🔥")),
    (rules::SPAM_WORDS, |i| {
        say(i, "A friend of ours acts slowly now and feels free.");
    }),
    (rules::CAPS, |i| subject(i, "FERNHILL GOODS: dry feet")),
    (rules::EXCLAMATION, |i| subject(i, "Dry feet!")),
    (rules::BANNED_WORD, |i| {
        say(i, "Cheapness is no word of ours.");
    }),
    (rules::CLAIM_BANNED, |i| {
        say(i, "Clinically, nothing is proven.");
    }),
    (rules::PRICE_MISMATCH, |i| {
        say(i, "The Ridge Boot is $189.00 and the Fell Jacket $240.");
    }),
    (rules::PRICE_UNKNOWN, |i| {
        say(i, "Things for USD 189 in 2024.");
    }),
    (rules::OFFER_UNKNOWN, |i| {
        i.brand.themes[0].summary = "20% off boots".to_owned();
        say(i, "Take 20% off.");
    }),
    (rules::HTML_SIZE, |i| {
        let room = markup::MAX_BYTES - 1 - i.content.mockup_html.len();
        i.content.mockup_html.push_str(&" ".repeat(room));
    }),
    (rules::CONTRAST, |i| {
        html(
            i,
            "</h1>",
            "</h1><p style='color:#767676;background:#fff'>fine</p>",
        );
    }),
    (rules::FONT_SIZE, |i| {
        html(i, "</h1>", "</h1><p style='font-size:14px'>fine</p>");
    }),
    (rules::IMAGE_ALT, |i| {
        html(
            i,
            "</h1>",
            "</h1><img alt='' src='https://fernhill.example/a.png'>",
        );
    }),
    (rules::HEADING_ORDER, |i| {
        html(i, "</h1>", "</h1><h2>One</h2><h3>Two</h3><h2>Three</h2>");
    }),
    (rules::READABILITY, |i| {
        say(i, &"We like to walk. ".repeat(9));
    }),
    (rules::FIELD_NO_RULE, |i| say(i, "Hello {{first_name}}.")),
];
