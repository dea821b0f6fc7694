//! What a subject line promises that the text has to say as well: times and numbers. A subject that
//! misleads about the content is unlawful (CAN-SPAM Act, 15 U.S.C. § 7704(a)(2)).

use crate::words::words;

/// Times that the text has to name in the same words.
const TIMES: [&str; 14] = [
    "today",
    "tonight",
    "tomorrow",
    "this week",
    "this weekend",
    "this month",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "midnight",
];

/// Words that say that something ends; the text has to say when, or that it does.
const ENDINGS: [&str; 10] = [
    "last chance",
    "last day",
    "final day",
    "final hours",
    "hours left",
    "days left",
    "ends",
    "ending",
    "expires",
    "deadline",
];

/// Words in which a text may say when something ends.
const UNTIL: [&str; 6] = [
    "until", "ends", "through", "expires", "deadline", "last day",
];

/// Numbers that texts spell out.
const SPELT: [&str; 13] = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
];

/// Whether a word is a number in digits.
pub fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether words name a time or an end.
pub fn names_a_time(words: &[String]) -> bool {
    let mut phrases = TIMES.iter().chain(&ENDINGS).chain(&UNTIL);
    phrases.any(|phrase| has(words, phrase))
}

/// What `subject` promises and `body` does not say.
pub fn unbacked(subject: &str, body: &str) -> Vec<String> {
    let (subject, body) = (words(subject), words(body));
    let times = TIMES
        .iter()
        .filter(|time| has(&subject, time) && !has(&body, time));
    let ends_somewhen = TIMES
        .iter()
        .chain(&UNTIL)
        .chain(&ENDINGS)
        .any(|t| has(&body, t));
    let endings = ENDINGS
        .iter()
        .filter(|end| has(&subject, end) && !ends_somewhen);
    let mut unbacked: Vec<String> = times.chain(endings).map(ToString::to_string).collect();
    let numbers = subject
        .iter()
        .filter(|word| is_number(word) && !says(&body, word));
    unbacked.extend(numbers.cloned());
    unbacked
}

fn has(words: &[String], phrase: &str) -> bool {
    let phrase: Vec<&str> = phrase.split(' ').collect();
    words.windows(phrase.len()).any(|window| window == phrase)
}

fn says(body: &[String], number: &str) -> bool {
    let spelt = number.parse::<usize>().ok().and_then(|n| SPELT.get(n));
    body.iter()
        .any(|word| word == number || Some(&word.as_str()) == spelt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn promises_of_the_subject_are_kept_by_the_body() {
        let none: [&str; 0] = [];
        for (subject, body, missing) in [
            ("Ends Friday", "It is over on Friday.", &none[..]),
            ("Ends Friday", "Boots for all.", &["friday", "ends"][..]),
            ("Last chance", "Until the end of the month.", &none[..]),
            ("3 ways to stay dry", "Three boots.", &none[..]),
            ("3 ways to stay dry", "Some boots.", &["3"][..]),
            ("From $1,299", "It costs $1,299.00 and no more.", &none[..]),
            ("40% off", "Boots.", &["40"][..]),
            ("Hello {{first_name}}", "Boots.", &none[..]),
        ] {
            assert_eq!(unbacked(subject, body), missing, "{subject}");
        }
    }
}
