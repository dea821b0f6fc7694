//! A fast hash for keys that nobody outside chooses to collide on purpose for gain: names of
//! channels and numbers of states. Tables that are aggregated hash every touch once or twice.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A map under [`Fold`].
pub(crate) type FoldMap<K, V> = HashMap<K, V, BuildHasherDefault<Fold>>;

/// Multiplies and rotates, eight bytes at a time, as the compiler's own hash does.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fold(u64);

const FACTOR: u64 = 0xf135_7aea_2e62_a9c5;

impl Hasher for Fold {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, i: u8) {
        self.write_u64(u64::from(i));
    }

    fn write_u64(&mut self, i: u64) {
        self.0 = (self.0.rotate_left(5) ^ i).wrapping_mul(FACTOR);
    }

    fn finish(&self) -> u64 {
        // The table takes its buckets from the low bits, which a product mixes least.
        self.0.rotate_left(26)
    }
}
