//! The batch workflow: golden traces, large answers, and loops over every task.

mod golden;
mod large;
mod loops;

use baton_tests::batch::BatchWorld;
use serde_json::{Value, json};

/// Six users of the sample shop: two parts, of five requests and of one.
fn users() -> Value {
    let users = [
        "champion-01",
        "champion-02",
        "lapsed-01",
        "nobody-1",
        "nobody-2",
        "nobody-3",
    ];
    users.iter().map(|user| json!({"user_id": user})).collect()
}

async fn world() -> BatchWorld {
    BatchWorld::of("score", users()).await
}
