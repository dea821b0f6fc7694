//! The past of the sandbox's brands: made month by month from a seed, with effects that are known,
//! so that it can be seen whether an analysis finds them.
//!
//! A campaign's conversions follow from opens, clicks and purchases. The send time acts on opens,
//! the theme on clicks, the segment on purchases, each as a factor that depends on nothing else. A
//! month looks the same however it is asked for; a brand's past reaches eighteen months back from
//! the month that is asked for, whichever that is.

use baton_domain::campaign::{Brand, Month, PastCampaign};
use baton_domain::{Amount, BrandId, Timestamp};
use jiff::civil::{Date, Weekday, time};
use jiff::tz::TimeZone;

use crate::sample::random::Random;

/// How many months a brand's past has.
pub const HORIZON_MONTHS: u32 = 18;

/// What a kind of campaign brings, as a factor on conversions; the kinds' names are the brand's.
pub type Effect = (&'static str, f64);

/// The effects that a brand's past was made with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effects {
    brand: &'static str,
    /// Of the segment.
    pub segments: &'static [Effect],
    /// Of the send time, such as `tue-morning`: at 9, 14 or 19 o'clock in the brand's time zone.
    pub times: &'static [Effect],
    /// Of the theme.
    pub themes: &'static [Effect],
    /// Per mail that arrived, where no effect acts.
    open: f64,
    /// Per open.
    click: f64,
    /// Per click.
    buy: f64,
    /// The mean order in cents.
    order: f64,
    /// Campaigns to each segment in a month, at most 4; in the months of `active` alone.
    per_month: usize,
    /// Months of the year in which the brand wrote; empty for all.
    active: &'static [i8],
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

/// The campaigns of the `months` months before a month, by time.
pub fn past_campaigns(brand: &Brand, before: Month, months: u32) -> Vec<PastCampaign> {
    let Some(effects) = effects(&brand.brand_id) else {
        return Vec::new();
    };
    let mut month = before;
    let mut campaigns = Vec::new();
    for _ in 0..months.min(HORIZON_MONTHS) {
        let Ok(day_before) = month.first().yesterday() else {
            break;
        };
        month = Month::of(day_before);
        campaigns.extend(
            Past {
                brand,
                effects,
                month,
            }
            .campaigns(),
        );
    }
    campaigns.sort_by(|a, b| (a.sent_at, &a.campaign_id).cmp(&(b.sent_at, &b.campaign_id)));
    campaigns
}

/// One month of a brand's past.
struct Past<'a> {
    brand: &'a Brand,
    effects: &'a Effects,
    month: Month,
}

impl Past<'_> {
    fn campaigns(&self) -> Vec<PastCampaign> {
        let active = self.effects.active;
        if !active.is_empty() && !active.contains(&self.month.first().month()) {
            return Vec::new();
        }
        let mut random = Random::new(self.seed());
        let mut campaigns = Vec::new();
        for segment in self.effects.segments {
            for week in 0..self.effects.per_month {
                let number = campaigns.len() + 1;
                campaigns.extend(self.campaign(segment, week, number, &mut random));
            }
        }
        campaigns
    }

    /// FNV-1a of the brand and the month.
    fn seed(&self) -> u64 {
        let name = format!("{}/{}", self.brand.brand_id, self.month);
        name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
        })
    }

    fn campaign(
        &self,
        &(segment, buys): &Effect,
        week: usize,
        number: usize,
        random: &mut Random,
    ) -> Option<PastCampaign> {
        let &(slot, opens) = random.pick(self.effects.times);
        let themes: Vec<&Effect> = self.fitting().collect();
        let &&(theme, clicks) = random.pick(&themes);
        let size = self
            .brand
            .segments
            .iter()
            .find(|known| known.name == segment)?
            .size;
        let label = &self
            .brand
            .themes
            .iter()
            .find(|known| known.name == theme)?
            .label;
        let effects = self.effects;
        let delivered = size * random.between((955, 995)) / 1_000;
        // Campaigns of one kind differ by more than chance among their recipients.
        let mood = 1.0 + 0.05 * normal(random);
        let opened = draw(delivered, effects.open * opens * mood, random);
        let clicked = draw(opened, effects.click * clicks, random);
        let bought = draw(clicked, effects.buy * buys, random);
        let order = effects.order * random.between((92, 108)) as f64 / 100.0;
        let revenue = (bought as f64 * order).round() / 100.0;
        Some(PastCampaign {
            campaign_id: format!("past-{}-{}-{number:02}", self.brand.brand_id, self.month),
            sent_at: self.sent_at(week, slot)?,
            segment: segment.to_owned(),
            theme: theme.to_owned(),
            subject: format!("{label}: {}", self.month.first().strftime("%B")),
            delivered,
            opens: opened,
            clicks: clicked,
            conversions: bought,
            revenue: Amount::try_from(revenue).ok()?,
            unsubscribes: draw(delivered, 0.0012, random),
        })
    }

    /// The themes that fit the month.
    fn fitting(&self) -> impl Iterator<Item = &Effect> {
        let month = self.month.first().month();
        let fits = move |name: &str| {
            let theme = self.brand.themes.iter().find(|theme| theme.name == name);
            let fits = |months: &[u8]| {
                months.is_empty() || months.iter().any(|m| i8::try_from(*m) == Ok(month))
            };
            theme.is_some_and(|theme| fits(&theme.months))
        };
        self.effects
            .themes
            .iter()
            .filter(move |(name, _)| fits(name))
    }

    /// The slot's moment in one of the first four weeks of the month.
    fn sent_at(&self, week: usize, slot: &str) -> Option<Timestamp> {
        let (weekday, hour) = weekday_and_hour(slot)?;
        let first = i8::try_from(week * 7 + 1).ok()?;
        let on = |day: i8| -> Option<Date> {
            let date = self.month.first().with().day(day).build().ok()?;
            (date.weekday() == weekday).then_some(date)
        };
        let day = (first..first + 7).find_map(on)?;
        let zone = TimeZone::get(&self.brand.time_zone).ok()?;
        let moment = day.to_datetime(time(hour, 0, 0, 0)).to_zoned(zone).ok()?;
        Some(moment.timestamp())
    }
}

fn weekday_and_hour(slot: &str) -> Option<(Weekday, i8)> {
    let (day, part) = slot.split_once('-')?;
    let weekday = match day {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    };
    let hour = match part {
        "morning" => 9,
        "afternoon" => 14,
        "evening" => 19,
        _ => return None,
    };
    Some((weekday, hour))
}

/// Roughly a standard normal number: the sum of twelve uniform ones. It needs no logarithm, and
/// therefore is the same on every platform.
fn normal(random: &mut Random) -> f64 {
    let sum: u64 = (0..12).map(|_| random.between((0, 1_000_000))).sum();
    sum as f64 / 1_000_000.0 - 6.0
}

/// How many of `n` do what each does with probability `p`.
fn draw(n: u64, p: f64, random: &mut Random) -> u64 {
    let p = p.clamp(0.0, 1.0);
    if n <= 400 {
        let in_a_million = (p * 1_000_000.0) as u64;
        return (0..n)
            .filter(|_| random.between((1, 1_000_000)) <= in_a_million)
            .count() as u64;
    }
    let mean = n as f64 * p;
    let drawn = mean + normal(random) * (mean * (1.0 - p)).sqrt();
    (drawn.round().max(0.0) as u64).min(n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emailpilot::{brand, brands};

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn names<'a>(effects: &'a [Effect]) -> Vec<&'a str> {
        let mut names: Vec<&'a str> = effects.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn effects_name_what_the_brand_has() {
        for brand in brands() {
            let effects = effects(&brand.brand_id).unwrap();
            let mut segments: Vec<&str> = brand.segments.iter().map(|s| s.name.as_str()).collect();
            let mut themes: Vec<&str> = brand.themes.iter().map(|t| t.name.as_str()).collect();
            segments.sort_unstable();
            themes.sort_unstable();
            assert_eq!(names(effects.segments), segments);
            assert_eq!(names(effects.themes), themes);
            assert!(
                effects
                    .times
                    .iter()
                    .all(|(slot, _)| weekday_and_hour(slot).is_some())
            );
        }
    }

    #[test]
    fn a_month_looks_the_same_however_it_is_asked_for() {
        for brand in brands() {
            let long = past_campaigns(brand, month("2026-12"), 18);
            let short = past_campaigns(brand, month("2026-06"), 6);
            assert!(short.iter().all(|campaign| long.contains(campaign)));
            assert_eq!(past_campaigns(brand, month("2026-12"), 36), long);
        }
    }

    #[test]
    fn campaigns_lie_in_their_months_and_their_numbers_in_each_other() {
        for brand in brands() {
            let campaigns = past_campaigns(brand, month("2024-11"), 18);
            let expected = if brand.brand_id.as_str() == "nova" {
                6
            } else {
                18 * 8
            };
            assert!(
                campaigns.len() >= expected,
                "{}: {}",
                brand.brand_id,
                campaigns.len()
            );
            assert!(campaigns.is_sorted_by_key(|campaign| campaign.sent_at));
            let zone = TimeZone::get(&brand.time_zone).unwrap();
            for campaign in &campaigns {
                let day = campaign.sent_at.to_zoned(zone.clone()).date();
                assert!(campaign.campaign_id.contains(&Month::of(day).to_string()));
                assert!(campaign.opens <= campaign.delivered);
                assert!(campaign.clicks <= campaign.opens);
                assert!(campaign.conversions <= campaign.clicks);
                assert!(campaign.unsubscribes <= campaign.delivered);
            }
        }
    }

    #[test]
    fn a_thin_brand_has_hardly_a_history() {
        let nova = brand(&"nova".parse().unwrap()).unwrap();
        assert!(past_campaigns(nova, month("2026-12"), 12).len() <= 4);
        assert!(past_campaigns(nova, month("2026-12"), 2).is_empty());
    }

    /// Over every brand and many months, the conversions of each kind stand to those of the brand
    /// as the effects say: what an analysis is to find is there to be found.
    #[test]
    fn the_known_effects_are_in_the_numbers() {
        for brand in brands()
            .iter()
            .filter(|brand| brand.brand_id.as_str() != "nova")
        {
            let effects = effects(&brand.brand_id).unwrap();
            let many: Vec<PastCampaign> = (2005..2065)
                .flat_map(|year| past_campaigns(brand, month(&format!("{year}-07")), 12))
                .collect();
            let expected = |campaign: &PastCampaign| {
                let of = |all: &[Effect], name: &str| all.iter().find(|e| e.0 == name).unwrap().1;
                let zone = TimeZone::get(&brand.time_zone).unwrap();
                let sent = campaign.sent_at.to_zoned(zone);
                let day = sent.strftime("%a").to_string().to_lowercase();
                let part = match sent.hour() {
                    9 => "morning",
                    14 => "afternoon",
                    _ => "evening",
                };
                let factor = of(effects.segments, &campaign.segment)
                    * of(effects.themes, &campaign.theme)
                    * of(effects.times, &format!("{day}-{part}"));
                campaign.delivered as f64 * effects.open * effects.click * effects.buy * factor
            };
            for (name, _) in effects.segments.iter().chain(effects.themes) {
                let of_kind = || {
                    many.iter()
                        .filter(|c| c.segment == *name || c.theme == *name)
                };
                let found: u64 = of_kind().map(|c| c.conversions).sum();
                let meant: f64 = of_kind().map(expected).sum();
                // Four standard deviations of chance, and one percent for what differs otherwise.
                let apart = (found as f64 - meant).abs();
                let allowed = 4.0 * meant.sqrt() + 0.01 * meant;
                assert!(
                    apart < allowed,
                    "{}, {name}: {found} for {meant}",
                    brand.brand_id
                );
            }
        }
    }

    #[test]
    fn a_draw_has_the_mean_and_the_spread_of_its_kind() {
        let mut random = Random::new(5);
        for (n, p) in [(300_u64, 0.1), (20_000, 0.03)] {
            let drawn: Vec<f64> = (0..4_000).map(|_| draw(n, p, &mut random) as f64).collect();
            let mean = drawn.iter().sum::<f64>() / 4_000.0;
            let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4_000.0;
            let (np, npq) = (n as f64 * p, n as f64 * p * (1.0 - p));
            assert!((mean / np - 1.0).abs() < 0.02, "{mean} for {np}");
            assert!((variance / npq - 1.0).abs() < 0.1, "{variance} for {npq}");
        }
    }
}
