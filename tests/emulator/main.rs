//! The template deployed to an emulator of AWS, and what must hold there.
//!
//! One test runs every scenario against one stack, since a test runner may give every test a
//! process of its own and a stack takes seconds.

use std::time::Instant;

use baton_tests::emulator::Deployed;
use baton_tests::store_contract::store_contract;

#[tokio::test]
async fn deployed_stack() {
    let started = Instant::now();
    let stack = Deployed::start();
    println!("deployed in {:.1} s", started.elapsed().as_secs_f64());
    scenario("the store contract", store_contract(&stack.items())).await;
    scenario("health over HTTP", health(&stack)).await;
}

async fn scenario(name: &str, body: impl Future<Output = ()>) {
    println!("scenario: {name}");
    let started = Instant::now();
    body.await;
    println!("          {:.1} s", started.elapsed().as_secs_f64());
}

async fn health(stack: &Deployed) {
    let answer = reqwest::get(format!("{}/health", stack.api_url)).await;
    let answer = answer.expect("the API answers");
    assert_eq!(answer.status(), 200);
    let health: serde_json::Value = answer.json().await.expect("health is JSON");
    assert_eq!(health["status"], "healthy");
}
