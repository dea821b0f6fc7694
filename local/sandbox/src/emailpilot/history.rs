//! The past of the sandbox's brands: made month by month from a seed, with effects that are known,
//! so that it can be seen whether an analysis finds them.
//!
//! A campaign's conversions follow from opens, clicks and purchases. The send time acts on opens,
//! the theme on clicks, the segment on purchases, each as a factor that depends on nothing else. A
//! month looks the same however it is asked for; a brand's past reaches eighteen months back from
//! the month that is asked for, whichever that is.

use baton_domain::campaign::{Brand, Month, PastCampaign};
use baton_domain::{Amount, Timestamp};
use jiff::civil::{Date, Weekday, time};
use jiff::tz::TimeZone;

use super::effects::{Effect, Effects, effects};
use crate::sample::random::Random;

/// How many months a brand's past has.
pub const HORIZON_MONTHS: u32 = 18;

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
mod tests;
