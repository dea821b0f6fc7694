//! `baton runs show --history`: what the engine keeps of a run's execution, from the file.

use std::path::Path;
use std::process::ExitCode;

use baton_embedded::Embedded;

use crate::executions;
use crate::failure::Failure;

/// Prints the execution of this name, or the last one of this run, with its events.
pub(super) async fn history(db: &Path, name: &str) -> Result<ExitCode, Failure> {
    if !db.exists() {
        let missing = format!("there is no file {}: --db names it", db.display());
        return Err(Failure::wrong(&missing));
    }
    let baton = Embedded::open(db).map_err(|e| Failure::wrong(&e))?;
    let kept = baton.executions();
    let listed = kept.list(None, usize::MAX).await;
    let listed = listed.map_err(|e| Failure::wrong(&e))?;
    let names = listed.iter().map(|execution| execution.name.as_str());
    let last = last_attempt(name, names).unwrap_or(name);
    executions::show(kept, last, true).await?;
    Ok(ExitCode::SUCCESS)
}

/// The execution of the last attempt of a run: a run that is redriven has several.
fn last_attempt<'a>(run: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let attempt = |name: &str| -> Option<u32> {
        match name.strip_prefix(run)? {
            "" => Some(1),
            rest => rest.strip_prefix('-')?.parse().ok(),
        }
    };
    let attempts = names.filter_map(|name| Some((attempt(name)?, name)));
    // Other executions have names of their own: `first-1` is a fork, and no attempt of `first`.
    let is_run = run.parse::<baton_domain::RunId>().is_ok();
    let last = attempts.filter(|(_, name)| is_run || *name == run);
    last.max().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_its_last_attempt() {
        let run = "run_01JD2Z5Y8N3V9QK7M4T6W1X0RB";
        let names: Vec<String> = ["", "-2", "-10", "-x"]
            .map(|end| format!("{run}{end}"))
            .into();
        let names = || names.iter().map(String::as_str);
        assert_eq!(
            last_attempt(run, names()),
            Some(format!("{run}-10").as_str())
        );
        let second = format!("{run}-2");
        assert_eq!(last_attempt(&second, names()), Some(second.as_str()));
        assert_eq!(
            last_attempt("first", ["first-1", "first"].into_iter()),
            Some("first")
        );
        assert_eq!(last_attempt("none", names()), None);
    }
}
