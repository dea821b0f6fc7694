//! The client of EmailPilot against the sandbox, and against servers that mean no good.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod books;
mod faults;
mod hostile;
mod once;
mod operations;

use std::time::Duration;

use axum::Router;
use baton_domain::campaign::{PersonalizationRule, SubjectLine, SubjectTechnique};
use baton_domain::email_pilot::NewCampaign;
use baton_domain::{BrandId, Timestamp};
use baton_partners::{EmailPilotClient, EmailPilotSettings, Secret};
use baton_sandbox::emailpilot::{Fault, Faults, Sandbox, router};

/// Serves a router on a free port and answers its address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// A client that waits long enough for a busy machine.
fn client(url: &str) -> EmailPilotClient {
    EmailPilotClient::new(EmailPilotSettings::new(url, None).unwrap()).unwrap()
}

/// A client that gives up soon.
fn hasty(url: &str) -> EmailPilotClient {
    let settings = EmailPilotSettings::new(url, None).unwrap();
    EmailPilotClient::new(settings.with_timeout(Duration::from_millis(400))).unwrap()
}

fn client_with_key(url: &str, key: &str) -> EmailPilotClient {
    let settings = EmailPilotSettings::new(url, Some(Secret::new(key))).unwrap();
    EmailPilotClient::new(settings).unwrap()
}

/// A sandbox, and a client of it.
async fn sandbox() -> (Sandbox, EmailPilotClient) {
    let sandbox = Sandbox::in_memory();
    let url = serve(router(sandbox.clone())).await;
    (sandbox, client(&url))
}

fn set(sandbox: &Sandbox, faults: Vec<Fault>) {
    sandbox.set_faults(Faults { seed: 1, faults }).unwrap();
}

fn acme() -> BrandId {
    "acme".parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn mail(email_id: &str) -> NewCampaign {
    NewCampaign {
        brand_id: acme(),
        email_id: email_id.to_owned(),
        run_id: "run_01JD2Z5Y8N3V9QK7M4T6W1X0RB".to_owned(),
        segment: "vip".to_owned(),
        from_name: "Acme Outdoor".to_owned(),
        subject_lines: vec![SubjectLine {
            variant: "A".to_owned(),
            text: "Ready for the first frost, {{first_name}}?".to_owned(),
            preheader: "Three layers that keep it outside".to_owned(),
            technique: SubjectTechnique::Question,
        }],
        html: "<!doctype html><html lang=\"en\"><title>Layers</title><p>Warm.</p></html>"
            .to_owned(),
        plain_text: "Warm.".to_owned(),
        personalization: vec![PersonalizationRule {
            field: "first_name".to_owned(),
            place: "subject".to_owned(),
            fallback: "there".to_owned(),
        }],
    }
}

fn testers() -> Vec<String> {
    vec!["qa@acme.example".to_owned()]
}
