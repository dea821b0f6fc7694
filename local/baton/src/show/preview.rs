//! Mails as pages that a browser shows.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::file_name;

/// What a preview may do: show itself. A mail that somebody wrote must run nothing here.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
                      img-src https: data:; font-src https: data:; style-src 'unsafe-inline'\">";

/// Writes a page for each mail of an artifact into a folder, and says where they are. An artifact
/// without mails has none.
pub(crate) fn previews(content: &Value, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mails = match content["emails"].as_array() {
        Some(mails) => mails.iter().collect(),
        None => vec![content],
    };
    let pages = mails.into_iter().filter_map(|mail| {
        let name = mail["email_id"].as_str()?;
        Some((file_name(name), mail["mockup_html"].as_str()?))
    });
    let mut written = Vec::new();
    for (name, html) in pages {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{name}.html"));
        std::fs::write(&path, harmless(html))?;
        written.push(path);
    }
    Ok(written)
}

/// The page with the policy first in its head, before anything that it could run.
fn harmless(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let head = lower.find("<head").and_then(|start| {
        let end = lower[start..].find('>')?;
        // Nothing but the document's type and its root may stand before it.
        let before = &lower[..start];
        let only_root = before.matches('<').count() <= 2 && !before.contains("<script");
        only_root.then_some(start + end + 1)
    });
    match head {
        Some(at) => format!("{}{POLICY}{}", &html[..at], &html[at..]),
        None => format!("<!doctype html><head>{POLICY}</head>{html}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_policy_comes_before_what_it_forbids() {
        let whole = harmless("<!doctype html><html lang=\"en\"><HEAD><title>a</title></HEAD>");
        assert!(whole.starts_with("<!doctype html><html lang=\"en\"><HEAD><meta http-equiv"));
        for odd in [
            "<script>1</script><head></head>",
            "<p>no head",
            "<head",
            "<img src=x onerror=a><b></b><head>",
        ] {
            assert!(harmless(odd).starts_with("<!doctype html><head><meta"));
        }
    }

    #[test]
    fn every_mail_is_a_page_in_its_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mail = |id: &str| json!({"email_id": id, "mockup_html": "<p>Warm"});
        let set = json!({"emails": [mail("email-01"), mail("../out")]});
        let written = previews(&set, folder.path()).unwrap();
        assert_eq!(written.len(), 2);
        assert!(
            written
                .iter()
                .all(|path| path.parent() == Some(folder.path()))
        );
        assert_eq!(previews(&mail("a"), folder.path()).unwrap().len(), 1);
        assert!(
            previews(&json!({"sends": []}), folder.path())
                .unwrap()
                .is_empty()
        );
    }
}
