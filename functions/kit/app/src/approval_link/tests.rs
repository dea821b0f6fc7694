use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;
use crate::testing::gate::{Gate, SECRET, says};

/// A gate that waits, and the token of the link that was sent.
async fn linked() -> (Gate, Approval, String) {
    let gate = Gate::new().await;
    let approval = gate.open("task-token").await;
    let link = gate.world.notices.all()[0].link.clone().unwrap();
    let token = link.rsplit('/').next().unwrap().to_owned();
    (gate, approval, token)
}

fn approve() -> LinkDecision {
    LinkDecision {
        decision: Decision::Approve,
        notes: String::new(),
        edits: None,
        max_cost_usd: None,
    }
}

#[tokio::test]
async fn looking_decides_nothing_and_deciding_is_in_the_approvers_name() {
    let (gate, approval, token) = linked().await;
    for _ in 0..3 {
        let linked = gate.app.open_link(&token).await.unwrap();
        assert_eq!(linked.approver, "ada@example.com");
        assert_eq!(linked.shown.approval, approval, "it still waits");
    }
    assert_eq!(gate.world.callbacks.told(), []);
    let decided = gate.app.submit_by_link(&token, approve()).await.unwrap();
    let outcome = decided.outcome.unwrap();
    assert_eq!(outcome.approver.as_deref(), Some("ada@example.com"));
    assert_eq!(gate.world.callbacks.told().len(), 1);
    gate.app.submit_by_link(&token, approve()).await.unwrap();
    assert_eq!(gate.world.callbacks.told().len(), 1, "once");
}

#[tokio::test]
async fn a_link_ends_with_its_approval() {
    let (gate, approval, token) = linked().await;
    gate.world.clock.advance(SignedDuration::from_secs(7200));
    assert_eq!(gate.app.open_link(&token).await, Err(LinkError::Expired));
    let submitted = gate.app.submit_by_link(&token, approve()).await;
    assert_eq!(submitted, Err(LinkError::Expired));
    assert_eq!(
        gate.approval(approval.approval_id).await.status,
        ApprovalStatus::Pending
    );
}

#[tokio::test]
async fn what_was_decided_can_be_looked_at() {
    let (gate, approval, token) = linked().await;
    let no = says(approval.approval_id, Decision::Reject, "bob");
    gate.app.submit_approval(&gate.tenant, &no).await.unwrap();
    let linked = gate.app.open_link(&token).await.unwrap();
    assert_eq!(linked.shown.approval.status, ApprovalStatus::Decided);
    let late = gate.app.submit_by_link(&token, approve()).await;
    let refused = matches!(
        late,
        Err(LinkError::App(AppError::Approval(
            ApprovalRefusal::Decided(_)
        )))
    );
    assert!(refused, "{late:?}");
}

#[tokio::test]
async fn a_link_about_another_artifact_decides_nothing() {
    let (gate, _, token) = linked().await;
    let links = gate.app.approving.links.clone().unwrap();
    let claims = LinkClaims {
        artifact_hash: "0".repeat(64),
        ..links.read(&token).unwrap()
    };
    let token = links.token(&claims);
    assert_eq!(gate.app.open_link(&token).await, Err(LinkError::Changed));
    assert_eq!(
        gate.app.submit_by_link(&token, approve()).await,
        Err(LinkError::Changed)
    );
}

#[tokio::test]
async fn without_a_secret_no_link_opens() {
    let (gate, _, token) = linked().await;
    let app = gate.app.clone().with_approving(crate::Approving::default());
    assert_eq!(app.open_link(&token).await, Err(LinkError::Unknown));
    assert_eq!(
        app.submit_by_link(&token, approve()).await,
        Err(LinkError::Unknown)
    );
}

fn links(secret: &[u8]) -> ApprovalLinks {
    ApprovalLinks::new(secret, "https://baton.example").unwrap()
}

fn claims() -> LinkClaims {
    LinkClaims {
        tenant_id: "acme".parse().unwrap(),
        approval_id: ApprovalId::new("2026-01-15T12:00:00Z".parse().unwrap(), 7),
        artifact_hash: "ab".repeat(32),
        approver: "Ada Lovelace <ada@example.com>".to_owned(),
        expires_at: 1_800_000_000,
    }
}

#[test]
fn a_token_says_what_was_signed_and_to_nobody_else() {
    let token = links(SECRET).token(&claims());
    assert_eq!(links(SECRET).read(&token), Some(claims()));
    assert_eq!(
        links(b"another secret of thirty-two byte").read(&token),
        None
    );
    assert!(
        token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)),
        "{token}"
    );
}

#[test]
fn secrets_and_addresses_that_do_not_do_are_refused_and_not_quoted() {
    let short = ApprovalLinks::new(b"too short", "https://x.example").unwrap_err();
    assert_eq!(short.variable, "APPROVAL_LINK_SECRET");
    assert!(!short.to_string().contains("too short"));
    for bad in [
        "",
        "baton.example",
        "https://",
        "https://u:p@x.example",
        "https://x.example?a",
    ] {
        let error = ApprovalLinks::new(SECRET, bad).unwrap_err();
        assert_eq!(error.variable, "PUBLIC_URL", "{bad}");
    }
    let shown = format!("{:?}", links(SECRET));
    assert!(!shown.contains("0123"), "{shown}");
}

proptest! {
    /// Whatever is changed in a token, it is no token any more.
    #[test]
    fn a_changed_token_is_refused(at in 0_usize..400, with in "[A-Za-z0-9_.-]") {
        let links = links(SECRET);
        let token = links.token(&claims());
        let at = at % token.len();
        let mut changed = token.clone();
        changed.replace_range(at..=at, &with);
        prop_assume!(changed != token);
        prop_assert_eq!(links.read(&changed), None);
        prop_assert_eq!(links.read(&token[..at]), None);
    }

    #[test]
    fn anything_else_is_refused(token in "\\PC{0,200}") {
        prop_assert_eq!(links(SECRET).read(&token), None);
    }
}
