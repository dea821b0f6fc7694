//! `baton analyze`.

use std::path::{Path, PathBuf};

use super::{json_of, run, said};

fn file(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).expect("a file");
    path.to_str().expect("a path").to_owned()
}

const EVENTS: &str = "\
customer_id,at,step,channel,converted,value
ada,2026-10-01 08:00,home,search,false,
ada,2026-10-01 08:05,cart,,true,40
ben,2026-10-02,home,social,false,
";

#[test]
fn the_sample_makes_tables_and_a_page_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("report.html");
    let output = run(&[
        "analyze",
        "--sample",
        "--html",
        page.to_str().expect("a path"),
    ]);
    assert!(output.status.success(), "{}", said(&output));
    let text = String::from_utf8(output.stdout.clone()).expect("text");
    for part in ["payment", "newsletter", "ETS("] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let html = std::fs::read_to_string(&page).expect("a page");
    assert_eq!(
        html.matches("<svg").count(),
        7,
        "three in two widths, and the flows"
    );
    assert!(html.contains("<bdi>sample events</bdi>, ") && html.ends_with("</html>\n"));
    let left: Vec<PathBuf> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert_eq!(left, [page], "nothing else is left behind");
}

#[test]
fn files_that_people_have_are_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let events = file(folder.path(), "events.csv", EVENTS);
    let months: Vec<String> = (1..=12)
        .map(|m| format!("2025-{m:02};{}", 100 + m))
        .collect();
    let series = format!("month;sales\n{}\n", months.join("\n"));
    let series = file(folder.path(), "sales.csv", &series);
    let arguments = ["analyze", "--journeys", &events, "--series", &series];
    let more = ["--horizon", "3", "--funnel", "home,cart", "--json"];
    let output = run(&[&arguments[..], &more].concat());
    assert!(output.status.success(), "{}", said(&output));
    let results = &json_of(&output)["results"];
    let totals = &results["journeys"]["output"]["totals"];
    assert_eq!(
        (&totals["journeys"], &totals["converted"]),
        (&2.into(), &1.into())
    );
    let steps = &results["journeys"]["output"]["funnel"]["steps"];
    assert_eq!(steps[1]["stage"], "cart");
    assert_eq!(results["attribution"]["output"]["totals"]["value"], 40.0);
    let forecast = results["forecast"]["output"]["forecast"].as_array();
    assert_eq!(forecast.map(Vec::len), Some(3));
}

#[test]
fn a_part_that_fails_is_said_and_is_exit_code_1() {
    let folder = tempfile::tempdir().expect("a folder");
    let context = r#"{"journeys": {"journeys": [{"events": [{"stage": "a"}]}], "level": 7}}"#;
    let context = file(folder.path(), "context.json", context);
    let output = run(&["analyze", &context]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("a fallback stands in its place: InvalidSettings"),
        "{text}"
    );
    assert!(text.contains("Skipped. No series"), "{text}");
}

#[test]
fn what_is_wrong_with_a_file_has_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| file(folder.path(), name, text);
    let events = write("events.csv", "user,at,step\na,yesterday,home\n");
    let good = write("good.csv", EVENTS);
    let series = write("series.csv", "at,value\n2026-01,1\n\n2026-02,many\n");
    let broken = write("broken.json", "{\"forecast\":\n {]}");
    let request = write("request.json", r#"{"type": "analyze", "context": {}}"#);
    let context = write("context.json", r#"{"journeys": {"journeys": []}}"#);
    let list = write("list.json", r#"{"forecast": []}"#);
    for (arguments, clue) in [
        (
            &["--journeys", &events][..],
            "events.csv, line 2, column `at`: `yesterday` is no time",
        ),
        (
            &["--series", &series],
            "series.csv, line 4, column `value`: `many` is no number",
        ),
        (&["--series", "/no/such/file"], "cannot read /no/such/file"),
        (&[&broken], "broken.json: is not JSON"),
        (&[&broken], "line 2 column 3"),
        (&[&request], "give what stands under its `context`"),
        (&[&list], "forecast: must be an object"),
        (&[&context, "--journeys", &good], "journeys is given twice"),
        (
            &["--journeys", &good, "--horizon", "3"],
            "--horizon: there is no series",
        ),
        (
            &["--sample", "--horizon", "501"],
            "must be a number from 1 to 500",
        ),
        (&["--sample", "--journeys", &good], "cannot be used with"),
        (
            &["--sample", "--html", "/no/such/folder/a.html"],
            "cannot write /no/such/folder/a.html",
        ),
        (&[], "required"),
    ] {
        let output = run(&[&["analyze"], arguments].concat());
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(
            said(&output).contains(clue),
            "{arguments:?}: {}",
            said(&output)
        );
    }
}
