//! Golden traces: the path of states, how the run ended, and what was answered, logged and alerted.

use baton_engine::bench::undisturbed;
use baton_tests::avatar::{AvatarWorld, Maker, request};
use baton_tests::talks::{Manner, Talk, Talks};
use insta::assert_json_snapshot;
use serde_json::{Value, json};

async fn golden(world: AvatarWorld) -> Value {
    let played = world.plan().play(world, false, undisturbed()).await;
    let world = &played.scene;
    let state = world.check(&played.finished, "golden").await;
    let answer = world.answer().await;
    let results = answer.iter().flat_map(|answer| &answer.results);
    let brief = results.map(|(result, envelope)| {
        json!([
            result,
            envelope.method.name,
            envelope.status,
            envelope.output.get("status"),
            envelope.output["video"].get("url"),
        ])
    });
    json!({
        "path": path(&played.entered),
        "status": state.status,
        "error": state.error,
        "cause": state.cause,
        "stages": state.stages.iter().map(|stage| &stage.stage).collect::<Vec<_>>(),
        "calls": state.agents.iter().map(|(name, total)| json!([name, total.calls, total.degraded, total.failed])).collect::<Vec<_>>(),
        "artifacts": state.artifacts.keys().collect::<Vec<_>>(),
        "said": world.talks.as_ref().map(|talks| said(talks)),
        "bought": world.talks.as_ref().map(|talks| talks.all().len()),
        "results": brief.collect::<Vec<_>>(),
        "errors": answer.as_ref().map(|answer| &answer.errors),
        "skipped": answer.as_ref().map(|answer| &answer.skipped),
        "logged": world.log().await.into_iter().map(|entry| json!([entry.status, entry.agents_called])).collect::<Vec<_>>(),
        "alerts": world.alerts.all().into_iter().map(|alert| alert.subject).collect::<Vec<_>>(),
    })
}

/// What the provider was told to say, without its mark-up.
fn said(talks: &Talks) -> Vec<String> {
    let said = |talk: &Talk| {
        if let Some(scenes) = talk.body["video_inputs"].as_array() {
            let texts = scenes
                .iter()
                .map(|scene| scene["voice"]["input_text"].as_str());
            return texts.map(Option::unwrap_or_default).collect();
        }
        let ssml = talk.body["script"]["input"].as_str().unwrap_or_default();
        let parts = ssml
            .split('<')
            .map(|part| part.split_once('>').map_or(part, |(_, text)| text));
        parts.collect::<String>()
    };
    talks.all().iter().map(said).collect()
}

/// The states, with what repeats said once.
fn path(entered: &[(String, String)]) -> Vec<String> {
    let mut path: Vec<(String, usize)> = Vec::new();
    for (_, name) in entered {
        match path.iter_mut().find(|(known, _)| known == name) {
            Some((_, times)) => *times += 1,
            None => path.push((name.clone(), 1)),
        }
    }
    let shown = path.into_iter().map(|(name, times)| match times {
        1 => name,
        times => format!("{name} ×{times}"),
    });
    shown.collect()
}

#[tokio::test]
async fn nobody_makes_videos() {
    assert_json_snapshot!(golden(AvatarWorld::of(Maker::Nobody).await).await);
}

#[tokio::test]
async fn the_provider_tells() {
    let maker = Maker::Telling(Manner::DoneAfter(1));
    assert_json_snapshot!(golden(AvatarWorld::of(maker).await).await);
}

/// HeyGen, which has formats of its own; the same way.
#[tokio::test]
async fn another_provider_tells() {
    let mut asked = request("happy");
    asked.context["voice"] = json!({"locale": "en-US"});
    asked.context["video"]["provider"] = json!("heygen");
    asked.context["video"]["presenter"] = json!({"avatar_id": "Ada-20220820"});
    for manner in [Manner::DoneAfter(1), Manner::Fails, Manner::LosesAnswers] {
        let world = AvatarWorld::asking(Maker::Telling(manner), &asked).await;
        let golden = golden(world).await;
        insta::with_settings!({snapshot_suffix => format!("{manner:?}").replace(['(', ')'], "")}, {
            assert_json_snapshot!(golden);
        });
    }
}

#[tokio::test]
async fn the_provider_has_to_be_asked() {
    let maker = Maker::Silent(Manner::DoneAfter(3));
    assert_json_snapshot!(golden(AvatarWorld::of(maker).await).await);
}

#[tokio::test]
async fn the_provider_tells_what_is_not_so_yet() {
    let maker = Maker::Telling(Manner::DoneAfter(3));
    assert_json_snapshot!(golden(AvatarWorld::of(maker).await).await);
}

#[tokio::test]
async fn there_will_be_no_video() {
    let maker = Maker::Telling(Manner::Fails);
    assert_json_snapshot!(golden(AvatarWorld::of(maker).await).await);
}

#[tokio::test]
async fn the_video_is_never_done() {
    let maker = Maker::Silent(Manner::NeverDone);
    assert_json_snapshot!(golden(AvatarWorld::of(maker).await).await);
}

#[tokio::test]
async fn the_answer_to_the_submission_is_lost() {
    let maker = Maker::Silent(Manner::LosesAnswers);
    assert_json_snapshot!(golden(AvatarWorld::of(maker).await).await);
}

#[tokio::test]
async fn the_provider_is_down() {
    let maker = Maker::Silent(Manner::Down);
    assert_json_snapshot!(golden(AvatarWorld::of(maker).await).await);
}

#[tokio::test]
async fn a_voice_alone() {
    let world = AvatarWorld::asking(Maker::Nobody, &request("thin")).await;
    assert_json_snapshot!(golden(world).await);
}

#[tokio::test]
async fn the_brief_is_wrong_and_the_answer_names_the_field_and_nothing_is_bought() {
    let maker = Maker::Telling(Manner::DoneAfter(1));
    let world = AvatarWorld::asking(maker, &request("bad")).await;
    assert_json_snapshot!(golden(world).await);
}

#[tokio::test]
async fn the_callers_own_scenes_are_what_is_said() {
    let mut asked = request("bad");
    let scenes = json!([{"text": "Rain & wind?"}, {"text": "Have a look."}]);
    asked.context["video"]["scenes"] = scenes;
    let maker = Maker::Telling(Manner::DoneAfter(1));
    assert_json_snapshot!(golden(AvatarWorld::asking(maker, &asked).await).await);
}

/// The execution dies once the video was bought; the next one goes on with it.
#[tokio::test]
async fn a_redrive_buys_nothing_again() {
    let world = AvatarWorld::redriven(Maker::Silent(Manner::DoneAfter(1))).await;
    assert_json_snapshot!(golden(world).await);
}
