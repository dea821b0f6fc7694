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
    per_minute: NonZeroU32,
    asked: AtomicU32,
}

impl RateLimit {
    /// So many requests of a tenant in a minute.
    pub(crate) fn per_minute(requests: NonZeroU32) -> Self {
        let (quota, clock) = (Quota::per_minute(requests), MonotonicClock);
        Self {
            limiter: RateLimiter::new(quota, HashMapStateStore::default(), clock),
            per_minute: requests,
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

    /// Takes the requests of a batch into account, or says how long to wait; all or none. Its first was
    /// [`Self::take`]n when the caller was let in. A batch larger than a minute's worth takes the whole
    /// minute, so that it is possible where the tenant asked for nothing else of late.
    pub(crate) fn take_others(&self, tenant: &TenantId, requests: usize) -> Result<(), Duration> {
        let requests = u32::try_from(requests).unwrap_or(u32::MAX);
        let others = requests.min(self.per_minute.get()).saturating_sub(1);
        let Some(others) = NonZeroU32::new(others) else {
            return Ok(());
        };
        match self.limiter.check_key_n(tenant, others) {
            Ok(Err(until)) => {
                let wait = until.wait_time_from(self.limiter.clock().now());
                // Coming again takes one by itself.
                Err(wait + Duration::from_mins(1) / self.per_minute.get())
            }
            // There are fewer than a minute's worth, which is always possible at some time.
            Ok(Ok(())) | Err(_) => Ok(()),
        }
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

    #[test]
    fn a_batch_takes_one_for_each_of_its_requests() {
        let limit = RateLimit::per_minute(NonZeroU32::new(6).unwrap());
        let tenant = "a".parse().unwrap();
        let batch = |requests| {
            limit.take(&tenant)?;
            limit.take_others(&tenant, requests)
        };
        assert_eq!(batch(4), Ok(()));
        // Two are left, of which this takes one: four others need 30 s, and coming again 10 more.
        let wait = batch(5).unwrap_err();
        assert!(
            wait > Duration::from_secs(35) && wait <= Duration::from_secs(40),
            "{wait:?}"
        );
        // What was refused took nothing more.
        assert_eq!(batch(1), Ok(()));
        assert!(limit.take(&tenant).is_err());
    }

    #[test]
    fn a_batch_larger_than_a_minutes_worth_takes_the_whole_minute() {
        let limit = RateLimit::per_minute(NonZeroU32::new(6).unwrap());
        let tenant = "a".parse().unwrap();
        limit.take(&tenant).unwrap();
        assert_eq!(limit.take_others(&tenant, 500), Ok(()));
        assert!(limit.take(&tenant).is_err());
    }
}
