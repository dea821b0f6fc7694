//! A theme as words.

use crate::lexicon;

/// One word of a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word as it is written, without the marks around it and without `'s`.
    pub text: String,
    /// Whether a mark stands before it, such as the end of a sentence: no name goes across it.
    pub breaks: bool,
    /// Whether the mark is but a comma, after which a legal form still belongs to the name.
    pub comma: bool,
    /// The pair of double quotes that it stands between, counted from 1.
    pub quote: Option<usize>,
    /// Whether its capitals say something: the theme is not in capitals throughout.
    pub cased: bool,
}

impl Word {
    /// The word as the lexicon spells it: lower case, no dots.
    pub fn folded(&self) -> String {
        self.text.to_lowercase().replace('.', "")
    }

    /// Whether it has a capital, or letters of a script that has none.
    pub fn is_capital(&self) -> bool {
        let has_case = |c: char| c.is_uppercase() || c.is_lowercase();
        self.text.chars().any(char::is_uppercase)
            || (self.text.chars().any(char::is_alphabetic) && !self.text.chars().any(has_case))
    }

    /// Whether it is an acronym, such as `IT`, which is not the word `it`.
    pub fn is_acronym(&self) -> bool {
        self.cased
            && self.text.chars().nth(1).is_some()
            && self.text.chars().all(char::is_uppercase)
    }

    /// Whether it has no letters.
    pub fn is_number(&self) -> bool {
        !self.text.chars().any(char::is_alphabetic)
    }
}

/// The words of a theme, in order. `&` between words is a word.
pub fn of(theme: &str) -> Vec<Word> {
    let cased = theme.chars().any(char::is_lowercase);
    let mut cutter = Cutter::default();
    let mut rest = theme.chars().peekable();
    while let Some(c) = rest.next() {
        let inside = cutter.text.chars().last().is_some_and(is_of_word);
        if is_of_word(c) || (inside && is_joiner(c) && rest.peek().is_some_and(|c| is_of_word(*c)))
        {
            cutter.text.push(c);
        } else {
            cutter.close(c);
        }
    }
    cutter.close(' ');
    let open = cutter.open;
    let words = cutter.words.into_iter().map(|mut word| {
        word.quote = word.quote.filter(|quote| Some(*quote) != open);
        word.cased = cased;
        word
    });
    words.flat_map(split_hyphens).collect()
}

/// The years that a theme names.
pub fn years(words: &[Word]) -> impl Iterator<Item = &str> {
    let years = words.iter().map(|word| word.text.as_str());
    let mut years: Vec<&str> = years
        .filter(|text| text.len() == 4 && text.parse().is_ok_and(|y| (1_900..2_100).contains(&y)))
        .collect();
    years.sort_unstable();
    years.dedup();
    years.into_iter().take(3)
}

#[derive(Default)]
struct Cutter {
    words: Vec<Word>,
    text: String,
    breaks: bool,
    comma: bool,
    quotes: usize,
    open: Option<usize>,
}

impl Cutter {
    /// Ends the word before `c`, which is of none.
    fn close(&mut self, c: char) {
        self.push_word();
        match c {
            '&' => {
                "&".clone_into(&mut self.text);
                self.push_word();
            }
            '"' | '\u{201c}' | '\u{201d}' | '\u{201e}' | '\u{ab}' | '\u{bb}' => self.quote(),
            // The dot of `Inc.` or `J.` ends no name.
            '.' if self.words.last().is_some_and(is_abbreviation) => {}
            ',' => (self.comma, self.breaks) = (!self.breaks || self.comma, true),
            c if c.is_whitespace() => {}
            _ => (self.comma, self.breaks) = (false, true),
        }
    }

    fn quote(&mut self) {
        (self.comma, self.breaks) = (false, true);
        if self.open.take().is_none() {
            self.quotes += 1;
            self.open = Some(self.quotes);
        }
    }

    fn push_word(&mut self) {
        let text = std::mem::take(&mut self.text);
        let own = ["'s", "\u{2019}s", "'S", "\u{2019}S"];
        let bare = own.iter().find_map(|own| text.strip_suffix(own));
        let text = bare.unwrap_or(&text);
        if text.is_empty() {
            return;
        }
        self.words.push(Word {
            text: text.to_owned(),
            breaks: std::mem::take(&mut self.breaks),
            comma: std::mem::take(&mut self.comma),
            quote: self.open,
            cased: true,
        });
    }
}

/// Letters, digits, and the marks that scripts put on or between letters.
fn is_of_word(c: char) -> bool {
    let code = u32::from(c);
    let is_mark = (0x300..=0x36f).contains(&code);
    let is_virama = (0x900..0xd80).contains(&code) && code & 0x7f == 0x4d;
    c.is_alphanumeric() || is_mark || is_virama
}

/// What stands within words, as in `Coca-Cola`, `AT&T`, `O'Reilly`, `S.A.`.
fn is_joiner(c: char) -> bool {
    matches!(
        c,
        '-' | '&' | '\'' | '\u{2019}' | '.' | '\u{2010}' | '\u{2011}'
    )
}

fn is_abbreviation(word: &Word) -> bool {
    lexicon::is_legal_form(word) || word.text.contains('.') || word.text.chars().nth(1).is_none()
}

/// `AI-driven` is two words, since the lexicon knows one of them; `Coca-Cola` is one.
fn split_hyphens(word: Word) -> Vec<Word> {
    let is_known = |text: &str| lexicon::knows(&text.to_lowercase());
    let mut parts = word.text.split(['-', '\u{2010}', '\u{2011}']);
    if word.quote.is_some() || is_known(&word.text) || !parts.any(is_known) {
        return vec![word];
    }
    let parts = word
        .text
        .split(['-', '\u{2010}', '\u{2011}'])
        .filter(|part| !part.is_empty());
    let parts = parts.enumerate().map(|(i, part)| Word {
        text: part.to_owned(),
        breaks: i > 0 || word.breaks,
        comma: i == 0 && word.comma,
        ..word.clone()
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(theme: &str) -> Vec<String> {
        of(theme).into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn words_are_cut_where_readers_would() {
        assert_eq!(
            texts("Tesla's revenue, (2023)!"),
            ["Tesla", "revenue", "2023"]
        );
        assert_eq!(
            texts("Coca-Cola & AT&T S.A."),
            ["Coca-Cola", "&", "AT&T", "S.A"]
        );
        assert_eq!(
            texts("AI-driven year-on-year"),
            ["AI", "driven", "year", "on", "year"]
        );
        assert_eq!(
            texts("Zoe\u{308} \u{30c8}\u{30e8}\u{30bf}\u{3002}"),
            ["Zoe\u{308}", "\u{30c8}\u{30e8}\u{30bf}"]
        );
        assert_eq!(texts(" -- ' . "), Vec::<String>::new());
    }

    #[test]
    fn marks_end_names_and_abbreviations_do_not() {
        let breaks = |theme: &str| of(theme).iter().map(|word| word.breaks).collect::<Vec<_>>();
        assert_eq!(breaks("Tesla. Ford"), [false, true]);
        assert_eq!(
            breaks("Tesla Inc. and J. P. Morgan"),
            [false, false, false, false, false, false]
        );
        assert!(of("Tesla, Inc.")[1].comma && !of("Tesla; Inc.")[1].comma);
    }

    #[test]
    fn quotes_count_when_they_are_closed() {
        let quotes = |theme: &str| of(theme).iter().map(|word| word.quote).collect::<Vec<_>>();
        assert_eq!(
            quotes("\"Financial Times\" and \"Market"),
            [Some(1), Some(1), None, None]
        );
    }
}
