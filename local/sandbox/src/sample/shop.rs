//! The sample shop, Acme Outdoor: 120 items of ten categories, and the price policy of its yearly
//! membership, the Acme Trail Club.

use std::collections::BTreeMap;

use baton_domain::catalog::{Demand, PriceTier};
use baton_domain::{Amount, Catalog, CatalogItem, PricePolicy};

use super::random::Random;

/// A product: its name, its price in whole dollars and its tags, separated by blanks.
type Product = (&'static str, u64, &'static str);

#[rustfmt::skip] // A table.
const CATEGORIES: [(&str, [Product; 12]); 10] = [
    ("footwear", [
        ("Trail Runner", 119, "running trail light"), ("Day Hiker Mid", 139, "hiking waterproof"),
        ("Winter Boot", 189, "winter waterproof"), ("Approach Shoe", 129, "climbing trail"),
        ("River Sandal", 69, "summer water"), ("Expedition Boot", 329, "winter mountaineering expedition"),
        ("Camp Slipper", 39, "camping light"), ("First Hiker", 79, "hiking starter"),
        ("Merino Hiking Sock", 19, "hiking wool"), ("Gaiter Set", 45, "winter snow"),
        ("Canvas Walker", 89, "summer city"), ("Insole Pair", 29, "hiking comfort"),
    ]),
    ("jackets", [
        ("Rain Shell", 159, "waterproof light"), ("Down Jacket", 229, "winter insulated"),
        ("Softshell", 129, "wind trail"), ("Fleece Pullover", 75, "insulated camping"),
        ("Expedition Parka", 449, "winter mountaineering expedition"), ("Wind Vest", 65, "running wind light"),
        ("Three-in-One Jacket", 199, "waterproof insulated"), ("Packable Poncho", 35, "waterproof starter"),
        ("Insulated Shirt Jacket", 109, "city insulated"), ("Alpine Hardshell", 349, "mountaineering waterproof"),
        ("Sun Hoody", 59, "summer light"), ("Recycled Anorak", 95, "wind sustainable"),
    ]),
    ("backpacks", [
        ("Day Pack 20", 79, "hiking light"), ("Trek Pack 50", 189, "hiking trekking"),
        ("Expedition Pack 80", 299, "trekking expedition"), ("Running Vest 8", 99, "running light"),
        ("Commuter Roll-Top", 119, "city waterproof"), ("Kids Pack 12", 45, "family starter"),
        ("Ski Pack 30", 149, "winter snow"), ("Summit Pack 16", 59, "climbing light"),
        ("Child Carrier", 269, "family hiking"), ("Rain Cover", 25, "waterproof"),
        ("Camera Cube", 55, "travel photo"), ("Travel Duffel 60", 109, "travel"),
    ]),
    ("tents", [
        ("One-Person Tent", 249, "light trekking"), ("Two-Person Tent", 319, "trekking camping"),
        ("Family Tent", 459, "family camping"), ("Four-Season Tent", 649, "winter mountaineering expedition"),
        ("Beach Shelter", 69, "summer family"), ("Tarp 3x3", 89, "light camping"),
        ("Festival Tent", 99, "summer starter camping"), ("Hammock", 75, "summer light"),
        ("Footprint", 39, "camping"), ("Peg Set", 15, "camping"),
        ("Repair Kit", 19, "camping care"), ("Bivy Bag", 179, "light mountaineering"),
    ]),
    ("sleeping", [
        ("Summer Sleeping Bag", 89, "summer starter"), ("Three-Season Sleeping Bag", 199, "trekking"),
        ("Winter Sleeping Bag", 399, "winter expedition"), ("Down Quilt", 279, "light trekking"),
        ("Foam Mat", 35, "camping starter"), ("Air Mat", 119, "light comfort"),
        ("Insulated Mat", 169, "winter insulated"), ("Silk Liner", 59, "travel light"),
        ("Camp Pillow", 29, "comfort camping"), ("Double Mat", 229, "family comfort"),
        ("Compression Sack", 25, "light"), ("Kids Sleeping Bag", 69, "family"),
    ]),
    ("cooking", [
        ("Gas Stove", 49, "camping light"), ("Stove System", 129, "trekking"),
        ("Wood Stove", 79, "sustainable camping"), ("Titanium Pot", 69, "light trekking"),
        ("Cook Set for Four", 89, "family camping"), ("Spork", 9, "light starter"),
        ("Enamel Mug", 15, "camping"), ("Coffee Press", 39, "comfort camping"),
        ("Cool Box 24", 119, "family summer"), ("Multi-Fuel Stove", 189, "winter expedition"),
        ("Dinner Pouch", 11, "trekking food"), ("Energy Bars, Box", 29, "running food"),
    ]),
    ("climbing", [
        ("Harness", 69, "starter climbing-gear"), ("Climbing Shoe", 129, "bouldering"),
        ("Dynamic Rope 60", 189, "climbing-gear alpine"), ("Quickdraw Set", 95, "climbing-gear"),
        ("Helmet", 79, "alpine safety"), ("Chalk Bag", 25, "bouldering"),
        ("Crash Pad", 199, "bouldering"), ("Belay Device", 39, "climbing-gear safety"),
        ("Ice Axe", 149, "winter mountaineering"), ("Crampons", 169, "winter mountaineering expedition"),
        ("Slackline", 75, "summer family"), ("Finger Trainer", 49, "bouldering training"),
    ]),
    ("navigation", [
        ("GPS Watch", 349, "running training"), ("Handheld GPS", 279, "trekking expedition"),
        ("Compass", 29, "hiking starter"), ("Trail Map, Region", 15, "hiking"),
        ("Satellite Messenger", 299, "safety expedition"), ("Altimeter", 119, "mountaineering"),
        ("Map Case", 19, "waterproof hiking"), ("Binoculars 8x32", 159, "nature"),
        ("Heart Rate Strap", 69, "running training"), ("Bike Computer", 139, "cycling training"),
        ("Avalanche Beacon", 289, "winter safety"), ("Pocket Guide to Birds", 22, "nature"),
    ]),
    ("hydration", [
        ("Steel Bottle 1 l", 35, "sustainable hiking"), ("Insulated Bottle", 42, "winter city"),
        ("Water Bladder 2 l", 39, "running hiking"), ("Water Filter", 59, "trekking safety"),
        ("Soft Flask", 19, "running light"), ("Purifier Pump", 109, "expedition safety"),
        ("Purifying Tablets", 12, "travel safety"), ("Kids Bottle", 18, "family starter"),
        ("Water Carrier 10 l", 29, "camping family"), ("Tea Flask", 32, "winter comfort"),
        ("Bottle Cage", 14, "cycling"), ("Electrolyte Mix", 24, "running food"),
    ]),
    ("lighting", [
        ("Headlamp 300", 45, "hiking starter"), ("Headlamp 900", 109, "running mountaineering"),
        ("Camp Lantern", 49, "camping family"), ("Solar Lantern", 35, "sustainable camping"),
        ("Bike Light Set", 59, "cycling city"), ("Power Bank 20k", 65, "travel"),
        ("Solar Panel 28 W", 139, "expedition sustainable"), ("Glow Sticks", 8, "family summer"),
        ("Emergency Strobe", 39, "safety expedition"), ("Key Ring Light", 12, "city"),
        ("Clip Light", 22, "running safety"), ("Fire Starter", 17, "camping"),
    ]),
];

/// Acme's product lines: an item is called by one of them.
const LINES: [&str; 12] = [
    "Fjell", "Kestrel", "Alder", "Tarn", "Ridge", "Cairn", "Juniper", "Lynx", "Heron", "Birch",
    "Granite", "Skye",
];

/// The segments that items with a tag were made for.
const MADE_FOR: [(&str, &[&str]); 2] = [
    ("starter", &["prospects", "new_customers", "promising"]),
    ("expedition", &["champions", "loyal"]),
];

/// Membership tiers: name, price in whole dollars, mean and standard deviation of the demand in
/// members per season.
const TIERS: [(&str, u64, f64, f64); 6] = [
    ("saver", 39, 150.0, 50.0),
    ("basic", 49, 110.0, 35.0),
    ("plus", 59, 90.0, 30.0),
    ("standard", 69, 120.0, 35.0),
    ("prime", 85, 60.0, 18.0),
    ("summit", 109, 40.0, 12.0),
];

/// Prices of the membership tiers in cents, from cheap to dear.
pub(super) fn tier_cents() -> [u64; 6] {
    TIERS.map(|(_, dollars, ..)| dollars * 100)
}

/// An amount of so many cents.
pub(super) fn amount(cents: u64) -> Amount {
    Amount::try_from(cents as f64 / 100.0).unwrap_or_default()
}

/// The catalogue, with popularities drawn from `random`.
pub(super) fn catalog(random: &mut Random) -> Catalog {
    let mut items = Vec::with_capacity(120);
    for (c, (category, products)) in CATEGORIES.iter().enumerate() {
        for (p, product) in products.iter().enumerate() {
            let line = LINES[(p + 5 * c) % LINES.len()];
            items.push(item(category, p, line, product, random));
        }
    }
    Catalog {
        currency: "USD".to_owned(),
        items,
        pricing: Some(policy()),
    }
}

fn item(
    category: &str,
    position: usize,
    line: &str,
    (name, dollars, tags): &Product,
    random: &mut Random,
) -> CatalogItem {
    let tags: Vec<String> = tags.split(' ').map(str::to_owned).collect();
    let made_for = MADE_FOR
        .iter()
        .filter(|(tag, _)| tags.iter().any(|t| t == tag));
    let segments = made_for.flat_map(|(_, segments)| segments.iter().map(|s| (*s).to_owned()));
    // The product of two uniform numbers: few items are taken by many.
    let popularity = random.between((10, 100)) * random.between((10, 100));
    CatalogItem {
        item_id: format!("{category}-{:02}", position + 1),
        title: format!("{line} {name}"),
        category: category.to_owned(),
        segments: segments.collect(),
        tags,
        price: Some(amount(dollars * 100)),
        popularity: (popularity / 20) as f64 / 1_000.0,
    }
}

fn policy() -> PricePolicy {
    let tiers = TIERS.map(|(name, dollars, mean, std_dev)| PriceTier {
        name: name.to_owned(),
        price: amount(dollars * 100),
        demand: Some(Demand { mean, std_dev }),
    });
    let discounts = [
        ("new_customers", 0.10),
        ("about_to_sleep", 0.10),
        ("at_risk", 0.15),
        ("cannot_lose", 0.15),
    ];
    PricePolicy {
        tiers: tiers.to_vec(),
        list_tier: "standard".to_owned(),
        floor: amount(3_500),
        ceiling: amount(11_900),
        max_step: 0.25,
        capacity: Some(400),
        segment_discounts: BTreeMap::from(
            discounts.map(|(segment, share)| (segment.to_owned(), share)),
        ),
    }
}
