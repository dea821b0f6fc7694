//! `baton runs follow`.

use std::process::ExitCode;

use anstream::println;
use baton_domain::RunId;
use baton_domain::run::{RunState, RunStatus};

use crate::client::{Client, Follower, News};
use crate::failure::Failure;
use crate::show::Narrator;

/// Tells what happens to a run until it is over. It is a failure when the run's end is one.
pub(super) async fn follow(
    client: &Client,
    run: RunId,
    after: u64,
    json: bool,
) -> Result<ExitCode, Failure> {
    let follower = Follower::new(client, run, after);
    tell(follower, Narrator::default(), json).await
}

/// The same for a run that stood so, of which nothing is told again.
pub(super) async fn follow_on(client: &Client, stood: &RunState) -> Result<ExitCode, Failure> {
    let follower = Follower::new(client, stood.run_id, stood.version);
    tell(follower, Narrator::of(stood), false).await
}

async fn tell(
    mut follower: Follower<'_>,
    mut narrator: Narrator,
    json: bool,
) -> Result<ExitCode, Failure> {
    loop {
        match follower.next().await? {
            News::Event(event) if json => println!("{event}"),
            News::Event(event) => println!("{}", narrator.line(&event)),
            News::Over(status) => return Ok(exit_code(status)),
        }
    }
}

/// What the end of a run means for the command that waited for it.
pub(crate) fn exit_code(status: RunStatus) -> ExitCode {
    let worked = matches!(status, RunStatus::Succeeded | RunStatus::Partial);
    ExitCode::from(u8::from(!worked))
}
