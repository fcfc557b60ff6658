//! The text that a client sends.
//!
//! ```text
//! sks_4fTq9ZkPw2Xa_<43 characters: secret><6 characters: check>
//! └┬┘ └────┬─────┘
//! prefix  token id (12, public)
//! ```

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use crate::domain::id::KeyId;
use crate::domain::random::{Random, RandomError};

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(in crate::domain) const ID_CHARS: usize = 12;
const SECRET_CHARS: usize = 43;
pub(in crate::domain) const CHECK_CHARS: usize = 6;
pub(in crate::domain) const TAIL_CHARS: usize = SECRET_CHARS + CHECK_CHARS;
/// The longest token, in bytes.
pub const LONGEST: usize = Prefix::LONGEST + 1 + ID_CHARS + 1 + TAIL_CHARS;

/// A whole, well-formed token with a right check: a secret.
///
/// ASCII, at most 72 bytes. It is wiped when dropped, has no `Clone`, `Display` or
/// `Serialize`, and its `Debug` shows the public part only.
pub struct Token {
    text: Zeroizing<String>,
    prefix_len: usize,
}

/// Why a text is not a token, in the order in which it is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// No text at all.
    #[error("it is empty")]
    Empty,
    /// A byte that no token has: a blank, a line end, NUL, anything outside `0-9A-Za-z_`.
    #[error("it contains a character that no token has")]
    Alphabet,
    /// Not `prefix_id_secret`.
    #[error("it is not of the form prefix_id_secret")]
    Shape,
    /// The prefix does not follow the grammar.
    #[error("its prefix is not well-formed")]
    Prefix,
    /// The token id is not 12 characters long.
    #[error("its id is not {ID_CHARS} characters long")]
    IdLength,
    /// Secret and check are not 49 characters long.
    #[error("its secret and check are not {TAIL_CHARS} characters long")]
    SecretLength,
    /// The check does not belong to the rest: a typo, or not one of ours.
    #[error("its check does not match: mistyped, cut off, or not one of ours")]
    Check,
}

impl Token {
    /// A fresh token: id and secret uniformly random over the alphabet (256 bits).
    pub fn generate(prefix: &Prefix, random: &mut dyn Random) -> Result<Self, RandomError> {
        let mut text = Zeroizing::new(String::with_capacity(72));
        text.push_str(prefix.as_str());
        text.push('_');
        push_random(&mut text, ID_CHARS, random)?;
        text.push('_');
        push_random(&mut text, SECRET_CHARS, random)?;
        let check = check_of(text.as_bytes());
        text.extend(check.iter().map(|b| char::from(*b)));
        Ok(Self { text, prefix_len: prefix.as_str().len() })
    }

    /// Parses a token. Nothing is trimmed: a trailing newline is an error.
    pub fn parse(text: &str) -> Result<Self, TokenError> {
        let prefix_len = check(text)?;
        Ok(Self { text: Zeroizing::new(text.to_owned()), prefix_len })
    }

    /// The whole token, for the moment in which it is hashed or handed out.
    pub fn expose(&self) -> &str {
        &self.text
    }

    #[cfg(feature = "internals")]
    pub fn id(&self) -> TokenId {
        TokenId::at_the_end_of(&self.text[..=self.prefix_len + ID_CHARS])
    }

    /// Prefix and id (`sks_4fTq9ZkPw2Xa`): what may be shown, logged and stored.
    pub fn display_prefix(&self) -> DisplayPrefix {
        DisplayPrefix(self.text[..=self.prefix_len + ID_CHARS].to_owned())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}_…)", self.display_prefix())
    }
}

/// Whether [`Token::parse`] takes a text, of which nothing is copied.
pub(in crate::domain) fn is_token(text: &str) -> bool {
    check(text).is_ok()
}

/// Checks everything; returns the prefix's length.
fn check(text: &str) -> Result<usize, TokenError> {
    let prefix_len = parse_shape(text)?;
    let (body, check) = text.as_bytes().split_at(text.len() - CHECK_CHARS);
    if check_of(body) == check { Ok(prefix_len) } else { Err(TokenError::Check) }
}

/// Checks everything but the check itself; returns the prefix's length. Most texts are tokens,
/// so that is looked for first, at fixed places from the end; only then for what is wrong.
fn parse_shape(text: &str) -> Result<usize, TokenError> {
    let bytes = text.as_bytes();
    let prefix_len = bytes.len().saturating_sub(1 + ID_CHARS + 1 + TAIL_CHARS);
    let id_end = prefix_len + 1 + ID_CHARS;
    // No end before the last: so 16 are looked at at once.
    let random = |range: std::ops::Range<usize>| {
        bytes[range].iter().fold(true, |all, byte| all & byte.is_ascii_alphanumeric())
    };
    if prefix_len >= Prefix::SHORTEST
        && bytes[prefix_len] == b'_'
        && bytes[id_end] == b'_'
        && random(prefix_len + 1..id_end)
        && random(id_end + 1..bytes.len())
        && Prefix::is_well_formed(&text[..prefix_len])
    {
        return Ok(prefix_len);
    }
    find_fault(text)
}

fn find_fault(text: &str) -> Result<usize, TokenError> {
    if text.is_empty() {
        return Err(TokenError::Empty);
    }
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(TokenError::Alphabet);
    }
    let (rest, tail) = text.rsplit_once('_').ok_or(TokenError::Shape)?;
    let (prefix, id) = rest.rsplit_once('_').ok_or(TokenError::Shape)?;
    if !Prefix::is_well_formed(prefix) {
        return Err(TokenError::Prefix);
    }
    if id.len() != ID_CHARS {
        return Err(TokenError::IdLength);
    }
    if tail.len() != TAIL_CHARS {
        return Err(TokenError::SecretLength);
    }
    Ok(prefix.len())
}

/// Whether a text has the shape of a token, whatever its check: enough to keep it off a
/// screen. Returns the part that may be shown.
pub fn public_part(text: &str) -> Option<&str> {
    parse_shape(text).ok().map(|prefix_len| &text[..=prefix_len + ID_CHARS])
}

/// What stands in the place of a prefix where a token was made elsewhere: such a token has no
/// public part of its own, so it is shown as `foreign_` and a random token id.
pub const FOREIGN_PREFIX: &str = "foreign";

/// A fresh token id behind the prefix that imported tokens are shown with.
pub(in crate::domain) fn foreign_display_prefix(
    random: &mut dyn Random,
) -> Result<DisplayPrefix, RandomError> {
    let mut text = format!("{}_", self::FOREIGN_PREFIX);
    push_random(&mut text, ID_CHARS, random)?;
    Ok(DisplayPrefix(text))
}

/// Appends uniformly random characters; bytes of 248 and above are drawn again, since 256
/// is no multiple of 62.
fn push_random(text: &mut String, chars: usize, random: &mut dyn Random) -> Result<(), RandomError> {
    let mut missing = chars;
    let mut pool = Zeroizing::new([0_u8; 64]);
    while missing > 0 {
        random.fill(pool.as_mut())?;
        for byte in pool.iter().filter(|b| **b < 248).take(missing) {
            text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            missing -= 1;
        }
    }
    Ok(())
}

/// CRC-32 (IEEE 802.3, as zlib) of the body in base62, width 6, most significant first.
///
/// A filter against typos and for leak scanners, never a security control.
fn check_of(body: &[u8]) -> [u8; CHECK_CHARS] {
    let mut rest = crc32(body);
    let mut check = [b'0'; CHECK_CHARS];
    for place in check.iter_mut().rev() {
        *place = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    check
}

/// `[n]` is what a byte makes of the rest with `n` bytes of zero behind it: so eight bytes are looked up at
/// once, where one after the other waits for the one before (a fiftieth of an uncached verification).
static CRC_TABLES: [[u32; 256]; 8] = {
    let mut tables = [[0; 256]; 8];
    let mut byte: u32 = 0;
    while byte < 256 {
        let mut value = byte;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { 0xEDB8_8320 ^ (value >> 1) } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte as usize] = value;
        byte += 1;
    }
    let mut zeros = 1;
    while zeros < 8 {
        let mut index = 0;
        while index < 256 {
            let fewer = tables[zeros - 1][index];
            tables[zeros][index] = tables[0][(fewer & 0xFF) as usize] ^ (fewer >> 8);
            index += 1;
        }
        zeros += 1;
    }
    tables
};

fn crc32(bytes: &[u8]) -> u32 {
    let (eights, rest) = bytes.as_chunks::<8>();
    let of_eight = |crc: u32, eight: &[u8; 8]| {
        let mut mixed = *eight;
        for (byte, old) in mixed.iter_mut().zip(crc.to_le_bytes()) {
            *byte ^= old;
        }
        mixed
            .iter()
            .zip(CRC_TABLES.iter().rev())
            .fold(0, |crc, (byte, table)| crc ^ table[usize::from(*byte)])
    };
    let of_one = |crc: u32, byte: &u8| CRC_TABLES[0][usize::from(crc.to_le_bytes()[0] ^ byte)] ^ (crc >> 8);
    !rest.iter().fold(eights.iter().fold(u32::MAX, of_eight), of_one)
}

/// The part before the id: `[a-z][a-z0-9]*(_[a-z0-9]+)?`, 2 to 9 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Prefix(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a token prefix has 2 to 9 of a-z 0-9, starts with a letter and may hold one underscore inside, as in sks or acme_live"
)]
pub struct PrefixError;

impl Prefix {
    /// In characters.
    pub(in crate::domain) const SHORTEST: usize = 2;
    pub(in crate::domain) const LONGEST: usize = 9;

    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn is_well_formed(text: &str) -> bool {
        let (first, second) = text.split_once('_').unwrap_or((text, "x"));
        let word = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        };
        (Self::SHORTEST..=Self::LONGEST).contains(&text.len())
            && first.starts_with(|c: char| c.is_ascii_lowercase())
            && word(first)
            && word(second)
    }
}

impl Default for Prefix {
    fn default() -> Self {
        Self("sks".to_owned())
    }
}

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        if Self::is_well_formed(text) { Ok(Self(text.to_owned())) } else { Err(PrefixError) }
    }
}

/// The 12 public characters that name a token.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId([u8; ID_CHARS]);

impl TokenId {
    /// The text itself.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The last characters of a text that is known to end with an id.
    fn at_the_end_of(text: &str) -> Self {
        Self(text.as_bytes().last_chunk().copied().unwrap_or([b'0'; ID_CHARS]))
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TokenId").field(&self.as_str()).finish()
    }
}

impl Serialize for TokenId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for TokenId {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        if !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(TokenError::Alphabet);
        }
        text.as_bytes().try_into().map(Self).map_err(|_| TokenError::IdLength)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Prefix and id of a token, `sks_4fTq9ZkPw2Xa`: it holds no secret bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct DisplayPrefix(String);

impl DisplayPrefix {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands in the place of one for a key that has no token: `key_` and the end of its id, which is random.
    pub(crate) fn of_none(key: KeyId) -> Self {
        let id = key.to_string();
        Self(format!("key_{}", &id[id.len() - ID_CHARS..]))
    }

    pub fn token_prefix(&self) -> Prefix {
        Prefix(self.0[..self.0.len() - ID_CHARS - 1].to_owned())
    }

    pub fn token_id(&self) -> TokenId {
        TokenId::at_the_end_of(&self.0)
    }
}

impl FromStr for DisplayPrefix {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let (prefix, id) = text.rsplit_once('_').ok_or(TokenError::Shape)?;
        id.parse::<TokenId>()?;
        if Prefix::is_well_formed(prefix) { Ok(Self(text.to_owned())) } else { Err(TokenError::Prefix) }
    }
}

impl fmt::Display for DisplayPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is stored of a token: SHA-256 over its ASCII bytes, as 64 lower-case hex digits. Of an
/// imported token that may be guessed it is Argon2id's output instead, of the same length.
///
/// 256 random bits need no slow hash. Made by [`crate::crypto`], or read where a hash is
/// imported.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenHash([u8; 64]);

impl TokenHash {
    /// From a SHA-256 digest.
    pub fn from_digest(digest: &[u8; 32]) -> Self {
        // Without a table, so that many are computed at once: from 10 on, `a` is 39 behind `9`.
        let digit = |four_bits: u8| four_bits + b'0' + ((four_bits + 6) >> 4) * 39;
        let mut hex = [0; 64];
        for (pair, byte) in hex.as_chunks_mut::<2>().0.iter_mut().zip(digest) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        Self(hex)
    }

    /// Reads a SHA-256 hash as people write it: 64 hex digits in either case, or 43 characters
    /// of base64url (RFC 4648 §5) with or without its `=`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let mut hex = [0; 64];
            hex.copy_from_slice(text.as_bytes());
            hex.make_ascii_lowercase();
            return Some(Self(hex));
        }
        let text = if text.len() == 44 { text.strip_suffix('=')? } else { text };
        if text.len() != 43 {
            return None;
        }
        let (mut digest, mut bits, mut held, mut at) = ([0; 32], 0_u32, 0, 0);
        for byte in text.bytes() {
            bits = bits << 6 | u32::from(six_bits(byte)?);
            held += 6;
            if held >= 8 {
                held -= 8;
                digest[at] = u8::try_from(bits >> held & 255).ok()?;
                at += 1;
                bits &= (1 << held) - 1;
            }
        }
        // The two bits left over are zero in what an encoder writes.
        (bits == 0).then(|| Self::from_digest(&digest))
    }

    pub fn digest(&self) -> [u8; 32] {
        let four_bits = |digit: u8| if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 };
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(self.0.chunks_exact(2)) {
            *byte = four_bits(pair[0]) << 4 | four_bits(pair[1]);
        }
        digest
    }

    /// 64 lower-case hex digits.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The value of a character of base64url.
fn six_bits(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenHash({}…)", &self.as_str()[..8])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Counting(u8);
    impl Random for Counting {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
            for byte in bytes {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }

    #[test]
    fn a_hash_is_read_in_hex_and_in_base64url() {
        // SHA-256 of the empty text.
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let base64 = "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU";
        for text in [hex, &hex.to_uppercase(), base64, &format!("{base64}=")] {
            let hash = TokenHash::parse(text).expect(text);
            assert_eq!(hash.as_str(), hex);
            assert_eq!(TokenHash::from_digest(&hash.digest()), hash);
        }
        let (long, loose) = (format!("{hex}0"), format!("{}V", &base64[..42]));
        for text in ["", &hex[1..], &long, "x", &base64[1..], &loose, &base64.replace('-', "+")] {
            assert_eq!(TokenHash::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_check_of_githubs_published_sample_reproduces_with_this_alphabet() {
        // GitHub's check covers the 30 characters of the body alone.
        assert_eq!(&check_of(b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ"), b"0mLq17");
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let bytes: Vec<u8> = (0..=80).map(|n: u8| n.wrapping_mul(151) ^ 0x5A).collect();
        for end in 0..bytes.len() {
            let of_bit = |crc: u32| if crc & 1 == 1 { 0xEDB8_8320 ^ (crc >> 1) } else { crc >> 1 };
            let of_byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| of_bit(crc));
            assert_eq!(crc32(&bytes[..end]), !bytes[..end].iter().fold(u32::MAX, of_byte), "{end} bytes");
        }
    }

    #[test]
    fn debug_shows_the_public_part_only() {
        let token = Token::generate(&Prefix::default(), &mut Counting(0)).expect("random");
        let shown = format!("{token:?}");
        assert_eq!(shown, format!("Token({}_…)", token.display_prefix()));
        assert!(!shown.contains(&token.expose()[18..]));
    }

    #[test]
    fn prefixes_follow_the_grammar() {
        for text in ["sks", "k2", "acme_live", "ab", "a_1"] {
            assert_eq!(text.parse::<Prefix>().expect(text).as_str(), text);
        }
        for text in ["", "a", "2k", "SKS", "a_b_c", "_ab", "ab_", "acme_lives", "a-b", "é2"] {
            assert_eq!(text.parse::<Prefix>(), Err(PrefixError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_generated_token_parses_and_every_changed_character_is_noticed(
            seed in any::<u8>(), place in 0_usize..66, other in 0_usize..62,
        ) {
            let token = Token::generate(&Prefix::default(), &mut Counting(seed)).expect("random");
            prop_assert_eq!(token.expose().len(), 66);
            let again = Token::parse(token.expose()).expect("own token");
            prop_assert_eq!(again.id(), token.id());

            let mut bytes = token.expose().as_bytes().to_vec();
            if bytes[place] != ALPHABET[other] {
                bytes[place] = ALPHABET[other];
                let changed = String::from_utf8(bytes).expect("ASCII");
                prop_assert!(Token::parse(&changed).is_err());
            }
        }

        #[test]
        fn no_text_makes_parsing_panic(text in ".*") {
            let _ = Token::parse(&text);
            let _ = public_part(&text);
        }
    }
}
