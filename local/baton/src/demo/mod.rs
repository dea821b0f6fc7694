//! `baton demo`: something to see, on sample data: a tour, or a month's campaign. The tour ends with
//! research.

mod campaign;
mod show;
mod tour;

use std::process::ExitCode;

use anstream::println;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::failure::Failure;
use crate::log;
use crate::research::{self, ResearchArguments};
use crate::show::heading;
use campaign::CampaignArguments;

/// Shows what Baton does, on sample data
#[derive(Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
Alone it is a tour: personalization with everything that may happen to a request, then a campaign
whose gates approve themselves, then research that buys its sources at the sandbox. With --month,
--brand, --auto-approve, --out or --port it is `baton demo campaign`.

Examples:
  baton demo
  baton demo --users 8 --break user-segmentation
  baton demo --month 2024-11 --brand acme --auto-approve
  baton demo --json

Nothing is kept unless --db names a file, and nothing leaves this machine unless the environment
configures a model or a webhook. Costs are what the same calls cost on AWS Lambda by its price list;
here they cost nothing."
)]
pub(crate) struct DemoArguments {
    /// How many users of the sample to personalize for
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u8).range(1..=50),
        conflicts_with_all = OF_CAMPAIGN)]
    users: u8,
    /// The agent to break on purpose
    #[arg(long = "break", value_name = "AGENT", default_value = "wtp-scoring",
        conflicts_with_all = OF_CAMPAIGN)]
    broken: String,
    #[command(flatten)]
    campaign: CampaignArguments,
    #[command(subcommand)]
    what: Option<What>,
}

/// What only a campaign takes, where the tour's own have no meaning.
const OF_CAMPAIGN: [&str; 5] = ["month", "brand", "auto_approve", "out", "port"];

#[derive(Subcommand)]
enum What {
    /// Runs a month's campaign of a brand, from the history of its mails to those that go out
    Campaign(CampaignArguments),
}

/// Shows what is asked for.
pub(crate) async fn demo(arguments: DemoArguments) -> Result<ExitCode, Failure> {
    log::start("off");
    match arguments.what {
        Some(What::Campaign(wanted)) => campaign::demo(&wanted).await,
        None if arguments.campaign.is_asked_for() => campaign::demo(&arguments.campaign).await,
        None => tour(&arguments).await,
    }
}

async fn tour(arguments: &DemoArguments) -> Result<ExitCode, Failure> {
    let wanted = &arguments.campaign;
    let tour = tour::run(wanted.db(), &arguments.broken, arguments.users).await?;
    if wanted.json {
        let outcome = campaign::run(&wanted.of_tour()).await?;
        let mut shown = tour.to_json();
        shown["campaign"] = json!(outcome);
        let researched = research::run(&ResearchArguments::of_tour(wanted.db(), true)?).await?;
        shown["research"] = json!(researched);
        println!("{shown:#}");
        return Ok(worse(outcome.exit_code(), researched.exit_code()));
    }
    show::tour(&tour, &arguments.broken);
    let campaign = campaign::demo(&wanted.of_tour()).await?;
    let researched = ResearchArguments::of_tour(wanted.db(), false)?;
    println!("{}", heading(&format!("Research: {}", researched.theme())));
    let researched = research::show(&researched).await?;
    show::next();
    Ok(worse(campaign, researched))
}

/// The first, unless only the second is a failure.
fn worse(first: ExitCode, second: ExitCode) -> ExitCode {
    if first == ExitCode::SUCCESS {
        second
    } else {
        first
    }
}
