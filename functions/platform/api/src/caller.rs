//! Who calls, as API Gateway's JWT authorizer found out before it invoked this function.

use axum::extract::Request;
use baton_domain::TenantId;
use baton_http::Caller;
use lambda_http::request::RequestContext;

/// The issuer that the authorizer trusts; empty when the API has no authorizer.
const ISSUER: &str = "JWT_ISSUER";

/// The claim that names the tenant.
const TENANT_CLAIM: &str = "JWT_TENANT_CLAIM";
const DEFAULT_TENANT_CLAIM: &str = "tenant_id";

/// Whether an authorizer stands in front of this function.
pub(crate) fn has_authorizer() -> bool {
    std::env::var(ISSUER).is_ok_and(|issuer| !issuer.is_empty())
}

/// Leaves the caller where the router looks for it. A token without a usable tenant is nobody's:
/// the router then refuses the request.
pub(crate) async fn identify(mut request: Request) -> Request {
    let context = request.extensions().get::<RequestContext>();
    if let Some(tenant_id) = context.and_then(tenant) {
        request.extensions_mut().insert(Caller { tenant_id });
    }
    request
}

fn tenant(context: &RequestContext) -> Option<TenantId> {
    let RequestContext::ApiGatewayV2(context) = context else {
        return None;
    };
    let token = context.authorizer.as_ref()?.jwt.as_ref()?;
    let claim = std::env::var(TENANT_CLAIM)
        .ok()
        .filter(|claim| !claim.is_empty());
    let claim = claim.as_deref().unwrap_or(DEFAULT_TENANT_CLAIM);
    token.claims.get(claim)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn tenant_of(authorizer: &Value) -> Option<String> {
        let context = json!({"accountId": "1", "apiId": "a", "stage": "$default", "timeEpoch": 0,
            "http": {"method": "GET", "path": "/log"}, "authorizer": authorizer});
        let context = serde_json::from_value(context).unwrap();
        tenant(&RequestContext::ApiGatewayV2(context)).map(|tenant| tenant.to_string())
    }

    #[test]
    fn the_tenant_comes_from_the_token() {
        let jwt = json!({"jwt": {"claims": {"sub": "ada", "tenant_id": "acme"}, "scopes": null}});
        assert_eq!(tenant_of(&jwt), Some("acme".to_owned()));
    }

    #[test]
    fn a_token_without_a_usable_tenant_is_nobodys() {
        let jwt = json!({"jwt": {"claims": {"sub": "ada"}}});
        assert_eq!(tenant_of(&jwt), None);
        let jwt = json!({"jwt": {"claims": {"tenant_id": "acme#USER#eve"}}});
        assert_eq!(tenant_of(&jwt), None);
        assert_eq!(tenant_of(&Value::Null), None);
    }
}
