//! A report as a page. What it quotes was bought from strangers: their markup is text, their links
//! lead to the web or nowhere, and the page loads nothing.

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// Nothing but the page's own style.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; \
                                 form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;\
    padding:0 1rem;color:#1a1a1a;background:#fff}h1,h2,h3{line-height:1.25}\
    table{border-collapse:collapse;width:100%;font-size:.9rem}\
    th,td{border-bottom:1px solid #ccc;padding:.35rem .6rem;text-align:left;\
    overflow-wrap:anywhere}pre{overflow-x:auto}\
    @media(prefers-color-scheme:dark){body{color:#eee;background:#181818}a{color:#9cf}\
    th,td{border-color:#444}}";

/// The page of a report in Markdown.
pub(super) fn page(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let mut body = String::new();
    html::push_html(&mut body, events.filter_map(harmless));
    let title = title(markdown);
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><main>\n{body}</main></body></html>\n"
    )
}

/// The same without what a stranger's text could do. An image leaves its description.
fn harmless(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Some(Event::Start(Tag::Link {
            dest_url: destination(link_type, dest_url),
            link_type,
            title,
            id,
        })),
        event => Some(event),
    }
}

/// Where a link leads: the web, a mailbox or this page; else nowhere.
fn destination(kind: LinkType, url: CowStr<'_>) -> CowStr<'_> {
    let start = url.get(..8).unwrap_or(&url).to_ascii_lowercase();
    let web = start.starts_with("https://") || start.starts_with("http://");
    let leads = web || url.starts_with('#') || kind == LinkType::Email;
    if leads { url } else { "#".into() }
}

/// The text of the first heading, as HTML.
fn title(markdown: &str) -> String {
    let events = Parser::new_ext(markdown, Options::ENABLE_TABLES);
    let heading = events
        .skip_while(|event| !matches!(event, Event::Start(Tag::Heading { .. })))
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))));
    let words = heading.filter_map(|event| match event {
        Event::Text(text) | Event::Code(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::SoftBreak | Event::HardBreak => Some(Event::Text(" ".into())),
        _ => None,
    });
    let mut title = String::new();
    html::push_html(&mut title, words);
    if title.is_empty() {
        title.push_str("Report");
    }
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_and_headings_are_shown() {
        let page = page("# A *b* & c\n\n| a | b |\n|---|---|\n| 1 | 2 |\n");
        assert!(page.contains("<title>A b &amp; c</title>"), "{page}");
        assert!(page.contains("<h1>A <em>b</em> &amp; c</h1>"), "{page}");
        assert!(page.contains("<td>2</td>"), "{page}");
    }

    #[test]
    fn nothing_of_a_stranger_is_markup() {
        let page = page(
            "# x </title><script>alert(1)</script>\n\n<script>alert(2)</script>\n\n\
             a <img src=x onerror=alert(3)> ![seen](https://spy.example/p.gif)\n\n\
             [go](javascript:alert(4)) [go](JaVaScRiPt:alert(5)) [go](data:text/html,x) \
             [web](HTTPS://example.com/a?b&c) <mail@example.com>\n\n\
             <div onclick=alert(6)>\n</div>\n\n```\n</pre><script>\n```\n",
        );
        for never in [
            "<script",
            "<img",
            "javascript:",
            "data:",
            "spy.example",
            "<div",
        ] {
            let found = page.to_ascii_lowercase().contains(never);
            assert!(!found, "{never}: {page}");
        }
        assert!(page.contains("seen"), "the description stays");
        assert!(
            page.contains("href=\"HTTPS://example.com/a?b&amp;c\""),
            "{page}"
        );
        assert!(page.contains("mailto:mail@example.com"), "{page}");
    }
}
