//! The port to language models, and what an agent needs to use one safely.
//!
//! An agent renders a [`PromptFile`] into a [`Prompt`], where everything that a caller brought is
//! [`fenced`], and asks [`structured`] for a type of its own. What comes back has been validated
//! against that type's JSON Schema and by the agent's own check; no raw model text leaves. The model
//! is whatever [`from_env`] finds configured. It finds none by default: then the agent's offline
//! method answers.

mod error;
mod fence;
mod http;
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
pub use model::{Completion, Model, ModelName, Offline, Prompt};
pub use prompt::{PromptError, PromptFile, Slot};
pub use scripted::Scripted;
pub use settings::{SettingError, from_env, from_lookup};
pub use structured::{Structured, structured};
