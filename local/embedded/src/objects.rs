//! S3, embedded: a folder whose folders are buckets.

use std::io;
use std::path::{Component, Path, PathBuf};

use baton_engine::TaskError;
use serde_json::{Value, json};

/// How many keys a listing answers at once, as S3 does.
const PAGE: usize = 1_000;

/// The buckets in a folder.
#[derive(Debug, Clone)]
pub struct Objects {
    folder: PathBuf,
}

impl Objects {
    /// The buckets in `folder`; it is made when something is first put.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// `s3:getObject`: the object's text.
    pub(crate) fn get(&self, arguments: &Value) -> Result<Value, TaskError> {
        let path = self.path(arguments)?;
        let body = std::fs::read_to_string(&path).map_err(|error| failure(&error))?;
        Ok(json!({"ContentLength": body.len(), "Body": body}))
    }

    /// `s3:putObject`: written aside and moved into place, so that no reader sees half of it.
    pub(crate) fn put(&self, arguments: &Value) -> Result<Value, TaskError> {
        let path = self.path(arguments)?;
        let body = match &arguments["Body"] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let write = || {
            std::fs::create_dir_all(path.parent().unwrap_or(&self.folder))?;
            let aside = path.with_extension(format!("part-{}", std::process::id()));
            std::fs::write(&aside, &body)?;
            std::fs::rename(&aside, &path)
        };
        write().map_err(|error| failure(&error))?;
        Ok(json!({}))
    }

    /// `s3:listObjectsV2`: keys in order, a page at a time.
    pub(crate) fn list(&self, arguments: &Value) -> Result<Value, TaskError> {
        let bucket = self.folder.join(part(arguments, "Bucket")?);
        let mut found = Vec::new();
        walk(&bucket, &bucket, &mut found).map_err(|error| failure(&error))?;
        found.sort();
        let prefix = arguments["Prefix"].as_str().unwrap_or_default();
        let after = arguments["ContinuationToken"].as_str().unwrap_or_default();
        let limit = arguments["MaxKeys"]
            .as_u64()
            .map_or(PAGE, |keys| PAGE.min(keys as usize));
        let mut wanted = found
            .into_iter()
            .filter(|(key, _)| key.starts_with(prefix) && key.as_str() > after);
        let page: Vec<(String, u64)> = wanted.by_ref().take(limit).collect();
        let next = wanted
            .next()
            .and_then(|_| page.last())
            .map(|(key, _)| key.clone());
        let contents: Vec<Value> = page
            .iter()
            .map(|(key, size)| json!({"Key": key, "Size": size}))
            .collect();
        let mut answer = json!({"Contents": contents, "IsTruncated": next.is_some()});
        if let Some(next) = next {
            answer["NextContinuationToken"] = next.into();
        }
        Ok(answer)
    }

    fn path(&self, arguments: &Value) -> Result<PathBuf, TaskError> {
        Ok(self
            .folder
            .join(part(arguments, "Bucket")?)
            .join(part(arguments, "Key")?))
    }
}

/// A bucket or key that stays below the folder.
fn part<'a>(arguments: &'a Value, name: &str) -> Result<&'a Path, TaskError> {
    let text = arguments[name].as_str().unwrap_or_default();
    let path = Path::new(text);
    let stays = path
        .components()
        .all(|component| matches!(component, Component::Normal(_)));
    if text.is_empty() || !stays {
        let cause = format!("{name} must be a plain name or path, not '{text}'");
        return Err(TaskError::new("S3.S3Exception", cause));
    }
    Ok(path)
}

/// Every file below a folder: its key and its size.
fn walk(root: &Path, folder: &Path, found: &mut Vec<(String, u64)>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.metadata()?);
        if kind.is_dir() {
            walk(root, &path, found)?;
        } else if let Ok(key) = path.strip_prefix(root) {
            found.push((key.to_string_lossy().into_owned(), kind.len()));
        }
    }
    Ok(())
}

fn failure(error: &io::Error) -> TaskError {
    let name = if error.kind() == io::ErrorKind::NotFound {
        "S3.NoSuchKeyException"
    } else {
        "S3.S3Exception"
    };
    TaskError::new(name, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_can_be_got_and_listed() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::new(folder.path());
        for key in ["in/b.json", "in/a.json", "out/c.json"] {
            let put = json!({"Bucket": "data", "Key": key, "Body": {"k": key}});
            objects.put(&put).unwrap();
        }
        let got = objects
            .get(&json!({"Bucket": "data", "Key": "in/a.json"}))
            .unwrap();
        assert_eq!(got["Body"], r#"{"k":"in/a.json"}"#);
        let first = json!({"Bucket": "data", "Prefix": "in/", "MaxKeys": 1});
        let page = objects.list(&first).unwrap();
        assert_eq!(page["Contents"][0]["Key"], "in/a.json");
        let token = &page["NextContinuationToken"];
        let rest = json!({"Bucket": "data", "Prefix": "in/", "ContinuationToken": token});
        let page = objects.list(&rest).unwrap();
        assert_eq!(
            (
                page["Contents"].as_array().unwrap().len(),
                &page["IsTruncated"]
            ),
            (1, &json!(false))
        );
    }

    #[test]
    fn nothing_outside_the_folder_is_reached() {
        let folder = tempfile::tempdir().unwrap();
        let objects = Objects::new(folder.path());
        for (bucket, key) in [
            ("..", "x"),
            ("b", "../../x"),
            ("b", "/etc/passwd"),
            ("", "x"),
            ("b", ""),
        ] {
            let error = objects
                .get(&json!({"Bucket": bucket, "Key": key}))
                .unwrap_err();
            assert_eq!(error.error, "S3.S3Exception", "{bucket} {key}");
        }
        let missing = objects
            .get(&json!({"Bucket": "b", "Key": "x"}))
            .unwrap_err();
        assert_eq!(missing.error, "S3.NoSuchKeyException");
    }
}
