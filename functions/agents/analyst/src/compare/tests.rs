use serde_json::json;

use super::*;

fn table(a: f64, n1: f64, c: f64, n0: f64) -> Table {
    let side = |conversions, mails| Side { mails, conversions };
    Table {
        inside: side(a, n1),
        others: side(c, n0),
    }
}

const NORMAL: Dispersion = Dispersion {
    factor: 1.0,
    freedom: 1e6,
};

fn near(found: f64, published: f64, within: f64) {
    assert!(
        (found - published).abs() <= within,
        "{found} is not {published}"
    );
}

/// The Physicians' Health Study as in Agresti, "Categorical Data Analysis": 189 of 11,034 against
/// 104 of 11,037, relative risk 1.82, 95 % interval 1.43 to 2.31.
#[test]
fn the_interval_of_katz_is_agresti_s() {
    let ratio = Ratio::of(&[table(189.0, 11_034.0, 104.0, 11_037.0)], NORMAL);
    let (low, high) = ratio.interval();
    near(less_one(ratio.log), 0.82, 5e-3);
    near(low, 0.43, 5e-3);
    near(high, 1.31, 5e-3);
    let katz = (1.0 / 189.0 - 1.0 / 11_034.0 + 1.0 / 104.0 - 1.0 / 11_037.0_f64).sqrt();
    near(ratio.error, katz, 1e-12);
}

/// Tolbutamide in the University Group Diabetes Program, by age, as in Rothman and Greenland,
/// "Modern Epidemiology": crude ratio 1.44, Mantel–Haenszel ratio 1.33.
#[test]
fn the_ratio_of_mantel_and_haenszel_is_rothman_s() {
    let young = table(8.0, 106.0, 5.0, 120.0);
    let old = table(22.0, 98.0, 16.0, 85.0);
    near(less_one(Ratio::of(&[young, old], NORMAL).log), 0.33, 5e-3);
    let crude = table(30.0, 204.0, 21.0, 205.0);
    near(less_one(Ratio::of(&[crude], NORMAL).log), 0.44, 5e-3);
}

/// Student's t at 97.5 %, from any table.
#[test]
fn few_campaigns_make_wide_intervals() {
    for (freedom, t) in [(1.0, 12.706), (2.0, 4.303), (10.0, 2.228), (30.0, 2.042)] {
        near(student(freedom).unwrap().inverse_cdf(0.975), t, 5e-4);
    }
}

#[test]
fn a_side_without_conversions_is_raised_by_a_half() {
    let ratio = Ratio::of(&[table(0.0, 100.0, 10.0, 100.0)], NORMAL);
    near(ratio.log, (0.5_f64 / 10.5).ln(), 1e-12);
    let katz = 1.0 / 0.5 - 1.0 / 101.0 + 1.0 / 10.5 - 1.0 / 101.0_f64;
    near(ratio.error, katz.sqrt(), 1e-12);
    let (low, high) = Ratio::of(&[table(0.0, 100.0, 0.0, 50.0)], NORMAL).interval();
    assert!(low < -0.9 && high > 3.0, "nothing is known: {low} {high}");
}

#[test]
fn where_every_mail_converts_nothing_is_found() {
    let ratio = Ratio::of(&[table(5.0, 5.0, 5.0, 5.0)], NORMAL);
    assert_eq!((ratio.interval(), ratio.p_value()), ((0.0, 0.0), 1.0));
    let none = Ratio::of(&[], NORMAL);
    assert_eq!((none.interval(), none.p_value()), ((0.0, 0.0), 1.0));
}

fn past(segment: &str, theme: &str, day: u8, delivered: u64, conversions: u64) -> PastCampaign {
    serde_json::from_value(json!({
        "campaign_id": format!("{segment}-{theme}-{day}"), "segment": segment, "theme": theme,
        "sent_at": format!("2024-10-{day:02}T14:00:00Z"), "subject": "s", "delivered": delivered,
        "opens": conversions, "clicks": conversions, "conversions": conversions, "revenue": 1.0,
    }))
    .unwrap()
}

fn lift_of<'a>(found: &'a [Compared], value: &str) -> &'a Compared {
    found
        .iter()
        .find(|compared| compared.lift.value == value)
        .unwrap()
}

/// Simpson's paradox: the sale converts less in both segments, and goes mostly to the better one.
#[test]
fn a_theme_is_not_praised_for_its_segment() {
    let history = [
        past("vip", "sale", 1, 9_000, 900),
        past("vip", "news", 2, 1_000, 120),
        past("new", "sale", 3, 1_000, 10),
        past("new", "news", 4, 9_000, 108),
        past("vip", "sale", 5, 9_000, 900),
        past("new", "news", 6, 9_000, 108),
    ];
    let used: Vec<&PastCampaign> = history.iter().collect();
    let found = all(&used, &TimeZone::UTC);
    let sale = &lift_of(&found, "sale").lift;
    assert!(sale.rates.conversion > lift_of(&found, "news").lift.rates.conversion);
    near(sale.lift, -1.0 / 6.0, 1e-3);
    assert!(lift_of(&found, "vip").lift.lift > 5.0);
}

/// By hand: both campaigns at 50 % expect 50 of 100 and have 60 and 40, so Pearson's statistic is
/// 2 · 10² / 25 = 8, with one degree of freedom.
#[test]
fn campaigns_that_differ_count_for_less() {
    let history = [past("vip", "a", 1, 100, 60), past("vip", "a", 2, 100, 40)];
    let used: Vec<&PastCampaign> = history.iter().collect();
    near(dispersion_within_segments(&used), 8.0, 1e-12);
    let same = [past("vip", "a", 1, 100, 50), past("vip", "a", 2, 100, 50)];
    let used: Vec<&PastCampaign> = same.iter().collect();
    near(dispersion_within_segments(&used), 1.0, 1e-12);
}

#[test]
fn a_theme_that_only_one_segment_got_is_compared_crudely() {
    let history = [
        past("vip", "sale", 1, 100, 9),
        past("new", "news", 2, 100, 3),
    ];
    let used: Vec<&PastCampaign> = history.iter().collect();
    assert!(lift_of(&all(&used, &TimeZone::UTC), "sale").crude);
}

/// R: `p.adjust(c(.04, .01, .03, .005), "holm")` is .06, .03, .06, .02.
#[test]
fn holm_s_adjustment_never_falls() {
    let history = [past("vip", "a", 1, 100, 60), past("new", "b", 2, 100, 40)];
    let used: Vec<&PastCampaign> = history.iter().collect();
    let mut found = vec![lift_of(&all(&used, &TimeZone::UTC), "a").clone(); 4];
    for (compared, p) in found.iter_mut().zip([0.04, 0.01, 0.03, 0.005]) {
        compared.adjusted_p = p;
    }
    adjust(&mut found);
    let adjusted: Vec<f64> = found.iter().map(|compared| compared.adjusted_p).collect();
    for (found, expected) in adjusted.iter().zip([0.02, 0.03, 0.06, 0.06]) {
        near(*found, expected, 1e-12);
    }
}
