//! `baton runs list`.

use std::process::ExitCode;

use anstream::println;
use baton_domain::RunId;
use baton_domain::run::RunSummary;
use serde::{Deserialize, Serialize};

use super::ListArguments;
use crate::client::Client;
use crate::failure::Failure;
use crate::show::{about, moment, plain, shortened};
use crate::table::{table, wrap_only};

/// A page of runs.
#[derive(Serialize, Deserialize)]
pub(crate) struct Page {
    /// The runs, newest first.
    pub(crate) runs: Vec<RunSummary>,
    /// What to go on from; none on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    next: Option<RunId>,
}

/// Prints a page of runs.
pub(super) async fn list(client: &Client, wanted: &ListArguments) -> Result<ExitCode, Failure> {
    let mut query = vec![("limit", wanted.limit.to_string())];
    let status = wanted.status.map(|status| status.name().to_owned());
    query.extend(status.map(|status| ("status", status)));
    query.extend(
        wanted
            .brand
            .as_ref()
            .map(|brand| ("brand", brand.to_string())),
    );
    query.extend(wanted.cursor.map(|cursor| ("before", cursor.to_string())));
    let page: Page = client.get(&["runs"], &query).await?;
    if wanted.json {
        println!("{:#}", serde_json::to_value(&page).unwrap_or_default());
    } else {
        print(&page);
    }
    Ok(ExitCode::SUCCESS)
}

fn print(page: &Page) {
    if page.runs.is_empty() {
        println!("there are no such runs");
    } else {
        let mut runs = table(&["run", "status", "stage", "about", "cost", "changed"]);
        for run in &page.runs {
            runs.add_row([
                run.run_id.to_string(),
                run.status.name().to_owned(),
                run.stage.as_deref().map_or_else(String::new, plain),
                shortened(&about(&run.subject), 60),
                run.total_cost.to_string(),
                moment(run.updated_at),
            ]);
        }
        wrap_only(&mut runs, &[3]);
        println!("{runs}");
    }
    if let Some(next) = page.next {
        println!("there are more: --cursor {next}");
    }
}
