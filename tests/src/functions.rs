//! The functions of the house: found by where their crates lie, built once for all tests.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use crate::{root, target_dir};

/// One Lambda function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name: that of its crate, its binary and its folder of events.
    pub name: String,
    /// Whether it is an agent; else it is a platform function.
    pub is_agent: bool,
}

impl Function {
    /// Its binary: the one that lies ready, else one that is built now.
    pub fn binary(&self) -> PathBuf {
        if let Some(folder) = ready() {
            return folder.join(&self.name).join("bootstrap");
        }
        let built = built().iter().find(|path| path.ends_with(&self.name));
        let message = "every function has a binary of its crate's name";
        built.expect(message).clone()
    }

    /// Whether it is an agent that can ask a language model.
    pub fn asks_a_model(&self) -> bool {
        self.depends_on("baton-model")
    }

    /// Whether it is an agent that carries HTTP and TLS.
    pub fn speaks_http(&self) -> bool {
        self.asks_a_model() || self.depends_on("baton-partners")
    }

    fn depends_on(&self, package: &str) -> bool {
        let manifest = format!("functions/agents/{}/Cargo.toml", self.name);
        let manifest = std::fs::read_to_string(root().join(manifest)).unwrap_or_default();
        manifest.lines().any(|line| line.starts_with(package))
    }

    /// Its events: the name of the case, and the payload.
    pub fn events(&self) -> Vec<(String, Value)> {
        let folder = root().join("events").join(&self.name);
        let files = std::fs::read_dir(&folder)
            .unwrap_or_else(|_| panic!("{} must hold events", folder.display()));
        let mut events: Vec<_> = files
            .map(|file| {
                let path = file.expect("the folder can be listed").path();
                let text = std::fs::read_to_string(&path).expect("an event can be read");
                let case = path.file_stem().unwrap_or_default().to_string_lossy();
                let event = serde_json::from_str(&text)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                (case.into_owned(), event)
            })
            .collect();
        events.sort_by(|(a, _), (b, _)| a.cmp(b));
        events
    }
}

/// Every function, by name.
pub fn functions() -> Vec<Function> {
    let agents = root().join("functions/agents");
    let platform = root().join("functions/platform");
    let metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
    let metadata: Value = serde_json::from_slice(&metadata).expect("cargo metadata answers JSON");
    let packages = metadata["packages"]
        .as_array()
        .expect("a workspace has packages");
    let mut functions: Vec<_> = packages
        .iter()
        .filter_map(|package| {
            let manifest = PathBuf::from(package["manifest_path"].as_str()?);
            let is_agent = manifest.starts_with(&agents);
            (is_agent || manifest.starts_with(&platform)).then(|| Function {
                name: package["name"].as_str().unwrap_or_default().to_owned(),
                is_agent,
            })
        })
        .collect();
    functions.sort_by(|a, b| a.name.cmp(&b.name));
    functions
}

/// The variable that names a folder in which functions lie as cargo-lambda lays them out, such as
/// `target/lambda`: those are taken then, and none is built.
pub const FUNCTIONS: &str = "BATON_TEST_FUNCTIONS";

/// The folder of functions that lie ready, where one is named.
pub fn ready() -> Option<PathBuf> {
    Some(root().join(std::env::var_os(FUNCTIONS)?))
}

/// The paths of all built binaries, in the tests' own profile. Building the whole workspace takes
/// the same features, and so the same artifacts, as `cargo test --workspace` does: most of it is
/// there already.
fn built() -> &'static [PathBuf] {
    static BUILT: OnceLock<Vec<PathBuf>> = OnceLock::new();
    BUILT.get_or_init(|| {
        let profile = profile();
        let build = ["build", "--workspace", "--bins", "--profile", &profile];
        let machine_readable = ["--message-format", "json-render-diagnostics"];
        let messages = cargo(&[&build[..], &machine_readable].concat());
        let messages = String::from_utf8_lossy(&messages);
        let messages = messages
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        messages
            .filter_map(|message: Value| Some(PathBuf::from(message["executable"].as_str()?)))
            .collect()
    })
}

/// The profile that this test was built in.
fn profile() -> String {
    let test = std::env::current_exe().expect("a test knows its own path");
    let folder = test.ancestors().nth(2).and_then(Path::file_name);
    match folder.and_then(OsStr::to_str) {
        Some("debug") | None => "dev".to_owned(),
        Some(profile) => profile.to_owned(),
    }
}

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(arguments)
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target_dir())
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo can be run from its tests");
    assert!(
        output.status.success(),
        "cargo {} failed",
        arguments.join(" ")
    );
    output.stdout
}
