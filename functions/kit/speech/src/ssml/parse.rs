//! Reading.

use super::{Level, MAX_BREAK_MS, MAX_BYTES, MAX_DEPTH, Node, Prosody, Speech};

/// What is wrong with a document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at byte {at}: {problem}")]
pub struct SsmlError {
    /// Where, in bytes from its beginning.
    pub at: usize,
    /// What.
    pub problem: String,
}

type Parsed<T> = Result<T, SsmlError>;

/// Names and values.
type Attributes<'a> = Vec<(&'a str, String)>;

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

pub(super) fn parse(text: &str) -> Parsed<Speech> {
    let mut reader = Reader { text, at: 0 };
    if text.len() > MAX_BYTES {
        return Err(reader.wrong("is longer than 64 KiB"));
    }
    reader.skip_space();
    if reader.rest().starts_with("<?xml") {
        let end = reader.rest().find("?>");
        reader.at += end.ok_or_else(|| reader.wrong("the declaration stays open"))? + 2;
        reader.skip_space();
    }
    let (name, attributes, closed) = reader.tag()?;
    if name != "speak" {
        return Err(reader.wrong("must begin with <speak>"));
    }
    let locale = value(&attributes, "xml:lang").unwrap_or("en-US").to_owned();
    let nodes = if closed {
        Vec::new()
    } else {
        reader.nodes("speak", 1)?
    };
    reader.skip_space();
    if reader.rest().is_empty() {
        Ok(Speech { locale, nodes })
    } else {
        Err(reader.wrong("something stands behind </speak>"))
    }
}

fn value<'a>(attributes: &'a Attributes<'_>, name: &str) -> Option<&'a str> {
    let found = attributes.iter().find(|(given, _)| *given == name);
    found.map(|(_, value)| value.as_str())
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong(&self, problem: impl Into<String>) -> SsmlError {
        SsmlError {
            at: self.at,
            problem: problem.into(),
        }
    }

    fn skip_space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// What stands up to the closing tag, which is read as well.
    fn nodes(&mut self, parent: &str, depth: usize) -> Parsed<Vec<Node>> {
        if depth > MAX_DEPTH {
            return Err(self.wrong("is nested too deeply"));
        }
        let mut nodes = Vec::new();
        loop {
            let end = self.rest().find('<');
            let end = end.ok_or_else(|| self.wrong(format!("<{parent}> stays open")))?;
            if end > 0 {
                let words = &self.rest()[..end];
                let words = unescape(words).map_err(|problem| self.wrong(problem))?;
                nodes.push(Node::Text(words));
                self.at += end;
            }
            if let Some(behind) = self.rest().strip_prefix("</") {
                let closing = behind
                    .strip_prefix(parent)
                    .and_then(|b| b.trim_start().strip_prefix('>'));
                let rest =
                    closing.ok_or_else(|| self.wrong(format!("</{parent}> was expected")))?;
                self.at = self.text.len() - rest.len();
                return Ok(nodes);
            }
            nodes.push(self.element(depth)?);
        }
    }

    fn element(&mut self, depth: usize) -> Parsed<Node> {
        let begin = self.at;
        let (name, attributes, closed) = self.tag()?;
        let here = |problem: String| SsmlError { at: begin, problem };
        let content = if closed {
            Vec::new()
        } else {
            self.nodes(name, depth + 1)?
        };
        Ok(match name {
            "p" => Node::Paragraph(content),
            "s" => Node::Sentence(content),
            "break" if content.is_empty() => Node::Break(pause(&attributes).map_err(here)?),
            "emphasis" => Node::Emphasis(level(&attributes).map_err(here)?, content),
            "prosody" => Node::Prosody(prosody(&attributes).map_err(here)?, content),
            _ => return Err(here(format!("<{name}> is not known here"))),
        })
    }

    /// An opening tag: its name, its attributes, and whether it closes itself.
    fn tag(&mut self) -> Parsed<(&'a str, Attributes<'a>, bool)> {
        let open = self.rest().strip_prefix('<');
        open.ok_or_else(|| self.wrong("a tag was expected"))?;
        self.at += 1;
        let name = self.name()?;
        let mut attributes: Attributes<'a> = Vec::new();
        loop {
            self.skip_space();
            if self.rest().starts_with("/>") {
                self.at += 2;
                return Ok((name, attributes, true));
            }
            if self.rest().starts_with('>') {
                self.at += 1;
                return Ok((name, attributes, false));
            }
            let attribute = self.attribute()?;
            if value(&attributes, attribute.0).is_some() {
                return Err(self.wrong(format!("{} is given twice", attribute.0)));
            }
            attributes.push(attribute);
        }
    }

    fn name(&mut self) -> Parsed<&'a str> {
        let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_');
        let rest = self.rest();
        let end = rest.find(|c| !part(c)).unwrap_or(rest.len());
        if end == 0 {
            return Err(self.wrong("a name was expected; write < as &lt;"));
        }
        self.at += end;
        Ok(&rest[..end])
    }

    fn attribute(&mut self) -> Parsed<(&'a str, String)> {
        let name = self.name()?;
        self.skip_space();
        let behind = self.rest().strip_prefix('=');
        behind.ok_or_else(|| self.wrong(format!("{name} has no value")))?;
        self.at += 1;
        self.skip_space();
        let quote = self
            .rest()
            .chars()
            .next()
            .filter(|c| matches!(c, '"' | '\''));
        let quote = quote.ok_or_else(|| self.wrong(format!("{name} needs quotes")))?;
        let value = &self.rest()[1..];
        let end = value.find([quote, '<']);
        let end = end.filter(|end| value[*end..].starts_with(quote));
        let end = end.ok_or_else(|| self.wrong(format!("the value of {name} stays open")))?;
        let text = unescape(&value[..end]).map_err(|problem| self.wrong(problem))?;
        self.at += end + 2;
        Ok((name, text))
    }
}

fn unescape(text: &str) -> Result<String, String> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('&') {
        plain.push_str(before);
        let (entity, after) = behind.split_once(';').ok_or("write & as &amp;")?;
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            other => numbered(other).ok_or("an entity is not known here")?,
        });
        rest = after;
    }
    plain.push_str(rest);
    if plain.chars().all(|c| c == '\r' || crate::is_xml(c)) {
        Ok(plain.replace('\r', " "))
    } else {
        Err("has a control character".to_owned())
    }
}

fn numbered(entity: &str) -> Option<char> {
    let digits = entity.strip_prefix('#')?;
    let code = match digits.strip_prefix('x') {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => digits.parse(),
    };
    char::from_u32(code.ok()?)
}

fn pause(attributes: &Attributes<'_>) -> Result<u32, String> {
    let ms = match (value(attributes, "time"), value(attributes, "strength")) {
        (Some(time), _) => milliseconds(time).ok_or("time: must be such as 500ms or 1.5s")?,
        (None, None | Some("medium")) => 750,
        (None, Some("none")) => 0,
        (None, Some("x-weak")) => 250,
        (None, Some("weak")) => 500,
        (None, Some("strong")) => 1_000,
        (None, Some("x-strong")) => 1_250,
        (None, Some(_)) => return Err("strength: is not one of the standard's".to_owned()),
    };
    if ms <= MAX_BREAK_MS {
        Ok(ms)
    } else {
        Err("time: a pause is at most 10 s".to_owned())
    }
}

fn milliseconds(time: &str) -> Option<u32> {
    let (number, factor) = match time.strip_suffix("ms") {
        Some(number) => (number, 1.0),
        None => (time.strip_suffix('s')?, 1_000.0),
    };
    let ms = number.parse::<f64>().ok()? * factor;
    (0.0..=1e6).contains(&ms).then_some(ms.round() as u32)
}

fn level(attributes: &Attributes<'_>) -> Result<Level, String> {
    Ok(match value(attributes, "level") {
        Some("strong") => Level::Strong,
        None | Some("moderate") => Level::Moderate,
        Some("reduced") => Level::Reduced,
        Some("none") => Level::None,
        Some(_) => return Err("level: is not one of the standard's".to_owned()),
    })
}

fn prosody(attributes: &Attributes<'_>) -> Result<Prosody, String> {
    let mut prosody = Prosody::default();
    for (name, value) in attributes {
        let known = match *name {
            "rate" => {
                prosody.rate = rate(value);
                prosody.rate.is_some()
            }
            "pitch" => {
                prosody.pitch = change(
                    value,
                    "%",
                    50,
                    &["x-low", "low", "medium", "high", "x-high"],
                    10,
                );
                prosody.pitch.is_some()
            }
            "volume" => {
                prosody.volume = change(
                    value,
                    "dB",
                    20,
                    &["x-soft", "soft", "medium", "loud", "x-loud"],
                    6,
                );
                prosody.volume.is_some()
            }
            _ => false,
        };
        if !known {
            return Err(format!("{name}: is not one that is known here"));
        }
    }
    Ok(prosody)
}

/// A rate in percent: `110%` and `+10%` are a tenth faster, so is `1.1`.
fn rate(value: &str) -> Option<u16> {
    let percent = match value {
        "x-slow" => 50.0,
        "slow" => 75.0,
        "medium" | "default" => 100.0,
        "fast" => 125.0,
        "x-fast" => 150.0,
        _ => match value.strip_suffix('%') {
            Some(change) if change.starts_with(['+', '-']) => 100.0 + change.parse::<f64>().ok()?,
            Some(percent) => percent.parse().ok()?,
            None => value.parse::<f64>().ok()? * 100.0,
        },
    };
    (20.0..=300.0)
        .contains(&percent)
        .then_some(percent.round() as u16)
}

/// A signed change, or one of five words that lie `step` apart around none.
fn change(value: &str, unit: &str, most: i8, words: &[&str], step: i8) -> Option<i8> {
    if let Some(place) = words.iter().position(|word| *word == value) {
        return Some((i8::try_from(place).ok()? - 2) * step);
    }
    let number = value.strip_suffix(unit)?;
    let number: f64 = number
        .starts_with(['+', '-'])
        .then(|| number.parse().ok())??;
    let most = f64::from(most);
    (-most..=most)
        .contains(&number)
        .then_some(number.round() as i8)
}
