//! Words that belong together: names, industries and all others.

use crate::lexicon::{self, Class};
use crate::words::Word;

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The name of someone or something.
    Name,
    /// An industry.
    Industry,
    /// Any other word.
    Word,
}

/// One thing to look for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// What it is.
    pub kind: Kind,
    /// Its words, as they are written.
    pub words: Vec<String>,
    /// Its legal form, such as `Inc`, where it has one.
    pub legal: Option<String>,
}

/// How many words a name has at most.
const MAX_NAME: usize = 6;

/// The terms of a theme, in its order.
pub fn of(words: &[Word]) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let (term, next) = match words[at].quote {
            Some(quote) => quoted(words, at, quote),
            None => unquoted(words, at),
        };
        terms.extend(term);
        at = next;
    }
    terms
}

/// What stands in quotes is a name, if it is short enough for one. Else its words are looked at one
/// by one.
fn quoted(words: &[Word], at: usize, quote: usize) -> (Option<Term>, usize) {
    let length = words[at..]
        .iter()
        .take_while(|word| word.quote == Some(quote))
        .count();
    let run = &words[at..at + length];
    let is_first = at == 0 || words[at - 1].quote != Some(quote);
    if !is_first || length > MAX_NAME || run.iter().all(Word::is_number) {
        return unquoted(words, at);
    }
    let legal = run
        .last()
        .filter(|last| length > 1 && lexicon::is_legal_form(last));
    let name = &run[..length - usize::from(legal.is_some())];
    let term = Term {
        kind: Kind::Name,
        words: name.iter().map(|word| word.text.clone()).collect(),
        legal: legal.map(|word| word.text.clone()),
    };
    (Some(term), at + length)
}

fn unquoted(words: &[Word], at: usize) -> (Option<Term>, usize) {
    let class = lexicon::class(&words[at]);
    let end = run_end(words, at);
    let is_name = words[at..end]
        .iter()
        .any(|word| lexicon::class(word) == Class::Capital);
    let (kind, end) = match class {
        Class::None => return (None, at + 1),
        _ if is_name => (Kind::Name, end),
        Class::Industry => (Kind::Industry, at + 1),
        Class::Capital | Class::Plain => (Kind::Word, at + 1),
    };
    let legal = words.get(end).filter(|next| {
        (!next.breaks || next.comma) && next.quote.is_none() && lexicon::is_legal_form(next)
    });
    let term = Term {
        kind,
        words: words[at..end]
            .iter()
            .map(|word| word.text.clone())
            .collect(),
        legal: legal.map(|word| word.text.clone()),
    };
    (Some(term), end + usize::from(legal.is_some()))
}

/// Where the run of capitalised words ends that starts here: at a mark, at a word that is no
/// keyword, after six words. Links such as `of` are within it when another name follows.
fn run_end(words: &[Word], start: usize) -> usize {
    let is_name = |word: &Word| {
        let class = lexicon::class(word);
        word.is_capital() && matches!(class, Class::Capital | Class::Industry)
    };
    let joins = |at: usize| {
        let word = words.get(at);
        word.is_some_and(|word| !word.breaks && word.quote.is_none())
    };
    if !is_name(&words[start]) {
        return start + 1;
    }
    let mut end = start + 1;
    while joins(end) && end - start < MAX_NAME {
        if is_name(&words[end]) {
            end += 1;
        } else if lexicon::is_link(&words[end])
            && joins(end + 1)
            && is_name(&words[end + 1])
            && end + 2 - start <= MAX_NAME
        {
            end += 2;
        } else {
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words;

    fn terms(theme: &str) -> Vec<(Kind, String, Option<String>)> {
        let terms = of(&words::of(theme));
        terms
            .into_iter()
            .map(|term| (term.kind, term.words.join(" "), term.legal))
            .collect()
    }

    fn names(theme: &str) -> Vec<String> {
        let names = terms(theme)
            .into_iter()
            .filter(|(kind, ..)| *kind == Kind::Name);
        names.map(|(_, name, _)| name).collect()
    }

    #[test]
    fn capitalised_neighbours_are_one_name() {
        assert_eq!(
            names("Compare General Motors and Ford"),
            ["General Motors", "Ford"]
        );
        assert_eq!(
            names("Revenue of Bank of America, Visa"),
            ["Bank of America", "Visa"]
        );
        assert_eq!(names("Johnson & Johnson growth"), ["Johnson & Johnson"]);
        assert_eq!(
            names("What does IT cost at Tesla Energy?"),
            ["IT", "Tesla Energy"]
        );
        assert_eq!(
            names("One Two Alpha Beta Gamma Delta Epsilon Zeta Eta").len(),
            2
        );
    }

    #[test]
    fn legal_forms_end_a_name() {
        let tesla = |legal: &str| vec![(Kind::Name, "Tesla".to_owned(), Some(legal.to_owned()))];
        assert_eq!(terms("Tesla Inc financial performance 2023"), tesla("Inc"));
        assert_eq!(terms("Tesla, Inc. 2023"), tesla("Inc"));
        assert_eq!(terms("tesla inc revenue")[0].2.as_deref(), Some("inc"));
        assert_eq!(
            terms("Tesla as leader"),
            [(Kind::Name, "Tesla".to_owned(), None)]
        );
    }

    #[test]
    fn industries_are_no_names_unless_they_are_part_of_one() {
        let theme = terms("AI market trends in healthcare");
        assert_eq!(theme[0], (Kind::Industry, "AI".to_owned(), None));
        assert_eq!(theme[1], (Kind::Industry, "healthcare".to_owned(), None));
        assert_eq!(
            names("Blockchain adoption in finance"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn what_is_in_quotes_is_a_name_whatever_it_says() {
        assert_eq!(
            names("revenue of \"Financial Times Ltd\" and \"the market\""),
            ["Financial Times", "the market"]
        );
        assert!(terms("\"2023\"").is_empty());
        assert!(names("\"seven words are too many for one\"").is_empty());
    }
}
