//! The template deployed to an emulator of AWS, and what must hold there.
//!
//! One test runs every scenario against one stack, since a test runner may give every test a
//! process of its own and a stack takes seconds.

mod batch;
mod campaign;
mod lost_callback;
mod research;
mod same_answers;
mod total_failure;

use std::sync::Arc;
use std::time::Instant;

use baton_tests::approval_contract::approval_contract;
use baton_tests::bad_input::bad_input_is_refused;
use baton_tests::emulator::Deployed;
use baton_tests::http_api::Api;
use baton_tests::http_scenarios as scenarios;
use baton_tests::payments_contract::payments_contract;
use baton_tests::run_contract::run_contract;
use baton_tests::store_contract::store_contract;
use baton_tests::video_scenario::a_video_is_made_once;
use baton_tests::workflow::sample;

#[tokio::test]
async fn deployed_stack() {
    let started = Instant::now();
    let outside = campaign::Outside::start().await;
    let stack = Deployed::start(&outside.parameters());
    println!("deployed in {:.1} s", started.elapsed().as_secs_f64());
    let api = Api::at(&stack.api_url);
    let sample = sample();
    let (user, profile) = sample.users.first().expect("a user");
    let (user, catalog) = (user.as_str(), &sample.catalog);

    scenario("the store contract", store_contract(&stack.items())).await;
    let items = || Arc::new(stack.items());
    scenario("the contract of runs", run_contract(items(), 3)).await;
    scenario("the contract of approvals", approval_contract(items(), 100)).await;
    scenario("the contract of payments", payments_contract(items())).await;
    let cached = scenarios::answers_are_cached_and_logged(&api, user, profile, catalog);
    scenario("answers are cached and logged", cached).await;
    let fewest = scenarios::the_fewest_agents_are_called(&api, user, profile, catalog);
    scenario("the fewest agents are called", fewest).await;
    scenario(
        "idempotency keys hold",
        scenarios::idempotency_keys_hold(&api),
    )
    .await;
    scenario("bad input is refused", bad_input_is_refused(&api)).await;
    scenario(
        "the API describes itself",
        scenarios::the_api_describes_itself(&api),
    )
    .await;
    scenario(
        "both worlds answer the same",
        same_answers::hold(&api, &sample),
    )
    .await;
    let batch = batch::is_answered_once(&api, &sample);
    scenario("a batch is answered once", batch).await;
    let video = a_video_is_made_once(&api, &outside.talks);
    scenario("a video is made once", video).await;
    let approved = campaign::is_approved_and_scheduled_once(&api, &outside);
    scenario("a campaign is approved and scheduled once", approved).await;
    let bought = research::is_bought_once(&api, &outside);
    scenario("research is bought once", bought).await;
    let raised = research::waits_for_a_larger_budget(&api);
    scenario("research waits for a larger budget", raised).await;
    let stopped = campaign::that_is_stopped_ends_its_run(&stack, &api);
    scenario("a campaign that is stopped ends its run", stopped).await;
    let lost = lost_callback::is_delivered_by_the_sweep(&stack, &api);
    scenario("a lost callback is delivered by the sweep", lost).await;
    let scheduled = campaign::of_a_schedule_starts_once(&stack, &api);
    scenario("a campaign of a schedule starts once", scheduled).await;
    let failure = total_failure::is_answered_and_alerted(&stack, &api, &sample);
    scenario("a total failure is answered and alerted", failure).await;
}

async fn scenario(name: &str, body: impl Future<Output = ()>) {
    println!("scenario: {name}");
    let started = Instant::now();
    body.await;
    println!("          {:.1} s", started.elapsed().as_secs_f64());
}
