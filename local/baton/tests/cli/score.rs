//! `baton score`.

mod others;
mod wrong;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{baton, json_of, run, said};

/// A folder, and what is in it.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("a path").to_owned()
    }

    /// Scores a file into `scores.csv`.
    fn score(&self, csv: &str, more: &[&str]) -> Output {
        let out = self.path("scores.csv");
        let mut arguments = vec![
            "score",
            "--csv",
            csv,
            "--out",
            out.to_str().expect("a path"),
        ];
        arguments.extend(more);
        run(&arguments)
    }

    fn scores(&self) -> Table {
        Table::read(&std::fs::read_to_string(self.path("scores.csv")).expect("scores"))
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("a folder");
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            let name = entry.expect("an entry").file_name();
            name.into_string().expect("a name")
        };
        let mut names: Vec<String> = entries.map(name).collect();
        names.sort();
        names
    }
}

/// A CSV file without quotes in it.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn read(text: &str) -> Self {
        let mut lines = text
            .lines()
            .map(|line| line.split(',').map(str::to_owned).collect());
        Self {
            header: lines.next().expect("a header"),
            rows: lines.collect(),
        }
    }

    fn cell(&self, id: &str, column: &str) -> &str {
        let row = self.rows.iter().find(|row| row[0] == id);
        let at = self.header.iter().position(|name| name == column);
        &row.unwrap_or_else(|| panic!("no {id}"))[at.expect("a column")]
    }

    fn number(&self, id: &str, column: &str) -> f64 {
        self.cell(id, column).parse().expect("a number")
    }
}

fn data(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
    std::fs::read_to_string(root.join(path)).expect("data")
}

/// The sample of CDNOW, a row for each customer; those of a row are alike.
fn cdnow() -> String {
    let mut text = "customer_id,frequency,recency,T,monetary_value\n".to_owned();
    let rows = data("kit/lifetime/tests/data/cdnow.csv");
    for (i, line) in rows.lines().skip(1).enumerate() {
        let (customers, rest) = line.split_once(',').expect("a row");
        for n in 0..customers.parse().expect("a number") {
            writeln!(text, "c{i}-{n},{rest}").expect("text");
        }
    }
    text
}

#[test]
fn cdnow_is_scored_as_published() {
    let desk = Desk::new();
    let csv = desk.file("cdnow.csv", cdnow());
    let kept = desk.path("fitted.json");
    let kept = kept.to_str().expect("a path");
    let weeks = ["--time-unit", "weeks", "--horizon", "273", "--json"];
    let output = desk.score(&csv, &[&weeks[..], &["--save-fitted", kept]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json_of(&output);
    assert_eq!(
        (&report["kind"], &report["customers"]),
        (&"summaries".into(), &2357.into())
    );
    assert_eq!(report["method"], "bgnbd-gamma-gamma-cohort");
    assert_eq!(report["version"]["customers"], 2357);
    // Fader, Hardie and Lee (2005), and Hardie's note 025.
    let fitted: Value =
        serde_json::from_str(&std::fs::read_to_string(kept).expect("kept")).expect("JSON");
    let near = |path: &str, wanted: f64, within: f64| {
        let found = fitted.pointer(path).and_then(Value::as_f64).expect(path);
        assert!((found - wanted).abs() < within, "{path}: {found}");
    };
    near("/bg_nbd/r", 0.243, 0.001);
    near("/bg_nbd/alpha", 4.414, 0.005);
    near("/bg_nbd/a", 0.793, 0.002);
    near("/bg_nbd/b", 2.426, 0.005);
    near("/gamma_gamma/USD/p", 6.25, 0.02);
    near("/gamma_gamma/USD/gamma", 15.44, 0.05);
    // x = 2, t_x = 30.43, T = 38.86, 39 weeks ahead: 1.226 purchases.
    let scores = desk.scores();
    assert_eq!(scores.rows.len(), 2357);
    assert!((scores.number("c1-0", "expected_purchases") - 1.226).abs() < 0.001);
    assert!((scores.number("c1-0", "probability_alive") - 0.726).abs() < 0.001);
    assert_eq!(scores.cell("c0-0", "probability_alive"), "1.0000");
    for row in &scores.rows {
        let ltv: f64 = row[6].parse().expect("a number");
        let (low, high): (f64, f64) = (row[7].parse().expect("low"), row[8].parse().expect("high"));
        assert!(low <= high && ltv >= 0.0, "{row:?}");
        assert_eq!(
            row[6].split_once('.').expect("decimal").1.len(),
            2,
            "{row:?}"
        );
    }
    // What was kept scores the same, one customer alone as well.
    let first = std::fs::read_to_string(desk.path("scores.csv")).expect("scores");
    let again = desk.score(&csv, &[&weeks[..], &["--fitted", kept]].concat());
    assert_eq!(again.status.code(), Some(0), "{}", said(&again));
    let second = std::fs::read_to_string(desk.path("scores.csv")).expect("scores");
    assert_eq!(second, first.replace("-cohort", ""));
    let one = desk.file(
        "one.csv",
        "customer_id,x,t_x,t,mean_spend\nme,2,30.43,38.86,22.35\n",
    );
    let alone = desk.score(&one, &[&weeks[..], &["--fitted", kept]].concat());
    assert_eq!(alone.status.code(), Some(0));
    let lone = desk.scores();
    assert_eq!(
        lone.cell("me", "ltv"),
        Table::read(&second).cell("c1-0", "ltv")
    );
}

/// A shop of 150 customers, of whom some come back.
fn shop() -> String {
    let mut text = "order_id,date,customer_id,total\n".to_owned();
    for i in 0..150 {
        for n in 0..=(i % 4) {
            let (month, day) = (1 + (i + 3 * n) % 12, 1 + (i * 7 + n * 5) % 28);
            writeln!(
                text,
                "o{i}-{n},2023-{month:02}-{day:02},c{i},{}.50",
                10 + i % 17
            )
            .expect("text");
        }
    }
    text
}

#[test]
fn orders_are_summarised_by_day_whatever_marks_and_line_ends_there_are() {
    let desk = Desk::new();
    let plain = shop();
    let csv = desk.file("orders.csv", &plain);
    let output = desk.score(&csv, &["--as-of", "2024-01-31"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let said_so = said(&output);
    let mut lines = said_so.lines().filter(|line| !line.is_empty());
    assert!(
        lines.all(|line| line.starts_with("note:")),
        "no terminal, no progress: {said_so}"
    );
    let scores = std::fs::read_to_string(desk.path("scores.csv")).expect("scores");
    assert_eq!(scores.lines().count(), 151);
    assert!(scores.contains(",bgnbd-gamma-gamma-cohort"));
    // A byte order mark, semicolons, and the line ends of another system.
    let other = format!("\u{feff}{}", plain.replace('\n', "\r\n").replace(',', ";"));
    let other = desk.file("other.csv", other);
    assert_eq!(
        desk.score(&other, &["--as-of", "2024-01-31"]).status.code(),
        Some(0)
    );
    assert_eq!(
        std::fs::read_to_string(desk.path("scores.csv")).expect("scores"),
        scores
    );
    // The order of rows is of no account but for that of customers.
    let mut lines: Vec<&str> = plain.lines().collect();
    lines[1..].reverse();
    let reversed = desk.file("reversed.csv", lines.join("\n"));
    assert_eq!(
        desk.score(&reversed, &["--as-of", "2024-01-31"])
            .status
            .code(),
        Some(0)
    );
    let back = std::fs::read_to_string(desk.path("scores.csv")).expect("scores");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&back), sorted(&scores));
    assert_eq!(
        desk.names(),
        ["orders.csv", "other.csv", "reversed.csv", "scores.csv"]
    );
}

#[test]
fn few_customers_are_scored_by_a_prior_and_those_without_orders_not_at_all() {
    let desk = Desk::new();
    let csv = desk.file(
        "orders.csv",
        "customer_id,at,amount\n=1+1,2024-01-05,20\nlater,2024-09-01T10:00:00+02:00,5\nnever,,\n",
    );
    let output = desk.score(&csv, &["--as-of", "2024-06-30", "--json"]);
    assert_eq!(output.status.code(), Some(3), "a prior: {}", said(&output));
    let report = json_of(&output);
    assert_eq!(
        (&report["without_orders"], &report["customers"]),
        (&2.into(), &3.into())
    );
    assert!(
        report["warnings"].to_string().contains("100 are needed"),
        "{report:#}"
    );
    let scores = desk.scores();
    assert_eq!(scores.cell("=1+1", "method"), "bgnbd-gamma-gamma-prior");
    assert!(scores.number("=1+1", "ltv") > 0.0);
    for id in ["later", "never"] {
        assert_eq!(
            (scores.cell(id, "ltv"), scores.cell(id, "method")),
            ("", "none")
        );
    }
}

#[test]
fn scores_go_through_a_pipe_and_a_file_is_replaced_as_a_whole() {
    let desk = Desk::new();
    let csv = desk.file("orders.csv", shop());
    let file = std::fs::File::open(&csv).expect("a file");
    let piped = baton(&["score", "--csv", "-"])
        .stdin(Stdio::from(file))
        .output()
        .expect("baton runs");
    assert_eq!(piped.status.code(), Some(0), "{}", said(&piped));
    let table = Table::read(&String::from_utf8(piped.stdout.clone()).expect("text"));
    assert_eq!(
        (table.rows.len(), table.header[0].as_str()),
        (150, "customer_id")
    );
    assert!(
        said(&piped).starts_with("scored 150 customers by "),
        "{}",
        said(&piped)
    );
    // What was there stays until the new one is whole.
    desk.file("scores.csv", "before");
    let broken = desk.file("broken.csv", format!("{}o,2023-13-01,c1,5\n", shop()));
    assert_eq!(desk.score(&broken, &[]).status.code(), Some(2));
    assert_eq!(
        std::fs::read_to_string(desk.path("scores.csv")).expect("scores"),
        "before"
    );
    assert_eq!(desk.score(&csv, &[]).status.code(), Some(0));
    assert_eq!(desk.scores().rows.len(), 150);
    assert_eq!(desk.names(), ["broken.csv", "orders.csv", "scores.csv"]);
}
