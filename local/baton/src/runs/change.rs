//! `baton runs start`, `cancel`, `redrive`, `fork` and `rollback`.

use std::path::Path;
use std::process::ExitCode;

use anstream::println;
use baton_domain::campaign::{Month, Stage};
use baton_domain::run::{RunState, RunStatus};
use baton_domain::{BrandId, Money, RunId};
use clap::Args;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::client::{Client, Options};
use crate::failure::Failure;
use crate::play::read;
use crate::show::status;

/// Which run, as known to whom.
#[derive(Args)]
pub(super) struct Which {
    run: RunId,
    /// Only if the run is still at this version
    #[arg(long, value_name = "VERSION")]
    if_version: Option<u64>,
}

/// What to start.
#[derive(Args)]
pub(super) struct Start {
    /// The brand, as `EmailPilot` calls it
    #[arg(long)]
    brand: BrandId,
    /// The month of the campaign, such as 2024-11
    #[arg(long)]
    month: Month,
    /// What it may cost in USD before it stops at a gate
    #[arg(long, value_name = "USD", value_parser = usd, allow_negative_numbers = true)]
    max_cost_usd: Option<Money>,
    /// A key of your own: the same again is the same start
    #[arg(long)]
    key: Option<String>,
    /// Follow it until it is over
    #[arg(long)]
    follow: bool,
}

/// What to fork.
#[derive(Args)]
pub(super) struct Fork {
    #[command(flatten)]
    which: Which,
    /// The stage of a campaign from which the new run goes its own way
    #[arg(long, value_parser = super::stage)]
    from: Stage,
    /// An artifact that the new run has instead, from a JSON file; may be repeated
    #[arg(long, value_name = "NAME=FILE")]
    artifact: Vec<String>,
    /// Edits of an artifact as JSON Patch (RFC 6902), from a file; may be repeated
    #[arg(long, value_name = "NAME=FILE")]
    edits: Vec<String>,
    /// What it may cost in USD; as the other when it is not given
    #[arg(long, value_name = "USD", value_parser = usd, allow_negative_numbers = true)]
    max_cost_usd: Option<Money>,
    /// Follow the new run until it is over
    #[arg(long)]
    follow: bool,
}

/// A run that was accepted.
#[derive(Deserialize)]
pub(crate) struct Accepted {
    /// The run.
    pub(crate) run_id: RunId,
    /// How it stands.
    pub(crate) status: RunStatus,
}

/// A sum of dollars.
pub(crate) fn usd(text: &str) -> Result<Money, String> {
    let usd: f64 = text
        .parse()
        .map_err(|_| "must be a number of dollars".to_owned())?;
    Money::from_usd(usd)
}

impl Start {
    /// Starts a run.
    pub(super) async fn start(self, client: &Client) -> Result<ExitCode, Failure> {
        let mut body = json!({"brand_id": self.brand, "selected_month": self.month});
        if let Some(limit) = self.max_cost_usd {
            body["max_cost_usd"] = json!(limit);
        }
        let options = Options {
            key: self.key.as_deref(),
            ..Options::default()
        };
        let accepted: Accepted = client.post(&["runs", "start"], &body, options).await?;
        accepted.shown(client, self.follow).await
    }
}

impl Which {
    fn options(&self) -> Options<'_> {
        Options {
            if_version: self.if_version,
            key: None,
        }
    }

    /// Cancels the run.
    pub(super) async fn cancel(
        self,
        client: &Client,
        reason: Option<&str>,
    ) -> Result<ExitCode, Failure> {
        let body = json!({"reason": reason});
        self.changed(client, "cancel", &body).await
    }

    /// Takes the run's artifacts back.
    pub(super) async fn roll_back(
        self,
        client: &Client,
        to_version: u64,
    ) -> Result<ExitCode, Failure> {
        let body = json!({"to_version": to_version});
        self.changed(client, "rollback", &body).await
    }

    async fn changed(self, client: &Client, verb: &str, body: &Value) -> Result<ExitCode, Failure> {
        let run = self.run.to_string();
        let path = ["runs", &run, verb];
        let state: RunState = client.post(&path, body, self.options()).await?;
        println!(
            "{} {}, version {}",
            state.run_id,
            status(state.status),
            state.version
        );
        Ok(ExitCode::SUCCESS)
    }

    /// Runs the run on.
    pub(super) async fn redrive(
        self,
        client: &Client,
        from: Option<Stage>,
        follow: bool,
    ) -> Result<ExitCode, Failure> {
        let run = self.run.to_string();
        let body = from.map_or_else(|| json!({}), |from| json!({"from": from}));
        let stood: RunState = client.get(&["runs", &run], &[]).await?;
        let path = ["runs", &run, "redrive"];
        let accepted: Accepted = client.post(&path, &body, self.options()).await?;
        let shown = accepted.shown(client, false).await?;
        if follow {
            return super::follow::follow_on(client, &stood).await;
        }
        Ok(shown)
    }
}

impl Fork {
    /// Forks the run.
    pub(super) async fn fork(self, client: &Client) -> Result<ExitCode, Failure> {
        let mut body = json!({"from": self.from});
        for (field, files) in [("artifacts", &self.artifact), ("edits", &self.edits)] {
            if !files.is_empty() {
                let named = files.iter().map(|named| file_of(named));
                body[field] = Value::Object(named.collect::<Result<Map<_, _>, _>>()?);
            }
        }
        if let Some(limit) = self.max_cost_usd {
            body["max_cost_usd"] = json!(limit);
        }
        let run = self.which.run.to_string();
        let path = ["runs", &run, "fork"];
        let accepted: Accepted = client.post(&path, &body, self.which.options()).await?;
        accepted.shown(client, self.follow).await
    }
}

fn file_of(named: &str) -> Result<(String, Value), Failure> {
    let Some((name, path)) = named.split_once('=') else {
        let message =
            format!("`{named}` must be a name, = and a file, such as strategy=edited.json");
        return Err(Failure::wrong(&message));
    };
    let text = read(Path::new(path))?;
    let wrong = |e| Failure::wrong(&format!("{path} is not JSON: {e}"));
    Ok((name.to_owned(), serde_json::from_str(&text).map_err(wrong)?))
}

impl Accepted {
    async fn shown(self, client: &Client, follow: bool) -> Result<ExitCode, Failure> {
        println!("{} {}", self.run_id, status(self.status));
        if follow {
            return super::follow::follow(client, self.run_id, 0, false).await;
        }
        Ok(ExitCode::SUCCESS)
    }
}
