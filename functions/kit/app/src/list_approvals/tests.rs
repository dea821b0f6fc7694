use baton_domain::approval::Decision;
use jiff::SignedDuration;
use serde_json::json;

use super::*;
use crate::testing::gate::{Gate, says};

#[tokio::test]
async fn the_list_follows_the_status_and_pages() {
    let gate = Gate::new().await;
    let mut ids = vec![gate.open("token-0").await.approval_id];
    for n in 1..5_u32 {
        let (run_id, artifact) =
            crate::testing::gate::run(&gate.app, &gate.tenant, u128::from(n) + 100).await;
        let mut opening = gate.opening(&format!("token-{n}"));
        opening["run_id"] = json!(run_id);
        opening["artifact"] = json!(artifact);
        gate.world.clock.advance(SignedDuration::from_secs(1));
        let id = gate.call(opening).await.unwrap()["approval_id"].clone();
        ids.push(serde_json::from_value(id).unwrap());
    }
    let yes = says(ids[2], Decision::Approve, "ada");
    gate.app.submit_approval(&gate.tenant, &yes).await.unwrap();
    let list = async |status, before, limit| {
        let page = gate
            .app
            .list_approvals(&gate.tenant, status, before, limit)
            .await;
        let page = page.unwrap();
        let found: Vec<_> = page
            .approvals
            .iter()
            .map(|approval| approval.approval_id)
            .collect();
        (found, page.next)
    };
    let newest: Vec<_> = ids.iter().rev().copied().collect();
    assert_eq!(list(None, None, 10).await, (newest.clone(), None));
    assert_eq!(
        list(None, None, 2).await,
        (newest[..2].to_vec(), Some(newest[1]))
    );
    assert_eq!(
        list(None, Some(newest[1]), 3).await,
        (newest[2..].to_vec(), None)
    );
    let pending: Vec<_> = newest.iter().copied().filter(|id| *id != ids[2]).collect();
    assert_eq!(
        list(Some(ApprovalStatus::Pending), None, 10).await,
        (pending, None)
    );
    assert_eq!(
        list(Some(ApprovalStatus::Decided), None, 10).await,
        (vec![ids[2]], None)
    );
}
