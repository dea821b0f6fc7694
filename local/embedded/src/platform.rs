//! The platform functions, in this process: what workflows invoke beside agents.

use std::sync::{Arc, OnceLock, Weak};

use baton_app::{App, FunctionError};
use serde_json::Value;

/// Finds the use cases that the platform functions are. They stand on the workflows whose tasks
/// they do, so whoever does tasks knows them only by this.
#[derive(Clone, Default)]
pub struct Platform(Arc<OnceLock<Weak<App>>>);

impl Platform {
    /// The names of the functions.
    pub const FUNCTIONS: [&'static str; 5] =
        ["journal", "approvals", "email-pilot", "payments", "videos"];

    /// The functions are those of `app` from now on, as long as it is held elsewhere.
    pub fn is(&self, app: &Arc<App>) {
        self.0.get_or_init(|| Arc::downgrade(app));
    }

    /// Invokes a function. As on Lambda it runs to its end, also when nobody waits any more.
    pub(crate) async fn invoke(&self, name: &str, payload: Value) -> Result<Value, FunctionError> {
        let unavailable =
            |why: &str| FunctionError::new(FunctionError::STORE_UNAVAILABLE, why.to_owned());
        let app = self.0.get().and_then(Weak::upgrade);
        let app = app.ok_or_else(|| unavailable("this Baton is shut down"))?;
        let name = name.to_owned();
        let invoked = tokio::spawn(async move {
            match name.as_str() {
                "journal" => app.record(payload).await,
                "approvals" => app.approvals(payload).await,
                "payments" => app.payments(payload).await,
                "videos" => app.videos(payload).await,
                _ => app.email_pilot(payload).await,
            }
        });
        let ended = invoked.await;
        ended.unwrap_or_else(|_| Err(unavailable("the function died")))
    }
}
