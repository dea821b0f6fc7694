//! `image-generation`: a picture for an ad.
//!
//! With a model for pictures (`IMAGE_PROVIDER`, see [`baton_model::images_from_env`]) the picture is
//! drawn by it, and made small enough to travel ([`picture`]). Without one, or where it fails, an ad
//! is composed from the brand's palette and the words ([`layout`]): as SVG, and as PNG with letters of
//! a font that is linked in ([`raster`]). Text is moved towards black or white until its contrast is
//! 4.5 or more (WCAG 2.x, level AA).
//!
//! | code | when |
//! |---|---|
//! | `InvalidText` | a text is missing or too long, or there are too many |
//! | `InvalidPalette` | a colour is not `#rrggbb` |
//! | `NoRoom` | the words do not fit into the format, even small |

pub mod font;
pub mod layout;
pub mod picture;
pub mod raster;
pub mod scene;
pub mod text;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use baton_agent::{Agent, AgentError, Bought, Report};
use baton_domain::campaign::Palette;
use baton_domain::{FieldError, Method};
use baton_model::{Drawing, ImageModel, ImageOrder, ModelError, SettingError, Shape, Spent};
use serde::{Deserialize, Serialize};

use font::Fonts;
use layout::{Colours, Words};

/// How many characters of base64 a PNG has at most.
pub const MOST_BASE64: usize = 200 * 1024;

/// The least contrast of text (WCAG 2.x, level AA).
const MIN_CONTRAST: f64 = 4.5;

/// The agent.
#[derive(Clone, Default)]
pub struct ImageGeneration {
    model: Option<Arc<dyn ImageModel>>,
}

impl ImageGeneration {
    /// The agent with the model that the environment names, or with none.
    ///
    /// # Errors
    /// The first variable that is missing or bad.
    pub fn from_env() -> Result<Self, SettingError> {
        Ok(Self {
            model: baton_model::images_from_env()?,
        })
    }

    /// The agent with this model.
    pub fn with_model(model: Arc<dyn ImageModel>) -> Self {
        Self { model: Some(model) }
    }
}

/// What the agent works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Who speaks.
    pub brand: Brand,
    /// What is read first, up to 120 characters.
    pub headline: String,
    /// What is read then, up to 240 characters.
    #[serde(default)]
    pub body: Option<String>,
    /// What the button says, up to 40 characters.
    #[serde(default)]
    pub call_to_action: Option<String>,
    /// What is sold, up to 120 characters; for a model.
    #[serde(default)]
    pub product: Option<String>,
    /// What is to be seen, up to 300 characters; for a model.
    #[serde(default)]
    pub scene: Option<String>,
    /// Up to five words such as `photographic`, each up to 30 characters; for a model.
    #[serde(default)]
    pub style: Vec<String>,
    /// How large it is.
    #[serde(default)]
    pub format: Format,
    /// What differs between pictures of the same words.
    #[serde(default)]
    pub seed: u32,
}

/// Who speaks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// Its name, up to 60 characters.
    pub name: String,
    /// Its colours.
    #[serde(default = "plain")]
    pub palette: Palette,
}

/// Dark on light, where a brand has no palette.
fn plain() -> Palette {
    Palette {
        primary: "#1f3a5f".to_owned(),
        accent: "#e07a3f".to_owned(),
        background: "#ffffff".to_owned(),
        text: "#222222".to_owned(),
    }
}

/// The size of an ad, in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// 1200 × 628: a link's picture.
    #[default]
    Landscape,
    /// 1080 × 1080: a post.
    Square,
    /// 1080 × 1350: a post that fills more of the screen.
    Portrait,
    /// 1080 × 1920: a story.
    Story,
    /// 300 × 250: the medium rectangle of the IAB.
    Rectangle,
    /// 728 × 90: the leaderboard of the IAB.
    Leaderboard,
}

impl Format {
    /// Width and height in pixels.
    pub fn size(self) -> (u32, u32) {
        match self {
            Self::Landscape => (1_200, 628),
            Self::Square => (1_080, 1_080),
            Self::Portrait => (1_080, 1_350),
            Self::Story => (1_080, 1_920),
            Self::Rectangle => (300, 250),
            Self::Leaderboard => (728, 90),
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Landscape | Self::Leaderboard => Shape::Landscape,
            Self::Square | Self::Rectangle => Shape::Square,
            Self::Portrait | Self::Story => Shape::Portrait,
        }
    }
}

/// What the fallback works on.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FallbackInput {
    /// Who speaks.
    pub brand: Brand,
    /// What is read.
    pub headline: String,
    /// How large it is.
    #[serde(default)]
    pub format: Format,
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// The composed ad; none where a model drew.
    pub svg: Option<String>,
    /// The picture, up to 200 KB; none where the words have letters that the font does not.
    pub png_base64: Option<String>,
    /// How wide it is, in pixels.
    pub width: u32,
    /// How high it is, in pixels.
    pub height: u32,
    /// What it says to those who do not see it.
    pub alt_text: String,
    /// Who made it: `openai/gpt-image-1`, or `layout`.
    pub provider: String,
    /// What a model was, or would be, asked for.
    pub prompt: String,
    /// The least contrast of text with what is behind it; none where a model drew.
    pub contrast: Option<f64>,
}

/// Why the agent may fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A text is missing or too long.
    #[error("{0}")]
    InvalidText(FieldError),
    /// A colour is none.
    #[error("brand.palette.{0}: must be a colour such as #1f4d3a")]
    InvalidPalette(&'static str),
    /// The words do not fit.
    #[error("headline: has no room in {0} × {1} pixels: shorten it or its longest word")]
    NoRoom(u32, u32),
}

impl AgentError for Error {
    const CODES: &'static [&'static str] = &["InvalidText", "InvalidPalette", "NoRoom"];

    fn code(&self) -> &'static str {
        match self {
            Self::InvalidText(_) => "InvalidText",
            Self::InvalidPalette(_) => "InvalidPalette",
            Self::NoRoom(..) => "NoRoom",
        }
    }
}

/// How sure the methods are that their picture is a good one.
const MODEL_CONFIDENCE: f64 = 0.7;
const LAYOUT_CONFIDENCE: f64 = 0.5;
const MINIMAL_CONFIDENCE: f64 = 0.3;

impl Agent for ImageGeneration {
    const NAME: &'static str = "image-generation";

    type Input = Input;
    type FallbackInput = FallbackInput;
    type Output = Output;
    type Error = Error;

    async fn run(&self, input: Input) -> Result<Report<Output>, Error> {
        let input = cleaned(input).map_err(Error::InvalidText)?;
        let colours = Colours::of(&input.brand.palette).map_err(Error::InvalidPalette)?;
        let mut failed = None;
        if let Some(model) = &self.model {
            match drawn(&**model, &input).await {
                Ok(report) => return Ok(report),
                Err(error) => failed = Some(error),
            }
        }
        let method = Method::new("brand-layout-offline", "1");
        let mut report = composed(&input, colours, LAYOUT_CONFIDENCE, method)?;
        if let Some(error) = failed {
            report
                .warnings
                .insert(0, format!("drawn without a model: {error}"));
            report.bought = bought(error.spent());
        }
        Ok(report)
    }

    async fn fallback(&self, input: FallbackInput) -> Result<Report<Output>, Error> {
        let input = Input {
            brand: input.brand,
            headline: input.headline,
            body: None,
            call_to_action: None,
            product: None,
            scene: None,
            style: Vec::new(),
            format: input.format,
            seed: 0,
        };
        let input = cleaned(input).map_err(Error::InvalidText)?;
        let colours = Colours::of(&input.brand.palette).map_err(Error::InvalidPalette)?;
        let method = Method::new("headline-layout-offline", "1");
        composed(&input, colours, MINIMAL_CONFIDENCE, method)
    }

    fn validate(&self, output: &Output) -> Result<(), String> {
        if output.svg.is_none() && output.png_base64.is_none() {
            return Err("svg: there is no picture".to_owned());
        }
        let png = output.png_base64.as_ref();
        if png.is_some_and(|png| png.is_empty() || png.len() > MOST_BASE64) {
            return Err(format!(
                "png_base64: must have 1 to {MOST_BASE64} characters"
            ));
        }
        if output.width == 0 || output.height == 0 {
            return Err("width: the picture has no size".to_owned());
        }
        if output.alt_text.trim().is_empty() {
            return Err("alt_text: is empty".to_owned());
        }
        if output
            .contrast
            .is_some_and(|contrast| contrast < MIN_CONTRAST)
        {
            return Err("contrast: text is below 4.5".to_owned());
        }
        Ok(())
    }
}

/// The input with every text in one line.
fn cleaned(mut input: Input) -> Result<Input, FieldError> {
    let optional = |field: &str, text: Option<String>, most| {
        text.map(|text| text::line(field, &text, most)).transpose()
    };
    input.brand.name = text::line("brand.name", &input.brand.name, 60)?;
    input.headline = text::line("headline", &input.headline, 120)?;
    input.body = optional("body", input.body, 240)?;
    input.call_to_action = optional("call_to_action", input.call_to_action, 40)?;
    input.product = optional("product", input.product, 120)?;
    input.scene = optional("scene", input.scene, 300)?;
    if input.style.len() > 5 {
        return Err(FieldError::new("style", "must have five words at most"));
    }
    for (i, word) in input.style.iter_mut().enumerate() {
        *word = text::line(&format!("style[{i}]"), word, 30)?;
    }
    Ok(input)
}

/// A picture that the model drew.
async fn drawn(model: &dyn ImageModel, input: &Input) -> Result<Report<Output>, ModelError> {
    let prompt = text::prompt(input);
    let order = ImageOrder {
        prompt: prompt.clone(),
        shape: input.format.shape(),
        seed: input.seed,
    };
    let Drawing { bytes, spent } = model.draw(&order).await?;
    let unusable = |problem: String| ModelError::Unusable { problem, spent };
    let picture = picture::decoded(&bytes).map_err(unusable)?;
    let fitted = picture::fitted(&picture, MOST_BASE64 / 4 * 3);
    let too_large = || unusable("the picture does not become small enough".to_owned());
    let (png, width, height) = fitted.ok_or_else(too_large)?;
    let mut warnings = Vec::new();
    if (width, height) != (picture.width, picture.height) {
        warnings.push(format!(
            "the picture was drawn in {} × {} pixels and scaled to fit into 200 KB",
            picture.width, picture.height
        ));
    }
    let name = model.describe().to_string();
    let output = Output {
        svg: None,
        png_base64: Some(STANDARD.encode(png)),
        width,
        height,
        alt_text: text::alt_of_drawing(input),
        provider: name.clone(),
        prompt,
        contrast: None,
    };
    let mut report = Report::new(output, MODEL_CONFIDENCE, Method::new(name, "1"));
    report.bought = bought(spent);
    Ok(report.with_warnings(warnings))
}

/// The ad that is composed from palette and words.
fn composed(
    input: &Input,
    colours: Colours,
    confidence: f64,
    method: Method,
) -> Result<Report<Output>, Error> {
    let (width, height) = input.format.size();
    let no_room = || Error::NoRoom(width, height);
    let fonts = Fonts::new().ok_or_else(no_room)?;
    let words = Words {
        brand: &input.brand.name,
        headline: &input.headline,
        body: input.body.as_deref(),
        action: input.call_to_action.as_deref(),
    };
    let mut warnings = Vec::new();
    let laid = |words| layout::scene((width, height), words, colours, &fonts, input.seed);
    let scene = laid(words).or_else(|| {
        warnings.push(format!(
            "the text has no room in {width} × {height} pixels: it was left out"
        ));
        laid(Words {
            body: None,
            ..words
        })
    });
    let scene = scene.ok_or_else(no_room)?;
    let all = [
        Some(words.brand),
        Some(words.headline),
        words.body,
        words.action,
    ];
    let missing = fonts.missing(&all.into_iter().flatten().collect::<String>());
    let png = if missing.is_empty() {
        let png = raster::png(&raster::draw(&scene, &fonts)).map(|png| STANDARD.encode(png));
        png.filter(|png| png.len() <= MOST_BASE64)
    } else {
        let missing: String = missing.into_iter().collect();
        warnings.push(format!("there is no PNG: the font does not have {missing}"));
        None
    };
    let alt_text = text::alt_of_layout(input);
    let output = Output {
        svg: Some(scene.svg(&alt_text)),
        png_base64: png,
        width,
        height,
        alt_text,
        provider: "layout".to_owned(),
        prompt: text::prompt(input),
        contrast: Some((scene.contrast() * 100.0).floor() / 100.0),
    };
    Ok(Report::new(output, confidence, method).with_warnings(warnings))
}

fn bought(spent: Spent) -> Bought {
    Bought {
        input_tokens: spent.input_tokens,
        output_tokens: spent.output_tokens,
        cost: spent.cost,
    }
}

#[cfg(test)]
mod tests;
