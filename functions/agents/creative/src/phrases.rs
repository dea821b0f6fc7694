//! The sentences that mails are put together from. Every list has more than one length that has no
//! common divisor with the others', so that mails of one calendar share few of them and never all.
//!
//! `<brand>`, `<theme>`, `<product>`, `<benefit>`, `<count>`, `<time>` and `<name>` are
//! filled in.

use baton_domain::campaign::{ObjectiveKind, SubjectTechnique};

/// How a brand speaks to its readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Register {
    /// As a friend.
    Warm,
    /// With distance.
    Formal,
    /// To the point.
    Plain,
}

impl Register {
    /// The register that adjectives such as `friendly` ask for; the first that is known decides.
    pub fn of(tone: &[String]) -> Self {
        const WARM: [&str; 8] = [
            "warm", "friendly", "playful", "casual", "cheerful", "caring", "fun", "kind",
        ];
        const FORMAL: [&str; 8] = [
            "formal",
            "elegant",
            "premium",
            "professional",
            "refined",
            "serious",
            "luxurious",
            "expert",
        ];
        let known = tone.iter().find_map(|word| {
            let word = word.to_lowercase();
            let is = |list: &[&str]| list.contains(&word.as_str());
            let warm = is(&WARM).then_some(Self::Warm);
            warm.or(is(&FORMAL).then_some(Self::Formal))
        });
        known.unwrap_or(Self::Plain)
    }

    /// How a mail greets.
    pub fn greeting(self) -> &'static str {
        match self {
            Self::Warm => "Hi <name>,",
            Self::Formal => "Dear <name>,",
            Self::Plain => "Hello <name>,",
        }
    }
}

/// Subject lines of a technique.
pub fn subjects(technique: SubjectTechnique) -> &'static [&'static str] {
    match technique {
        SubjectTechnique::Benefit => &[
            "<product>: <benefit>",
            "<theme>: what is in it for you",
            "<benefit>",
            "<theme>, the easy way",
            "<theme>: a good place to start",
            "What <brand> can do for you",
            "<theme>",
            "News from <brand>",
        ],
        SubjectTechnique::Question => &[
            "<theme>: which one would you pick?",
            "Have you seen the <product>?",
            "<theme>: shall we show you around?",
            "What would you do with the <product>?",
            "Is <theme> on your list?",
            "Have you seen what is new?",
            "Shall we show you?",
        ],
        SubjectTechnique::Personal => &[
            "Hi <name>, this one is for you",
            "For you, <name>: <theme>",
            "Hi <name>, have a look at the <product>",
            "Hello <name>, a note from <brand>",
            "Hi <name>",
        ],
        SubjectTechnique::Deadline => &[
            "<theme>: <time>",
            "<product>: <time>",
            "Open <time>",
            "<time>",
        ],
        SubjectTechnique::Number => &[
            "<count> picks: <theme>",
            "<theme>: <count> to choose from",
            "<count> picks for you",
        ],
    }
}

/// Headings.
pub const HEADLINES: [&str; 5] = [
    "<theme>: made simple",
    "<theme>: what we would choose",
    "<theme>: our choice for you",
    "<theme>: where to begin",
    "<theme>: a closer look",
];

/// First sentences.
pub fn openings(objective: ObjectiveKind) -> &'static [&'static str] {
    match objective {
        ObjectiveKind::Revenue => &[
            "we picked a few things that earn their place.",
            "here is what we would buy ourselves.",
            "we made a short list, so that you can choose fast.",
            "some things are worth a second look.",
            "this is what people ask us for just now.",
            "we set these aside for you to see.",
            "a good choice does not have to take long.",
        ],
        ObjectiveKind::Engagement => &[
            "we have something for you to read and look at.",
            "we thought that you would like to see this.",
            "here is what we have been working on.",
            "here is something to look at when you have a minute.",
            "we like to share what we learn.",
            "this one has a story behind it.",
            "this made us curious, and it may do the same for you.",
        ],
        ObjectiveKind::Retention => &[
            "we thank you for staying with us.",
            "it is good to have you here.",
            "we wrote this for people who know us well.",
            "we know that you know us, so we keep it short.",
            "we keep working on the things that you like.",
            "we are glad that you are still with us.",
            "this is our thanks, and a small idea for you.",
        ],
        ObjectiveKind::Reactivation => &[
            "it has been a while.",
            "we have not seen you for some time.",
            "a few things have changed since you were here.",
            "we would like to have you back.",
            "we saved you a seat.",
            "much is new, and much is as you know it.",
            "we still think of you.",
        ],
    }
}

/// Sentences that name a product and its price.
pub const PRICES: [&str; 3] = [
    "The <product> costs <price>.",
    "You get the <product> for <price>.",
    "The price of the <product> is <price>.",
];

/// Last sentences.
pub const CLOSINGS: [&str; 9] = [
    "Take your time, and choose what suits you.",
    "If you are not sure, just reply and ask us.",
    "Have a look, and see what you like.",
    "We hope that you find what you need.",
    "Tell us what you think of it.",
    "We are here if you have a question.",
    "See for yourself, and let us know.",
    "There is more to see on our site.",
    "Thank you for reading.",
];

/// What says that the mail is meant for its reader; no name of a segment, which is the brand's own.
pub const FOR_WHOM: [&str; 2] = [
    "We put this together with you in mind.",
    "We thought of you when we put this together.",
];

/// Buttons that lead to a product.
pub const PRODUCT_LABELS: [&str; 4] = [
    "See the <product>",
    "Have a look",
    "Show me more",
    "Take a closer look",
];

/// Buttons that lead to the website.
pub const SITE_LABELS: [&str; 4] = [
    "Visit <brand>",
    "Have a look",
    "Show me more",
    "Look around",
];

/// What stands behind a subject line.
pub const PREHEADERS: [&str; 7] = [
    "<summary>.",
    "<benefit>.",
    "<theme>, chosen for you by <brand>.",
    "A short note from <brand>: <theme>.",
    "<theme>: see what we picked for you.",
    "A short note for you, with a few ideas to look at.",
    "Something new to look at, and worth a minute.",
];
