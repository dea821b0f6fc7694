//! The leads that a model is fitted to: all of them, or evenly drawn ones where there are very many.

/// The most leads that a model is fitted to: with 50 features at most, more change nothing that can be
/// told apart, and take memory and time.
pub(super) const MOST: usize = 100_000;

/// Leads whose outcome is known.
#[derive(Default)]
pub(super) struct Sample {
    rows: Vec<(u64, Vec<f64>, bool)>,
    offered: u64,
    incomplete: u64,
    /// A lead is taken if its digest ends with so many zeros.
    zeros: u32,
}

impl Sample {
    /// Takes a lead, unless a feature is missing or others are drawn.
    pub(super) fn offer(&mut self, lead: &[f64], converted: bool) {
        if lead.iter().any(|value| value.is_nan()) {
            self.incomplete += 1;
            return;
        }
        self.offered += 1;
        let digest = digest(self.offered);
        if digest.trailing_zeros() < self.zeros {
            return;
        }
        self.rows.push((digest, lead.to_vec(), converted));
        if self.rows.len() > MOST {
            self.zeros += 1;
            let zeros = self.zeros;
            self.rows
                .retain(|(digest, _, _)| digest.trailing_zeros() >= zeros);
        }
    }

    /// What a reader should know of it.
    pub(super) fn warning(&self) -> Option<String> {
        let mut told = Vec::new();
        if self.incomplete > 0 {
            told.push(format!("{} of them lack a feature", self.incomplete));
        }
        if self.zeros > 0 {
            told.push("they were drawn evenly, since more change nothing".to_owned());
        }
        let known = self.offered + self.incomplete;
        (!told.is_empty()).then(|| {
            format!(
                "the model was fitted to {} of {known} leads whose outcome is known: {}",
                self.rows.len(),
                told.join("; ")
            )
        })
    }

    /// The leads and their outcomes.
    pub(super) fn taken(self) -> (Vec<Vec<f64>>, Vec<bool>) {
        let pairs = self.rows.into_iter();
        pairs.map(|(_, lead, converted)| (lead, converted)).unzip()
    }
}

/// Digits that look like chance, the same each time (`SplitMix64`).
fn digest(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn very_many_leads_are_drawn_evenly_whatever_their_order() {
        let mut sample = Sample::default();
        for i in 0..450_000_u32 {
            sample.offer(&[f64::from(i)], i % 2 == 0);
        }
        let (rows, outcomes) = sample.taken();
        assert!((40_000..=MOST).contains(&rows.len()), "{}", rows.len());
        let share = |count: usize| count as f64 / rows.len() as f64;
        let converted = outcomes.iter().filter(|outcome| **outcome).count();
        assert!((share(converted) - 0.5).abs() < 0.01);
        let early = rows.iter().filter(|row| row[0] < 225_000.0).count();
        assert!((share(early) - 0.5).abs() < 0.01);
    }

    #[test]
    fn leads_that_lack_a_feature_are_told_and_not_taken() {
        let mut sample = Sample::default();
        sample.offer(&[1.0], true);
        assert_eq!(sample.warning(), None);
        sample.offer(&[f64::NAN], true);
        let warning = sample.warning().unwrap();
        assert!(
            warning.contains("1 of 2 leads") && warning.contains("1 of them lack"),
            "{warning}"
        );
    }
}
