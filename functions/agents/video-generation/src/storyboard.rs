//! What a video would show: scenes with their times, captions in WebVTT, and a poster as SVG.

use std::fmt::Write as _;

use baton_domain::text::escaped;
use baton_speech::captions::{Cue, cues, reading_ms, web_vtt};
use baton_speech::rate::{Language, NORMAL_WPM, seconds};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::job::{Look, Scene, check_scenes};

/// The pause between scenes, in milliseconds.
const PAUSE_MS: u64 = 400;

/// The longest line of the poster's title, in characters, and the most lines.
const TITLE_LINE: usize = 28;
const TITLE_LINES: usize = 3;

/// What a video would show.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Storyboard {
    /// How long it would take.
    pub seconds: f64,
    /// The scenes.
    pub scenes: Vec<Shot>,
    /// Captions, as a WebVTT file.
    pub captions_vtt: String,
    /// A picture to stand in its place, as SVG of 1280 by 720.
    pub poster_svg: String,
}

/// One scene of a storyboard.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shot {
    /// Its place, from 1.
    pub scene: usize,
    /// What is said.
    pub text: String,
    /// When it begins, in seconds.
    pub start_seconds: f64,
    /// When it ends, in seconds.
    pub end_seconds: f64,
}

/// The storyboard of scenes. A scene takes as long as it says, and no shorter than its captions
/// take to read.
///
/// # Errors
/// `InvalidJob`, naming the scene that cannot be used.
pub fn of(scenes: &[Scene], title: &str, look: &Look) -> Result<Storyboard, Error> {
    check_scenes(scenes)?;
    let mut at = 0;
    let mut shots = Vec::new();
    let mut captions: Vec<Cue> = Vec::new();
    for (i, scene) in scenes.iter().enumerate() {
        let estimate = seconds(&scene.text, Language::English, NORMAL_WPM);
        let said = scene
            .seconds
            .filter(|seconds| *seconds > 0.0)
            .unwrap_or(estimate);
        let length = ((said * 1_000.0).ceil() as u64).max(reading_ms(&scene.text));
        let end = at + length;
        captions.extend(cues(&scene.text, at, end));
        shots.push(Shot {
            scene: i + 1,
            text: scene.text.clone(),
            start_seconds: at as f64 / 1_000.0,
            end_seconds: end as f64 / 1_000.0,
        });
        at = end + PAUSE_MS;
    }
    Ok(Storyboard {
        seconds: (at - PAUSE_MS) as f64 / 1_000.0,
        scenes: shots,
        captions_vtt: web_vtt(&captions),
        poster_svg: poster(title, look),
    })
}

impl Storyboard {
    /// Checks it before it leaves.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn validate(&self) -> Result<(), String> {
        let mut last = 0.0;
        for shot in &self.scenes {
            if shot.start_seconds < last || shot.end_seconds <= shot.start_seconds {
                return Err(format!("storyboard.scenes[{}]: overlaps", shot.scene - 1));
            }
            last = shot.end_seconds;
        }
        if !self.seconds.is_finite() || self.seconds < last || self.scenes.is_empty() {
            return Err("storyboard.seconds: is shorter than its scenes".to_owned());
        }
        if !self.captions_vtt.starts_with("WEBVTT\n") || !self.poster_svg.starts_with("<svg ") {
            return Err("storyboard: captions or poster are missing".to_owned());
        }
        Ok(())
    }
}

/// The brand's colour, its name, the title, and the sign of a video.
fn poster(title: &str, look: &Look) -> String {
    let background = colour(look.primary.as_deref()).unwrap_or("#1f2937");
    let ink = colour(look.text.as_deref()).unwrap_or("#ffffff");
    let name: String = look
        .name
        .iter()
        .flat_map(|name| name.chars())
        .take(40)
        .collect();
    let mut heading = String::new();
    for (i, line) in lines(title).iter().enumerate() {
        let (y, line) = (330 + i * 76, escaped(line));
        let _ = write!(
            heading,
            "<text x=\"96\" y=\"{y}\" font-size=\"64\" font-weight=\"700\">{line}</text>"
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1280 720\" width=\"1280\" height=\"720\" \
         role=\"img\" aria-label=\"{label}\"><rect width=\"1280\" height=\"720\" fill=\"{background}\"/>\
         <g fill=\"{ink}\" font-family=\"Helvetica, Arial, sans-serif\">\
         <text x=\"96\" y=\"140\" font-size=\"36\">{name}</text>{heading}\
         <circle cx=\"1120\" cy=\"580\" r=\"64\" fill-opacity=\"0.2\"/>\
         <path d=\"M1100 548v64l52-32z\"/></g></svg>",
        label = escaped(title),
        name = escaped(&name),
    )
}

fn colour(text: Option<&str>) -> Option<&str> {
    let digits = text?.strip_prefix('#')?;
    let hexadecimal = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
    text.filter(|_| hexadecimal)
}

/// A title in lines; what does not fit is cut.
fn lines(title: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        let word: String = word.chars().take(TITLE_LINE).collect();
        let fits = |line: &String| line.chars().count() + 1 + word.chars().count() <= TITLE_LINE;
        match lines.last_mut().filter(|line| fits(line)) {
            Some(line) => {
                line.push(' ');
                line.push_str(&word);
            }
            None => lines.push(word),
        }
    }
    if lines.len() > TITLE_LINES {
        lines.truncate(TITLE_LINES);
        if let Some(last) = lines.last_mut() {
            last.push('…');
        }
    }
    lines
}
