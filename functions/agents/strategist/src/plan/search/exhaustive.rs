//! All plans of three mails, to see how near the search comes to the best.

use super::*;
use crate::plan::OpenDay;

/// The value of the plan that is found, and of the best plan of as many mails, by trying all.
pub(crate) fn compared_with_the_best(
    input: &Input,
    zone: &TimeZone,
    forecast: &Forecast,
) -> (f64, f64) {
    let orders = Orders::default();
    let mut search = Search::new(input, zone, forecast, &orders);
    // Every third day: all plans of three mails are some hundred thousand then.
    search.days = search.days.iter().copied().step_by(3).collect();
    let mut slots = search.fill();
    search.exchange(&mut slots);
    let mut all = Vec::new();
    for &segment in &search.segments {
        for &theme in &search.themes {
            let slot = |open: &OpenDay| Slot {
                segment,
                theme,
                day: open.day,
                part: open.part,
                explores: false,
            };
            all.extend(search.days.iter().map(slot));
        }
    }
    let mut best = 0.0_f64;
    for (a, first) in all.iter().enumerate() {
        for (b, second) in all.iter().enumerate().skip(a + 1) {
            if !search.allowed(second.segment, second.day, &[*first]) {
                continue;
            }
            for third in &all[b + 1..] {
                if search.allowed(third.segment, third.day, &[*first, *second]) {
                    best = best.max(search.value(&[*first, *second, *third]));
                }
            }
        }
    }
    (search.value(&slots), best)
}
