//! Numbers to places on a picture, and the round numbers at which axes have their ticks.

/// A straight line from numbers to places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// From the numbers `low` to `high` to the places `from` to `to`, which may descend. Numbers
    /// that are all one lie in the middle.
    pub(super) fn new((low, high): (f64, f64), (from, to): (f64, f64)) -> Self {
        Self {
            low,
            high,
            from,
            to,
        }
    }

    /// The place of a number; of one outside, the nearest end.
    pub(super) fn at(&self, number: f64) -> f64 {
        let width = self.high - self.low;
        let part = if width > 0.0 {
            ((number - self.low) / width).clamp(0.0, 1.0)
        } else {
            0.5
        };
        self.from + part * (self.to - self.from)
    }
}

/// Round numbers around a range: an axis and its ticks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ticks {
    /// How far apart they are.
    pub(super) step: f64,
    /// Ascending, two or more; the first and the last hold the range between them.
    pub(super) all: Vec<f64>,
}

impl Ticks {
    /// About `wanted` ticks at 1, 2 or 5 times a power of ten that hold `low` to `high`.
    pub(super) fn around(low: f64, high: f64, wanted: usize) -> Self {
        let size = low.abs().max(high.abs());
        // Numbers that differ in their last digits alone are one number.
        let (low, high) = if high - low > size * 1e-9 {
            (low, high)
        } else {
            let room = if size > 0.0 { size * 0.1 } else { 1.0 };
            (low - room, high + room)
        };
        let rough = (high - low) / wanted.max(1) as f64;
        let power = 10_f64.powf(rough.log10().floor());
        let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
        let step = steps.into_iter().find(|step| *step >= rough * 0.999_999);
        let step = step.unwrap_or(10.0 * power);
        let (first, last) = ((low / step).floor(), (high / step).ceil());
        let count = (last - first) as usize;
        // Whole numbers of steps, since a sum of steps would drift.
        let tick = |at: usize| (first + at as f64) * step;
        Self {
            step,
            all: (0..=count).map(tick).collect(),
        }
    }

    /// The first and the last of them.
    pub(super) fn range(&self) -> (f64, f64) {
        (self.all[0], self.all[self.all.len() - 1])
    }

    /// The largest of them in size.
    pub(super) fn largest(&self) -> f64 {
        let (low, high) = self.range();
        low.abs().max(high.abs())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ticks_are_round() {
        let ticks = |low, high| Ticks::around(low, high, 5).all;
        assert_eq!(ticks(0.0, 97.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(-3.0, 4.0), [-4.0, -2.0, 0.0, 2.0, 4.0]);
        assert_eq!(ticks(7.0, 7.0).first(), Some(&6.0));
        assert_eq!(ticks(0.0, 0.0), [-1.0, -0.5, 0.0, 0.5, 1.0]);
    }

    proptest! {
        #[test]
        fn ticks_hold_the_range_and_are_few(low in -1e12_f64..1e12, width in 0.0_f64..1e12) {
            let high = low + width;
            let ticks = Ticks::around(low, high, 5);
            let (first, last) = ticks.range();
            prop_assert!(first <= low && high <= last, "{:?}", ticks);
            prop_assert!((2..=9).contains(&ticks.all.len()), "{:?}", ticks);
            prop_assert!(ticks.all.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", ticks);
        }

        #[test]
        fn places_keep_the_order_and_the_ends(
            a in -1e12_f64..1e12, b in -1e12_f64..1e12, low in -1e12_f64..0.0, high in 0.0_f64..1e12,
        ) {
            let scale = Scale::new((low, high), (10.0, 90.0));
            let (small, large) = (scale.at(a.min(b)), scale.at(a.max(b)));
            prop_assert!(10.0 <= small && small <= large && large <= 90.0);
        }
    }
}
