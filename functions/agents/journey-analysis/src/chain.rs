//! The absorbing Markov chain of stages (Kemeny and Snell 1960).
//!
//! A journey moves from stage to stage until a conversion or a drop-off absorbs it. With Q the
//! chances of moving between stages and r those of converting at once, the chance to convert is
//! h = (I − Q)⁻¹ r, and the stages still to visit are (I − Q)⁻¹ 1: the row sums of the fundamental
//! matrix. Of the journeys that convert, the chain is again one, with Q weighted by h (Doob's
//! transform). Systems are solved by elimination without a subtraction (Grassmann, Taksar, Heyman
//! 1985), so that nothing cancels where journeys go round for long.

use crate::Outlook;
use crate::journeys::Table;

/// The chain, with what was counted.
#[derive(Debug, Clone, PartialEq)]
pub struct Chain {
    n: usize,
    /// How often journeys begin at each stage.
    pub begun: Vec<u64>,
    /// How often each stage was entered.
    pub visits: Vec<u64>,
    /// How many journeys came through each stage.
    pub journeys: Vec<u64>,
    /// How many journeys converted at each stage.
    pub converted: Vec<u64>,
    /// How many journeys dropped off at each stage.
    pub dropped: Vec<u64>,
    /// How often each stage followed each: row by row.
    moves: Vec<u64>,
    /// Hours of these moves together.
    hours: Vec<f64>,
    timed: bool,
}

impl Chain {
    /// Counts the moves of a table.
    pub fn of(table: &Table) -> Self {
        let n = table.stages().len();
        let mut chain = Self {
            n,
            begun: vec![0; n],
            visits: vec![0; n],
            journeys: vec![0; n],
            converted: vec![0; n],
            dropped: vec![0; n],
            moves: vec![0; n * n],
            hours: vec![0.0; n * n],
            timed: table.untimed() == 0,
        };
        let mut seen = vec![0; n];
        for (i, walk) in table.walks().enumerate() {
            chain.begun[walk.steps[0] as usize] += 1;
            for step in walk.steps {
                let step = *step as usize;
                chain.visits[step] += 1;
                if seen[step] <= i {
                    seen[step] = i + 1;
                    chain.journeys[step] += 1;
                }
            }
            for (steps, hours) in walk.steps.windows(2).zip(walk.hours.windows(2)) {
                let at = steps[0] as usize * n + steps[1] as usize;
                chain.moves[at] += 1;
                chain.hours[at] += hours[1] - hours[0];
            }
            let last = walk.steps[walk.steps.len() - 1] as usize;
            if walk.converted {
                chain.converted[last] += 1;
            } else {
                chain.dropped[last] += 1;
            }
        }
        chain
    }

    /// How often `to` followed `from`.
    pub fn moves(&self, from: usize, to: usize) -> u64 {
        self.moves[from * self.n + to]
    }

    /// The mean of the hours between `from` and `to`; none where times are not known.
    pub fn mean_hours(&self, from: usize, to: usize) -> Option<f64> {
        let moves = self.moves(from, to);
        (self.timed && moves > 0).then(|| self.hours[from * self.n + to] / moves as f64)
    }

    /// What lies before a journey at each stage, and before one that begins.
    pub fn outlooks(&self) -> (Outlook, Vec<Outlook>) {
        let n = self.n;
        let share = |count: u64, state: usize| count as f64 / self.visits[state].max(1) as f64;
        let q: Vec<f64> = (0..n * n).map(|at| share(self.moves[at], at / n)).collect();
        let ends = |s: usize| share(self.converted[s] + self.dropped[s], s);
        let leave: Vec<f64> = (0..n).map(ends).collect();
        let convert = (0..n).map(|s| share(self.converted[s], s)).collect();
        let solved = solve(q.clone(), leave, vec![convert, vec![1.0; n]]);
        let (chance, steps) = (&solved[0], &solved[1]);
        let (steps_converting, hours_converting) = self.converting(&q, chance);
        let outlook = |state: usize| {
            let converts = chance[state] > 0.0;
            Outlook {
                conversion_probability: chance[state].clamp(0.0, 1.0),
                expected_steps: steps[state],
                expected_steps_to_convert: converts.then(|| steps_converting[state]),
                expected_hours_to_convert: (converts && self.timed)
                    .then(|| hours_converting[state]),
            }
        };
        let outlooks: Vec<Outlook> = (0..n).map(outlook).collect();
        (self.start(&outlooks), outlooks)
    }

    /// Steps and hours of the journeys that convert, from each stage from which one does.
    fn converting(&self, q: &[f64], chance: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let n = self.n;
        let mut towards = vec![0.0; n * n];
        let mut leave = vec![1.0; n];
        let mut hours = vec![0.0; n];
        for from in (0..n).filter(|from| chance[*from] > 0.0) {
            for to in 0..n {
                let at = from * n + to;
                towards[at] = q[at] * chance[to] / chance[from];
                hours[from] += towards[at] * self.mean_hours(from, to).unwrap_or(0.0);
            }
            let visits = self.visits[from].max(1) as f64;
            leave[from] = self.converted[from] as f64 / visits / chance[from];
        }
        let mut solved = solve(towards, leave, vec![vec![1.0; n], hours]);
        let hours = solved.pop().unwrap_or_default();
        (solved.pop().unwrap_or_default(), hours)
    }

    /// The mean of the outlooks over where journeys begin; of those that convert, over where these
    /// do.
    fn start(&self, outlooks: &[Outlook]) -> Outlook {
        let begun: f64 = self.begun.iter().sum::<u64>().max(1) as f64;
        let shares = || {
            self.begun
                .iter()
                .map(|count| *count as f64 / begun)
                .zip(outlooks)
        };
        let chance: f64 = shares().map(|(w, o)| w * o.conversion_probability).sum();
        let of_converting = |of: fn(&Outlook) -> Option<f64>| {
            let part = |(w, o): (f64, &Outlook)| {
                of(o).map_or(0.0, |x| w * o.conversion_probability / chance * x)
            };
            (chance > 0.0).then(|| shares().map(part).sum())
        };
        Outlook {
            conversion_probability: chance.clamp(0.0, 1.0),
            expected_steps: shares().map(|(w, o)| w * o.expected_steps).sum(),
            expected_steps_to_convert: of_converting(|o| o.expected_steps_to_convert),
            expected_hours_to_convert: of_converting(|o| o.expected_hours_to_convert)
                .filter(|_| self.timed),
        }
    }
}

/// Solves x = Q x + b for each b. `leave` is 1 less the row sums of Q, counted apart; both are
/// never negative, and every state can leave in the end.
pub(crate) fn solve(mut q: Vec<f64>, mut leave: Vec<f64>, mut b: Vec<Vec<f64>>) -> Vec<Vec<f64>> {
    let n = leave.len();
    let mut out = vec![0.0; n];
    for s in (0..n).rev() {
        let (above, below) = q.split_at_mut(s * n);
        let row = &below[..s];
        // What stays does not leave: a state's own loop only multiplies what it has.
        out[s] = row.iter().sum::<f64>() + leave[s];
        if out[s] <= 0.0 {
            continue;
        }
        for i in 0..s {
            let share = above[i * n + s] / out[s];
            if share > 0.0 {
                for (to, weight) in above[i * n..i * n + s].iter_mut().zip(row) {
                    *to += share * weight;
                }
                leave[i] += share * leave[s];
                for b in &mut b {
                    b[i] += share * b[s];
                }
            }
        }
    }
    for x in &mut b {
        for s in 0..n {
            let known: f64 = (0..s).map(|j| q[s * n + j] * x[j]).sum();
            x[s] = if out[s] > 0.0 {
                (x[s] + known) / out[s]
            } else {
                0.0
            };
        }
    }
    b
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journeys::{Event, Journey};

    fn table(journeys: &[(&str, bool)]) -> Table {
        let journey = |(steps, converted): &(&str, bool)| Journey {
            events: steps
                .split('>')
                .map(|stage| Event {
                    stage: stage.to_owned(),
                    at: None,
                })
                .collect(),
            converted: *converted,
            ..Journey::default()
        };
        Table::of(&journeys.iter().map(journey).collect::<Vec<_>>()).unwrap()
    }

    /// The drunkard's walk of Grinstead and Snell, examples 11.13 to 11.23: between 0 and 4, from 1,
    /// 2 and 3 with even chances; time to absorption 3, 4, 3; absorbed at 4 with 1/4, 1/2, 3/4.
    #[test]
    fn the_drunkards_walk() {
        let q = vec![0.0, 0.5, 0.0, 0.5, 0.0, 0.5, 0.0, 0.5, 0.0];
        let home = vec![0.0, 0.0, 0.5];
        let solved = solve(q, vec![0.5, 0.0, 0.5], vec![vec![1.0; 3], home]);
        let wanted = [[3.0, 4.0, 3.0], [0.25, 0.5, 0.75]];
        for (found, wanted) in solved.iter().flatten().zip(wanted.iter().flatten()) {
            assert!((found - wanted).abs() < 1e-12, "{solved:?}");
        }
    }

    /// Worked by hand. From `cart` one of two converts; `home` goes there from half of its visits.
    #[test]
    fn a_shop_by_hand() {
        let table = table(&[
            ("home>cart", true),
            ("home>cart", false),
            ("home", false),
            ("home", false),
        ]);
        let (start, outlooks) = Chain::of(&table).outlooks();
        let chances: Vec<f64> = outlooks.iter().map(|o| o.conversion_probability).collect();
        assert_eq!(chances, [0.25, 0.5]);
        assert!((outlooks[0].expected_steps - 1.5).abs() < 1e-12);
        assert_eq!(outlooks[0].expected_steps_to_convert, Some(2.0));
        assert!((start.conversion_probability - 0.25).abs() < 1e-12);
    }

    #[test]
    fn a_loop_multiplies_steps_and_changes_no_chance() {
        let table = table(&[("a>a>a>a", true), ("a", false)]);
        let (start, _) = Chain::of(&table).outlooks();
        assert!((start.conversion_probability - 0.5).abs() < 1e-12);
        // Five visits in two journeys.
        assert!((start.expected_steps - 2.5).abs() < 1e-12);
    }
}
