//! Random numbers from a seed that the workflow names: AWS draws them as
//! `java.util.Random` does, so a seed gives the same numbers here and there.

/// The generator: 48 bits, moved by a linear congruence.
pub(crate) struct Seeded(u64);

const FACTOR: u64 = 0x5_DEEC_E66D;
const BITS: u64 = (1 << 48) - 1;

impl Seeded {
    pub(crate) fn new(seed: i64) -> Self {
        Self((seed as u64 ^ FACTOR) & BITS)
    }

    fn next(&mut self, bits: u32) -> u64 {
        self.0 = self.0.wrapping_mul(FACTOR).wrapping_add(0xB) & BITS;
        self.0 >> (48 - bits)
    }

    /// A number from 0 up to, and without, 1.
    pub(crate) fn fraction(&mut self) -> f64 {
        let high = self.next(26) << 27;
        (high + self.next(27)) as f64 / (1_u64 << 53) as f64
    }

    /// A whole number below a bound of at most 31 bits.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound.is_power_of_two() {
            return (bound * self.next(31)) >> 31;
        }
        loop {
            let drawn = self.next(31);
            let number = drawn % bound;
            // What is left over at the end of the 31 bits would not be fair.
            if drawn - number + (bound - 1) < 1 << 31 {
                return number;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seeded;

    #[test]
    fn a_seed_gives_the_numbers_that_java_gives() {
        assert!((Seeded::new(42).fraction() - 0.727_563_680_032_868_1).abs() < 1e-16);
        assert_eq!(Seeded::new(42).below(10), 0);
        assert_eq!(Seeded::new(42).below(100), 30);
    }
}
