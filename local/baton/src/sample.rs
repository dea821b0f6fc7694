//! The sample data: what is in it, and how it gets into a store.

use std::process::ExitCode;

use anstream::println;
use baton_app::{App, AppError};
use baton_domain::{TenantId, Timestamp};
use baton_sandbox::sample::{Sample, generate};
use clap::Args;
use serde_json::{Map, Value, json};

use crate::failure::Failure;

/// The seed of the sample that every command uses, so that all of them talk of the same users.
pub(crate) const SEED: u64 = 7;

/// Prints the sample data as JSON
#[derive(Args)]
pub(crate) struct SampleArguments {
    /// The seed that the data is generated from; its dates lie before now
    #[arg(long, default_value_t = SEED)]
    seed: u64,
}

/// Prints the sample as one JSON object: a catalog, and profiles by user.
pub(crate) fn print(arguments: &SampleArguments) -> ExitCode {
    let sample = generate(arguments.seed, Timestamp::now());
    let profiles: Map<String, Value> = sample
        .users
        .iter()
        .map(|(user, profile)| (user.to_string(), json!(profile)))
        .collect();
    println!(
        "{:#}",
        json!({"catalog": sample.catalog, "profiles": profiles})
    );
    ExitCode::SUCCESS
}

/// The tenant that the demo and `play` store the sample for.
pub(crate) fn tenant() -> Result<TenantId, Failure> {
    "acme".parse().map_err(|e| Failure::failed(&e))
}

/// Stores the sample as of a moment for a tenant, and says what was stored.
pub(crate) async fn load(
    app: &App,
    tenant: &TenantId,
    as_of: Timestamp,
) -> Result<Sample, AppError> {
    let sample = generate(SEED, as_of);
    app.store_catalog(tenant, &sample.catalog).await?;
    for (user, profile) in &sample.users {
        app.store_profile(tenant, user, profile).await?;
    }
    Ok(sample)
}
