//! Research: what its agents hand to each other.

mod report;
mod source;

pub use report::{Claim, Conflict, MissingSource, PaidSource, Report};
pub use source::{RankedSource, Ranking, Search, Source, SourceFacts};
