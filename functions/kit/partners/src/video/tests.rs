use baton_domain::video::{Delivery, JobState, Provider, WebhookError};
use serde_json::{Value, json};

use super::webhook::{WebhookSecrets, parse, sealed_url};
use super::*;

const TOKENS: &str = "0123456789abcdef0123456789abcdef";

fn secrets() -> WebhookSecrets {
    WebhookSecrets {
        tokens: Some(Secret::new(TOKENS)),
        heygen: Some(Secret::new("whsec")),
    }
}

fn told(
    provider: Provider,
    body: &Value,
    token: Option<&str>,
) -> Result<Option<baton_domain::video::VideoEvent>, WebhookError> {
    let body = body.to_string();
    parse(
        &secrets(),
        &Delivery {
            provider,
            body: body.as_bytes(),
            signature: None,
            token,
        },
    )
}

#[test]
fn settings_name_what_is_wrong() {
    let read = |set: &[(&str, &str)]| {
        VideoSettings::from_lookup(|name| {
            set.iter()
                .find(|(set, _)| *set == name)
                .map(|(_, value)| (*value).to_owned())
        })
    };
    assert!(read(&[]).unwrap().is_offline());
    assert!(read(&[]).unwrap().client(None).unwrap().is_none());
    for (set, named) in [
        (
            vec![
                ("D_ID_API_KEY", "k"),
                ("D_ID_BASE_URL", "http://api.example"),
            ],
            "D_ID_BASE_URL",
        ),
        (vec![("VIDEO_PROVIDER", "film")], "VIDEO_PROVIDER"),
        (
            vec![("VIDEO_TIMEOUT_SECONDS", "0")],
            "VIDEO_TIMEOUT_SECONDS",
        ),
        (
            vec![("VIDEO_TIMEOUT_SECONDS", "19")],
            "VIDEO_TIMEOUT_SECONDS",
        ),
        (
            vec![("VIDEO_WEBHOOK_SECRET", "short")],
            "VIDEO_WEBHOOK_SECRET",
        ),
    ] {
        assert_eq!(read(&set).unwrap_err().variable, named);
    }
    let both = [
        ("D_ID_API_KEY", "a"),
        ("HEYGEN_API_KEY", "b"),
        ("VIDEO_PROVIDER", "heygen"),
    ];
    let provider = |set: &[(&str, &str)], wished| {
        read(set)
            .unwrap()
            .client(wished)
            .unwrap()
            .map(|client| client.provider())
    };
    assert_eq!(provider(&both, None), Some(Provider::HeyGen));
    assert_eq!(provider(&both, Some(Provider::DId)), Some(Provider::DId));
    assert_eq!(provider(&both[1..2], None), Some(Provider::HeyGen));
    assert_eq!(provider(&both[1..2], Some(Provider::DId)), None);
    assert!(!format!("{:?}", read(&[("D_ID_API_KEY", "s3cret")])).contains("s3cret"));
    assert!(
        read(&[("D_ID_API_KEY", "a\nb")])
            .unwrap()
            .client(None)
            .is_err()
    );
}

#[test]
fn a_talk_is_believed_by_the_token_of_its_address() {
    let url = sealed_url(
        "https://baton.example/hooks/d-id",
        &Secret::new(TOKENS),
        "run_1",
    )
    .unwrap();
    let (_, token) = url.split_once("?token=").unwrap();
    let talk = json!({"id": "tlk_1", "user_data": "run_1", "status": "done",
                      "result_url": "https://d-id.example/v.mp4", "duration": 12.5});
    let event = told(Provider::DId, &talk, Some(token)).unwrap().unwrap();
    assert_eq!(
        (event.job_id.as_str(), event.reference.as_deref()),
        ("tlk_1", Some("run_1"))
    );
    let state = JobState::Done {
        url: "https://d-id.example/v.mp4".to_owned(),
        duration_seconds: Some(12.5),
    };
    assert_eq!(event.state, state);
    let other = json!({"id": "tlk_1", "user_data": "run_2", "status": "started"});
    for (talk, token) in [
        (&talk, None),
        (&talk, Some("00")),
        (&talk, Some("zz")),
        (&other, Some(token)),
    ] {
        assert_eq!(
            told(Provider::DId, talk, token),
            Err(WebhookError::Unauthenticated)
        );
    }
    let plain =
        json!({"id": "tlk_1", "user_data": "run_1", "status": "done", "result_url": "http://x"});
    assert!(matches!(
        told(Provider::DId, &plain, Some(token)),
        Err(WebhookError::Malformed(_))
    ));
    let failed = json!({"id": "tlk_1", "user_data": "run_1", "status": "error",
                        "error": {"kind": "FaceError", "description": "no face\nfound"}});
    let event = told(Provider::DId, &failed, Some(token)).unwrap().unwrap();
    assert_eq!(
        event.state,
        JobState::Failed {
            reason: "no face found".to_owned()
        }
    );
}

#[test]
fn an_event_of_heygen_is_believed_by_its_signature() {
    let body = json!({"event_type": "avatar_video.success", "event_data": {
        "video_id": "v1", "url": "https://heygen.example/v.mp4", "callback_id": "run_1"}});
    let signed = |body: &str, signature: &str| {
        let delivery = Delivery {
            provider: Provider::HeyGen,
            body: body.as_bytes(),
            signature: Some(signature),
            token: None,
        };
        parse(&secrets(), &delivery)
    };
    let text = body.to_string();
    let signature = seal(&Secret::new("whsec"), &text);
    assert_eq!(signed(&text, &signature).unwrap().unwrap().job_id, "v1");
    assert_eq!(
        signed(&format!("{text} "), &signature),
        Err(WebhookError::Unauthenticated)
    );
    assert_eq!(signed(&text, ""), Err(WebhookError::Unauthenticated));
    let gif = json!({"event_type": "avatar_video_gif.success", "event_data": {}}).to_string();
    assert_eq!(signed(&gif, &seal(&Secret::new("whsec"), &gif)), Ok(None));
    let fail = json!({"event_type": "avatar_video.fail", "event_data": {"video_id": "v1", "msg": "no credit"}}).to_string();
    let event = signed(&fail, &seal(&Secret::new("whsec"), &fail))
        .unwrap()
        .unwrap();
    assert_eq!(
        event.state,
        JobState::Failed {
            reason: "no credit".to_owned()
        }
    );
    let token = seal(&Secret::new(TOKENS), "run_1");
    assert!(
        told(Provider::HeyGen, &body, Some(&token)).is_ok(),
        "or by its address"
    );
    let delivery = Delivery {
        provider: Provider::DId,
        body: b"{}",
        signature: None,
        token: None,
    };
    assert_eq!(
        parse(&WebhookSecrets::default(), &delivery),
        Err(WebhookError::NotConfigured)
    );
}

#[test]
fn known_signature() {
    // RFC 4231, test case 2.
    assert_eq!(
        seal(&Secret::new("Jefe"), "what do ya want for nothing?"),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[test]
fn answers_that_are_not_documented_are_malformed() {
    for answer in [
        json!({}),
        json!([]),
        json!({"status": "painting"}),
        json!({"status": "done"}),
    ] {
        assert_eq!(
            d_id::state(&answer).unwrap_err().code(),
            "VideoMalformed",
            "{answer}"
        );
    }
    for answer in [
        json!({}),
        json!({"data": {}}),
        json!({"data": {"status": "completed", "video_url": ""}}),
    ] {
        assert_eq!(
            heygen::polled(&answer).unwrap_err().code(),
            "VideoMalformed",
            "{answer}"
        );
    }
    let refused =
        json!({"data": null, "error": {"code": "invalid_parameter", "message": "voice_id"}});
    assert_eq!(
        heygen::submitted(&refused).unwrap_err().code(),
        "VideoRefused"
    );
}
