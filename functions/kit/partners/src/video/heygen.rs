//! HeyGen's wire format.

use baton_domain::video::{JobState, VideoError};
use serde_json::{Value, json};

use super::{Presenter, Submission, done, failed, id, malformed};

pub(super) fn body(submission: &Submission) -> Value {
    let character = match &submission.presenter {
        Presenter::TalkingPhoto(id) => json!({"type": "talking_photo", "talking_photo_id": id}),
        Presenter::Avatar(id) | Presenter::Image(id) => {
            json!({"type": "avatar", "avatar_id": id, "avatar_style": "normal"})
        }
    };
    let speed = f64::from(submission.rate_percent.clamp(50, 150)) / 100.0;
    let scene = |text: &String| {
        json!({
            "character": character,
            "voice": {
                "type": "text", "input_text": text, "voice_id": submission.voice_id,
                "speed": speed, "pitch": submission.pitch_percent.clamp(-50, 50),
            },
        })
    };
    let scenes: Vec<Value> = submission.scenes.iter().map(scene).collect();
    let (width, height) = submission.size;
    let mut body = json!({
        "title": title(&submission.title, &submission.reference),
        "callback_id": submission.reference,
        "dimension": {"width": width, "height": height},
        "video_inputs": scenes,
    });
    if let Some(url) = &submission.webhook_url {
        body["callback_url"] = json!(url);
    }
    body
}

/// Lists of videos have titles and no callback ids: the reference ends the title.
fn title(title: &str, reference: &str) -> String {
    format!("{title} [{reference}]")
}

pub(super) fn submitted(answer: &Value) -> Result<String, VideoError> {
    id(&accepted(answer)?["video_id"])
}

pub(super) fn polled(answer: &Value) -> Result<JobState, VideoError> {
    let data = accepted(answer)?;
    match data["status"].as_str() {
        Some("pending" | "waiting" | "processing") => Ok(JobState::Processing),
        Some("completed") => done(&data["video_url"], &data["duration"]),
        Some("failed") => Ok(failed(&[
            &data["error"]["detail"],
            &data["error"]["message"],
            &data["error"],
        ])),
        _ => Err(malformed("it has no known status")),
    }
}

pub(super) fn find(answer: &Value, reference: &str) -> Result<Option<String>, VideoError> {
    let videos = accepted(answer)?["videos"].as_array();
    let videos = videos.ok_or_else(|| malformed("it has no list of videos"))?;
    let end = format!("[{reference}]");
    let same = |video: &&Value| {
        let title = &video["video_title"].as_str().or(video["title"].as_str());
        title.is_some_and(|title| title.ends_with(&end)) && video["status"] != "failed"
    };
    let found = videos.iter().find(same);
    found.map(|video| id(&video["video_id"])).transpose()
}

/// The data of an answer. HeyGen refuses with status 200 as well.
fn accepted(answer: &Value) -> Result<&Value, VideoError> {
    let error = &answer["error"];
    if error.is_null() && answer["data"].is_object() {
        return Ok(&answer["data"]);
    }
    let said = error["message"].as_str().or(error.as_str());
    match said.or(answer["message"].as_str()) {
        Some(said) => Err(VideoError::Refused {
            status: 200,
            message: crate::http::one_line(said, 200),
        }),
        None => Err(malformed("it has no data")),
    }
}
