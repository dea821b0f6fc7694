//! What is known of words: which are no keywords, which fields of the data they ask about, and
//! which industries they name.
//!
//! Words stand here in lower case, in the singular and without dots; [`singular`] brings others
//! there. The fields are those that marketplaces of company data give.

use crate::words::Word;

/// Words of grammar and of requests: never keywords.
const STOP: &str = " a about across after against all also am among an and any are as at be been \
    before being best but by can could did do does during each every few find for from get give had \
    has have he her here his how i if ignore in instruction into is it its know let list like look \
    may me might more most much many must my need no nor not of on only or other our out over per \
    please previous prompt provide search shall she should show since so some such summarise \
    summarize tell than that the their them then there these they this those through to under until \
    up us versus via vs want was we were what when which while who whom whose why will with within \
    without would write you your analyse analyze analysing analyzing assess compare comparing create \
    describe discuss evaluate examine explain explore investigate make understand ";

/// Words that say little about what is looked for: never keywords, and no field answers them.
const GENERIC: &str = " analysis annual based big ceo change chief company comparison corporate \
    current data detail development difference director driven effect emerging enterprise europe \
    european example executive fact figure firm first future global group holding impact important \
    information insight international key kind large largest last late latest leader leading led \
    level main major medium method month monthly national new news next now number one organisation \
    organization past powered quarter quarterly question rate ratio recent related report research \
    review role share small source start state statistic status study success ten theme thing three \
    time today top topic total two type usa value various way week world worldwide year yearly ";

/// Words that ask about fields of the data: never keywords.
const ASPECTS: [(&str, &[&str]); 64] = [
    ("revenue", REVENUE),
    ("sale", REVENUE),
    ("turnover", REVENUE),
    ("income", REVENUE),
    ("earning", REVENUE),
    ("growth", GROWTH),
    ("grow", GROWTH),
    ("growing", GROWTH),
    ("trend", GROWTH),
    ("forecast", GROWTH),
    ("outlook", GROWTH),
    ("momentum", GROWTH),
    ("profit", PROFIT),
    ("profitability", PROFIT),
    ("profitable", PROFIT),
    ("margin", PROFIT),
    ("loss", PROFIT),
    ("financial", FINANCIAL),
    ("financially", FINANCIAL),
    ("performance", FINANCIAL),
    ("perform", FINANCIAL),
    ("result", FINANCIAL),
    ("economics", FINANCIAL),
    ("valuation", FINANCIAL),
    ("investment", FINANCIAL),
    ("investor", FINANCIAL),
    ("market", MARKET),
    ("competition", MARKET),
    ("competitor", MARKET),
    ("competitive", MARKET),
    ("landscape", MARKET),
    ("industry", &["industry"]),
    ("sector", &["industry"]),
    ("segment", &["industry"]),
    ("business", &["industry", "description"]),
    ("adoption", &["industry", "description"]),
    ("usage", &["description"]),
    ("use", &["description"]),
    ("product", &["description"]),
    ("service", &["description"]),
    ("offering", &["description"]),
    ("overview", &["description"]),
    ("profile", &["description"]),
    ("description", &["description"]),
    ("strategy", &["description"]),
    ("innovation", &["description"]),
    ("employee", &["employees"]),
    ("employment", &["employees"]),
    ("staff", &["employees"]),
    ("workforce", &["employees"]),
    ("headcount", &["employees"]),
    ("hiring", &["employees"]),
    ("size", &["employees", "revenue"]),
    ("founded", &["founded"]),
    ("founding", &["founded"]),
    ("founder", &["founded"]),
    ("history", &["founded", "description"]),
    ("age", &["founded"]),
    ("headquarter", &["headquarters"]),
    ("headquartered", &["headquarters"]),
    ("location", &["headquarters"]),
    ("where", &["headquarters"]),
    ("website", &["website"]),
    ("homepage", &["website"]),
];

const REVENUE: &[&str] = &["revenue", "financial_data.annual_revenue"];
const GROWTH: &[&str] = &["financial_data.growth_rate"];
const PROFIT: &[&str] = &["financial_data.profit_margin"];
const MARKET: &[&str] = &["industry", "revenue"];
const FINANCIAL: &[&str] = &[
    "revenue",
    "financial_data.annual_revenue",
    "financial_data.growth_rate",
    "financial_data.profit_margin",
];

/// Words of industries: keywords, and what else companies of the industry have in their names.
const INDUSTRIES: [(&str, &[&str]); 62] = [
    ("advertising", &["media", "ads"]),
    ("aerospace", &["aero", "space"]),
    ("agriculture", &["agri", "farm"]),
    ("ai", &["intelligence", "robot"]),
    ("airline", &["air"]),
    ("automotive", &["auto", "motor"]),
    ("aviation", &["air"]),
    ("bank", &["financial", "capital"]),
    ("banking", &["bank", "financial"]),
    ("battery", &["energy", "power"]),
    ("biotech", &["bio"]),
    ("biotechnology", &["biotech", "bio"]),
    ("blockchain", &["chain", "crypto"]),
    ("car", &["auto", "motor"]),
    ("chemical", &["chem"]),
    ("chip", &["semiconductor", "micro"]),
    ("cloud", &["computing"]),
    ("computing", &["comput"]),
    ("construction", &["build"]),
    ("crypto", &["coin", "chain"]),
    ("cryptocurrency", &["crypto", "coin"]),
    ("cybersecurity", &["cyber", "security"]),
    ("defence", &["defense"]),
    ("defense", &["defence"]),
    ("e-commerce", &["commerce", "shop"]),
    ("ecommerce", &["commerce", "shop"]),
    ("education", &["learn", "edu"]),
    ("electronics", &["electr"]),
    ("energy", &["power", "solar"]),
    ("entertainment", &["media", "studio"]),
    ("fashion", &["apparel", "wear"]),
    ("finance", &["financial", "bank", "capital"]),
    ("fintech", &["finance", "bank", "pay"]),
    ("food", &["foods"]),
    ("game", &["gaming"]),
    ("gaming", &["game"]),
    ("health", &["medical", "care"]),
    ("healthcare", &["health", "medical"]),
    ("hotel", &["hospitality"]),
    ("insurance", &["insur"]),
    ("logistic", &["freight", "transport"]),
    ("manufacturing", &["manufactur"]),
    ("media", &["studio"]),
    ("medical", &["health", "med"]),
    ("medicine", &["medic", "health"]),
    ("mining", &["mine", "mineral"]),
    ("oil", &["petrol", "energy"]),
    ("payment", &["pay"]),
    ("pharma", &["pharmaceutical"]),
    ("pharmaceutical", &["pharma"]),
    ("retail", &["store", "shop"]),
    ("robotics", &["robot"]),
    ("semiconductor", &["semi", "chip"]),
    ("software", &["soft", "systems"]),
    ("solar", &["energy", "sun"]),
    ("technology", &["tech"]),
    ("telecom", &["tele", "communication"]),
    ("telecommunication", &["telecom", "tele"]),
    ("tourism", &["tour", "travel"]),
    ("transport", &["transit", "freight"]),
    ("travel", &["tour"]),
    ("vehicle", &["auto", "motor"]),
];

/// Legal forms that are nothing else, and those that are only when they are capitalised.
const LEGAL: &str = " corp corporation gmbh inc incorporated kgaa llc llp ltd oyj plc pty ";
const LEGAL_IF_CAPITAL: &str =
    " ab ag as asa bv co company kg kk limited nv oy sa sarl sas se spa srl ";

/// What links words of one name.
const LINKS: &str = " & of da de der di du la van von ";

fn stands_in(words: &str, word: &str) -> bool {
    !word.contains(' ') && words.contains(&format!(" {word} "))
}

/// What a word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// No keyword.
    None,
    /// Names an industry.
    Industry,
    /// Starts with a capital, and nothing else is known of it.
    Capital,
    /// Any other.
    Plain,
}

/// What a word is.
pub fn class(word: &Word) -> Class {
    let folded = word.folded();
    let singular = singular(&folded);
    let is = |words| stands_in(words, &folded) || stands_in(words, &singular);
    if word.is_number() || folded == "&" {
        Class::None
    } else if industry(&folded).is_some() {
        Class::Industry
    } else if is(STOP) && !word.is_acronym() {
        Class::None
    } else if is(GENERIC) || is_legal_form(word) || !fields(&folded).is_empty() {
        Class::None
    } else if word.is_capital() {
        Class::Capital
    } else {
        Class::Plain
    }
}

/// Whether a word is one of grammar or of requests.
pub fn is_stop(word: &Word) -> bool {
    let folded = word.folded();
    folded == "&" || stands_in(STOP, &folded)
}

/// Whether marketplaces are known to have this field.
pub fn is_known_field(field: &str) -> bool {
    ASPECTS.iter().any(|(_, fields)| fields.contains(&field))
}

/// Whether any list has the word.
pub fn knows(folded: &str) -> bool {
    let singular = singular(folded);
    let is = |words| stands_in(words, folded) || stands_in(words, &singular);
    is(STOP) || is(GENERIC) || !fields(folded).is_empty() || industry(folded).is_some()
}

/// The fields of the data that a word asks about.
pub fn fields(folded: &str) -> &'static [&'static str] {
    let singular = singular(folded);
    let known = |word: &str| word == folded || word == singular;
    let found = ASPECTS.iter().find(|(word, _)| known(word));
    found.map_or(&[], |(_, fields)| fields)
}

/// What companies have in their names of the industry that a word names.
pub fn industry(folded: &str) -> Option<&'static [&'static str]> {
    let singular = singular(folded);
    let known = |word: &str| word == folded || word == singular;
    let found = INDUSTRIES.iter().find(|(word, _)| known(word));
    found.map(|(_, wider)| *wider)
}

/// Whether a word is a legal form, such as `Inc` or `GmbH`.
pub fn is_legal_form(word: &Word) -> bool {
    let folded = word.folded();
    let capital = word.text.starts_with(char::is_uppercase);
    stands_in(LEGAL, &folded) || (capital && stands_in(LEGAL_IF_CAPITAL, &folded))
}

/// Whether a word links words of one name, such as `of` in `Bank of America`.
pub fn is_link(word: &Word) -> bool {
    stands_in(LINKS, &word.text)
}

/// Whether a text can be the name of a field: 1 to 64 of `a-z 0-9 _`, with dots between names.
pub fn is_field(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    let named = |part: &str| !part.is_empty() && part.chars().all(plain);
    text.len() <= 64 && text.split('.').all(named)
}

/// The singular of a plural that English makes by rule; other words as they are.
pub fn singular(word: &str) -> String {
    let ends = |end: &str| word.ends_with(end);
    if word.chars().count() < 4 || !ends("s") || ends("ss") || ends("us") || ends("is") {
        return word.to_owned();
    }
    let bare = |end: &str, instead: &str| {
        let stem = word.strip_suffix(end).unwrap_or(word);
        format!("{stem}{instead}")
    };
    match () {
        () if ends("ies") => bare("ies", "y"),
        () if ends("sses") || ends("shes") || ends("ches") || ends("xes") => bare("es", ""),
        () => bare("s", ""),
    }
}

/// The stem of a word in `-ing`, where enough is left of it.
pub fn stem(word: &str) -> Option<&str> {
    let stem = word.strip_suffix("ing")?;
    (stem.chars().count() >= 4).then_some(stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_in_the_singular_and_do_not_overlap() {
        let industries = INDUSTRIES.map(|(word, _)| word);
        let aspects = ASPECTS.map(|(word, _)| word);
        assert!(industries.is_sorted());
        for word in aspects {
            assert!(
                !stands_in(STOP, word) && !stands_in(GENERIC, word),
                "{word}"
            );
            assert!(!industries.contains(&word), "{word}");
        }
        for word in industries {
            assert!(
                !stands_in(STOP, word) && !stands_in(GENERIC, word),
                "{word}"
            );
        }
        for (_, fields) in ASPECTS {
            assert!(fields.iter().all(|field| is_field(field)));
        }
    }

    #[test]
    fn plurals_and_stems_are_made_by_rule() {
        for (plural, one) in [
            ("years", "year"),
            ("industries", "industry"),
            ("businesses", "business"),
            ("boxes", "box"),
            ("business", "business"),
            ("analysis", "analysis"),
            ("gas", "gas"),
        ] {
            assert_eq!(singular(plural), one);
        }
        assert_eq!((stem("banking"), stem("mining")), (Some("bank"), None));
    }

    #[test]
    fn fields_have_a_form() {
        for field in ["revenue", "financial_data.growth_rate", "q3"] {
            assert!(is_field(field), "{field}");
        }
        for no in ["", "Revenue", "a..b", ".a", "a b", "a[0]", "*"] {
            assert!(!is_field(no), "{no}");
        }
    }
}
