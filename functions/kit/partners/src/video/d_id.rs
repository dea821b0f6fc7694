//! D-ID's wire format.

use baton_domain::video::{JobState, VideoError};
use serde_json::{Value, json};

use super::{Presenter, Submission, done, failed, id, malformed};

pub(super) fn body(submission: &Submission) -> Value {
    let (input, ssml) = match &submission.ssml {
        Some(ssml) => (ssml.clone(), true),
        None => (submission.scenes.join("\n"), false),
    };
    let mut script = json!({"type": "text", "input": input, "ssml": ssml});
    if let Some(voice_id) = &submission.voice_id {
        script["provider"] = json!({"type": "microsoft", "voice_id": voice_id});
    }
    let mut body = json!({
        "script": script,
        "config": {"result_format": "mp4"},
        "name": submission.title,
        "user_data": submission.reference,
    });
    if let Presenter::Image(url) = &submission.presenter {
        body["source_url"] = json!(url);
    }
    if let Some(url) = &submission.webhook_url {
        body["webhook"] = json!(url);
    }
    body
}

pub(super) fn submitted(answer: &Value) -> Result<String, VideoError> {
    id(&answer["id"])
}

/// The state of a talk, polled or told.
pub(super) fn state(talk: &Value) -> Result<JobState, VideoError> {
    match talk["status"].as_str() {
        Some("created" | "started") => Ok(JobState::Processing),
        Some("done") => done(&talk["result_url"], &talk["duration"]),
        Some("error" | "rejected") => Ok(failed(&[
            &talk["error"]["description"],
            &talk["error"]["kind"],
            &talk["error"],
        ])),
        _ => Err(malformed("it has no known status")),
    }
}

pub(super) fn find(answer: &Value, reference: &str) -> Result<Option<String>, VideoError> {
    let talks = answer["talks"].as_array();
    let talks = talks.ok_or_else(|| malformed("it has no list of talks"))?;
    let same = |talk: &&Value| {
        talk["user_data"] == reference
            && !matches!(talk["status"].as_str(), Some("error" | "rejected"))
    };
    talks
        .iter()
        .find(same)
        .map(|talk| id(&talk["id"]))
        .transpose()
}
