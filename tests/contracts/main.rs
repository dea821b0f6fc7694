//! What must agree across files: crates, functions, events, workflows, the template, the API.

mod api;
mod arrows;
mod expressions;
mod functions;
mod reasons;
mod template;
mod workflows;
