//! Who calls. The tenant comes from whoever checked the caller; only a development server lets
//! callers name their own.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use baton_app::{Environment, SettingError};
use baton_domain::TenantId;

use crate::{Problem, Shared};

/// How callers are identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// They are not: the header `x-tenant-id` names the tenant, else it is `default`.
    Open,
    /// By an authorizer in front of the router, which leaves a [`Caller`] in the request's
    /// extensions; without one the request is refused.
    Authorized,
}

impl Access {
    /// The access that an environment allows: without an authorizer only development may run.
    ///
    /// # Errors
    /// When another environment has no authorizer.
    pub fn of(environment: Environment, has_authorizer: bool) -> Result<Self, SettingError> {
        match (environment, has_authorizer) {
            (_, true) => Ok(Self::Authorized),
            (Environment::Development, false) => Ok(Self::Open),
            (_, false) => Err(SettingError::new(
                Environment::VARIABLE,
                "only development runs without an authorizer: set a JWT issuer, or development",
            )),
        }
    }
}

/// Who calls, as an authorizer found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The tenant in whose name the caller acts.
    pub tenant_id: TenantId,
}

/// The header that names the tenant of a development server's caller.
const TENANT_HEADER: &str = "x-tenant-id";

impl FromRequestParts<Shared> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Problem> {
        let caller = match shared.access {
            Access::Authorized => parts
                .extensions
                .get::<Self>()
                .cloned()
                .ok_or_else(Problem::unauthorized),
            Access::Open => named_tenant(parts),
        }?;
        let taken = shared.limit.take(&caller.tenant_id);
        taken.map_err(Problem::too_many)?;
        Ok(caller)
    }
}

fn named_tenant(parts: &Parts) -> Result<Caller, Problem> {
    let name = match parts.headers.get(TENANT_HEADER) {
        None => "default",
        Some(value) => value.to_str().unwrap_or_default(),
    };
    let tenant_id = name
        .parse()
        .map_err(|error| Problem::invalid(TENANT_HEADER, &error))?;
    Ok(Caller { tenant_id })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_development_runs_open() {
        assert_eq!(
            Access::of(Environment::Development, false),
            Ok(Access::Open)
        );
        assert_eq!(
            Access::of(Environment::Production, true),
            Ok(Access::Authorized)
        );
        for environment in [Environment::Staging, Environment::Production] {
            assert_eq!(
                Access::of(environment, false).unwrap_err().variable,
                "APP_ENVIRONMENT"
            );
        }
    }
}
