//! The named segments, and the map from RFM scores to them.

/// A segment that a user may belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment {
    /// Bought recently, often and for much.
    Champions,
    /// Buy often, and did not long ago.
    Loyal,
    /// Bought recently, more than once or for more than most.
    PotentialLoyalist,
    /// Bought very recently, for the first time.
    NewCustomers,
    /// Bought little, not long ago.
    Promising,
    /// Average in everything, and drifting.
    NeedAttention,
    /// Bought little, some time ago.
    AboutToSleep,
    /// Bought well, and have stayed away for long.
    AtRisk,
    /// Were among the best customers, and have stayed away for long.
    CannotLose,
    /// Bought little or not often, long ago.
    Hibernating,
    /// Bought little, and never again.
    Lost,
    /// Did not buy yet.
    Prospects,
}

use Segment::{
    AboutToSleep, AtRisk, CannotLose, Champions, Hibernating, Lost, Loyal, NeedAttention,
    NewCustomers, PotentialLoyalist, Promising, Prospects,
};

/// Rows: recency score 1 to 5. Columns: the mean of the frequency and monetary scores, rounded half
/// up, 1 to 5. The names are those that CRM tools share; where these disagree on a border, recency
/// decides.
const GRID: [[Segment; 5]; 5] = [
    [Lost, Lost, Hibernating, AtRisk, CannotLose],
    [Hibernating, Hibernating, AtRisk, AtRisk, CannotLose],
    [AboutToSleep, AboutToSleep, NeedAttention, Loyal, Loyal],
    [
        Promising,
        PotentialLoyalist,
        PotentialLoyalist,
        Loyal,
        Champions,
    ],
    [
        NewCustomers,
        PotentialLoyalist,
        PotentialLoyalist,
        Champions,
        Champions,
    ],
];

impl Segment {
    /// Every segment.
    pub const ALL: [Self; 12] = [
        Champions,
        Loyal,
        PotentialLoyalist,
        NewCustomers,
        Promising,
        NeedAttention,
        AboutToSleep,
        AtRisk,
        CannotLose,
        Hibernating,
        Lost,
        Prospects,
    ];

    /// The segment of these scores, each from 1 to 5; what lies outside counts as the nearest.
    pub fn of(r: u8, f: u8, m: u8) -> Self {
        let [r, f, m] = [r, f, m].map(|score| usize::from(score.clamp(1, 5)));
        GRID[r - 1][(f + m).div_ceil(2) - 1]
    }

    /// The most that a number of orders says when nothing is known of when and how much.
    pub fn of_count(orders: u32) -> Self {
        match orders {
            0 => Prospects,
            1 => Promising,
            2..=4 => NeedAttention,
            5.. => Loyal,
        }
    }

    /// The segment of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|segment| segment.name() == name)
    }

    /// The name that policies and catalogues use.
    pub const fn name(self) -> &'static str {
        match self {
            Champions => "champions",
            Loyal => "loyal",
            PotentialLoyalist => "potential_loyalist",
            NewCustomers => "new_customers",
            Promising => "promising",
            NeedAttention => "need_attention",
            AboutToSleep => "about_to_sleep",
            AtRisk => "at_risk",
            CannotLose => "cannot_lose",
            Hibernating => "hibernating",
            Lost => "lost",
            Prospects => "prospects",
        }
    }

    /// The segment in words.
    pub const fn label(self) -> &'static str {
        match self {
            Champions => "Champion: buys recently, often and for much",
            Loyal => "Loyal: buys often, and did not long ago",
            PotentialLoyalist => "Potential loyalist: bought recently and may become a regular",
            NewCustomers => "New customer: bought for the first time, just now",
            Promising => "Promising: bought a little, not long ago",
            NeedAttention => "Needs attention: an average customer who is drifting away",
            AboutToSleep => "About to sleep: bought little, some time ago",
            AtRisk => "At risk: bought well, and has stayed away for long",
            CannotLose => "Cannot lose: was among the best, and has stayed away for long",
            Hibernating => "Hibernating: bought long ago, and not often",
            Lost => "Lost: bought little, and never again",
            Prospects => "Prospect: has not bought yet",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_and_catalogues_know_the_same_segments() {
        let names = Segment::ALL.map(Segment::name);
        assert_eq!(names, baton_domain::catalog::SEGMENTS);
    }

    #[test]
    fn every_segment_of_buyers_occurs_and_the_map_is_total() {
        let mut seen = vec![Prospects];
        for (r, f, m) in
            (0..=6).flat_map(|r| (0..=6).flat_map(move |f| (0..=6).map(move |m| (r, f, m))))
        {
            seen.push(Segment::of(r, f, m));
        }
        for segment in Segment::ALL {
            assert!(seen.contains(&segment), "{}", segment.name());
            assert_eq!(Segment::named(segment.name()), Some(segment));
        }
    }

    #[test]
    fn the_corners_are_what_their_names_say() {
        assert_eq!(Segment::of(5, 5, 5), Champions);
        assert_eq!(Segment::of(5, 1, 1), NewCustomers);
        assert_eq!(Segment::of(1, 1, 1), Lost);
        assert_eq!(Segment::of(1, 5, 5), CannotLose);
        assert_eq!(Segment::of(3, 3, 3), NeedAttention);
    }

    #[test]
    fn counts_alone_promise_little() {
        assert_eq!(
            [0, 1, 3, 9].map(Segment::of_count),
            [Prospects, Promising, NeedAttention, Loyal]
        );
    }
}
