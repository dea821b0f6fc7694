//! What a campaign made, as files.

use std::fs;
use std::path::Path;

use baton_domain::run::RunState;
use serde::Deserialize;
use serde_json::Value;

use crate::client::Client;
use crate::failure::Failure;
use crate::show::file_name;

/// What a campaign made.
#[derive(Default)]
pub(super) struct Made {
    /// The files: their names within the folder, and what is in them.
    pub(super) files: Vec<(String, String)>,
    /// The strategy, if the run came so far.
    pub(super) strategy: Option<Value>,
}

#[derive(Deserialize)]
struct Artifact {
    content: Value,
}

/// Makes the folder, if it is not there, and finds out whether it can be written: a campaign that
/// ends where its files cannot lie ran for nothing.
pub(super) fn check(folder: &Path) -> Result<(), Failure> {
    let wrong = |e| unwritable(folder, &e);
    fs::create_dir_all(folder).map_err(wrong)?;
    tempfile::tempfile_in(folder).map(drop).map_err(wrong)
}

/// Strategy, insights, plan, and each mail as page and as text, as far as the run came.
pub(super) async fn made(client: &Client, run: &RunState) -> Result<Made, Failure> {
    let mut made = Made::default();
    let run_id = run.run_id.to_string();
    for name in ["insights", "strategy", "content", "deployment-plan"] {
        if !run.artifacts.contains_key(name) {
            continue;
        }
        let path = ["runs", &run_id, "artifacts", name];
        let Artifact { content } = client.get(&path, &[]).await?;
        made.files.extend(match name {
            "content" => mails(&content),
            _ => vec![(format!("{name}.json"), format!("{content:#}\n"))],
        });
        if name == "strategy" {
            made.strategy = Some(content);
        }
    }
    Ok(made)
}

/// Writes files into a folder that is there.
pub(super) fn write(files: &[(String, String)], folder: &Path) -> Result<(), Failure> {
    for (name, text) in files {
        fs::write(folder.join(name), text).map_err(|e| unwritable(folder, &e))?;
    }
    Ok(())
}

fn unwritable(folder: &Path, error: &std::io::Error) -> Failure {
    Failure::wrong(&format!(
        "--out: cannot write to {}: {error}",
        folder.display()
    ))
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
