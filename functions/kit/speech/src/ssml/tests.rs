use proptest::prelude::*;

use super::*;

fn text(words: &str) -> Node {
    Node::Text(words.to_owned())
}

#[test]
fn what_is_written_is_read_again() {
    let speech = Speech {
        locale: "en-GB".to_owned(),
        nodes: vec![Node::Prosody(
            Prosody {
                rate: Some(104),
                pitch: Some(-5),
                volume: Some(2),
            },
            vec![
                Node::Paragraph(vec![
                    text("Tea & <milk>, "),
                    Node::Emphasis(Level::Strong, vec![text("\"hot\"")]),
                ]),
                Node::Break(500),
                Node::Sentence(vec![text("now")]),
            ],
        )],
    };
    let written = speech.to_ssml(Dialect::Standard);
    assert_eq!(
        written,
        "<speak version=\"1.0\" xmlns=\"http://www.w3.org/2001/10/synthesis\" xml:lang=\"en-GB\">\
         <prosody rate=\"104%\" pitch=\"-5%\" volume=\"+2dB\"><p>Tea &amp; &lt;milk&gt;, \
         <emphasis level=\"strong\">&quot;hot&quot;</emphasis></p><break time=\"500ms\"/>\
         <s>now</s></prosody></speak>"
    );
    assert_eq!(Speech::parse(&written).unwrap(), speech);
    assert_eq!(speech.text(), "Tea & <milk>, \"hot\" now");
    assert!(
        speech
            .inner(Dialect::Microsoft)
            .starts_with("<prosody rate=\"+4%\" pitch=\"-5%\" volume=\"+26%\">")
    );
}

#[test]
fn what_a_voice_could_misread_is_refused() {
    for (bad, problem) in [
        ("hello", "a tag was expected"),
        ("<p>hello</p>", "must begin with <speak>"),
        ("<speak>hello", "<speak> stays open"),
        ("<speak>a < b</speak>", "write < as &lt;"),
        ("<speak>a & b</speak>", "write & as &amp;"),
        ("<speak>&nbsp;</speak>", "entity"),
        (
            "<speak><audio src=\"https://evil.example/a.mp3\"/></speak>",
            "<audio> is not known",
        ),
        ("<speak><!-- a --></speak>", "a name was expected"),
        ("<!DOCTYPE a><speak/>", "a name was expected"),
        ("<speak><p>a</s></speak>", "</p> was expected"),
        ("<speak>a</speak>b", "behind </speak>"),
        ("<speak><break time=\"1h\"/></speak>", "time"),
        ("<speak><break time=\"99s\"/></speak>", "at most 10 s"),
        (
            "<speak><break time=\"1s\" time=\"2s\"/></speak>",
            "given twice",
        ),
        ("<speak><prosody rate=\"900%\">a</prosody></speak>", "rate"),
        ("<speak><prosody rate=\"-1%x\">a</prosody></speak>", "rate"),
        (
            "<speak><prosody contour=\"a\">a</prosody></speak>",
            "contour",
        ),
        (
            "<speak><emphasis level=\"loud\">a</emphasis></speak>",
            "level",
        ),
        ("<speak>&#7;</speak>", "control character"),
    ] {
        let error = Speech::parse(bad).unwrap_err();
        assert!(error.problem.contains(problem), "{bad}: {error}");
    }
    let deep = format!("<speak>{}{}</speak>", "<p>".repeat(20), "</p>".repeat(20));
    assert!(Speech::parse(&deep).unwrap_err().problem.contains("deeply"));
    assert!(Speech::parse(&"a".repeat(70_000)).is_err());
}

#[test]
fn other_ways_of_writing_the_same_are_read() {
    let rate = |value: &str| {
        let speech = Speech::parse(&format!(
            "<speak><prosody rate='{value}'>a</prosody></speak>"
        ));
        match &speech.unwrap().nodes[0] {
            Node::Prosody(prosody, _) => prosody.rate.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        ["110%", "+10%", "1.1", "-10%", "fast"].map(rate),
        [110, 110, 110, 90, 125]
    );
    let speech =
        Speech::parse("<?xml version=\"1.0\"?>\n<speak xml:lang=\"de\">a&#228;<break/></speak>\n");
    assert_eq!(speech.unwrap().nodes, [text("aä"), Node::Break(750)]);
    assert_eq!(Speech::parse("<speak/>").unwrap().nodes, []);
}

#[test]
fn rates_and_pauses_make_the_duration() {
    let plain = Speech::parse("<speak>Nine plain words stand here to be said.</speak>").unwrap();
    let seconds = plain.seconds();
    assert!((1.5..5.0).contains(&seconds), "{seconds}");
    let fast = Speech::parse(
        "<speak><prosody rate=\"120%\">Nine plain words stand here to be said.</prosody><break time=\"1s\"/></speak>",
    )
    .unwrap();
    assert!((fast.seconds() - (seconds / 1.2 + 1.0)).abs() < 1e-9);
    assert!((fast.words_per_minute() - 180.0).abs() < 1e-9);
    assert!((fast.at_normal_rate().words_per_minute() - 150.0).abs() < 1e-9);
    assert!((Speech::parse("<speak/>").unwrap().words_per_minute() - 150.0).abs() < 1e-9);
}

proptest! {
    #[test]
    fn any_words_survive_and_make_no_markup(words in "\\PC{0,60}", locale in "\\PC{1,8}") {
        let speech = Speech { locale, nodes: vec![text(&format!("a{words}"))] };
        let written = speech.to_ssml(Dialect::Standard);
        prop_assert_eq!(written.matches('<').count(), 2);
        prop_assert_eq!(Speech::parse(&written).unwrap(), speech);
    }

    #[test]
    fn nothing_panics(text in "(<|>|/|&|;|\"|'|=|speak|prosody|rate|p|break| |%|\\PC){0,40}") {
        let _ = Speech::parse(&text);
        let _ = Speech::parse(&format!("<speak>{text}</speak>"));
    }
}
