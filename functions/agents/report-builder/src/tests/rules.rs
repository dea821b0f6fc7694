//! What does not leave.

use super::*;

#[test]
fn what_breaks_a_rule_is_kept_back() {
    let sound = report(input());
    let broken: [fn(&mut Report); 7] = [
        |report| report.markdown.clear(),
        |report| report.title.clear(),
        |report| report.claims[0].source_ids.clear(),
        |report| report.claims[0].source_ids.push("9".to_owned()),
        |report| report.claims[0].text.push('x'),
        |report| report.conflicts[0].values.truncate(1),
        |report| report.sources.clear(),
    ];
    for break_it in broken {
        let mut report = sound.clone();
        break_it(&mut report);
        assert!(
            ReportBuilder::default().validate(&report).is_err(),
            "{report:?}"
        );
    }
}
