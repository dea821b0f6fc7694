//! Keeps the picture of a `creative` request as an artifact of its run, so that it can be fetched
//! after its answer is gone.

use baton_domain::request::AnswerStatus;
use baton_domain::run::{Event, RunStatus, Subject, Workflow};
use serde_json::Value;

use crate::arrival::Arrival;
use crate::{App, AppError};

/// The result that is a picture: also the artifact's name.
pub(crate) const IMAGES: &str = "images";

/// Who makes it.
const BY: &str = "image-generation";

impl App {
    /// Keeps a picture. The run is there for it alone: it has ended, and did what its answer says.
    pub(crate) async fn keep_picture(
        &self,
        arrival: &Arrival<'_>,
        picture: &Value,
        status: AnswerStatus,
    ) -> Result<(), AppError> {
        let (tenant, run) = (arrival.tenant, arrival.run_id);
        let artifact = self.store_artifact(tenant, run, IMAGES, picture).await?;
        let events = vec![
            Event::Queued {
                workflow: Workflow::Creative,
                subject: Subject {
                    user_id: Some(arrival.request.user_id.clone()),
                    ..Subject::default()
                },
                origin: None,
                max_cost_usd: None,
                auto_approve: false,
            },
            Event::StageEntered {
                stage: IMAGES.to_owned(),
            },
            Event::ArtifactStored {
                artifact,
                by: BY.to_owned(),
            },
            Event::Ended {
                status: match status {
                    AnswerStatus::Success => RunStatus::Succeeded,
                    _ => RunStatus::Partial,
                },
                error: None,
                cause: None,
            },
        ];
        self.begin_run(tenant, run, events, Vec::new()).await?;
        Ok(())
    }
}
