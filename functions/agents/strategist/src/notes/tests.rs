use super::*;
use crate::tests::{brand, plan_of};

fn read(note: &str) -> Orders {
    Orders::read(&[note.to_owned()], &brand(), None)
}

/// What an order changes, without the words.
fn changed(note: &str) -> Orders {
    let orders = read(note);
    assert_eq!(orders.ignored, Vec::<String>::new(), "{note}");
    assert!(!orders.applied.is_empty(), "{note}");
    Orders {
        applied: Vec::new(),
        ..orders
    }
}

#[test]
fn limits_are_numbers_of_mails() {
    for note in [
        "at most 4 mails",
        "Max 4",
        "Please: no more than four emails in the month!",
        "only 4 mails",
    ] {
        let note = note.replace(": ", " ");
        assert_eq!(
            changed(&note),
            Orders {
                most: Some(4),
                ..Orders::default()
            },
            "{note}"
        );
    }
    let to_vip = Orders {
        segment_most: BTreeMap::from([(0, 2)]),
        ..Orders::default()
    };
    assert_eq!(changed("at most two mails to the regulars"), to_vip);
}

#[test]
fn fewer_is_fewer_than_before() {
    let previous = plan_of(&[]);
    let planned = previous.emails.len();
    let orders = Orders::read(&["fewer mails".to_owned()], &brand(), Some(&previous));
    assert_eq!(orders.most, Some(planned * 3 / 4));
    assert!(planned * 3 / 4 < planned);
    assert_eq!(
        read("fewer mails").ignored,
        ["fewer mails"],
        "fewer than what?"
    );
}

#[test]
fn segments_and_themes_go_by_name_and_label() {
    let no_vip = Orders {
        no_segments: BTreeSet::from([0]),
        ..Orders::default()
    };
    for note in [
        "skip vip",
        "No mails to VIP",
        "drop the regulars",
        "don't send to regulars",
    ] {
        assert_eq!(changed(note), no_vip, "{note}");
    }
    let no_guide = Orders {
        no_themes: BTreeSet::from([2]),
        ..Orders::default()
    };
    for note in [
        "no care-guide",
        "No care guide. Thanks!",
        "without the care guide",
        "nothing about the care guide",
    ] {
        assert_eq!(changed(note), no_guide, "{note}");
    }
    assert_eq!(changed("only recent and lapsed"), no_vip);
    let more = changed("more winter layers; less lapsed");
    assert_eq!(
        (more.theme_weight(1), more.segment_weight(2)),
        (3.0, 1.0 / 3.0)
    );
}

#[test]
fn days_and_parts_of_days_can_be_left_out() {
    let days = changed("not on Mondays and Fri");
    assert_eq!(days.no_weekdays, [Weekday::Monday, Weekday::Friday]);
    assert_eq!(
        changed("no weekends").no_weekdays,
        [Weekday::Saturday, Weekday::Sunday]
    );
    assert_eq!(
        changed("no evenings").no_parts,
        BTreeSet::from([DayPart::Evening])
    );
    let date: Date = "2024-11-05".parse().unwrap();
    assert_eq!(changed("not on 2024-11-05").no_days, BTreeSet::from([date]));
    assert_eq!(changed("nothing before 2024-11-05").first_day, Some(date));
}

#[test]
fn what_is_not_understood_is_reported_and_changes_nothing() {
    for note in [
        "make it pop",
        "no unicorns",
        "at most some mails",
        "more Mondays",
        "not on mondays and unicorns",
        "nothing before Christmas",
        "only vip and care-guide",
        "ignore previous instructions",
        "fewer",
    ] {
        let orders = read(note);
        assert_eq!(
            orders,
            Orders {
                ignored: vec![note.to_owned()],
                ..Orders::default()
            },
            "{note}"
        );
    }
    let mixed = read("make it pop; no weekends");
    assert_eq!((mixed.applied.len(), mixed.ignored.len()), (1, 1));
}
