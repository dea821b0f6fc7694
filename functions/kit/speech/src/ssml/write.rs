//! Writing.

use baton_domain::text::escaped;

use super::{Level, Node, Prosody, Speech};

/// How a voice reads rates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// As W3C has it: `110%` is a tenth faster.
    Standard,
    /// As Microsoft's voices have it: `+10%` is a tenth faster.
    Microsoft,
}

pub(super) fn document(speech: &Speech, dialect: Dialect) -> String {
    format!(
        "<speak version=\"1.0\" xmlns=\"http://www.w3.org/2001/10/synthesis\" xml:lang=\"{}\">{}</speak>",
        escaped(&speech.locale),
        inner(&speech.nodes, dialect)
    )
}

pub(super) fn inner(nodes: &[Node], dialect: Dialect) -> String {
    nodes.iter().map(|node| one(node, dialect)).collect()
}

fn one(node: &Node, dialect: Dialect) -> String {
    let content = inner(node.children(), dialect);
    match node {
        Node::Text(words) => escaped(words),
        Node::Break(ms) => format!("<break time=\"{ms}ms\"/>"),
        Node::Emphasis(level, _) => {
            format!("<emphasis level=\"{}\">{content}</emphasis>", name(*level))
        }
        Node::Prosody(prosody, _) => {
            format!(
                "<prosody{}>{content}</prosody>",
                attributes(*prosody, dialect)
            )
        }
        Node::Paragraph(_) => format!("<p>{content}</p>"),
        Node::Sentence(_) => format!("<s>{content}</s>"),
    }
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Strong => "strong",
        Level::Moderate => "moderate",
        Level::Reduced => "reduced",
        Level::None => "none",
    }
}

fn attributes(prosody: Prosody, dialect: Dialect) -> String {
    let rate = prosody.rate.map(|rate| match dialect {
        Dialect::Standard => format!(" rate=\"{rate}%\""),
        Dialect::Microsoft => format!(" rate=\"{:+}%\"", i32::from(rate) - 100),
    });
    let pitch = prosody.pitch.map(|pitch| format!(" pitch=\"{pitch:+}%\""));
    let volume = prosody.volume.map(|volume| match dialect {
        Dialect::Standard => format!(" volume=\"{volume:+}dB\""),
        // Its voices know percent, of loudness and not of level: 6 dB are twice as loud.
        Dialect::Microsoft => {
            let percent = (10f64.powf(f64::from(volume) / 20.0) - 1.0) * 100.0;
            format!(" volume=\"{:+}%\"", percent.round().clamp(-100.0, 100.0))
        }
    });
    [rate, pitch, volume].into_iter().flatten().collect()
}
