//! One user's history, drawn from the ranges of the user's kind.

use baton_domain::profile::{Event, EventKind, Order, PriceChoice, PriceSurvey};
use baton_domain::{Catalog, CatalogItem, Profile, Timestamp};
use serde_json::Value;

use super::kind::Kind;
use super::random::Random;
use super::shop::{amount, tier_cents};

const COUNTRIES: [&str; 6] = ["US", "CA", "GB", "DE", "NO", "JP"];

/// What one user is like beyond the kind.
struct Person<'a> {
    kind: &'a Kind,
    /// Items of the categories that the user cares for, most of all the first.
    liked: Vec<&'a CatalogItem>,
    all: &'a [CatalogItem],
    /// What the user would pay for a membership, in cents.
    worth: u64,
    as_of: Timestamp,
}

/// A profile of this kind.
pub(super) fn profile(
    kind: &Kind,
    catalog: &Catalog,
    as_of: Timestamp,
    random: &mut Random,
) -> Profile {
    let favourites: Vec<&str> = (0..random.between((1, 3)))
        .map(|_| random.pick(&catalog.items).category.as_str())
        .collect();
    let person = Person::new(kind, catalog, &favourites, as_of, random);
    let mut profile = Profile::default();
    for (key, value) in [
        ("persona", kind.name),
        ("country", *random.pick(&COUNTRIES)),
    ] {
        profile
            .attributes
            .insert(key.to_owned(), Value::from(value));
    }
    if random.chance(kind.declared) {
        profile.interests = person.interests(&favourites, random);
    }
    person.shop(&mut profile, random);
    person.browse(&mut profile, random);
    person.answer_offers(&mut profile, random);
    if random.chance(kind.surveyed) {
        profile.survey = Some(person.survey(random));
    }
    profile.orders.sort_by_key(|order| order.at);
    profile.events.sort_by_key(|event| event.at);
    profile
}

impl<'a> Person<'a> {
    fn new(
        kind: &'a Kind,
        catalog: &'a Catalog,
        favourites: &[&str],
        as_of: Timestamp,
        random: &mut Random,
    ) -> Self {
        Self {
            kind,
            liked: favourites
                .iter()
                .flat_map(|category| {
                    catalog
                        .items
                        .iter()
                        .filter(move |item| item.category == *category)
                })
                .collect(),
            all: &catalog.items,
            worth: random.between(kind.worth),
            as_of,
        }
    }

    fn ago(&self, hours: u64, random: &mut Random) -> Timestamp {
        let seconds = hours * 3_600 + random.between((0, 3_599));
        let second = self.as_of.as_second().saturating_sub_unsigned(seconds);
        Timestamp::from_second(second).unwrap_or(self.as_of)
    }

    /// Favourite categories without repetition, and a tag of an item that is liked.
    fn interests(&self, favourites: &[&str], random: &mut Random) -> Vec<String> {
        let mut interests: Vec<String> = Vec::new();
        let liked = *random.pick(&self.liked);
        let tag = random.pick(&liked.tags).clone();
        for interest in favourites
            .iter()
            .map(|name| (*name).to_owned())
            .chain([tag])
        {
            if !interests.contains(&interest) {
                interests.push(interest);
            }
        }
        interests
    }

    /// An item that this user may take: mostly of a favourite category, and of a few the one whose
    /// price is closest to what the user would pay for a membership. What people pay for one thing
    /// says what they would pay for another only because this is so.
    fn choose(&self, random: &mut Random) -> &CatalogItem {
        let mut chosen = self.look(random);
        for _ in 0..3 {
            let other = self.look(random);
            if cents(other).abs_diff(self.worth) < cents(chosen).abs_diff(self.worth) {
                chosen = other;
            }
        }
        chosen
    }

    fn look(&self, random: &mut Random) -> &CatalogItem {
        if random.chance(25) {
            return random.pick(self.all);
        }
        random.pick::<&CatalogItem>(&self.liked)
    }

    fn shop(&self, profile: &mut Profile, random: &mut Random) {
        let mut hours = random.between(self.kind.last_order_hours);
        for _ in 0..random.between(self.kind.orders) {
            let at = self.ago(hours, random);
            let basket: Vec<&CatalogItem> = (0..random.between(self.kind.basket))
                .map(|_| self.choose(random))
                .collect();
            // Those who would pay little wait for sales.
            let percent = if self.worth < 5_500 {
                *random.pick(&[70, 80, 90])
            } else {
                *random.pick(&[90, 100, 100, 100])
            };
            let paid = |item: &CatalogItem| cents(item) * percent / 100;
            profile.orders.push(Order {
                at,
                total: amount(basket.iter().map(|item| paid(item)).sum()),
                item_ids: basket.iter().map(|item| item.item_id.clone()).collect(),
            });
            for item in basket {
                profile
                    .events
                    .push(event(at, EventKind::Purchase, item, paid(item)));
            }
            hours += random.between(self.kind.gap_hours);
        }
    }

    fn browse(&self, profile: &mut Profile, random: &mut Random) {
        for _ in 0..random.between(self.kind.browsing) {
            let hours = random.between(self.kind.browsing_hours);
            let at = self.ago(hours, random);
            let item = self.choose(random);
            let kind = match random.between((1, 100)) {
                1..=55 => EventKind::View,
                56..=78 => EventKind::Click,
                79..=93 if random.chance(self.kind.abandons) => EventKind::AbandonCheckout,
                79..=93 => EventKind::AddToCart,
                _ => EventKind::Dismiss,
            };
            profile.events.push(event(at, kind, item, cents(item)));
        }
    }

    fn answer_offers(&self, profile: &mut Profile, random: &mut Random) {
        for _ in 0..random.between(self.kind.choices) {
            let price = *random.pick(&tier_cents());
            // A person is not worth the same every day.
            let today = self.worth * random.between((88, 112)) / 100;
            profile.choices.push(PriceChoice {
                price: amount(price),
                accepted: price <= today,
            });
            profile.last_price = Some(amount(price));
        }
    }

    fn survey(&self, random: &mut Random) -> PriceSurvey {
        let mut near = |percent: u64| {
            let dollars = self.worth * random.between((percent - 8, percent + 8)) / 10_000;
            amount(dollars * 100)
        };
        PriceSurvey {
            too_cheap: near(35),
            cheap: near(65),
            expensive: near(105),
            too_expensive: near(145),
        }
    }
}

fn cents(item: &CatalogItem) -> u64 {
    item.price
        .map_or(0, |price| (price.value() * 100.0).round() as u64)
}

fn event(at: Timestamp, kind: EventKind, item: &CatalogItem, cents: u64) -> Event {
    Event {
        at,
        kind,
        item_id: Some(item.item_id.clone()),
        price: Some(amount(cents)),
    }
}
