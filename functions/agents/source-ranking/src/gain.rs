//! What a set of sources is worth.
//!
//! Of sources about one company, the best counts in full, the second half, the third a quarter, and
//! so on. The sum over companies is monotone and submodular: a further source never takes anything
//! away, and adds the less the more there is. Values are integers, so that sums have no order.

use std::cmp::Reverse;

use baton_domain::research::Source;

/// A value of 1: a millionth is the smallest difference that counts, and can be halved 20 times.
pub const ONE: u64 = 1_000_000 << HALVINGS;

/// How often a value can be halved; further sources about one company are worth nothing more.
const HALVINGS: u32 = 20;

/// A source that may be bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The source.
    pub source: Source,
    /// Whom it is about: its name without marks and legal forms.
    pub company: String,
    /// What it is worth by itself, in parts of [`ONE`]; a multiple of 2 to the 20th.
    pub base: u64,
    /// What it costs, in micro-USD.
    pub price: u64,
    /// How much it has to do with what is looked for, 0 to 1.
    pub relevance: f64,
    /// The share of the aspects that it is expected to answer.
    pub coverage: f64,
}

/// The order that all methods work in: by company, the best first, the cheaper first of those that
/// are equal. Whatever order the sources came in, it is this one.
pub fn in_order(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    for candidate in &mut candidates {
        candidate.base = candidate.base >> HALVINGS << HALVINGS;
    }
    candidates.sort_by(|a, b| {
        let key = |c: &Candidate| (Reverse(c.base), c.price);
        let by_value = || key(a).cmp(&key(b));
        let by_id = || a.source.source_id.cmp(&b.source.source_id);
        a.company
            .cmp(&b.company)
            .then_with(by_value)
            .then_with(by_id)
    });
    candidates
}

/// What a source adds that is the one after `before` better ones about the same company.
pub fn after(base: u64, before: usize) -> u64 {
    let before = u32::try_from(before).unwrap_or(u32::MAX);
    if before > HALVINGS { 0 } else { base >> before }
}

/// What a set is worth. `candidates` are in order.
pub fn worth(candidates: &[Candidate], chosen: &[bool]) -> u64 {
    let mut worth = 0;
    for (i, candidate) in candidates.iter().enumerate() {
        if chosen[i] {
            worth += after(candidate.base, before(candidates, chosen, i));
        }
    }
    worth
}

/// How many better sources about the same company are in the set.
pub fn before(candidates: &[Candidate], chosen: &[bool], at: usize) -> usize {
    let company = &candidates[at].company;
    let earlier = (0..at)
        .rev()
        .take_while(|&i| candidates[i].company == *company);
    earlier.filter(|&i| chosen[i]).count()
}

/// What a set costs, in micro-USD.
pub fn cost(candidates: &[Candidate], chosen: &[bool]) -> u64 {
    let bought = candidates.iter().zip(chosen).filter(|(_, chosen)| **chosen);
    bought.map(|(candidate, _)| candidate.price).sum()
}
