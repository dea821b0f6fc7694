//! Dependencies point one way. Tests may use anything; what is shipped may not.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use baton_tests::functions::functions;
use baton_tests::root;
use serde_json::Value;

/// The normal dependencies of every package that is in the tree of the workspace.
struct Tree {
    /// By package id.
    names: BTreeMap<String, String>,
    dependencies: BTreeMap<String, Vec<String>>,
    members: BTreeSet<String>,
}

impl Tree {
    fn read() -> Self {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let output = Command::new(cargo)
            .args(["metadata", "--format-version", "1", "--locked"])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let packages = list(&metadata["packages"]);
        let nodes = list(&metadata["resolve"]["nodes"]);
        let normal = |dep: &&Value| {
            list(&dep["dep_kinds"])
                .iter()
                .any(|kind| kind["kind"].is_null())
        };
        Self {
            names: packages
                .iter()
                .map(|p| (text(&p["id"]), text(&p["name"])))
                .collect(),
            dependencies: nodes
                .iter()
                .map(|node| {
                    let deps = list(&node["deps"]);
                    let deps = deps
                        .iter()
                        .filter(normal)
                        .map(|dep| text(&dep["pkg"]))
                        .collect();
                    (text(&node["id"]), deps)
                })
                .collect(),
            members: list(&metadata["workspace_members"])
                .iter()
                .map(text)
                .collect(),
        }
    }

    fn id(&self, name: &str) -> &String {
        let found = self.members.iter().find(|id| self.names[*id] == name);
        found.unwrap_or_else(|| panic!("there is no package {name}"))
    }

    /// The members that a member names itself.
    fn direct(&self, name: &str) -> BTreeSet<&str> {
        let of = self.dependencies[self.id(name)].iter();
        of.filter(|id| self.members.contains(*id))
            .map(|id| self.names[id].as_str())
            .collect()
    }

    /// Every package that a member links, by name.
    fn linked(&self, name: &str) -> BTreeSet<&str> {
        let mut seen = BTreeSet::from([self.id(name)]);
        let mut open = vec![self.id(name)];
        while let Some(id) = open.pop() {
            for dependency in &self.dependencies[id] {
                if seen.insert(dependency) {
                    open.push(dependency);
                }
            }
        }
        seen.into_iter().map(|id| self.names[id].as_str()).collect()
    }
}

#[test]
fn the_kit_points_inwards() {
    let tree = Tree::read();
    for (package, allowed) in [
        ("baton-domain", &[][..]),
        ("baton-agent", &["baton-domain"]),
        ("baton-model", &["baton-domain"]),
        (
            "baton-app",
            &["baton-domain", "baton-leads", "baton-lifetime"],
        ),
        ("baton-leads", &["baton-domain"]),
        ("baton-lifetime", &["baton-domain"]),
        ("baton-http", &["baton-app", "baton-domain"]),
        ("baton-aws", &["baton-app", "baton-domain"]),
        ("baton-partners", &["baton-domain"]),
        ("baton-engine", &[]),
        ("baton-sandbox", &["baton-domain"]),
        (
            "baton-platform",
            &[
                "baton-agent",
                "baton-app",
                "baton-aws",
                "baton-domain",
                "baton-partners",
            ],
        ),
        (
            "api",
            &["baton-app", "baton-domain", "baton-http", "baton-platform"],
        ),
        ("emailpilot-sandbox", &["baton-platform", "baton-sandbox"]),
        ("marketplace-sandbox", &["baton-platform", "baton-sandbox"]),
    ] {
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();
        let direct = tree.direct(package);
        assert!(
            direct.is_subset(&allowed),
            "{package} depends on {direct:?}"
        );
    }
}

#[test]
fn an_agent_knows_the_kit_and_no_store_no_sdk_and_no_other_agent() {
    let tree = Tree::read();
    let functions = functions();
    for agent in functions.iter().filter(|function| function.is_agent) {
        let allowed = BTreeSet::from([
            "baton-agent",
            "baton-domain",
            "baton-leads",
            "baton-lifetime",
            "baton-model",
            "baton-partners",
            "baton-speech",
        ]);
        let direct = tree.direct(&agent.name);
        assert!(
            direct.is_subset(&allowed),
            "{} depends on {direct:?}",
            agent.name
        );
        let linked = tree.linked(&agent.name);
        for foreign in ["aws-config", "aws-smithy-runtime", "rusqlite", "axum"] {
            assert!(!linked.contains(foreign), "{} links {foreign}", agent.name);
        }
        // Only a model is spoken to, and who makes videos.
        let speaks = direct.contains("baton-model") || direct.contains("baton-partners");
        assert_eq!(linked.contains("reqwest"), speaks, "{}", agent.name);
    }
}

#[test]
fn a_platform_function_is_a_use_case_and_its_wiring() {
    let tree = Tree::read();
    let apart = ["api", "emailpilot-sandbox", "marketplace-sandbox"];
    let platform = functions()
        .into_iter()
        .filter(|function| !function.is_agent);
    for function in platform.filter(|function| !apart.contains(&&*function.name)) {
        let allowed = BTreeSet::from(["baton-app", "baton-domain", "baton-platform"]);
        let direct = tree.direct(&function.name);
        assert!(
            direct.is_subset(&allowed),
            "{} depends on {direct:?}",
            function.name
        );
    }
}

#[test]
fn aws_is_wired_in_one_place() {
    let tree = Tree::read();
    let names = tree.members.iter().map(|id| tree.names[id].as_str());
    let wired: BTreeSet<&str> = names
        .filter(|name| tree.direct(name).contains("baton-aws"))
        .collect();
    assert_eq!(wired, BTreeSet::from(["baton-platform", "baton-tests"]));
}

#[test]
fn the_command_line_links_no_aws_sdk_and_nothing_links_aws_lc() {
    let tree = Tree::read();
    let sdk: Vec<&str> = tree
        .linked("baton")
        .into_iter()
        .filter(|name| name.starts_with("aws-"))
        .collect();
    assert_eq!(sdk, Vec::<&str>::new());
    for member in tree.members.iter().map(|id| &tree.names[id]) {
        for slow in ["aws-lc-rs", "openssl", "native-tls"] {
            assert!(!tree.linked(member).contains(slow), "{member} links {slow}");
        }
    }
}
