//! Contracts and leads.

use std::fmt::Write as _;

use super::{Desk, json_of, said, shop};

#[test]
fn contracts_are_projected_by_their_renewals() {
    let desk = Desk::new();
    // Fader and Hardie's regular customers (2007): 1,000 signed, so many renewed.
    let survivors = [1000_u32, 631, 468, 382, 326, 289, 262, 241];
    let mut csv = "customer_id,tenure,churned\n".to_owned();
    for (tenure, pair) in survivors.windows(2).enumerate() {
        for n in pair[1]..pair[0] {
            writeln!(csv, "c{n},{tenure},1").expect("text");
        }
    }
    for n in 0..241 {
        writeln!(csv, "c{n},7,0").expect("text");
    }
    let csv = desk.file("contracts.csv", csv);
    let output = desk.score(&csv, &["--period-days", "365", "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(json_of(&output)["method"], "sbg-cohort");
    let scores = desk.scores();
    // α 0.704, β 1.182: 8.182 of 8.886 renew the eighth time.
    assert!((scores.number("c0", "renewal_probability") - 0.9208).abs() < 0.001);
    assert_eq!(scores.cell("c999", "probability_alive"), "0.0000");
    assert_eq!(scores.cell("c999", "churn_probability"), "1.0000");
    let unsaid = desk.score(&csv, &[]);
    assert_eq!(unsaid.status.code(), Some(2));
    assert!(said(&unsaid).contains("--period-days"), "{}", said(&unsaid));
}

/// Leads who convert the more, the larger they are; of the last ten nobody knows yet.
fn leads() -> String {
    let mut text = "lead_id,email,\"size, in people\",visits,converted\n".to_owned();
    for i in 0..300_u32 {
        let (size, visits) = (i * 7919 % 100, i % 5);
        let converted = match i {
            290.. => String::new(),
            _ => u8::from(size + 10 * (i % 3) > 60).to_string(),
        };
        writeln!(text, "l{i},l{i}@example.com,{size},{visits},{converted}").expect("text");
    }
    text
}

#[test]
fn leads_are_scored_by_those_of_whom_the_outcome_is_known() {
    let desk = Desk::new();
    let csv = desk.file("leads.csv", leads());
    let refused = desk.score(&csv, &[]);
    assert_eq!(refused.status.code(), Some(2));
    let clue = "line 2, column `email`: `l0@example.com` is no number";
    assert!(said(&refused).contains(clue), "{}", said(&refused));
    assert_eq!(
        desk.names(),
        ["leads.csv"],
        "nothing is left of what was refused"
    );
    let kept = desk.path("model.json");
    let kept = kept.to_str().expect("a path");
    let output = desk.score(
        &csv,
        &["--ignore", "email", "--json", "--save-fitted", kept],
    );
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let report = json_of(&output);
    assert_eq!(report["version"]["rows"], 290);
    assert!(
        report["reliability"]["brier"].as_f64() < Some(0.1),
        "{report:#}"
    );
    let text = std::fs::read_to_string(desk.path("scores.csv")).expect("scores");
    assert_eq!(text.lines().count(), 301);
    let row = |id: &str| {
        text.lines()
            .find(|line| line.starts_with(&format!("{id},")))
            .expect("a row")
            .to_owned()
    };
    let chance = |id: &str| {
        row(id)
            .split(',')
            .nth(1)
            .expect("a cell")
            .parse::<f64>()
            .expect("a number")
    };
    // 291 has 29 people, 299 has 81.
    assert!(
        chance("l291") < 0.3 && chance("l299") > 0.7,
        "{} {}",
        row("l291"),
        row("l299")
    );
    assert!(
        row("l299").contains("\"size, in people\""),
        "{}",
        row("l299")
    );
    // The model scores others, who lack a feature; it is none of customers.
    let others = desk.file(
        "others.csv",
        "id,visits,\"size, in people\"\na,1,95\nb,,5\n",
    );
    let output = desk.score(&others, &["--fitted", kept]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert!(
        said(&output).contains("1 leads lack a feature"),
        "{}",
        said(&output)
    );
    let orders = desk.file("orders.csv", shop());
    let output = desk.score(&orders, &["--fitted", kept]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        said(&output).contains("was fitted to leads"),
        "{}",
        said(&output)
    );
}

#[test]
fn rows_that_are_the_same_are_told_and_a_lone_customer_is_one() {
    let desk = Desk::new();
    let text = "customer_id,at,amount,sku\na,2024-01-01,5,x\na,2024-01-01,5,x\na,2024-01-01,5,y\n";
    let csv = desk.file("orders.csv", text);
    let told = said(&desk.score(&csv, &[]));
    assert!(
        told.contains("every cell, and add up as orders of their own: 1;"),
        "{told}"
    );
    let told = said(&desk.score(&csv, &["--as-of", "2999-01-01"]));
    assert!(told.contains("--as-of lies in the future"), "{told}");
    let output = desk.score(&csv, &[]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(told.contains("scored 1 customer by"), "{told}");
}

#[test]
fn spreadsheets_run_nothing_where_that_is_asked_for() {
    let desk = Desk::new();
    let text = "customer_id,at,amount\n=1+1,2024-01-01,5\n-7,2024-01-01,5\n";
    let csv = desk.file("orders.csv", text);
    desk.score(&csv, &[]);
    assert_eq!(desk.scores().rows[0][0], "=1+1");
    desk.score(&csv, &["--safe-for-spreadsheets"]);
    assert_eq!(
        (&*desk.scores().rows[0][0], &*desk.scores().rows[1][0]),
        ("'=1+1", "-7")
    );
}
