//! What the pasts of the sandbox's brands were made with: the effects that an analysis should find.

use baton_domain::BrandId;

/// What a kind of campaign brings, as a factor on conversions; the kinds' names are the brand's.
pub type Effect = (&'static str, f64);

/// The effects that a brand's past was made with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    pub(super) brand: &'static str,
    /// Of the segment.
    pub segments: &'static [Effect],
    /// Of the send time, such as `tue-morning`: at 9, 14 or 19 o'clock in the brand's time zone.
    pub times: &'static [Effect],
    /// Of the theme.
    pub themes: &'static [Effect],
    /// Per mail that arrived, where no effect acts.
    pub(super) open: f64,
    /// Per open.
    pub(super) click: f64,
    /// Per click.
    pub(super) buy: f64,
    /// The mean order in cents.
    pub(super) order: f64,
    /// Campaigns to each segment in a month, at most 4; in the months of `active` alone.
    pub(super) per_month: usize,
    /// Months of the year in which the brand wrote; empty for all.
    pub(super) active: &'static [i8],
}

#[rustfmt::skip] // A table.
const EFFECTS: [Effects; 4] = [
    Effects {
        brand: "acme", open: 0.24, click: 0.13, buy: 0.055, order: 9_400.0, per_month: 3, active: &[],
        segments: &[("vip", 1.9), ("regulars", 1.0), ("newcomers", 0.85), ("lapsed", 0.35)],
        times: &[("tue-morning", 1.30), ("thu-evening", 1.10), ("wed-afternoon", 0.95), ("mon-morning", 0.90), ("sat-morning", 0.75)],
        themes: &[("trail-club", 1.35), ("gift-guide", 1.25), ("winter-layers", 1.15), ("summer-camp", 1.10), ("new-arrivals", 1.0), ("care-and-repair", 0.70)],
    },
    Effects {
        brand: "juniper", open: 0.29, click: 0.11, buy: 0.07, order: 3_900.0, per_month: 2, active: &[],
        segments: &[("subscribers", 1.7), ("regulars", 1.0), ("samplers", 0.8), ("dormant", 0.4)],
        times: &[("sun-evening", 1.35), ("wed-evening", 1.10), ("tue-morning", 0.90), ("fri-afternoon", 0.70)],
        themes: &[("refill", 1.40), ("gift-sets", 1.20), ("ritual", 1.15), ("spring-reset", 1.05), ("new-arrivals", 1.0), ("ingredients", 0.75)],
    },
    Effects {
        brand: "harbor", open: 0.27, click: 0.12, buy: 0.06, order: 3_200.0, per_month: 3, active: &[],
        segments: &[("subscription", 1.6), ("home-brewers", 1.1), ("offices", 0.9), ("lapsed", 0.4)],
        times: &[("mon-morning", 1.30), ("thu-morning", 1.10), ("sat-morning", 0.95), ("tue-evening", 0.75)],
        themes: &[("subscription-offer", 1.35), ("holiday-roast", 1.20), ("single-origin", 1.15), ("cold-brew", 1.05), ("brewing-guides", 0.70)],
    },
    Effects {
        brand: "nova", open: 0.31, click: 0.10, buy: 0.02, order: 24_000.0, per_month: 1, active: &[3, 9],
        segments: &[("early-adopters", 1.2), ("newsletter", 0.9)],
        times: &[("wed-morning", 1.0)],
        themes: &[("certified-refurbished", 1.0), ("trade-in", 1.0)],
    },
];

/// The effects that a brand's past was made with.
pub fn effects(brand: &BrandId) -> Option<&'static Effects> {
    EFFECTS
        .iter()
        .find(|effects| effects.brand == brand.as_str())
}
