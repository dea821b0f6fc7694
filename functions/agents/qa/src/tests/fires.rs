//! For every rule, changes to the sound mail that break it.

use baton_domain::campaign::{PersonalizationRule, SubjectTechnique};

use super::{Change, html, say, subject};
use crate::markup;
use crate::rules::{self, Rule};

pub(super) const FIRES: &[(Rule, Change)] = &[
    (rules::EMAIL_ID, |i| {
        "email-99".clone_into(&mut i.content.email_id);
    }),
    (rules::COPY_MISSING, |i| {
        i.content.copy.paragraphs.push(" ".to_owned());
    }),
    (rules::COPY_MISSING, |i| i.content.copy.paragraphs.clear()),
    (rules::TEXT_MISSING, |i| i.content.copy.plain_text.clear()),
    (rules::TEXT_COPY, |i| {
        let plain = &mut i.content.copy.plain_text;
        *plain = plain.replace(&i.content.copy.paragraphs[0], "");
    }),
    (rules::HTML_COPY, |i| {
        "Another headline".clone_into(&mut i.content.copy.headline);
    }),
    (rules::POSTAL_ADDRESS, |i| {
        "9 Elsewhere Road".clone_into(&mut i.brand.postal_address);
    }),
    (rules::LINK_UNPARSEABLE, |i| {
        html(i, "</h1>", "</h1><a href='/sale'>Our sale</a>");
    }),
    (rules::LINK_UNPARSEABLE, |i| {
        say(i, "See https://fernhill.example@evil.example/x");
    }),
    (rules::LINK_SCHEME, |i| {
        say(i, "See http://fernhill.example/x now");
    }),
    (rules::LINK_HOST, |i| {
        html(
            i,
            "</h1>",
            "</h1><a href='https://evil.example'>Our sale</a>",
        );
    }),
    (rules::LINK_HOST, |i| {
        html(
            i,
            "</h1>",
            "</h1><img alt='' src='https://px.example/1.gif'>",
        );
    }),
    (rules::LINK_SHORTENER, |i| {
        html(i, "</h1>", "</h1><a href='https://bit.ly/x'>Our sale</a>");
    }),
    (rules::LINK_UNSUBSCRIBE, |i| {
        html(i, "/unsubscribe", "/elsewhere");
    }),
    (rules::LINK_UNSUBSCRIBE, |i| {
        let plain = &mut i.content.copy.plain_text;
        *plain = plain.replace("/unsubscribe", "/elsewhere");
    }),
    (rules::LINK_CTA, |i| {
        "https://fernhill.example/other".clone_into(&mut i.content.copy.call_to_action.url);
    }),
    (rules::SUBJECT_MISSING, |i| subject(i, " ")),
    (rules::SUBJECT_MISSING, |i| subject(i, "Two\nlines of it")),
    (rules::SUBJECT_VARIANTS, |i| {
        i.content.subject_lines.truncate(1);
    }),
    (rules::SUBJECT_LENGTH, |i| i.brand.max_subject_length = 10),
    (rules::SUBJECT_LENGTH, |i| {
        i.brand.max_subject_length = 500;
        subject(i, &"dry feet ".repeat(17));
    }),
    (rules::SUBJECT_DUPLICATE, |i| {
        let text = i.content.subject_lines[1].text.to_lowercase();
        subject(i, &text);
    }),
    (rules::SUBJECT_DUPLICATE, |i| {
        "B".clone_into(&mut i.content.subject_lines[0].variant);
    }),
    (rules::SUBJECT_SIMILAR, |i| {
        let text = i.content.subject_lines[1].text.replacen('?', "s?", 1);
        subject(i, &text);
    }),
    (rules::SUBJECT_TECHNIQUE, |i| {
        i.content.subject_lines[0].technique = SubjectTechnique::Personal;
    }),
    (rules::SUBJECT_UNBACKED, |i| {
        subject(i, "Dry feet, but only today");
    }),
    (rules::SUBJECT_UNBACKED, |i| {
        subject(i, "77 ways to have dry feet");
    }),
    (rules::PREHEADER_LENGTH, |i| {
        i.content.subject_lines[0].preheader.clear();
    }),
    (rules::EMOJI, |i| subject(i, "Dry feet 🔥")),
    (rules::SPAM_WORDS, |i| say(i, "Act now, dear friend.")),
    (rules::SPAM_WORDS, |i| {
        html(i, "</h1>", "</h1><p>This is not spam.</p>");
    }),
    (rules::CAPS, |i| subject(i, "DRY FEET ALL DAY")),
    (rules::EXCLAMATION, |i| subject(i, "Dry feet!!")),
    (rules::BANNED_WORD, |i| {
        say(i, "How cheap\u{ad}er? No: Cheap.");
    }),
    (rules::BANNED_WORD, |i| {
        html(i, "</h1>", "</h1><p>So ch&#101;ap</p>");
    }),
    (rules::CLAIM_BANNED, |i| {
        say(i, "They are clinically proven.");
    }),
    (rules::CLAIM_ABSOLUTE, |i| say(i, "Dry feet, guaranteed.")),
    (rules::PRICE_MISMATCH, |i| say(i, "The Ridge Boot is $99.")),
    (rules::PRICE_UNKNOWN, |i| say(i, "Things for $3.50.")),
    (rules::OFFER_UNKNOWN, |i| say(i, "Take 20% off.")),
    (rules::FIELD_UNKNOWN, |i| say(i, "Hello {{shoe_size}}.")),
    (rules::FIELD_BRACES, |i| say(i, "Hello {{first_name.")),
    (rules::FIELD_BRACES, |i| say(i, "Hello {first_name}.")),
    (rules::FIELD_BRACES, |i| say(i, "Hello {{ first name }}.")),
    (rules::FIELD_NO_RULE, |i| {
        subject(i, "Dry feet, {{first_name}}?");
    }),
    (rules::FIELD_FALLBACK, |i| {
        i.content.personalization[0].fallback.clear();
    }),
    (rules::FIELD_PLACE, |i| {
        "footer".clone_into(&mut i.content.personalization[0].place);
    }),
    (rules::FIELD_UNUSED, |i| {
        i.content.personalization.push(PersonalizationRule {
            field: "first_name".to_owned(),
            place: "cta".to_owned(),
            fallback: "you".to_owned(),
        });
    }),
    (rules::READABILITY, |i| {
        say(
            i,
            &"Unconditional availability necessitates organisational responsibility ".repeat(9),
        );
    }),
    (rules::HTML_SIZE, |i| {
        i.content
            .mockup_html
            .push_str(&" ".repeat(markup::MAX_BYTES));
    }),
    (rules::HTML_FORBIDDEN, |i| {
        html(i, "</h1>", "</h1><script>go()</script>");
    }),
    (rules::HTML_FORBIDDEN, |i| {
        html(i, "<h1", "<h1 onclick=go()");
    }),
    (rules::HTML_FORBIDDEN, |i| {
        html(i, "</h1>", "</h1><a href=' java\nscript:go()'>Our sale</a>");
    }),
    (rules::HTML_FORBIDDEN, |i| {
        html(i, "</h1>", "</h1><!--[if mso]><p>x</p><![endif]-->");
    }),
    (rules::HTML_EXTERNAL, |i| {
        html(i, "</head>", "<link rel=stylesheet></head>");
    }),
    (rules::HTML_EXTERNAL, |i| {
        html(i, "</head>", "<style>@import 'x';</style></head>");
    }),
    (rules::HTML_LANG, |i| html(i, " lang=\"en\"", "")),
    (rules::HTML_TITLE, |i| {
        html(i, "<title>Dry feet for the wet months<", "<title> <");
    }),
    (rules::IMAGE_ALT, |i| {
        html(
            i,
            "</h1>",
            "</h1><img src='https://fernhill.example/a.png'>",
        );
    }),
    (rules::CONTRAST, |i| {
        html(i, "</h1>", "</h1><p style='color:#999'>pale</p>");
    }),
    (rules::CONTRAST_UNKNOWN, |i| {
        html(i, "</h1>", "</h1><p style='color:var(--x)'>odd</p>");
    }),
    (rules::TABLE_ROLE, |i| {
        html(i, "</h1>", "</h1><table></table>");
    }),
    (rules::HEADING_ORDER, |i| {
        html(i, "</h1>", "</h1><h3>Deep</h3>");
    }),
    (rules::FONT_SIZE, |i| {
        html(i, "</h1>", "</h1><p style='font-size:10px'>small</p>");
    }),
    (rules::LINK_TEXT, |i| {
        html(
            i,
            "</h1>",
            "</h1><a style='color:#000;background:#fff' href='https://fernhill.example/x'>Click here</a>",
        );
    }),
];
