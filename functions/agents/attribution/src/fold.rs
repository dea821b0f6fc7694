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
    /// Words of eight bytes; the last one overlaps the one before it, so that nothing is copied.
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        if rest.is_empty() {
            return;
        }
        if let Some(last) = bytes.last_chunk::<8>() {
            self.write_u64(u64::from_le_bytes(*last));
        } else {
            let word = rest
                .iter()
                .fold(0, |word, byte| word << 8 | u64::from(*byte));
            self.write_u64(word);
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
