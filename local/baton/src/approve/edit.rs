//! Fixes: what a person changed of an artifact, as a JSON Patch, and as the person reads it.

use json_patch::{PatchOperation, diff};
use owo_colors::OwoColorize as _;
use serde_json::Value;

use crate::show::{plain, shortened};

/// The longest value that is shown of a change, in characters.
const LONGEST: usize = 300;

/// What was changed, as JSON Patch (RFC 6902); none when nothing was.
pub(super) fn patch(before: &Value, after: &Value) -> Option<Value> {
    let patch = diff(before, after);
    let changed = !patch.0.is_empty();
    changed.then(|| serde_json::to_value(&patch).unwrap_or_default())
}

/// The changes, one a line or two: what goes in red, what comes in green.
pub(super) fn changes(before: &Value, after: &Value) -> String {
    // Places in lists move while a patch is applied: what goes is read from where it then stands.
    let mut now = before.clone();
    let mut lines = Vec::new();
    for operation in diff(before, after).0 {
        let path = operation.path().to_string();
        let goes = now
            .pointer(&path)
            .filter(|_| !matches!(operation, PatchOperation::Add(_)));
        lines.push(plain(&path).bold().to_string());
        lines.extend(goes.map(|old| format!("  - {}", short(old)).red().to_string()));
        let comes = match &operation {
            PatchOperation::Add(add) => Some(&add.value),
            PatchOperation::Replace(replace) => Some(&replace.value),
            _ => None,
        };
        lines.extend(comes.map(|new| format!("  + {}", short(new)).green().to_string()));
        let step = json_patch::Patch(vec![operation]);
        // A difference fits what it was taken from.
        let _ = json_patch::patch(&mut now, &step);
    }
    lines.join("\n")
}

fn short(value: &Value) -> String {
    shortened(&value.to_string(), LONGEST)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_makes_one_of_the_other() {
        let before = json!({"summary": "warm", "emails": [{"id": 1}, {"id": 2}, {"id": 3}]});
        let after = json!({"summary": "warmer", "emails": [{"id": 1}, {"id": 3}], "month": "m"});
        let found = patch(&before, &after).unwrap();
        let mut made = before.clone();
        let found: json_patch::Patch = serde_json::from_value(found).unwrap();
        json_patch::patch(&mut made, &found).unwrap();
        assert_eq!(made, after);
        assert_eq!(patch(&before, &before), None);
    }

    #[test]
    fn changes_show_what_goes_and_what_comes() {
        let before = json!({"a": "old\u{1b}[2J", "b": [1, 2]});
        let after = json!({"a": "new", "b": [2]});
        let shown = anstream::adapter::strip_str(&changes(&before, &after)).to_string();
        for line in ["/a", "  - \"old\\u001b[2J\"", "  + \"new\"", "  - 1"] {
            assert!(shown.lines().any(|shown| shown == line), "{line}: {shown}");
        }
    }
}
