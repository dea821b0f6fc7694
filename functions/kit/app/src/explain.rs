//! What well-known errors of runs mean, and what to do about them: one table for the API and the
//! command line.

/// How the cause of a run's end names the error of the step that failed.
const WITH: &str = " with ";

/// A sentence about why a run ended: about the step that failed, where its cause names an error that
/// is well known, else about the run's own error. None where the names say it all or are not known.
pub fn explained(error: &str, cause: Option<&str>) -> Option<&'static str> {
    let step = cause.and_then(|cause| cause.rsplit_once(WITH));
    let step = step.and_then(|(_, code)| sentence(code.trim()));
    step.or_else(|| sentence(error))
}

fn sentence(code: &str) -> Option<&'static str> {
    of_campaigns(code).or_else(|| of_research(code))
}

fn of_campaigns(code: &str) -> Option<&'static str> {
    let sentence = match code {
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

fn of_research(code: &str) -> Option<&'static str> {
    let sentence = match code {
        "AuthenticationError" => {
            "the Payment Manager does not accept the voice: start again with a `voice_id` \
             (--voice-id) that it knows"
        }
        "MarketplaceUnavailable" | "MarketplaceTimedOut" => {
            "the marketplace or the Payment Manager did not answer, however often it was asked: \
             `baton runs redrive` goes on once it does, and buys nothing twice"
        }
        "MarketplaceMalformed" => {
            "the marketplace or the Payment Manager answered what cannot be read: are \
             MARKETPLACE_URL and PAYMENT_MANAGER_URL their addresses?"
        }
        "MarketplaceRefused" => {
            "the marketplace or the Payment Manager refused what it was asked: are MARKETPLACE_URL \
             and PAYMENT_MANAGER_URL their addresses?"
        }
        "PaymentNotAllowed" => {
            "no marketplace or no Payment Manager is set (MARKETPLACE_URL, PAYMENT_MANAGER_URL), or \
             the wallet does not sign what is asked"
        }
        "InsufficientBalance" => "there is not enough on the token of the Payment Manager",
        "NothingToLookFor" => {
            "the theme names nothing to look for: name a company, a product or an industry"
        }
        _ => return None,
    };
    Some(sentence)
}

#[cfg(test)]
mod tests {
    use baton_domain::marketplace::MarketError;

    use super::*;

    #[test]
    fn the_step_that_failed_says_more_than_the_run() {
        let cause = "the stage validate failed in OpenAccount with MarketplaceUnavailable";
        let said = explained("PaymentError", Some(cause)).unwrap();
        assert!(said.contains("did not answer"), "{said}");
        let voice = explained("AuthenticationError", Some("no such voice")).unwrap();
        assert!(voice.contains("voice_id"), "{voice}");
        assert_eq!(explained("PaymentError", Some("failed with Flames")), None);
        assert_eq!(explained("PaymentError", None), None);
    }

    #[test]
    fn every_error_of_a_marketplace_has_a_sentence() {
        for code in MarketError::CODES {
            assert!(sentence(code).is_some(), "{code}");
        }
    }
}
