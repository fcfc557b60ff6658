//! A place in an audit log, to be kept where the log's writers cannot reach.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

/// The number and hash of one audit record, and whose log it is of. A log that holds this
/// record has lost and altered nothing up to it.
///
/// Text form: `keyctl-anchor:v1:STORE:SEQ:HASH`, where STORE is the store's uuid with hyphens,
/// SEQ a number from 1 on, and HASH 64 hex digits; all in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub store: Uuid,
    /// The record's number, from 1 to [`LAST_SEQ`].
    pub seq: u64,
    pub hash: [u8; 32],
}

/// The largest number that a store can count to.
pub(crate) const LAST_SEQ: u64 = i64::MAX.cast_unsigned();

/// What the text form begins with.
pub(crate) const NAME: &str = "keyctl-anchor";
const VERSION: &str = "v1";
const PARTS: usize = 5;
const HASH_DIGITS: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnchorError {
    /// Nothing, or only blanks.
    #[error("it is empty")]
    Empty,
    /// Begins with something else.
    #[error("an anchor starts with keyctl-anchor:")]
    Name,
    /// Made by another version.
    #[error("an anchor of another version: this keyctl reads keyctl-anchor:v1:")]
    Version,
    /// Cut off, or with something behind it.
    #[error("an anchor has {PARTS} parts between colons, this has {0}")]
    Parts(usize),
    /// The third part.
    #[error("the store in it is not a uuid in lower case with hyphens")]
    Store,
    /// The fourth part.
    #[error("the record's number in it is not a whole number from 1 on")]
    Seq,
    /// The fifth part has another length.
    #[error("the hash in it has {0} characters, not {HASH_DIGITS}")]
    HashLength(usize),
    /// The fifth part has other characters.
    #[error("the hash in it is not written in 0-9 and a-f")]
    HashDigits,
    /// It begins as JSON does.
    #[error("it is not the JSON that keyctl audit checkpoint prints: no \"anchor\" in it")]
    Json,
}

impl Anchor {
    /// Reads a line that `audit checkpoint` printed: the text form, or JSON with it in `anchor`.
    pub fn from_line(line: &str) -> Result<Self, AnchorError> {
        if !line.starts_with('{') {
            return line.parse();
        }
        let json: serde_json::Value = serde_json::from_str(line).map_err(|_| AnchorError::Json)?;
        json["anchor"].as_str().ok_or(AnchorError::Json)?.parse()
    }
}

impl FromStr for Anchor {
    type Err = AnchorError;

    fn from_str(text: &str) -> Result<Self, AnchorError> {
        if text.trim().is_empty() {
            return Err(AnchorError::Empty);
        }
        let parts: Vec<&str> = text.split(':').collect();
        if parts[0] != NAME || parts.len() < 2 {
            return Err(AnchorError::Name);
        }
        if parts[1] != VERSION {
            return Err(AnchorError::Version);
        }
        let [_, _, store, seq, hash] = parts[..] else { return Err(AnchorError::Parts(parts.len())) };
        Ok(Self { store: parse_store(store)?, seq: parse_seq(seq)?, hash: parse_hash(hash)? })
    }
}

/// The uuid crate reads other forms, too; here every anchor has one form only.
fn parse_store(text: &str) -> Result<Uuid, AnchorError> {
    let parsed = Uuid::try_parse(text).ok().filter(|uuid| uuid.to_string() == text);
    parsed.ok_or(AnchorError::Store)
}

fn parse_seq(text: &str) -> Result<u64, AnchorError> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    let number = text.parse().ok().filter(|seq| digits && *seq <= LAST_SEQ);
    number.ok_or(AnchorError::Seq)
}

fn parse_hash(text: &str) -> Result<[u8; 32], AnchorError> {
    let characters = text.chars().count();
    if characters != HASH_DIGITS {
        return Err(AnchorError::HashLength(characters));
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(text.as_bytes().chunks(2)) {
        for digit in pair {
            let value = char::from(*digit).to_digit(16).filter(|_| !digit.is_ascii_uppercase());
            let value = value.and_then(|value| u8::try_from(value).ok()).ok_or(AnchorError::HashDigits)?;
            *byte = *byte << 4 | value;
        }
    }
    Ok(hash)
}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{NAME}:{VERSION}:{}:{}:", self.store, self.seq)?;
        self.hash.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Why a log is not the one that an anchor is of, although its own chain is whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    #[error("the anchor is of store {anchor}, this is store {store}")]
    OtherStore {
        /// The anchor's store.
        anchor: Uuid,
        store: Uuid,
    },
    /// The record is not there any more.
    #[error(
        "the audit log ends at record {last}, but once had record {seq}: \
         its end was cut off, or an older database was put back"
    )]
    Shorter {
        /// The anchor's record, or one that was read before.
        seq: u64,
        /// The last record there is.
        last: u64,
    },
    /// While a store was followed, another one took its place.
    #[error("another store, {0}, stands in the place of the one that is followed")]
    Replaced(Uuid),
    /// Another record has its number.
    #[error("audit record {0} is not the one that the anchor is of: the log was written anew")]
    Rewritten(u64),
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: &str = "9b8ae459-a6ce-4d8b-b440-8e271e340300";
    const HASH: &str = "94bc709794156d65c6218e6073a0ff12f35ac900147d35ae0916d81227048c33";

    #[test]
    fn an_anchor_reads_back_as_it_was_written() {
        let text = format!("keyctl-anchor:v1:{STORE}:17:{HASH}");
        let anchor: Anchor = text.parse().expect("an anchor");
        assert_eq!((anchor.seq, anchor.hash[0], anchor.hash[31]), (17, 0x94, 0x33));
        assert_eq!(anchor.to_string(), text);
        let json = format!("{{\"seq\":17,\"anchor\":\"{text}\",\"at\":null}}");
        assert_eq!(Anchor::from_line(&json), Ok(anchor));
        let last = format!("keyctl-anchor:v1:{STORE}:{LAST_SEQ}:{HASH}");
        assert_eq!(last.parse::<Anchor>().expect("the last").seq, LAST_SEQ);
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let with = |store: &str, seq: &str, hash: &str| format!("keyctl-anchor:v1:{store}:{seq}:{hash}");
        let upper_store = STORE.to_uppercase();
        let wide = format!("{}é", &HASH[..63]);
        for (text, error) in [
            (String::new(), AnchorError::Empty),
            (" \t".to_owned(), AnchorError::Empty),
            (HASH.to_owned(), AnchorError::Name),
            ("keyctl-anchor".to_owned(), AnchorError::Name),
            (format!(" {}", with(STORE, "1", HASH)), AnchorError::Name),
            (format!("keyctl-anchor:v2:{STORE}:1:{HASH}"), AnchorError::Version),
            (format!("keyctl-anchor:v1:{STORE}:1"), AnchorError::Parts(4)),
            (with(STORE, "1", HASH) + ":", AnchorError::Parts(6)),
            (with("9b8ae459a6ce4d8bb4408e271e340300", "1", HASH), AnchorError::Store),
            (with(&upper_store, "1", HASH), AnchorError::Store),
            (with("", "1", HASH), AnchorError::Store),
            (with(STORE, "", HASH), AnchorError::Seq),
            (with(STORE, "0", HASH), AnchorError::Seq),
            (with(STORE, "01", HASH), AnchorError::Seq),
            (with(STORE, "-1", HASH), AnchorError::Seq),
            (with(STORE, "+1", HASH), AnchorError::Seq),
            (with(STORE, "1e3", HASH), AnchorError::Seq),
            (with(STORE, "9223372036854775808", HASH), AnchorError::Seq),
            (with(STORE, "99999999999999999999999", HASH), AnchorError::Seq),
            (with(STORE, "1", &HASH[1..]), AnchorError::HashLength(63)),
            (with(STORE, "1", ""), AnchorError::HashLength(0)),
            (with(STORE, "1", &HASH.to_uppercase()), AnchorError::HashDigits),
            (with(STORE, "1", &HASH.replace('9', "g")), AnchorError::HashDigits),
            (with(STORE, "1", &wide), AnchorError::HashDigits),
            (with(STORE, "1", HASH) + "\n", AnchorError::HashLength(65)),
        ] {
            assert_eq!(text.parse::<Anchor>(), Err(error), "{text:?}");
        }
        for line in ["{", "{}", "{\"anchor\":1}", "{\"anchor\":null}", "{\"error\":{}}"] {
            assert_eq!(Anchor::from_line(line), Err(AnchorError::Json), "{line}");
        }
        assert_eq!(Anchor::from_line("{\"anchor\":\"x\"}"), Err(AnchorError::Name));
    }
}
