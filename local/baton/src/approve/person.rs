//! The person who decides.

use std::io::{BufRead as _, Write as _};
use std::process::Command;

use anstream::print;

use crate::failure::Failure;

/// Somebody who can be asked.
pub(super) trait Person {
    /// The answer to a question, without blanks around it; none when there is nobody any more.
    fn ask(&mut self, question: &str) -> Option<String>;

    /// The text as the person edited it.
    ///
    /// # Errors
    /// When there is no editor or it failed.
    fn edit(&mut self, text: &str) -> Result<String, Failure>;
}

/// The person at this terminal.
pub(super) struct Terminal;

impl Person for Terminal {
    fn ask(&mut self, question: &str) -> Option<String> {
        print!("{question} ");
        std::io::stdout().flush().ok()?;
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).ok()?;
        (read > 0).then(|| line.trim().to_owned())
    }

    fn edit(&mut self, text: &str) -> Result<String, Failure> {
        let file = tempfile::Builder::new()
            .prefix("baton-")
            .suffix(".json")
            .tempfile();
        let file = file.map_err(|e| Failure::failed(&e))?;
        std::fs::write(file.path(), text).map_err(|e| Failure::failed(&e))?;
        let editor = ["VISUAL", "EDITOR"].into_iter();
        let editor = editor.filter_map(|name| std::env::var(name).ok());
        let editor = editor.into_iter().find(|editor| !editor.trim().is_empty());
        let editor = editor.unwrap_or_else(|| "vi".to_owned());
        // An editor may have arguments of its own: `code --wait`.
        let edited = Command::new("sh")
            .args(["-c", &format!("{editor} \"$1\""), "sh"])
            .arg(file.path())
            .status();
        let edited = edited.map_err(|e| Failure::failed(&e))?;
        if !edited.success() {
            let message =
                format!("the editor `{editor}` ended with {edited}; EDITOR names another");
            return Err(Failure::failed(&message));
        }
        std::fs::read_to_string(file.path()).map_err(|e| Failure::failed(&e))
    }
}
