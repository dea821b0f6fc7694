//! What well-known errors of runs mean, and what to do about them.

/// A sentence about an error's code; none where the code says it all or is not known.
pub(crate) fn explained(error: &str) -> Option<&'static str> {
    let sentence = match error {
        "EmailPilotNotFound" => {
            "EmailPilot has no such brand, or a mail of the run is gone there: start with a \
             --brand that it has"
        }
        "EmailPilotUnavailable" | "EmailPilotTimedOut" => {
            "EmailPilot did not answer, however often it was asked, or none is set \
             (EMAILPILOT_BASE_URL): `baton runs redrive` goes on once one does"
        }
        "EmailPilotRefused" => "EmailPilot refused what it was sent; its log says why",
        "EmailPilotConflict" => "EmailPilot has something else there already",
        "EmailPilotMalformed" => {
            "EmailPilot answered what cannot be read: is EMAILPILOT_BASE_URL its address?"
        }
        "StoreUnavailable" => {
            "the store did not answer, however often it was asked: `baton runs redrive` goes on"
        }
        "States.Timeout" => "a step took longer than it may: `baton runs redrive` goes on",
        "BudgetRejected" => "its cost reached its limit, and a person chose to stop there",
        "BudgetExpired" => {
            "its cost reached its limit, and nobody decided in time: `baton runs redrive` asks again"
        }
        "StrategyExpired" | "ContentExpired" | "DeploymentExpired" => {
            "nobody decided in time: `baton runs redrive` asks again"
        }
        _ => return None,
    };
    Some(sentence)
}
