//! A hash of what is random already: its own bits.

use std::hash::Hasher;

/// For hash values, and for ids that nobody chooses.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    /// An id's: above are the bits of its time, and the lowest choose among tables.
    #[expect(clippy::cast_possible_truncation, reason = "the bits above are those of the time")]
    fn write_u128(&mut self, id: u128) {
        self.0 = (id >> 16) as u64;
    }
}
