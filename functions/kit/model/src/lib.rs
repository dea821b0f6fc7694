//! The port to language models, and what an agent needs to use one safely.
//!
//! An agent renders a [`PromptFile`] into a [`Prompt`], where everything that a caller brought is
//! [`fenced`], and asks [`structured`] for a type of its own. What comes back has been validated
//! against that type's JSON Schema and by the agent's own check; no raw model text leaves. The model
//! is whatever [`from_env`] finds configured. It finds none by default: then the agent's offline
//! method answers. Pictures are drawn by an [`ImageModel`], which is configured apart.
//!
//! ```
//! use baton_model::{PromptFile, Scripted, Slot, structured};
//!
//! /// Subject lines. What is written here, the model reads.
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! struct Subjects {
//!     /// Best first.
//!     #[schemars(length(min = 1, max = 3))]
//!     lines: Vec<String>,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // In an agent: include_str!("../prompts/subjects.md"), and the model of `from_env`.
//! let file = "version: 1\n# System\nYou write subject lines.\n# User\nFor this brief:\n{{brief}}";
//! let prompt = PromptFile::parse("subjects", file)?.render(&[("brief", Slot::Data("spring"))])?;
//! let model = Scripted::new([r#"{"lines": []}"#, r#"{"lines": ["Spring is here"]}"#]);
//! let no_shouting = |answer: &Subjects| match answer.lines.iter().any(|line| line.contains('!')) {
//!     true => Err("lines: must not shout".to_owned()),
//!     false => Ok(()),
//! };
//! let answer = structured(&model, &prompt, no_shouting).await?;
//! assert_eq!(answer.value.lines, ["Spring is here"]);
//! assert!(answer.repaired);
//! # Ok(())
//! # }
//! ```

mod error;
mod fence;
mod http;
mod image;
mod model;
mod prices;
mod prompt;
mod provider;
mod retry;
mod schema;
mod scripted;
mod secret;
mod settings;
mod structured;

pub use error::{ModelError, Spent};
pub use fence::{RULE, fenced};
pub use image::{
    Drawing, ImageModel, ImageOrder, ScriptedImages, Shape, images_from_env, images_from_lookup,
};
pub use model::{Completion, Model, ModelName, Offline, Prompt};
pub use prompt::{PromptError, PromptFile, Slot};
pub use scripted::Scripted;
pub use settings::{SettingError, from_env, from_lookup};
pub use structured::{Structured, structured};
