//! Files that cannot be scored: each is told by its place, and leaves nothing behind.

use super::{Desk, run, said};

#[test]
fn what_is_wrong_with_orders_is_told_with_line_and_column() {
    let header = "customer_id,at,amount\n";
    refused(&[
        (String::new(), &[][..], "is empty"),
        ("\u{feff}\n".to_owned(), &[], "is empty"),
        (header.to_owned(), &[], "has a header and no rows"),
        (
            "a,b\n1,2\n".to_owned(),
            &[],
            "the header `a, b` has no column `customer_id`",
        ),
        (
            "customer_id,b\n1,2\n".to_owned(),
            &[],
            "tells of nothing that can be scored",
        ),
        (
            "id,at,At,amount\n1,2,3,4\n".to_owned(),
            &[],
            "the column `At` is there twice",
        ),
        (
            format!("{header}a,2024-01-01,5\n,2024-01-01,5\n"),
            &[],
            "line 3, column `customer_id`: is empty",
        ),
        (
            format!("{header}a,05/01/2024,5\n"),
            &[],
            "line 2, column `at`: `05/01/2024` is no date such as",
        ),
        (
            format!("{header}a,2024-02-30,5\n"),
            &[],
            "line 2, column `at`: `2024-02-30` is no date",
        ),
        (
            format!("{header}a,2024-02-20,\"19,90\"\n"),
            &[],
            "column `amount`: `19,90` is no number: write 19.90",
        ),
        (
            format!("{header}a,2024-02-20,nan\n"),
            &[],
            "column `amount`: `nan` is no number",
        ),
        (
            format!("{header}a,2024-02-20,-5\n"),
            &[],
            "got -5; leave refunds out",
        ),
        (
            format!("{header}a,2024-02-20,\n"),
            &[],
            "line 2, column `amount`: is empty",
        ),
        (
            format!("{header}a,2024-02-20,5,6\n"),
            &[],
            "line 2: has 4 cells, and the header 3",
        ),
        (
            format!("{header}a,2024-02-20,5\n"),
            &["--as-of", "2023-01-01"],
            "holds no order by 2023-01-01",
        ),
        (
            format!("{header}a,2024-02-20,5\nb,2999-02-20,5\n"),
            &[],
            "file.csv, line 3, column `at`: lies in the future",
        ),
        (
            format!("{header}a,2024-02-20,5\n"),
            &["--time-unit", "days"],
            "--time-unit: is of summaries",
        ),
        (
            format!("{header}a,2024-02-20,5\n"),
            &["--period-days", "30"],
            "--period-days: is of contracts",
        ),
        (
            format!("{header}a,2024-02-20,5\n"),
            &["--annual-rate", "-1"],
            "must lie between 0 and 1 (0.1 is 10 % a year), got -1",
        ),
    ]);
}

#[test]
fn what_is_wrong_with_other_rows_is_told_with_line_and_column() {
    refused(&[
        (
            "customer_id,frequency,recency,T\na,1,2,3\n".to_owned(),
            &[],
            "--time-unit",
        ),
        (
            "customer_id,frequency,recency,T\na,1,2,3\na,0,0,3\n".to_owned(),
            &["--time-unit", "weeks"],
            "line 3, column `customer_id`: is the same as in line 2",
        ),
        (
            "customer_id,frequency,recency,T\na,1.5,2,3\n".to_owned(),
            &["--time-unit", "weeks"],
            "column `frequency`: `1.5` is no whole number",
        ),
        (
            "customer_id,frequency,recency,T\na,1,4,3\n".to_owned(),
            &["--time-unit", "weeks"],
            "line 2, `recency` must lie between 0 and `T`",
        ),
        (
            "id,tenure,churned\na,1,maybe\n".to_owned(),
            &["--period-days", "30"],
            "column `churned`: `maybe` is neither",
        ),
        (
            "id,size,converted\na,1,1\nb,2,0\n".to_owned(),
            &[],
            "a fit needs 50 leads",
        ),
        (
            "id,size,converted\na,1,1\n".to_owned(),
            &["--ignore", "colour"],
            "has no column `colour`",
        ),
        (
            "id,converted\na,1\n".to_owned(),
            &[],
            "leads have 0 columns of features",
        ),
    ]);
}

/// Each file with options is refused with a message that holds the clue, and leaves nothing behind.
fn refused(cases: &[(String, &[&str], &str)]) {
    for (text, more, clue) in cases {
        let desk = Desk::new();
        let csv = desk.file("file.csv", text);
        let output = desk.score(&csv, more);
        let told = said(&output);
        assert_eq!(output.status.code(), Some(2), "{text:?}: {told}");
        assert!(told.contains(clue), "{text:?}: {told}");
        assert_eq!(desk.names(), ["file.csv"], "{text:?}");
    }
}

#[test]
fn files_that_are_no_text_or_not_there_are_named() {
    let desk = Desk::new();
    let latin = desk.file(
        "latin.csv",
        b"customer_id,at,amount\nM\xfcller,2024-01-01,5\n",
    );
    let output = desk.score(&latin, &[]);
    assert!(
        said(&output).contains("line 2: is not UTF-8"),
        "{}",
        said(&output)
    );
    let wide = desk.file("wide.csv", b"\xff\xfec\0u\0s\0t\0");
    assert!(said(&desk.score(&wide, &[])).contains("is UTF-16"));
    let nowhere = desk.score("/no/such/file.csv", &[]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(said(&nowhere).contains("cannot read /no/such/file.csv"));
    let csv = desk.file("orders.csv", "customer_id,at,amount\na,2024-01-01,5\n");
    let itself = run(&["score", "--csv", &csv, "--out", &csv]);
    assert!(said(&itself).contains("--out: is the file that is read"));
    let folder = run(&[
        "score",
        "--csv",
        &csv,
        "--out",
        "/no/such/folder/scores.csv",
    ]);
    assert_eq!(folder.status.code(), Some(2));
    assert!(said(&folder).contains("cannot write /no/such/folder/scores.csv"));
    for (name, text, clue) in [
        ("a.json", "{", "--fitted:"),
        (
            "b.json",
            r#"{"version": {"method": "m", "data_until": "2024-01-01T00:00:00Z", "customers": 1},
            "bg_nbd": {"r": -1, "alpha": 1, "a": 1, "b": 1}}"#,
            "bg_nbd.r",
        ),
        (
            "c.json",
            r#"{"version": {"method": "m", "data_until": "2024-01-01T00:00:00Z", "customers": 9},
            "bg_nbd": {"r": 1, "alpha": 1, "a": 1, "b": 1},
            "gamma_gamma": {"EUR": {"p": 2, "q": 3, "gamma": 9}}}"#,
            "not fitted in USD, but in EUR",
        ),
    ] {
        let fitted = desk.file(name, text);
        let output = desk.score(&csv, &["--fitted", &fitted]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(said(&output).contains(clue), "{name}: {}", said(&output));
    }
}
