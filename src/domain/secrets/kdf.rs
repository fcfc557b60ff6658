//! What a slow hash costs, as it is remembered beside what was derived with it.

use std::fmt;
use std::str::FromStr;

/// The cost of Argon2id (RFC 9106 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KdfCost {
    /// Memory in KiB.
    pub kibibytes: u32,
    /// Passes over it.
    pub passes: u32,
    pub lanes: u32,
}

impl KdfCost {
    /// RFC 9106 §4, the second recommended option: 3 passes over 64 MiB in 4 lanes.
    pub const RECOMMENDED: Self = Self { kibibytes: 64 * 1024, passes: 3, lanes: 4 };

    /// What is accepted from a store, so that whoever writes it can neither make a guess cheap
    /// nor keep a reader busy: the least is OWASP's (19 MiB, 2 passes).
    fn is_bounded(self) -> bool {
        (19 * 1024..=256 * 1024).contains(&self.kibibytes)
            && (2..=8).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
    }
}

/// How a master key follows from a passphrase, as it is stored: `argon2id:v1:65536:3:4:SALT`
/// with memory in KiB, passes, lanes, and 16 bytes of salt as lower-case hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derivation {
    pub cost: KdfCost,
    /// The salt, drawn once.
    pub salt: [u8; 16],
}

const NAME: &str = "argon2id:v1";

impl fmt::Display for Derivation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let KdfCost { kibibytes, passes, lanes } = self.cost;
        write!(f, "{NAME}:{kibibytes}:{passes}:{lanes}:{:032x}", u128::from_be_bytes(self.salt))
    }
}

/// A text is no derivation, or one of a cost that is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not of the form {NAME}:KIB:PASSES:LANES:SALT within the bounds")]
pub struct DerivationError;

impl FromStr for Derivation {
    type Err = DerivationError;

    fn from_str(text: &str) -> Result<Self, DerivationError> {
        let rest = text.strip_prefix(NAME).and_then(|rest| rest.strip_prefix(':'));
        let parts: Vec<&str> = rest.ok_or(DerivationError)?.split(':').collect();
        let [kibibytes, passes, lanes, salt] = parts[..] else { return Err(DerivationError) };
        let number = |text: &str| text.parse().map_err(|_| DerivationError);
        let cost = KdfCost { kibibytes: number(kibibytes)?, passes: number(passes)?, lanes: number(lanes)? };
        let salt = u128::from_str_radix(salt, 16).map_err(|_| DerivationError)?.to_be_bytes();
        let derivation = Self { cost, salt };
        // What reads back otherwise was not written by us.
        if cost.is_bounded() && derivation.to_string() == text {
            Ok(derivation)
        } else {
            Err(DerivationError)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_and_bounded_reads_back() {
        let text = "argon2id:v1:65536:3:4:000102030405060708090a0b0c0d0e0f";
        let derivation: Derivation = text.parse().expect("a derivation");
        assert_eq!((derivation.cost, derivation.to_string().as_str()), (KdfCost::RECOMMENDED, text));
        for text in [
            "",
            "argon2id:v1",
            "argon2id:v2:65536:3:4:000102030405060708090a0b0c0d0e0f",
            "argon2id:v1:65536:3:4:000102030405060708090A0B0C0D0E0F",
            "argon2id:v1:65536:3:4:0102",
            "argon2id:v1:+65536:3:4:000102030405060708090a0b0c0d0e0f",
            "argon2id:v1:8:3:4:000102030405060708090a0b0c0d0e0f",
            "argon2id:v1:65536:1:4:000102030405060708090a0b0c0d0e0f",
            "argon2id:v1:4194304:3:4:000102030405060708090a0b0c0d0e0f",
            "argon2id:v1:65536:1000:4:000102030405060708090a0b0c0d0e0f",
            "argon2id:v1:65536:3:0:000102030405060708090a0b0c0d0e0f",
            "argon2id:v1:65536:3:4:000102030405060708090a0b0c0d0e0f:",
        ] {
            assert_eq!(text.parse::<Derivation>(), Err(DerivationError), "{text}");
        }
    }
}
