//! Where links lead.
//!
//! Addresses are held to RFC 3986 (`http::Uri`), which is stricter than what browsers forgive: an
//! address that two programs may understand differently is refused.

use baton_domain::campaign::Brand;
use http::Uri;

use crate::mail::{MOCKUP, Mail, PLAIN_TEXT};
use crate::rules::{self, Findings, quoted};
use crate::words;

/// Hosts that hide where a link leads; spam filters distrust them (Spamhaus and SURBL list links
/// behind them by the shortener's own domain).
const SHORTENERS: [&str; 22] = [
    "adf.ly",
    "bit.ly",
    "bl.ink",
    "buff.ly",
    "cutt.ly",
    "dlvr.it",
    "goo.gl",
    "is.gd",
    "j.mp",
    "lnkd.in",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "shorturl.at",
    "soo.gd",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "trib.al",
    "v.gd",
];

/// Checks every link of a mail.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) {
    for (place, url) in addresses(mail) {
        check_address(mail.brand, &place, &url, findings);
    }
    check_unsubscribe(mail, findings);
    check_call_to_action(mail, findings);
}

/// Every address of a mail, by place.
fn addresses(mail: &Mail<'_>) -> Vec<(String, String)> {
    let copy = &mail.content.copy;
    let mut found = vec![(
        "/copy/call_to_action/url".to_owned(),
        copy.call_to_action.url.clone(),
    )];
    for element in &mail.html.elements {
        for attribute in ["href", "src", "background", "poster"] {
            if let Some(url) = element.get(attribute) {
                found.push((MOCKUP.to_owned(), url.trim().to_owned()));
            }
        }
    }
    for text in mail.texts() {
        found.extend(in_text(text.text).map(|url| (text.place.clone(), url)));
    }
    found.extend(in_text(&copy.plain_text).map(|url| (PLAIN_TEXT.to_owned(), url)));
    found
}

/// The addresses that stand in a text, without the punctuation around them.
fn in_text(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'))
        .filter_map(|word| {
            let start = word.find("http://").or_else(|| word.find("https://"))?;
            let url =
                word[start..].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
            Some(url.to_owned())
        })
}

fn check_address(brand: Option<&Brand>, place: &str, url: &str, findings: &mut Findings) {
    let shown = quoted(url);
    if url.starts_with("mailto:") || url.starts_with("tel:") {
        return;
    }
    let Some((scheme, host)) = scheme_and_host(url) else {
        let message = format!("{shown} is no absolute address: write `https://…` in full");
        return findings.add(rules::LINK_UNPARSEABLE, place, message);
    };
    if scheme != "https" {
        let message = format!("{shown} is not encrypted: use https");
        findings.add(rules::LINK_SCHEME, place, message);
    }
    if SHORTENERS.contains(&host.as_str()) {
        let message = format!("{shown} hides where it leads: link to the page itself");
        findings.add(rules::LINK_SHORTENER, place, message);
    } else if brand.is_some_and(|brand| !may_lead_to(brand, url, &host)) {
        let message = format!("{shown} leads to {host}, which is no host of the brand");
        findings.add(rules::LINK_HOST, place, message);
    }
}

/// Scheme and host in lower case; none where the address is not absolute, names a user or a port,
/// or has no host.
fn scheme_and_host(url: &str) -> Option<(String, String)> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority()?.as_str();
    let host = uri.host()?.to_ascii_lowercase();
    let plain = authority.eq_ignore_ascii_case(&host) && host.contains('.');
    let sound = plain && !host.starts_with('.') && !host.ends_with('.');
    sound.then_some((uri.scheme_str()?.to_ascii_lowercase(), host))
}

fn may_lead_to(brand: &Brand, url: &str, host: &str) -> bool {
    let bare = |host: &str| {
        host.strip_prefix("www.")
            .unwrap_or(host)
            .to_ascii_lowercase()
    };
    let website = scheme_and_host(&brand.website).map(|(_, host)| host);
    let mut hosts = website.iter().chain(&brand.link_hosts);
    url == brand.unsubscribe_url || hosts.any(|allowed| bare(allowed) == bare(host))
}

fn check_unsubscribe(mail: &Mail<'_>, findings: &mut Findings) {
    let wanted = mail.brand.map(|brand| brand.unsubscribe_url.as_str());
    let is_one = |href: &str, text: &str| match wanted {
        Some(wanted) => href.trim() == wanted,
        None => [href, text]
            .iter()
            .any(|t| t.to_lowercase().contains("unsubscribe")),
    };
    let shown = wanted.map_or("an address to unsubscribe at".to_owned(), quoted);
    let mut links = mail.html.named("a").filter(|link| !link.style.hidden);
    if !links.any(|a| a.get("href").is_some_and(|href| is_one(href, &a.text))) {
        let message = format!("{shown} is not linked to: every mail needs it");
        findings.add(rules::LINK_UNSUBSCRIBE, MOCKUP, message);
    }
    let plain = &mail.content.copy.plain_text;
    let in_plain = match wanted {
        Some(wanted) => in_text(plain).any(|url| url == wanted) || plain.contains(wanted),
        None => words::contains(plain, "unsubscribe") && in_text(plain).next().is_some(),
    };
    if !in_plain && !plain.trim().is_empty() {
        let message = format!("{shown} is not in the plain text: every mail needs it");
        findings.add(rules::LINK_UNSUBSCRIBE, PLAIN_TEXT, message);
    }
}

fn check_call_to_action(mail: &Mail<'_>, findings: &mut Findings) {
    let action = &mail.content.copy.call_to_action;
    let shown = quoted(&action.url);
    let mut links = mail.html.named("a").filter(|link| !link.style.hidden);
    if !links.any(|link| link.get("href").map(str::trim) == Some(action.url.as_str())) {
        let message = format!("{shown}, the address of the button, is not linked to");
        findings.add(rules::LINK_CTA, MOCKUP, message);
    }
    let plain = &mail.content.copy.plain_text;
    if !plain.contains(&action.url) && !plain.trim().is_empty() {
        let message = format!("{shown}, the address of the button, is not in the plain text");
        findings.add(rules::LINK_CTA, PLAIN_TEXT, message);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_reading_of_an_address_is_accepted() {
        let host = |url: &str| scheme_and_host(url).map(|(_, host)| host);
        assert_eq!(
            host("https://Shop.Example/a?b=c#d").as_deref(),
            Some("shop.example")
        );
        for bad in [
            "",
            "#top",
            "/a",
            "shop.example/a",
            "https://",
            "https://localhost",
            "https://shop.example@evil.example/",
            "https://shop.example:8443/",
            "https:\\\\shop.example",
            "https://shop.example\\@evil.example",
            "javascript:x()",
            "https://shop .example",
            "https://.example",
            "{{url}}",
        ] {
            assert_eq!(host(bad), None, "{bad}");
        }
    }

    #[test]
    fn addresses_are_found_without_their_punctuation() {
        let found: Vec<String> =
            in_text("See (https://a.example/x), or <http://b.example>.").collect();
        assert_eq!(found, ["https://a.example/x", "http://b.example"]);
    }
}
