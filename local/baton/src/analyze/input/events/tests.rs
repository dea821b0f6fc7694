use super::*;

fn of(text: &str) -> Result<Events, String> {
    let sheet = Sheet::of_text("e.csv", text).map_err(|e| e.message)?;
    read(&sheet).map_err(|e| e.message)
}

const FULL: &str = "\
customer_id,at,step,channel,converted,value
ada,2026-10-01 08:00,home,search,,
ben,2026-10-01T09:00:00Z,home,social,no,
ada,2026-10-03,payment,,yes,40
ada,2026-10-02,cart,newsletter,,
ada,2026-10-09,home,newsletter,,
";

#[test]
fn one_table_makes_journeys_and_paths() {
    let events = of(FULL).expect("read");
    let stages = |journey: &Value| -> Vec<String> {
        let events = journey["events"].as_array().expect("events");
        let stages = events.iter().filter_map(|event| event["stage"].as_str());
        stages.map(str::to_owned).collect()
    };
    let journeys = events.journeys["journeys"].as_array().expect("journeys");
    let read: Vec<_> = journeys
        .iter()
        .map(|j| (stages(j), j["converted"] == true))
        .collect();
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let wanted: [(Vec<String>, bool); 3] = [
        (list(&["home", "cart", "payment"]), true),
        (list(&["home"]), false),
        (list(&["home"]), false),
    ];
    assert_eq!(read, wanted);
    let paths = &events.paths.expect("paths")["paths"];
    assert_eq!(
        paths[0],
        json!({"touches": [{"channel": "search", "at": "2026-10-01T08:00:00Z"},
            {"channel": "newsletter", "at": "2026-10-02T00:00:00Z"}],
            "conversions": 1, "value": 40.0, "nulls": 0})
    );
    assert_eq!(events.source.what, "events: 5, customers: 2");
    assert_eq!(events.notes, Vec::<String>::new());
}

#[test]
fn channels_alone_are_the_stages_of_journeys_too_and_steps_alone_are_no_channels() {
    let channels = of("user,at,channel,value\na,2026-01-01,search,9\n").expect("read");
    let journey = &channels.journeys["journeys"][0];
    assert_eq!(journey["events"][0]["stage"], "search");
    assert_eq!(journey["converted"], true, "worth something");
    assert!(channels.paths.is_some());
    let steps = of("user,at,step\na,2026-01-01,home\n").expect("read");
    assert!(steps.paths.is_none());
    assert!(steps.notes[0].contains("no journey converts"));
}

#[test]
fn a_flag_of_customers_at_every_event_is_noticed() {
    let events = of("user,at,step,converted\na,2026-01-01,x,1\na,2026-01-02,y,1\n");
    assert!(events.expect("read").notes[0].contains("at every one of their events: 1;"));
}

#[test]
fn what_is_wrong_names_file_line_and_column() {
    let head = "user,at,step,converted,value\na,2026-01-01,home,,\n";
    for (row, clue) in [
        (
            ",2026-01-01,home,,",
            "e.csv, line 3, column `user`: is empty",
        ),
        (
            "a,1.2.2026,home,,",
            "e.csv, line 3, column `at`: `1.2.2026` is no time",
        ),
        (
            "a,2026-01-01,home,maybe,",
            "line 3, column `converted`: `maybe` is neither",
        ),
        (
            "a,2026-01-01,home,,12",
            "line 3, column `value`: is what a conversion is worth",
        ),
        (
            "a,2026-01-01,home,1,-2",
            "line 3, column `value`: must not be negative",
        ),
        (
            "b,2026-01-01,(start),,",
            "line 3, column `step`: the journey that begins here: names",
        ),
    ] {
        let refused = of(&format!("{head}{row}\n")).err().expect("refused");
        assert!(refused.contains(clue), "{refused}");
    }
    let refused = of("user,at\na,2026-01-01\n").err().expect("refused");
    assert!(refused.contains("no column step or stage or page or channel"));
    let long = format!("user,at,channel\na,2026-01-01,{}\n", "x".repeat(201));
    let refused = of(&long).err().expect("refused");
    assert!(refused.contains("line 2, column `channel`"), "{refused}");
}
