//! The agent as a whole.

use baton_domain::Money;
use baton_domain::colour::Colour;
use baton_model::ScriptedImages;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::raster::Pixels;

fn brief() -> Value {
    json!({
        "brand": {"name": "Fernhill", "palette": {"primary": "#1f4d3a", "accent": "#d96c2c", "background": "#faf8f3", "text": "#222222"}},
        "headline": "Dry feet on the long walk",
        "body": "Waxed leather and a stitched welt, for three winters & more.",
        "call_to_action": "See the boot",
        "product": "Ridge Boot",
        "scene": "A hiker crosses a stream in the rain",
        "style": ["photographic"],
    })
}

#[tokio::main(flavor = "current_thread")]
async fn run(agent: &ImageGeneration, input: Value) -> Result<Report<Output>, Error> {
    let report = agent.run(serde_json::from_value(input).unwrap()).await?;
    assert_eq!(agent.validate(&report.output), Ok(()));
    Ok(report)
}

fn offline(input: Value) -> Result<Report<Output>, Error> {
    run(&ImageGeneration::default(), input)
}

fn pixels(output: &Output) -> Pixels {
    let png = STANDARD
        .decode(output.png_base64.as_ref().unwrap())
        .unwrap();
    picture::decoded(&png).unwrap()
}

/// How many pixels have this colour.
fn count(pixels: &Pixels, colour: Colour) -> usize {
    let wanted = [colour.0, colour.1, colour.2];
    pixels
        .bytes
        .chunks_exact(3)
        .filter(|pixel| *pixel == wanted)
        .count()
}

#[test]
fn every_format_is_composed_in_the_brands_colours() {
    for format in [
        "landscape",
        "square",
        "portrait",
        "story",
        "rectangle",
        "leaderboard",
    ] {
        let mut input = brief();
        input["format"] = json!(format);
        let report = offline(input).unwrap();
        let output = &report.output;
        let picture = pixels(output);
        assert_eq!(
            (picture.width, picture.height),
            (output.width, output.height),
            "{format}"
        );
        assert!(output.contrast.unwrap() >= 4.5);
        let all = (output.width * output.height) as usize;
        let share = |hex: &str| count(&picture, Colour::parse(hex).unwrap()) * 100 / all;
        assert!(share("#faf8f3") > 25, "{format}: background");
        assert!(
            count(&picture, Colour::parse("#d96c2c").unwrap()) > all / 200,
            "{format}: accent"
        );
        assert!(
            count(&picture, Colour::parse("#222222").unwrap()) > all / 1_000,
            "{format}: text"
        );
        if let Ok(folder) = std::env::var("BATON_SHOW_PICTURES") {
            let png = STANDARD
                .decode(output.png_base64.as_ref().unwrap())
                .unwrap();
            std::fs::write(format!("{folder}/{format}.png"), png).unwrap();
            std::fs::write(
                format!("{folder}/{format}.svg"),
                output.svg.as_ref().unwrap(),
            )
            .unwrap();
        }
    }
}

#[test]
fn the_svg_says_the_words_escaped_and_nothing_else() {
    let mut input = brief();
    input["headline"] = json!("Feet <script>alert(1)</script> & \"dry\"");
    let report = offline(input.clone()).unwrap();
    let svg = report.output.svg.as_ref().unwrap();
    assert!(
        !svg.contains("<script") && svg.contains("&lt;script&gt;"),
        "{svg}"
    );
    assert!(svg.contains(">Fernhill</text>") && svg.contains(">See the boot</text>"));
    assert!(
        svg.starts_with("<svg xmlns=")
            && svg.contains("role=\"img\" aria-label=\"Fernhill: Feet &lt;")
    );
    assert_eq!(report.method, Method::new("brand-layout-offline", "1"));
    assert_eq!(
        offline(input).unwrap(),
        report,
        "the same input, the same picture"
    );
}

#[test]
fn seeds_differ_and_text_does_not() {
    let with = |seed: u32| {
        let mut input = brief();
        input["seed"] = json!(seed);
        offline(input).unwrap().output
    };
    assert_ne!(with(1).svg, with(2).svg);
    assert_eq!(with(1).alt_text, with(2).alt_text);
}

#[test]
fn what_cannot_be_set_is_told() {
    for (field, value, code, said) in [
        (
            "headline",
            json!(" "),
            "InvalidText",
            "headline: must have 1 to 120",
        ),
        ("body", json!("x".repeat(241)), "InvalidText", "body"),
        (
            "style",
            json!(["a", "b", "c", "d", "e", "f"]),
            "InvalidText",
            "style",
        ),
        (
            "headline",
            json!("W".repeat(120)),
            "NoRoom",
            "headline: has no room in 1200 × 628",
        ),
    ] {
        let mut input = brief();
        input[field] = value;
        let error = offline(input).unwrap_err();
        assert_eq!(error.code(), code);
        assert!(error.to_string().starts_with(said), "{error}");
    }
    let mut input = brief();
    input["brand"]["palette"]["accent"] = json!("orange");
    let error = offline(input).unwrap_err();
    assert_eq!(
        error.to_string(),
        "brand.palette.accent: must be a colour such as #1f4d3a"
    );
}

#[test]
fn letters_that_the_font_lacks_leave_the_svg_alone() {
    let mut input = brief();
    input["headline"] = json!("Сухие ноги");
    let report = offline(input).unwrap();
    assert!(report.output.png_base64.is_none() && report.output.svg.is_some());
    assert!(
        report.warnings[0].starts_with("there is no PNG"),
        "{:?}",
        report.warnings
    );
}

#[test]
fn text_without_room_is_left_out_of_a_small_format() {
    let mut input = brief();
    input["format"] = json!("leaderboard");
    input["headline"] = json!("A HEADLINE OF WORDS ".repeat(6));
    input["body"] = json!("WIDE WORDS ".repeat(21));
    let report = offline(input).unwrap();
    assert!(
        report.warnings[0].starts_with("the text has no room"),
        "{:?}",
        report.warnings
    );
}

fn spent() -> Spent {
    Spent {
        input_tokens: 20,
        output_tokens: 1_000,
        cost: Money::from_micro_usd(42_000),
    }
}

/// A picture as noisy as a photograph.
fn photograph(width: u32, height: u32) -> Vec<u8> {
    let mut state = 1_u32;
    let bytes = (0..width * height * 3).map(|i| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        ((i / 3 % width * 230 / width) as u8).wrapping_add((state >> 28) as u8)
    });
    let pixels = Pixels {
        width,
        height,
        bytes: bytes.collect(),
    };
    raster::png(&pixels).unwrap()
}

fn ask(drawing: Result<Drawing, ModelError>) -> (Report<Output>, Arc<ScriptedImages>) {
    let model = Arc::new(ScriptedImages::new([drawing]));
    (
        run(&ImageGeneration::with_model(model.clone()), brief()).unwrap(),
        model,
    )
}

#[test]
fn a_drawn_picture_is_made_to_travel() {
    let bytes = photograph(1_536, 1_024);
    assert!(bytes.len() > 500_000);
    let (report, model) = ask(Ok(Drawing {
        bytes,
        spent: spent(),
    }));
    let output = &report.output;
    assert_eq!(
        (report.method.name.as_str(), output.provider.as_str()),
        ("scripted/images", "scripted/images")
    );
    assert_eq!(
        (report.bought.cost.micro_usd(), report.bought.output_tokens),
        (42_000, 1_000)
    );
    assert!(output.png_base64.as_ref().unwrap().len() <= MOST_BASE64 && output.svg.is_none());
    assert!(
        output.width >= 256 && (output.width * 2).abs_diff(output.height * 3) <= 4,
        "{} × {}",
        output.width,
        output.height
    );
    // The picture runs from dark on the left to light on the right.
    let picture = pixels(output);
    assert!(picture.bytes[3 * (picture.width as usize - 8)] > 200 && picture.bytes[0] < 40);
    let order = &model.asked()[0];
    assert_eq!(order.shape, Shape::Landscape);
    assert_eq!(
        order.prompt,
        "A picture for an advertisement: A hiker crosses a stream in the rain, with Ridge Boot. \
         Style: photographic. Main colours #1f4d3a and #d96c2c on #faf8f3. No text, no letters, no logos."
    );
}

#[test]
fn what_is_no_picture_is_replaced_by_the_layout() {
    let cases = [
        (
            Ok(Drawing {
                bytes: b"<html>".to_vec(),
                spent: spent(),
            }),
            "no PNG",
            42_000,
        ),
        (
            Ok(Drawing {
                bytes: photograph(64, 64)[..900].to_vec(),
                spent: spent(),
            }),
            "no PNG",
            42_000,
        ),
        (
            Err(ModelError::Declined {
                reason: "blocked".to_owned(),
                spent: spent(),
            }),
            "blocked",
            42_000,
        ),
        (Err(ModelError::Unavailable("gone".to_owned())), "gone", 0),
    ];
    for (drawing, said, cost) in cases {
        let (report, _) = ask(drawing);
        assert_eq!(report.method.name, "brand-layout-offline");
        let warning = &report.warnings[0];
        assert!(
            warning.starts_with("drawn without a model") && warning.contains(said),
            "{warning}"
        );
        assert_eq!(report.bought.cost.micro_usd(), cost);
        assert_eq!(report.output, offline(brief()).unwrap().output);
    }
}

#[tokio::test]
async fn the_fallback_sets_the_headline() {
    let agent = ImageGeneration::default();
    let input =
        json!({"brand": {"name": "Fernhill"}, "headline": "Dry feet", "format": "rectangle"});
    let report = agent
        .fallback(serde_json::from_value(input).unwrap())
        .await
        .unwrap();
    assert_eq!(agent.validate(&report.output), Ok(()));
    assert_eq!((report.output.width, report.output.height), (300, 250));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the palette and the words: what leaves can be read, and stays within its bounds.
    #[test]
    fn every_palette_becomes_readable(
        colours in proptest::array::uniform4("#[0-9a-f]{6}"),
        headline in "[A-Za-zé]{1,9}( [A-Za-zé]{1,9}){0,8}",
        seed: u32,
    ) {
        let mut input = brief();
        let [primary, accent, background, text] = colours;
        input["brand"]["palette"] = json!({"primary": primary, "accent": accent, "background": background, "text": text});
        input["headline"] = json!(headline);
        input["seed"] = json!(seed);
        input["format"] = json!("rectangle");
        let report = offline(input).unwrap();
        prop_assert!(report.output.contrast.unwrap() >= 4.5);
        prop_assert!(report.output.prompt.chars().count() <= text::MOST_PROMPT);
    }
}
