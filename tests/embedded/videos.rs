//! A video of an avatar over HTTP, made by a provider in this process.

use std::sync::Arc;

use baton_partners::Secret;
use baton_partners::video::webhook::WebhookSecrets;
use baton_tests::avatar::{SECRET, filming};
use baton_tests::talks::{Manner, Talks};
use baton_tests::video_scenario::{PUBLIC_URL, a_video_is_made_once};

use crate::{embedded, serve};

#[tokio::test]
async fn a_video_is_made() {
    let talks = Talks::open(Manner::DoneAfter(1)).await;
    let mut baton = embedded();
    baton.agents = baton.agents.with(Arc::new(filming(Some(&talks))));
    let secrets = WebhookSecrets {
        tokens: Some(Secret::new(SECRET)),
        heygen: None,
    };
    baton.video_webhooks = Some((Arc::new(secrets), Some(PUBLIC_URL.to_owned())));
    a_video_is_made_once(&serve(&baton).await, &talks).await;
}
