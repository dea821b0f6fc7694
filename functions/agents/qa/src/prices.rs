//! Prices and offers: what a mail says that something costs is what it costs.

use baton_domain::campaign::{Brand, Product};

use crate::mail::Mail;
use crate::rules::{self, Findings, quoted};
use crate::words::{contains, has_phrase, sentences, words};

/// Checks every price and every discount against what the brand sells.
pub fn check(mail: &Mail<'_>, findings: &mut Findings) {
    let Some(brand) = mail.brand else {
        return;
    };
    let mut seen: Vec<String> = Vec::new();
    for text in mail.texts_and_renderings() {
        for sentence in sentences(text.text) {
            for price in prices(sentence) {
                check_price(brand, sentence, price, &text.place, &mut seen, findings);
            }
            if let Some(offer) = offer(sentence).filter(|offer| !is_known(brand, offer)) {
                let message = format!("`{offer}` is an offer that the brand's data does not know");
                let key = format!("{offer}\n");
                if !seen.contains(&key) {
                    findings.add(rules::OFFER_UNKNOWN, &text.place, message);
                    seen.push(key);
                }
            }
        }
    }
}

fn check_price(
    brand: &Brand,
    sentence: &str,
    price: u64,
    place: &str,
    seen: &mut Vec<String>,
    findings: &mut Findings,
) {
    let products = || brand.themes.iter().flat_map(|theme| &theme.products);
    let named: Vec<&Product> = products().filter(|p| contains(sentence, &p.name)).collect();
    let shown = show(price);
    let (rule, message) = if named.is_empty() {
        if products().any(|product| cents(product) == price) {
            return;
        }
        let message = format!("`{shown}` is not the price of anything that the brand sells");
        (rules::PRICE_UNKNOWN, message)
    } else {
        if named.iter().any(|product| cents(product) == price) {
            return;
        }
        let right = show(cents(named[0]));
        let name = quoted(&named[0].name);
        (
            rules::PRICE_MISMATCH,
            format!("`{shown}` is wrong: {name} costs {right}"),
        )
    };
    // The renderings repeat the copy: one finding for each thing said is enough.
    let key = format!("{}\n{message}", rule.name);
    if !seen.contains(&key) {
        findings.add(rule, place, message);
        seen.push(key);
    }
}

fn cents(product: &Product) -> u64 {
    (product.price.value() * 100.0).round() as u64
}

fn show(cents: u64) -> String {
    match cents % 100 {
        0 => format!("${}", cents / 100),
        rest => format!("${}.{rest:02}", cents / 100),
    }
}

/// The prices in a text, in cents: `$1,299.50`, `45 USD`, `USD 45`, `45 dollars`.
fn prices(text: &str) -> Vec<u64> {
    let words = words(text);
    let unit = |word: Option<&String>| matches!(word.map(String::as_str), Some("usd" | "dollars"));
    let mut found = Vec::new();
    for (i, word) in words.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| words.get(i));
        let is_price =
            before.is_some_and(|word| word == "$") || unit(before) || unit(words.get(i + 1));
        let number = word.parse::<f64>().ok().filter(|n| (0.0..=1e9).contains(n));
        if let Some(number) = number.filter(|_| is_price) {
            found.push((number * 100.0).round() as u64);
        }
    }
    found
}

/// The first discount that a sentence promises, such as `20% off`.
fn offer(sentence: &str) -> Option<String> {
    let words = words(sentence);
    words.windows(3).find_map(|window| match window {
        [number, percent, off] if percent == "%" && (off == "off" || off == "discount") => {
            Some(format!("{number}% {off}"))
        }
        _ => None,
    })
}

/// Whether what the brand says of its themes and products promises the same.
fn is_known(brand: &Brand, offer: &str) -> bool {
    brand.themes.iter().any(|theme| {
        let benefits = theme.products.iter().map(|product| &product.benefit);
        let mut said = benefits.chain([&theme.summary, &theme.label]);
        said.any(|text| has_phrase(&words(text), text, offer))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_read_in_every_spelling() {
        for (text, wanted) in [
            ("It is $1,299.50 now", vec![129_950]),
            ("45 USD or USD 46, not 47 pieces", vec![4_500, 4_600]),
            ("10 dollars. $0.99!", vec![1_000, 99]),
            ("$ and 12", vec![]),
        ] {
            assert_eq!(prices(text), wanted, "{text}");
        }
    }

    #[test]
    fn offers_are_read() {
        assert_eq!(offer("Take 20 % off today").as_deref(), Some("20% off"));
        assert_eq!(offer("80% wool"), None);
    }
}
