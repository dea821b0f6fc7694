//! Research: what its agents hand to each other.

mod report;
mod source;
mod words;

pub use report::{Claim, Conflict, MissingSource, PaidSource, Report};
pub use source::{RankedSource, Ranking, Search, Source, SourceFacts};
pub use words::{has_stem, has_word, is_same_word, words};
