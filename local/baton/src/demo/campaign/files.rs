//! What a campaign made, as files.

use std::fs;
use std::path::Path;

use baton_domain::run::RunState;
use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::failure::Failure;
use crate::show::file_name;

/// What was written.
#[derive(Default)]
pub(super) struct Written {
    /// The files' names within the folder.
    pub(super) names: Vec<String>,
    /// The strategy, if the run came so far.
    pub(super) strategy: Option<Value>,
}

#[derive(Deserialize)]
struct Artifact {
    content: Value,
}

/// Writes strategy, insights, plan, and each mail as page and as text, as far as the run came.
pub(super) async fn write(
    client: &Client,
    run: &RunState,
    folder: &Path,
) -> Result<Written, Failure> {
    let wrong = |e| Failure::wrong(&format!("cannot write to {}: {e}", folder.display()));
    fs::create_dir_all(folder).map_err(wrong)?;
    let mut written = Written::default();
    let run_id = run.run_id.to_string();
    for name in ["insights", "strategy", "content", "deployment-plan"] {
        if !run.artifacts.contains_key(name) {
            continue;
        }
        let path = ["runs", &run_id, "artifacts", name];
        let Artifact { content } = client.get(&path, &[]).await?;
        let files = match name {
            "content" => mails(&content),
            _ => vec![(format!("{name}.json"), format!("{content:#}\n"))],
        };
        for (file, text) in files {
            fs::write(folder.join(&file), text).map_err(wrong)?;
            written.names.push(file);
        }
        if name == "strategy" {
            written.strategy = Some(content);
        }
    }
    Ok(written)
}

/// The files of the mails, by their names.
fn mails(content: &Value) -> Vec<(String, String)> {
    let mails = content["emails"].as_array().into_iter().flatten();
    let files = mails.flat_map(|mail| {
        let text = |pointer: &str| {
            let text = mail.pointer(pointer).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let name = file_name(&text("/email_id"));
        [
            (format!("{name}.html"), text("/mockup_html")),
            (format!("{name}.txt"), text("/copy/plain_text")),
        ]
    });
    files.collect()
}
