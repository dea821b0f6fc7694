//! What must agree across files: crates, functions, events, workflows, the template, the API.

mod api;
mod arrows;
mod expressions;
mod functions;
mod template;
mod workflows;
