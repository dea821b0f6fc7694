//! What a subject line promises that the text has to say as well: times and numbers.

use crate::words::words;

/// Words of time.
const TIMES: [&str; 19] = [
    "today",
    "tonight",
    "tomorrow",
    "week",
    "weekend",
    "month",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "midnight",
    "ends",
    "ending",
    "expires",
    "deadline",
    "last",
];

/// Words after which a text says when something ends.
const UNTIL: [&str; 4] = ["until", "ends", "through", "expires"];

/// Whether every number and every word of time in `subject` stands in `body`. This asks for more
/// than is needed, which costs a subject line where another can be had.
pub fn is_backed(subject: &str, body: &str) -> bool {
    let body = words(body);
    words(subject).iter().all(|word| {
        let binds =
            word.starts_with(|c: char| c.is_ascii_digit()) || TIMES.contains(&word.as_str());
        !binds || body.contains(word)
    })
}

/// When something ends, in the words of `text` itself: `until Sunday night`.
pub fn deadline(text: &str) -> Option<String> {
    let text: Vec<&str> = text.split_whitespace().collect();
    let at = text
        .iter()
        .position(|word| UNTIL.contains(&words(word).join(" ").as_str()))?;
    let mut phrase = Vec::new();
    for word in text[at..].iter().take(3) {
        phrase.push(word.trim_end_matches(['.', ',', ';', ':', '!', '?']));
        if word.ends_with(['.', ',', ';', ':', '!', '?']) {
            break;
        }
    }
    let named = phrase.len() > 1
        && phrase[1..].iter().any(|word| {
            let is_day = TIMES.contains(&word.to_lowercase().as_str());
            is_day || word.starts_with(|c: char| c.is_ascii_digit())
        });
    named.then(|| phrase.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_promise_needs_the_same_words() {
        assert!(is_backed("3 ways", "Here are 3 of them."));
        assert!(!is_backed("3 ways", "Here are some of them."));
        assert!(!is_backed("Only today", "Boots."));
        assert!(is_backed("Hi {{field_3}}", "Boots."));
    }

    #[test]
    fn deadlines_are_only_those_that_are_named() {
        assert_eq!(
            deadline("Boots. It ends Friday, at noon.").as_deref(),
            Some("ends Friday")
        );
        assert_eq!(
            deadline("Open until Sunday night!").as_deref(),
            Some("until Sunday night")
        );
        assert_eq!(deadline("Walk until you drop."), None);
    }
}
