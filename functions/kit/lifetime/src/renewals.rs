//! The renewals of one contract to come.

use crate::Sbg;

/// The chances of a contract to be renewed again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Renewals {
    /// Index k: the chance to be renewed each of the next k times. The first is 1, or 0 for a contract
    /// that was ended.
    reached: Vec<f64>,
}

impl Renewals {
    /// Of a contract that is open and was renewed `behind` times, the next `ahead` times.
    pub fn of_open(model: &Sbg, behind: u32, ahead: u32) -> Self {
        let mut reached = vec![1.0];
        for k in 0..ahead {
            let again = model.retention(behind.saturating_add(k));
            reached.push(reached[k as usize] * again);
        }
        Self { reached }
    }

    /// Of a contract that was ended.
    pub fn of_ended() -> Self {
        Self { reached: vec![0.0] }
    }

    /// The chance that the contract is open now: 1 or 0.
    pub fn alive(&self) -> f64 {
        self.reached[0]
    }

    /// The chance that it is open after all of the renewals.
    pub fn alive_after(&self) -> f64 {
        self.reached[self.reached.len() - 1]
    }

    /// The chance of the next renewal; 0 where none is looked at.
    pub fn next(&self) -> f64 {
        self.reached.get(1).copied().unwrap_or(0.0)
    }

    /// Expected renewals.
    pub fn expected(&self) -> f64 {
        self.reached.iter().skip(1).sum()
    }

    /// The central interval that holds the number of renewals with at least this chance.
    pub fn interval(&self, level: f64) -> (u32, u32) {
        let beside = (1.0 - level) / 2.0;
        (self.quantile(beside), self.quantile(1.0 - beside))
    }

    fn quantile(&self, level: f64) -> u32 {
        // At most k renewals have the chance of not reaching k + 1.
        let at_most = |k: &usize| 1.0 - self.reached.get(k + 1).copied().unwrap_or(0.0);
        let found = (0..self.reached.len()).find(|k| at_most(k) >= level - 1e-12);
        found.unwrap_or(self.reached.len() - 1) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: Sbg = Sbg {
        alpha: 1.0,
        beta: 4.0,
    };

    #[test]
    fn chances_are_products_of_retentions() {
        let open = Renewals::of_open(&MODEL, 2, 3);
        assert!((open.alive_after() - MODEL.retained(2, 3)).abs() < 1e-12);
        assert!((open.next() - MODEL.retention(2)).abs() < 1e-12);
        let by_hand: f64 = (1..=3).map(|k| MODEL.retained(2, k)).sum();
        assert!((open.expected() - by_hand).abs() < 1e-12);
        assert_eq!((open.alive(), open.interval(0.9)), (1.0, (0, 3)));
    }

    #[test]
    fn what_was_ended_is_not_renewed() {
        let ended = Renewals::of_ended();
        assert_eq!((ended.alive(), ended.alive_after()), (0.0, 0.0));
        assert_eq!((ended.next(), ended.expected()), (0.0, 0.0));
        assert_eq!(ended.interval(0.9), (0, 0));
        let none_due = Renewals::of_open(&MODEL, 0, 0);
        assert_eq!(
            (none_due.alive_after(), none_due.interval(0.9)),
            (1.0, (0, 0))
        );
    }
}
