//! The id of a key: `key_` and a UUIDv7 in Crockford base32 (TypeID 0.3).

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::random::{Random, RandomError};
use super::time::Timestamp;

/// The stable name of a key, unchanged by rotation.
///
/// Text form: `key_` + 26 characters, the 128 bits of a UUIDv7 (RFC 9562 §5.7) in Crockford
/// base32, lower case, most significant first. Ordered by the time of creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(u128);

/// Why a text is not a key id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyIdError {
    /// Does not start with `key_`.
    #[error("a key id starts with key_")]
    Prefix,
    /// Not 26 characters after the prefix.
    #[error("a key id has 26 characters after key_")]
    Length,
    /// A character outside Crockford's lower-case alphabet.
    #[error("a key id is written in 0-9 and a-z without i l o u")]
    Alphabet,
    /// The first character is above `7`: more than 128 bits.
    #[error("a key id's 26 characters hold at most 128 bits")]
    Overflow,
}

const PREFIX: &str = "key_";
const CHARS: usize = 26;
const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The five bits of each character, 255 for those outside the alphabet: an id is read in
/// every verification.
const FIVE_BITS: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut bits = 0_u8;
    while bits < 32 {
        table[CROCKFORD[bits as usize] as usize] = bits;
        bits += 1;
    }
    table
};

impl KeyId {
    /// The lowest id of a key created at `at`: ids are ordered by the millisecond.
    pub(crate) fn first_at(at: Timestamp) -> Self {
        let millis = u64::try_from(at.as_millis()).unwrap_or_default();
        Self(u128::from(millis) << 80)
    }

    /// A number that spreads keys evenly: of the bits that are random.
    #[cfg(feature = "serve")]
    pub(crate) fn spread(self) -> usize {
        usize::from(self.0.to_le_bytes()[0])
    }

    /// When the key was created, which its id says to the millisecond; `None` past the year 9999.
    pub fn created_at(self) -> Option<Timestamp> {
        i64::try_from(self.0 >> 80).ok().and_then(Timestamp::from_millis)
    }

    pub(crate) fn generate(now: Timestamp, random: &mut dyn Random) -> Result<Self, RandomError> {
        Ok(Self::at(now, IdSeed::draw(random)?))
    }

    /// The id of a key created at `now`, of what was drawn before.
    pub(crate) fn at(now: Timestamp, seed: IdSeed) -> Self {
        Self(seed.at(now))
    }
}

/// [`KeyId::generate`] for the benches: services make no ids.
#[cfg(feature = "internals")]
pub fn key_id(now: Timestamp, random: &mut dyn Random) -> Result<KeyId, RandomError> {
    KeyId::generate(now, random)
}

/// The random half of an id: a UUIDv7 is whole when the time is known, which a change learns under its lock.
#[derive(Clone, Copy, Debug)]
pub struct IdSeed([u8; 10]);

impl IdSeed {
    pub fn draw(random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut bytes = [0; 10];
        random.fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The UUIDv7 of this time.
    pub(in crate::domain) fn at(self, now: Timestamp) -> u128 {
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.0).into_uuid().as_u128()
    }
}

impl KeyId {
    /// The id of key number `count` of a series of fewer than 2^18 that are made at
    /// `now`: they ascend with their numbers. The number stands in the 18 leftmost random bits
    /// (RFC 9562 §6.2, method 1); 56 remain random.
    pub(crate) fn in_series(
        now: Timestamp,
        count: u32,
        random: &mut dyn Random,
    ) -> Result<Self, RandomError> {
        let mut bytes = [0; 10];
        random.fill(&mut bytes[3..])?;
        let [_, _, high, low] = (count >> 6).to_be_bytes();
        [bytes[0], bytes[1], bytes[2]] = [high, low, count.to_be_bytes()[3] & 63];
        let millis = u64::try_from(now.as_millis()).unwrap_or_default();
        Ok(Self(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid().as_u128()))
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        f.write_str(str::from_utf8(&base32(self.0)).unwrap_or_default())
    }
}

/// 128 bits in Crockford base32, most significant first.
pub(super) fn base32(bits: u128) -> [u8; CHARS] {
    let mut text = [b'0'; CHARS];
    for (position, place) in text.iter_mut().rev().enumerate() {
        *place = CROCKFORD[(bits >> (5 * position)) as usize & 31];
    }
    text
}

/// Reads what [`base32`] writes.
pub(super) fn from_base32(body: &str) -> Result<u128, KeyIdError> {
    if body.len() != CHARS {
        return Err(KeyIdError::Length);
    }
    // Pieces of at most 12 characters fit a machine's word; of what is outside the alphabet, high bits stay.
    let mut odd = 0;
    let mut bits_of = |chars: &[u8]| {
        chars.iter().fold(0_u64, |bits, byte| {
            let five_bits = FIVE_BITS[usize::from(*byte)];
            odd |= five_bits;
            bits << 5 | u64::from(five_bits & 31)
        })
    };
    let (first, rest) = body.as_bytes().split_at(2);
    let (middle, last) = rest.split_at(12);
    let [first, middle, last] = [first, middle, last].map(|chars| u128::from(bits_of(chars)));
    if (8..32).contains(&FIVE_BITS[usize::from(body.as_bytes()[0])]) {
        return Err(KeyIdError::Overflow);
    }
    if odd > 31 {
        return Err(KeyIdError::Alphabet);
    }
    Ok(first << 120 | middle << 60 | last)
}

impl FromStr for KeyId {
    type Err = KeyIdError;

    fn from_str(text: &str) -> Result<Self, KeyIdError> {
        from_base32(text.strip_prefix(PREFIX).ok_or(KeyIdError::Prefix)?).map(Self)
    }
}

impl Serialize for KeyId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_typeid_vectors_reproduce() {
        // TypeID 0.3, spec/valid.yml.
        for (text, bits) in [
            ("key_00000000000000000000000000", 0),
            ("key_00000000000000000000000001", 1),
            ("key_0000000000000000000000000g", 16),
            ("key_00000000000000000000000010", 32),
            ("key_7zzzzzzzzzzzzzzzzzzzzzzzzz", u128::MAX),
            ("key_0123456789abcdefghjkmnpqrs", 0x0110_c853_1d09_52d8_d73e_1194_e95b_5f19),
            ("key_01h455vb4pex5vsknk084sn02q", 0x0189_0a5d_ac96_774b_bcce_b302_099a_8057),
        ] {
            assert_eq!(text.parse::<KeyId>(), Ok(KeyId(bits)));
            assert_eq!(KeyId(bits).to_string(), text);
        }
    }

    #[test]
    fn a_series_ascends() {
        struct Fixed;
        impl Random for Fixed {
            fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
                bytes.fill(0xFF);
                Ok(())
            }
        }
        let now = Timestamp::from_millis(1_700_000_000_000).expect("a time");
        let ids: Vec<KeyId> =
            (0..1 << 18).step_by(61).map(|n| KeyId::in_series(now, n, &mut Fixed).expect("random")).collect();
        assert!(ids.is_sorted());
        let start = KeyId::in_series(now, 0, &mut Fixed).expect("random").to_string();
        assert_eq!(start[..14], ids[ids.len() - 1].to_string()[..14], "the same millisecond");
    }

    #[test]
    fn each_fault_has_its_own_error() {
        for (text, error) in [
            ("01h455vb4pex5vsknk084sn02q", KeyIdError::Prefix),
            ("KEY_01h455vb4pex5vsknk084sn02q", KeyIdError::Prefix),
            ("key_01h455vb4pex5vsknk084sn02", KeyIdError::Length),
            ("key_01h455vb4pex5vsknk084sn02qq", KeyIdError::Length),
            ("key_01h455vb4pex5vsknk084sn02Q", KeyIdError::Alphabet),
            ("key_01h455vb4pex5vsknk084sn0lq", KeyIdError::Alphabet),
            ("key_8zzzzzzzzzzzzzzzzzzzzzzzzz", KeyIdError::Overflow),
        ] {
            assert_eq!(text.parse::<KeyId>(), Err(error), "{text}");
        }
    }
}
