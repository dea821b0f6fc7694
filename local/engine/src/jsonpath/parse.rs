//! From text to a [`Path`].

use super::filter;
use super::path::{Path, Root, Step};

/// A longer path is refused; no definition needs one.
const LONGEST: usize = 10_000;

/// Characters with a place to read from.
pub(super) struct Cursor {
    letters: Vec<char>,
    pub(super) at: usize,
}

impl Cursor {
    pub(super) fn new(text: &str) -> Self {
        Self {
            letters: text.chars().collect(),
            at: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.at += 1;
        Some(letter)
    }

    /// Takes a text if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let found = text
            .chars()
            .enumerate()
            .all(|(index, letter)| self.letters.get(self.at + index) == Some(&letter));
        if found {
            self.at += text.chars().count();
        }
        found
    }

    pub(super) fn blank(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Takes letters while they fit.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.at += 1;
        }
        self.letters[start..self.at].iter().collect()
    }

    /// A text in quotes, with `\` before what is meant literally.
    pub(super) fn quoted(&mut self) -> Result<String, String> {
        let Some(quote @ ('\'' | '"')) = self.next() else {
            return Err("a name in quotes is expected".to_owned());
        };
        let mut text = String::new();
        loop {
            match self.next() {
                None => return Err("a quote is not closed".to_owned()),
                Some('\\') => text.push(match self.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(letter) => letter,
                    None => return Err("a quote is not closed".to_owned()),
                }),
                Some(letter) if letter == quote => return Ok(text),
                Some(letter) => text.push(letter),
            }
        }
    }

    /// What was read since a place.
    pub(super) fn since(&self, from: usize) -> String {
        self.letters[from..self.at].iter().collect()
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.letters.len()
    }
}

/// Parses a whole text as a path.
pub(super) fn path(text: &str) -> Result<Path, String> {
    if text.len() > LONGEST {
        return Err("the path is too long".to_owned());
    }
    let mut cursor = Cursor::new(text);
    let wrong = |message: String| format!("'{text}' is not a path: {message}");
    if !cursor.take("$") {
        return Err(wrong("it must start with '$'".to_owned()));
    }
    let root = root(&mut cursor);
    let steps = steps(&mut cursor, 0).map_err(wrong)?;
    if !cursor.is_done() {
        return Err(wrong(format!(
            "nothing is expected after position {}",
            cursor.at
        )));
    }
    Ok(Path {
        text: text.to_owned(),
        root,
        steps,
    })
}

pub(super) fn root(cursor: &mut Cursor) -> Root {
    if cursor.take("$") {
        return Root::Context;
    }
    let name = cursor.take_while(|letter| letter.is_alphanumeric() || letter == '_');
    if name.is_empty() {
        Root::Data
    } else {
        Root::Variable(name)
    }
}

/// The steps that follow a root, up to what cannot belong to a path.
pub(super) fn steps(cursor: &mut Cursor, depth: usize) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    loop {
        match cursor.peek() {
            Some('.') => dotted(cursor, &mut steps)?,
            Some('[') => steps.push(bracket(cursor, depth)?),
            _ => break,
        }
    }
    if matches!(steps.last(), Some(Step::Descend)) {
        return Err("a path cannot end with '..'".to_owned());
    }
    Ok(steps)
}

fn dotted(cursor: &mut Cursor, steps: &mut Vec<Step>) -> Result<(), String> {
    cursor.next();
    if cursor.take(".") {
        steps.push(Step::Descend);
        if cursor.peek() == Some('[') {
            return Ok(());
        }
    }
    if cursor.take("*") {
        steps.push(Step::Wildcard);
        return Ok(());
    }
    let name = cursor.take_while(|letter| !ends_a_name(letter));
    if name.is_empty() {
        return Err("a name is expected after '.'".to_owned());
    }
    if cursor.take("()") {
        steps.push(if name == "length" {
            Step::Length
        } else {
            Step::Function
        });
        return Ok(());
    }
    steps.push(Step::Names(vec![name]));
    Ok(())
}

fn ends_a_name(letter: char) -> bool {
    letter.is_whitespace() || "[].()'\"*,=<>!&|?\\".contains(letter)
}

fn bracket(cursor: &mut Cursor, depth: usize) -> Result<Step, String> {
    cursor.next();
    cursor.blank();
    let step = match cursor.peek() {
        Some('\'' | '"') => names(cursor)?,
        Some('*') => {
            cursor.next();
            Step::Wildcard
        }
        Some('?') => {
            cursor.next();
            Step::Filter(Box::new(filter::parse(cursor, depth)?))
        }
        Some('-' | ':' | '0'..='9') => positions(cursor)?,
        _ => return Err("'[' must be followed by a quote, a number, '*' or '?'".to_owned()),
    };
    cursor.blank();
    if cursor.take("]") {
        Ok(step)
    } else {
        Err("']' is expected".to_owned())
    }
}

fn names(cursor: &mut Cursor) -> Result<Step, String> {
    let mut names = vec![cursor.quoted()?];
    loop {
        cursor.blank();
        if !cursor.take(",") {
            return Ok(Step::Names(names));
        }
        cursor.blank();
        names.push(cursor.quoted()?);
    }
}

/// `0`, `-1`, `0,1`, `1:3`, `:2`, `-2:`; a third part of a slice is read and not used.
fn positions(cursor: &mut Cursor) -> Result<Step, String> {
    let text = cursor.take_while(|letter| letter.is_ascii_digit() || "-:, ".contains(letter));
    let number = |part: &str| {
        let part = part.trim();
        part.parse::<i64>()
            .map_err(|_| format!("'{part}' is not an index"))
    };
    if text.contains(':') {
        let mut ends = text.split(':').map(|part| match part.trim() {
            "" => Ok(None),
            part => number(part).map(Some),
        });
        let mut end = || ends.next().unwrap_or(Ok(None));
        return Ok(Step::Slice(end()?, end()?));
    }
    let indexes: Result<Vec<i64>, String> = text.split(',').map(number).collect();
    Ok(Step::Indexes(indexes?))
}
