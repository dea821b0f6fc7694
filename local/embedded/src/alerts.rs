//! Alerts of a Baton on one machine: a line in its log.

use async_trait::async_trait;
use baton_domain::ports::{Alert, Alerts, StoreError};

/// Writes every alert to the log as a critical error.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoggedAlerts;

#[async_trait]
impl Alerts for LoggedAlerts {
    async fn raise(&self, alert: &Alert) -> Result<(), StoreError> {
        tracing::error!(severity = "critical", subject = %alert.subject, message = %alert.message, "alert");
        Ok(())
    }
}
