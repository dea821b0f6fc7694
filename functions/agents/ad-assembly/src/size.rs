//! Answers that a workflow can carry.

use baton_agent::{MAX_OUTPUT_BYTES, json_bytes};

use crate::Output;

/// Leaves out the last draws, then the ads of least traffic, until the answer has
/// [`MAX_OUTPUT_BYTES`] at most, and says so. One ad stays.
pub(crate) fn fit(output: &mut Output) -> Option<String> {
    let (draws, ads) = (output.draws.len(), output.ads.len());
    while json_bytes(output) > MAX_OUTPUT_BYTES && output.draws.len() + output.ads.len() > 1 {
        if output.draws.is_empty() {
            output.ads.truncate((output.ads.len() - 1).max(1));
            if output.ads.len() == 1 {
                break;
            }
        } else {
            output.draws.truncate(output.draws.len() * 9 / 10);
        }
    }
    let left = (output.draws.len(), output.ads.len());
    (left != (draws, ads)).then(|| {
        format!(
            "{} of {draws} draws and {} of {ads} ads are answered: an answer has {MAX_OUTPUT_BYTES} bytes \
             at most, and names and texts are long",
            left.0, left.1
        )
    })
}

#[cfg(test)]
mod tests {
    use baton_agent::Agent as _;
    use serde_json::{Value, json};

    use crate::AdAssembly;
    use crate::tests::{arm, run};

    /// As many arms as there may be, under the longest names and with the longest texts.
    #[test]
    fn the_largest_answer_is_small_enough() {
        let arms = |kind: &str| -> Vec<Value> {
            let name = |n: u64| format!("{kind}{n:0>63}");
            let arm = |n: u64| json!({"id": name(n), "text": "t".repeat(2_000), "ref": "r".repeat(2_000), "impressions": 999_999_900 + n, "clicks": 33_333_300 + n});
            (0..50).map(arm).collect()
        };
        let components =
            json!({"headline": arms("h"), "image": arms("i"), "body": arms("b"), "cta": arms("c")});
        let input = json!({"components": components, "ads": 10, "draws": 500});
        let report = run(input.clone()).unwrap();
        let bytes = baton_agent::json_bytes(&report.output);
        assert!(bytes <= baton_agent::MAX_OUTPUT_BYTES, "{bytes}");
        assert!(
            report.warnings[1].contains("of 500 draws"),
            "{:?}",
            report.warnings
        );
        let fallback = serde_json::from_value(json!({"components": input["components"]})).unwrap();
        let report = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(AdAssembly.fallback(fallback))
            .unwrap();
        let bytes = baton_agent::json_bytes(&report.output);
        assert!(
            bytes <= baton_agent::MAX_OUTPUT_BYTES && !report.output.ads.is_empty(),
            "{bytes}"
        );
        let small = json!({"components": {"cta": [arm("a", 9, 3), arm("b", 9, 4)]}, "draws": 500});
        let report = run(small).unwrap();
        assert_eq!((report.output.draws.len(), report.warnings.len()), (500, 0));
    }
}
