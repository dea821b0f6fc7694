//! From text to a [`Call`]: names, arguments and escapes.

use serde_json::Value;

use super::call::{Argument, Call, Function};
use super::parse::Cursor;
use super::path::Path;

/// Calls within calls, as AWS allows.
const DEEPEST: usize = 10;

/// Characters that `\` makes literal.
const ESCAPED: [char; 4] = ['\'', '{', '}', '\\'];

impl Call {
    /// Parses a whole text as a call.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |why: String| format!("'{text}' is not an intrinsic function: {why}");
        let mut cursor = Cursor::new(text);
        let call = call(&mut cursor, 1).map_err(wrong)?;
        cursor.blank();
        if cursor.is_done() {
            Ok(Self {
                text: text.to_owned(),
                ..call
            })
        } else {
            Err(wrong("something follows the call".to_owned()))
        }
    }
}

fn call(cursor: &mut Cursor, depth: usize) -> Result<Call, String> {
    if depth > DEEPEST {
        return Err(format!("calls are nested deeper than {DEEPEST}"));
    }
    if !cursor.take("States.") {
        return Err("'States.' is expected".to_owned());
    }
    let name = cursor.take_while(char::is_alphanumeric);
    let known = Function::ALL.iter().find(|(known, _)| *known == name);
    let Some((_, function)) = known else {
        return Err(format!("there is no function 'States.{name}'"));
    };
    if !cursor.take("(") {
        return Err("'(' is expected".to_owned());
    }
    let mut arguments = Vec::new();
    cursor.blank();
    while !cursor.take(")") {
        if !arguments.is_empty() && !cursor.take(",") {
            return Err("',' or ')' is expected".to_owned());
        }
        cursor.blank();
        arguments.push(argument(cursor, depth)?);
        cursor.blank();
    }
    if *function == Function::Format
        && let Some(Argument::Text(template)) = arguments.first()
    {
        parts(template)?;
    }
    Ok(Call {
        text: String::new(),
        function: *function,
        arguments,
    })
}

fn argument(cursor: &mut Cursor, depth: usize) -> Result<Argument, String> {
    match cursor.peek() {
        Some('\'') => text(cursor).map(Argument::Text),
        Some('$') => path(cursor).map(Argument::Path),
        Some('S') => call(cursor, depth + 1).map(|call| Argument::Call(Box::new(call))),
        _ => {
            let word =
                cursor.take_while(|letter| letter.is_alphanumeric() || "+-.".contains(letter));
            match serde_json::from_str::<Value>(&word) {
                Ok(value) => Ok(Argument::Value(value)),
                Err(_) => Err(format!("'{word}' is not an argument")),
            }
        }
    }
}

/// A text in single quotes. Its escapes stay, since `States.Format` tells `{` from `\{`.
fn text(cursor: &mut Cursor) -> Result<String, String> {
    cursor.next();
    let mut raw = String::new();
    loop {
        match cursor.next() {
            None => return Err("a quote is not closed".to_owned()),
            Some('\'') => return Ok(raw),
            Some('\\') => match cursor.next() {
                Some(letter) if ESCAPED.contains(&letter) => raw.extend(['\\', letter]),
                _ => return Err("only ' { } and \\ are escaped with \\".to_owned()),
            },
            Some(letter) => raw.push(letter),
        }
    }
}

/// A path up to the `,` or `)` that ends the argument.
fn path(cursor: &mut Cursor) -> Result<Path, String> {
    let mut text = String::new();
    let mut open = 0_usize;
    while let Some(letter) = cursor.peek() {
        match letter {
            ',' | ')' if open == 0 => break,
            '[' | '(' => open += 1,
            ']' | ')' => open = open.saturating_sub(1),
            '\'' | '"' if open > 0 => {
                let from = cursor.at;
                cursor.quoted()?;
                text.push_str(&cursor.since(from));
                continue;
            }
            _ => {}
        }
        text.push(letter);
        cursor.next();
    }
    Path::parse(text.trim())
}

/// A text without its escapes.
pub(super) fn unescape(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut letters = raw.chars();
    while let Some(letter) = letters.next() {
        text.push(match letter {
            '\\' => letters.next().unwrap_or('\\'),
            other => other,
        });
    }
    text
}

/// The texts around each `{}` of a template.
pub(super) fn parts(template: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut letters = template.chars().peekable();
    while let Some(letter) = letters.next() {
        let literal = match letter {
            '\\' => match letters.next() {
                Some(escaped) if ESCAPED.contains(&escaped) => escaped,
                _ => return Err("only ' { } and \\ are escaped with \\".to_owned()),
            },
            '{' => {
                if letters.next() != Some('}') {
                    return Err("matching '}' not found for '{'".to_owned());
                }
                parts.push(String::new());
                continue;
            }
            '}' => return Err("matching '{' not found for '}'".to_owned()),
            other => other,
        };
        if let Some(part) = parts.last_mut() {
            part.push(literal);
        }
    }
    Ok(parts)
}
