//! The offline writer: every framework that the brief allows, filled until it fits, and of what fits
//! the copies that differ.

use crate::brief::Brief;
use crate::channel::{Channel, Field, Role, fits};
use crate::framework::Framework;
use crate::rules;
use crate::sms;
use crate::words::{likeness, words};
use crate::{Text, Variant};

/// How often the writer moves on to other benefits and hooks.
const TURNS: usize = 24;

/// Up to `most` copies for a channel, no two of them more alike than `likeness`.
pub fn variants(
    channel: Channel,
    brief: &Brief,
    frameworks: &[Framework],
    most: usize,
    most_alike: f64,
) -> Vec<Variant> {
    let mut kept: Vec<Variant> = Vec::new();
    for turn in 0..TURNS {
        for framework in frameworks {
            if kept.len() == most {
                return kept;
            }
            let Some(variant) = variant(channel, *framework, brief, turn) else {
                continue;
            };
            let text = rules::compared(&variant, brief);
            let is_new =
                |other: &Variant| likeness(&text, &rules::compared(other, brief)) <= most_alike;
            if kept.iter().all(is_new) && rules::check(channel, &variant, brief).is_ok() {
                kept.push(variant);
            }
        }
    }
    kept
}

fn variant(channel: Channel, framework: Framework, brief: &Brief, turn: usize) -> Option<Variant> {
    let mut beside: Vec<Text> = Vec::new();
    for field in channel.fields() {
        let texts = match field.role {
            Role::Hook => framework.hooks(brief, turn),
            Role::Aside => asides(brief, turn),
            Role::Body => continue,
        };
        let text = first(&texts, field, brief, &beside)?;
        beside.push(Text::of(field, text));
    }
    let mut fields = Vec::new();
    for field in channel.fields() {
        let found = beside.iter().find(|text| text.field == field.name);
        fields.push(if let Some(text) = found {
            text.clone()
        } else {
            let steps = steps(framework, brief, turn, &beside);
            Text::of(field, body(channel, field, &steps, brief)?)
        });
    }
    Some(Variant { framework, fields })
}

/// The steps of the framework without what the other fields say already.
fn steps(framework: Framework, brief: &Brief, turn: usize, beside: &[Text]) -> Vec<Vec<String>> {
    let said: Vec<Vec<String>> = beside.iter().map(|text| words(&text.text)).collect();
    let mut steps = framework.steps(brief, turn);
    for step in &mut steps {
        step.retain(|sentence| !said.contains(&words(sentence)));
    }
    steps.retain(|step| !step.is_empty());
    steps
}

/// The first text that has room, may be said, and stands in no other field.
fn first(texts: &[String], field: &Field, brief: &Brief, others: &[Text]) -> Option<String> {
    let is_new = |text: &String| others.iter().all(|other| other.text != *text);
    let mut texts = texts.iter().map(|text| for_field(text, field));
    texts.find(|text| fits(field, text) && brief.banned_in(text).is_none() && is_new(text))
}

fn asides(brief: &Brief, turn: usize) -> Vec<String> {
    let next = brief.benefits.get((turn + 1) % brief.benefits.len().max(1));
    let offer = brief.offer.clone();
    let by = format!("By {}", brief.brand);
    offer
        .into_iter()
        .chain(next.cloned())
        .chain([by, brief.action.clone()])
        .collect()
}

/// The steps of the framework: as many as have room, and of those that are as many the ones that come
/// first. What has no button says what to do in any case; a disclaimer stands at the end.
fn body(channel: Channel, field: &Field, steps: &[Vec<String>], brief: &Brief) -> Option<String> {
    let disclaimer = brief
        .disclaimer
        .as_deref()
        .filter(|_| channel.carries_disclaimer());
    let bare = format!("{}.", brief.product);
    let mut best: Option<(usize, usize, String)> = None;
    for choice in choices(steps) {
        let taken = |(step, at): (&Vec<String>, &usize)| step.get(*at).cloned();
        let sentences: Vec<String> = steps.iter().zip(&choice).filter_map(taken).collect();
        let acts = steps
            .last()
            .zip(choice.last())
            .is_some_and(|(step, at)| *at < step.len());
        // The name alone, beside a sentence that has it, says nothing.
        let names = sentences
            .iter()
            .filter(|sentence| sentence.contains(&brief.product))
            .count();
        let repeats = names > 1 && sentences.contains(&bare);
        if sentences.is_empty() || repeats || (channel.is_text_alone() && !acts) {
            continue;
        }
        let filled = sentences.len();
        let cost: usize = choice.iter().sum();
        let is_better = best
            .as_ref()
            .is_none_or(|(most, least, _)| filled > *most || (filled == *most && cost < *least));
        if !is_better {
            continue;
        }
        let sentences = sentences.iter().map(String::as_str);
        let text: Vec<&str> = sentences.chain(disclaimer).collect();
        let text = for_field(&text.join(" "), field);
        if fits(field, &text) && brief.banned_in(&text).is_none() {
            best = Some((filled, cost, text));
        }
    }
    best.map(|(_, _, text)| text)
}

/// Every way to choose a sentence of each step; a number beyond the last sentence leaves it out.
fn choices(steps: &[Vec<String>]) -> Vec<Vec<usize>> {
    let mut choices = vec![Vec::new()];
    for step in steps {
        let longer = |choice: &Vec<usize>| -> Vec<Vec<usize>> {
            let with = |at| choice.iter().copied().chain([at]).collect();
            (0..=step.len()).map(with).collect()
        };
        choices = choices.iter().flat_map(longer).collect();
    }
    choices
}

fn for_field(text: &str, field: &Field) -> String {
    if field.unit == crate::channel::Unit::Septets {
        sms::plain(text)
    } else {
        text.to_owned()
    }
}
