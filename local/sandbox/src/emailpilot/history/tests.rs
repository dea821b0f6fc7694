//! The generated past has the shape, the order and the effects that it promises.

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
