//! Answers that a workflow can carry: digits that mean something, and of lists that are too long what
//! was most frequent.

use baton_agent::{MAX_OUTPUT_BYTES, json_bytes, rounded};

use crate::rate::Rate;
use crate::{Outlook, Output};

/// The part of each list that is kept in one more try, in hundredths.
const KEPT_OF_100: usize = 90;

/// Rounds every number to seven digits. Where the answer has more than [`MAX_OUTPUT_BYTES`] then,
/// stages, links, flows and paths lose the same part of their least frequent entries, and a warning
/// says how many are left.
pub(crate) fn fit(output: &mut Output) -> Option<String> {
    round(output);
    if json_bytes(output) <= MAX_OUTPUT_BYTES {
        return None;
    }
    let lengths = [
        output.states.len(),
        output.links.len(),
        output.flows.len(),
        output.paths.len(),
    ];
    let mut kept = lengths;
    while json_bytes(output) > MAX_OUTPUT_BYTES && kept.iter().any(|length| *length > 1) {
        kept = kept.map(|length| length.min((length * KEPT_OF_100 / 100).max(1)));
        shorten(output, kept);
    }
    let named = ["stages", "links", "flows", "paths"];
    let counts = named.iter().zip(lengths).zip(kept);
    let shorter = counts.filter(|((_, all), kept)| kept < all);
    let counts: Vec<String> = shorter
        .map(|((name, all), kept)| format!("{kept} of {all} {name}"))
        .collect();
    Some(format!(
        "{} are answered, the most frequent ones: an answer has {MAX_OUTPUT_BYTES} bytes at most",
        counts.join(", ")
    ))
}

fn shorten(output: &mut Output, [states, links, flows, paths]: [usize; 4]) {
    let mut visits: Vec<(u64, usize)> = output.states.iter().map(|s| s.visits).zip(0..).collect();
    visits.sort_by(|(a, i), (b, k)| b.cmp(a).then(i.cmp(k)));
    let mut kept: Vec<usize> = visits.iter().take(states).map(|(_, i)| *i).collect();
    kept.sort_unstable();
    output.states = kept.iter().map(|i| output.states[*i].clone()).collect();
    output.links.truncate(links);
    // By step, and by frequency in each: what is rarest goes, whatever its step.
    let mut counts: Vec<u64> = output.flows.iter().map(|flow| flow.count).collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    if let Some(least) = counts.get(flows.saturating_sub(1)).copied() {
        let mut alike = counts.iter().take(flows).filter(|n| **n == least).count();
        output.flows.retain(|flow| {
            let last = flow.count == least && alike > 0;
            alike -= usize::from(last);
            flow.count > least || last
        });
    }
    output.paths.truncate(paths);
}

fn round(output: &mut Output) {
    rate(&mut output.totals.conversion);
    if let Some(start) = &mut output.start {
        outlook(start);
    }
    for state in &mut output.states {
        outlook(&mut state.outlook);
        rate(&mut state.drop_off);
    }
    for link in &mut output.links {
        link.share = rounded(link.share);
        link.mean_hours = link.mean_hours.map(rounded);
    }
    for step in output.funnel.iter_mut().flat_map(|f| &mut f.steps) {
        rate(&mut step.from_previous);
        rate(&mut step.from_all);
        step.median_hours = step.median_hours.map(rounded);
    }
    for path in &mut output.paths {
        path.share = rounded(path.share);
        path.conversion_rate = rounded(path.conversion_rate);
    }
}

fn rate(rate: &mut Rate) {
    *rate = Rate {
        rate: rounded(rate.rate),
        low: rounded(rate.low),
        high: rounded(rate.high),
    };
}

fn outlook(outlook: &mut Outlook) {
    *outlook = Outlook {
        conversion_probability: rounded(outlook.conversion_probability),
        expected_steps: rounded(outlook.expected_steps),
        expected_steps_to_convert: outlook.expected_steps_to_convert.map(rounded),
        expected_hours_to_convert: outlook.expected_hours_to_convert.map(rounded),
    };
}
