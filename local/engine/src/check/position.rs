//! Line and column of a place in the text of a definition.

use super::Problem;

/// Fills in where each problem is, and sorts by it.
pub(super) fn locate(text: &str, mut problems: Vec<Problem>) -> Vec<Problem> {
    for problem in &mut problems {
        let offset = offset_of(text.as_bytes(), &problem.path);
        let before = &text.as_bytes()[..offset];
        problem.line = before.split(|byte| *byte == b'\n').count();
        let line_start = before
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        problem.column = 1 + String::from_utf8_lossy(&before[line_start..])
            .chars()
            .count();
    }
    problems.sort_by_key(|problem| (problem.line, problem.column));
    problems.dedup();
    problems
}

/// The offset of the value that a JSON pointer names, or of the deepest part that exists.
fn offset_of(text: &[u8], pointer: &str) -> usize {
    let mut scanner = Scanner { text, at: 0 };
    scanner.blank();
    let mut found = scanner.at;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        match scanner.enter(&step) {
            Some(place) => found = place,
            None => break,
        }
    }
    found
}

/// Walks text that is known to be JSON.
struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scanner<'_> {
    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or_default()
    }

    fn blank(&mut self) {
        while self.peek().is_ascii_whitespace() {
            self.at += 1;
        }
    }

    /// Moves to the value under a key or index, and answers where its key (or it) stands.
    fn enter(&mut self, step: &str) -> Option<usize> {
        let open = self.peek();
        self.at += 1;
        let mut index = 0_usize;
        loop {
            self.blank();
            if matches!(self.peek(), b'}' | b']' | 0) {
                return None;
            }
            let place = self.at;
            let hit = if open == b'{' {
                let key = self.key();
                key == step
            } else if open == b'[' {
                index.to_string() == step
            } else {
                return None;
            };
            if hit {
                return Some(place);
            }
            self.skip();
            self.blank();
            if self.peek() == b',' {
                self.at += 1;
            }
            index += 1;
        }
    }

    fn key(&mut self) -> String {
        let start = self.at;
        self.string();
        let key = serde_json::from_slice(&self.text[start..self.at]).unwrap_or_default();
        self.blank();
        self.at += 1;
        self.blank();
        key
    }

    fn string(&mut self) {
        self.at += 1;
        while !matches!(self.peek(), b'"' | 0) {
            self.at += if self.peek() == b'\\' { 2 } else { 1 };
        }
        self.at = (self.at + 1).min(self.text.len());
    }

    /// Moves past one value.
    fn skip(&mut self) {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                    continue;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                0 => return,
                _ if depth == 0 => {
                    while !matches!(self.peek(), b',' | b'}' | b']' | 0) {
                        self.at += 1;
                    }
                }
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_finds_its_line_and_column() {
        let text = "{\n  \"a\": [1, {\"x\\\"y\": \"}\"}],\n  \"b/c\": {\n    \"d\": true\n  }\n}";
        let place = |path: &str| {
            let problem = super::super::problem(path, "");
            let found = locate(text, vec![problem]);
            (found[0].line, found[0].column)
        };
        assert_eq!(place(""), (1, 1));
        assert_eq!(place("/a/1"), (2, 12));
        assert_eq!(place("/b~1c/d"), (4, 5));
        assert_eq!(place("/b~1c/absent"), (3, 3));
    }
}
