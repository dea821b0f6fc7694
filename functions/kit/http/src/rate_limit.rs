//! How much a tenant may ask for, so that one does not take what the others need.
//!
//! Counted in this process: several functions together allow as much more. What all tenants may ask
//! for together is the gateway's to bound.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use baton_domain::TenantId;
use governor::clock::{Clock as _, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

type Limiter = RateLimiter<
    TenantId,
    HashMapStateStore<TenantId>,
    MonotonicClock,
    NoOpMiddleware<std::time::Instant>,
>;

/// After how many requests tenants that have been quiet are forgotten.
const FORGET_EVERY: u32 = 10_000;

/// The limit of each tenant, by the generic cell rate algorithm (ITU-T I.371): a minute's worth at
/// once, then evenly.
pub(crate) struct RateLimit {
    limiter: Limiter,
    asked: AtomicU32,
}

impl RateLimit {
    /// So many requests of a tenant in a minute.
    pub(crate) fn per_minute(requests: NonZeroU32) -> Self {
        let (quota, clock) = (Quota::per_minute(requests), MonotonicClock);
        Self {
            limiter: RateLimiter::new(quota, HashMapStateStore::default(), clock),
            asked: AtomicU32::new(0),
        }
    }

    /// Takes one request into account, or says how long to wait.
    pub(crate) fn take(&self, tenant: &TenantId) -> Result<(), Duration> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % FORGET_EVERY == FORGET_EVERY - 1 {
            self.limiter.retain_recent();
        }
        let taken = self.limiter.check_key(tenant);
        taken.map_err(|until| until.wait_time_from(self.limiter.clock().now()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_has_its_own_limit() {
        let limit = RateLimit::per_minute(NonZeroU32::new(3).unwrap());
        let (a, b) = ("a".parse().unwrap(), "b".parse().unwrap());
        assert!((0..3).all(|_| limit.take(&a).is_ok()));
        let wait = limit.take(&a).unwrap_err();
        assert!(
            wait > Duration::from_secs(15) && wait <= Duration::from_secs(20),
            "{wait:?}"
        );
        assert!(limit.take(&b).is_ok());
    }
}
