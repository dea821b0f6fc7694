//! Captions in WebVTT (W3C), by the limits that broadcasters share: two lines of 42 characters, 20
//! characters a second (Netflix Timed Text Style Guide, English, adult programmes).

use std::fmt::Write as _;

use crate::sentences;

/// The longest line, in characters.
pub const MAX_LINE: usize = 42;

/// The most lines at a time.
pub const MAX_LINES: usize = 2;

/// The fastest that captions may be read, in characters a second.
pub const MAX_CHARACTERS_PER_SECOND: f64 = 20.0;

/// One caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// When it appears, in milliseconds.
    pub start_ms: u64,
    /// When it goes, in milliseconds; after its start.
    pub end_ms: u64,
    /// Its lines, not escaped.
    pub lines: Vec<String>,
}

impl Cue {
    /// How many characters there are to read.
    pub fn characters(&self) -> usize {
        self.lines.iter().map(|line| line.chars().count()).sum()
    }
}

/// The shortest time in which a text's captions can be read, in milliseconds.
pub fn reading_ms(text: &str) -> u64 {
    let characters: usize = blocks(text).iter().map(|lines| length(lines)).sum();
    (characters as f64 / MAX_CHARACTERS_PER_SECOND * 1_000.0).ceil() as u64
}

/// Captions of a text that is said from `start_ms` to `end_ms`. They follow each other without gap
/// and overlap, each as long as its share of the characters. There are none for a text without
/// words or a time that does not pass; who wants them readable gives [`reading_ms`] or more.
pub fn cues(text: &str, start_ms: u64, end_ms: u64) -> Vec<Cue> {
    let blocks = blocks(text);
    let characters: u64 = blocks.iter().map(|lines| length(lines) as u64).sum();
    let time = end_ms.saturating_sub(start_ms);
    if time < blocks.len() as u64 || characters == 0 {
        return Vec::new();
    }
    let at = |read: u64| {
        let share = u128::from(time) * u128::from(read) / u128::from(characters);
        start_ms + u64::try_from(share).unwrap_or(time)
    };
    let mut read = 0;
    let timed = blocks.into_iter().map(|lines| {
        let from = at(read);
        read += length(&lines) as u64;
        Cue {
            start_ms: from,
            end_ms: at(read),
            lines,
        }
    });
    timed.filter(|cue| cue.end_ms > cue.start_ms).collect()
}

/// The captions as a file.
pub fn web_vtt(cues: &[Cue]) -> String {
    let mut file = "WEBVTT\n".to_owned();
    for (i, cue) in cues.iter().enumerate() {
        let (start, end) = (timestamp(cue.start_ms), timestamp(cue.end_ms));
        let _ = write!(file, "\n{}\n{start} --> {end}\n", i + 1);
        for line in &cue.lines {
            let _ = writeln!(file, "{}", escape(line));
        }
    }
    file
}

fn timestamp(ms: u64) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!(
        "{:02}:{:02}:{seconds:02}.{ms:03}",
        minutes / 60,
        minutes % 60
    )
}

/// Text of a cue: `-->` would end it, `&` and `<` begin markup.
fn escape(line: &str) -> String {
    line.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn length(lines: &[String]) -> usize {
    lines.iter().map(|line| line.chars().count()).sum()
}

/// What is shown at a time: sentences together while they fit, long ones cut into blocks of lines.
fn blocks(text: &str) -> Vec<Vec<String>> {
    let mut blocks: Vec<Vec<String>> = Vec::new();
    for sentence in sentences(text) {
        let joined = blocks.last().map(|last| {
            let both = format!("{} {sentence}", last.join(" "));
            wrapped(&both)
        });
        match (blocks.last_mut(), joined) {
            (Some(last), Some(joined)) if joined.len() <= MAX_LINES => *last = joined,
            _ => blocks.extend(wrapped(sentence).chunks(MAX_LINES).map(<[String]>::to_vec)),
        }
    }
    blocks
}

/// Lines of at most [`MAX_LINE`] characters, broken between words; longer words are cut.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let seen = |c: &char| crate::is_xml(*c);
    for word in text.split_whitespace() {
        let word: Vec<char> = word.chars().filter(seen).collect();
        for part in word.chunks(MAX_LINE) {
            let part: String = part.iter().collect();
            let fits = |line: &String| line.chars().count() + 1 + part.chars().count() <= MAX_LINE;
            match lines.last_mut().filter(|line| fits(line)) {
                Some(line) => {
                    line.push(' ');
                    line.push_str(&part);
                }
                None => lines.push(part),
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_file_is_as_the_standard_has_it() {
        let cues = cues("Rain <again> & again. Dry feet?", 61_000, 64_000);
        assert_eq!(
            web_vtt(&cues),
            "WEBVTT\n\n1\n00:01:01.000 --> 00:01:04.000\nRain &lt;again&gt; &amp; again. Dry feet?\n"
        );
        assert_eq!(web_vtt(&[]), "WEBVTT\n");
    }

    #[test]
    fn a_long_sentence_is_cut_into_blocks() {
        let text = "word ".repeat(40);
        let cues = cues(&text, 0, 10_000);
        assert_eq!(cues.len(), 3, "five lines of eight words");
        assert_eq!(cues[2].end_ms, 10_000);
    }

    proptest! {
        #[test]
        fn captions_keep_their_limits(text in "(\\PC{0,60}[.!?]? ){0,8}", start in 0u64..100_000, more in 0u64..5_000) {
            let end = start + reading_ms(&text) + more;
            let cues = cues(&text, start, end);
            let mut last = start;
            for cue in &cues {
                prop_assert_eq!(cue.start_ms, last, "no gap and no overlap");
                prop_assert!(cue.end_ms > cue.start_ms && cue.end_ms <= end);
                prop_assert!((1..=MAX_LINES).contains(&cue.lines.len()));
                prop_assert!(cue.lines.iter().all(|line| line.chars().count() <= MAX_LINE));
                let seconds = (cue.end_ms - cue.start_ms + 1) as f64 / 1_000.0;
                prop_assert!(cue.characters() as f64 / seconds <= MAX_CHARACTERS_PER_SECOND + 1e-9);
                last = cue.end_ms;
            }
            let shown: String = cues.iter().flat_map(|cue| cue.lines.join(" ").chars().collect::<Vec<_>>()).filter(|c| !c.is_whitespace()).collect();
            let wanted: String = text.chars().filter(|c| !c.is_whitespace() && crate::is_xml(*c)).collect();
            prop_assert_eq!(shown, wanted, "nothing is lost");
            prop_assert_eq!(web_vtt(&cues).matches("-->").count(), cues.len());
        }
    }
}
