//! Personalize, on sample data, with everything that may happen to a request.

use std::path::Path;
use std::sync::Arc;

use baton_app::App;
use baton_domain::log::LogEntry;
use baton_domain::request::{Answer, OrchestrationRequest};
use baton_domain::{TenantId, Timestamp, UserId};
use baton_embedded::{Agents, Breakage, Embedded, Hold, SqliteItems};
use baton_sandbox::sample::Sample;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::sample;

/// Everything that the tour shows.
pub(super) struct Tour {
    pub(super) sample: Sample,
    pub(super) answers: Vec<Answer>,
    pub(super) repeated: Answer,
    pub(super) broken: Answer,
    pub(super) degraded: Answer,
    pub(super) log: Vec<LogEntry>,
}

/// Runs the tour over a file, or over nothing that stays.
pub(super) async fn run(db: Option<&Path>, broken: &str, users: u8) -> Result<Tour, Failure> {
    let hold = db.map(Hold::of).transpose();
    let _hold = hold.map_err(|e| Failure::wrong(&e))?;
    let items = match db {
        Some(path) => SqliteItems::open(path),
        None => SqliteItems::in_memory(),
    };
    let baton = Embedded::over(items.map_err(|e| Failure::wrong(&e))?);
    let partly = baton.agents.clone().breaking(broken, Breakage::Method);
    let partly = partly.map_err(|e| Failure::wrong(&e))?;
    tour(&baton, partly, usize::from(users)).await
}

async fn tour(baton: &Embedded, partly: Agents, users: usize) -> Result<Tour, Failure> {
    let tenant = sample::tenant()?;
    let app = baton.app();
    let sample = sample::load(&app, &tenant, Timestamp::now())
        .await
        .map_err(|e| Failure::failed(&e))?;
    let users = spread(&sample, users);
    let mut answers = Vec::new();
    for user in &users {
        answers.push(personalize(&app, &tenant, user, "home").await?);
    }
    let first = &users[0];
    let repeated = personalize(&app, &tenant, first, "home").await?;
    let broken = with(baton, partly)?;
    let broken = personalize(&broken.app(), &tenant, first, "pricing").await?;
    let degraded = with(baton, all_broken())?;
    let degraded = personalize(&degraded.app(), &tenant, first, "checkout").await?;
    let log = app.list_log(&tenant, None, None, users.len() + 3).await;
    let log = log.map_err(|e| Failure::failed(&e))?.entries;
    Ok(Tour {
        sample,
        answers,
        repeated,
        broken,
        degraded,
        log,
    })
}

/// A Baton over the same store, with other agents.
fn with(baton: &Embedded, agents: Agents) -> Result<Embedded, Failure> {
    let items = SqliteItems::in_memory().map_err(|e| Failure::failed(&e))?;
    let mut other = Embedded::over(items);
    other.items = Arc::clone(&baton.items);
    other.agents = agents;
    Ok(other)
}

/// Users far apart in the sample, which is ordered by kind: so that the tour shows several kinds.
fn spread(sample: &Sample, count: usize) -> Vec<UserId> {
    let step = (sample.users.len() / count.max(1)).max(1);
    sample
        .users
        .iter()
        .step_by(step)
        .take(count)
        .map(|(user, _)| user.clone())
        .collect()
}

fn all_broken() -> Agents {
    let agents = Agents::all();
    let names: Vec<&str> = agents.codes().into_keys().collect();
    names.into_iter().fold(agents, |agents, name| {
        // Every name comes from the agents themselves.
        agents
            .clone()
            .breaking(name, Breakage::Everything)
            .unwrap_or(agents)
    })
}

async fn personalize(
    app: &App,
    tenant: &TenantId,
    user: &UserId,
    page: &str,
) -> Result<Answer, Failure> {
    let context = json!({"page": page, "limit": 3});
    let body = json!({"type": "personalize", "user_id": user, "context": context});
    let request: OrchestrationRequest =
        serde_json::from_value(body).map_err(|e| Failure::failed(&e))?;
    app.submit_request(tenant, &request)
        .await
        .map_err(|e| Failure::failed(&e))
}

impl Tour {
    /// The same for programs.
    pub(super) fn to_json(&self) -> Value {
        json!({
            "sample": {"users": self.sample.users.len(), "items": self.sample.catalog.items.len()},
            "answers": self.answers,
            "repeated": self.repeated,
            "one_agent_broken": self.broken,
            "all_agents_broken": self.degraded,
            "orchestration_log": self.log,
        })
    }
}
