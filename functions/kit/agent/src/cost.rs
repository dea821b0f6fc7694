//! What an invocation costs at Lambda's list price.

use baton_domain::Money;

/// Price of one request, in millionths of a micro-USD (us-east-1, x86, on demand, November 2026:
/// 0.20 USD per million).
const REQUEST: u128 = 200_000;

/// Price of one GB-second, in millionths of a micro-USD (the same list: 0.0000166667 USD).
const GB_SECOND: u128 = 16_666_700;

/// What one invocation of this duration and memory size costs on Lambda, rounded up to a
/// micro-USD. Agents that run in process report the same figure, so that a laptop shows what the
/// call would cost deployed.
pub fn compute_cost(duration_ms: f64, memory_mb: u32) -> Money {
    let billed_ms = duration_ms.max(0.0).ceil() as u128;
    let duration = (billed_ms * u128::from(memory_mb) * GB_SECOND).div_ceil(1_000 * 1_024);
    let micro = (REQUEST + duration).div_ceil(1_000_000);
    Money::from_micro_usd(u64::try_from(micro).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follows_the_price_list() {
        // One second at 1,024 MB: 16.6667 micro-USD and 0.2 for the request.
        assert_eq!(compute_cost(1_000.0, 1_024).micro_usd(), 17);
        // A millisecond at 128 MB is a fraction of a micro-USD, which is never rounded to nothing.
        assert_eq!(compute_cost(0.3, 128).micro_usd(), 1);
    }
}
