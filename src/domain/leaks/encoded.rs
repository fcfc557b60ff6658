//! Tokens in base64 (RFC 4648, both alphabets): the values of a Secret of Kubernetes, `.dockerconfigjson`, `Authorization: Basic`.
//!
//! Of a text, only what may be base64 of a whole token is decoded: so many characters of it in a row. Words are shorter, and
//! so are the lines of PEM and MIME, which break what they hold; so little is decoded of what is no data.

use std::ops::Range;

use zeroize::Zeroizing;

use super::tokens;
use crate::domain::keys::token::{ID_CHARS, Prefix, TAIL_CHARS};

/// Characters that the shortest token takes, wherever in three bytes it begins; the last one may stand in for fewer bits.
const SHORTEST: usize = (Prefix::SHORTEST + 1 + ID_CHARS + 1 + TAIL_CHARS) * 4 / 3;
/// In a longer run, base64 begins where the run does. A shorter one may have something right before it, as in `/base64/…`.
const VALUE: usize = 4096;

const NONE: u8 = 0xff;

/// What each character stands for.
static BITS: [u8; 256] = {
    let mut bits = [NONE; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut at = 0;
    while at < 64 {
        #[expect(clippy::cast_possible_truncation, reason = "below 64")]
        let value = at as u8;
        bits[alphabet[at] as usize] = value;
        at += 1;
    }
    bits[b'-' as usize] = 62;
    bits[b'_' as usize] = 63;
    bits
};

fn bits(character: u8) -> u8 {
    BITS[usize::from(character)]
}

/// Finds tokens in base64; what it decodes is wiped.
#[derive(Debug, Default)]
pub struct Finder(Zeroizing<Vec<u8>>);

impl Finder {
    /// Calls `each` with every token in base64, and with the place of the characters that hold it. `goes_on` if the text may
    /// begin within a run of base64.
    pub fn find(&mut self, text: &[u8], goes_on: bool, mut each: impl FnMut(Range<usize>, &[u8])) {
        // No run begins before it.
        let mut from = 0;
        let mut at = SHORTEST - 1;
        while let Some(character) = text.get(at) {
            if bits(*character) == NONE {
                (from, at) = (at + 1, at + SHORTEST);
                continue;
            }
            let before = text[from..at].iter().rposition(|character| bits(*character) == NONE);
            let start = before.map_or(from, |before| from + before + 1);
            let length = text[at..].iter().position(|character| bits(*character) == NONE);
            let end = length.map_or(text.len(), |length| at + length);
            if end - start >= SHORTEST {
                let is_anywhere = end - start <= VALUE || goes_on && start == 0;
                for start in start..=start + if is_anywhere { 3 } else { 0 } {
                    self.decode(&text[start..end]);
                    tokens::find(&self.0, |found| {
                        let place = start + found.start * 4 / 3..start + (found.end * 4).div_ceil(3);
                        each(place, &self.0[found]);
                    });
                }
            }
            (from, at) = (end + 1, end + SHORTEST);
        }
    }

    fn decode(&mut self, run: &[u8]) {
        self.0.clear();
        if self.0.capacity() < run.len() {
            // A vector that grows would leave what it held behind.
            self.0 = Zeroizing::new(Vec::with_capacity(run.len()));
        }
        let (groups, rest) = run.as_chunks::<4>();
        self.0.extend(groups.iter().flat_map(|group| {
            let [a, b, c, d] = group.map(bits);
            [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d]
        }));
        match rest {
            [a, b] => self.0.push(bits(*a) << 2 | bits(*b) >> 4),
            [a, b, c] => {
                let [a, b, c] = [a, b, c].map(|character| bits(*character));
                self.0.extend([a << 2 | b >> 4, b << 4 | c >> 2]);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use proptest::prelude::*;

    const TOKEN: &str = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";

    fn found(text: &str, goes_on: bool) -> Vec<(Range<usize>, String)> {
        let mut found = Vec::new();
        Finder::default().find(text.as_bytes(), goes_on, |place, token| {
            found.push((place, String::from_utf8_lossy(token).into_owned()));
        });
        found
    }

    #[test]
    fn a_token_is_found_wherever_it_begins_in_what_is_encoded() {
        for before in ["", "u", "u:", "bot:", "{\"auths\": "] {
            for engine in [
                STANDARD.encode(format!("{before}{TOKEN}\n")),
                URL_SAFE_NO_PAD.encode(format!("{before}{TOKEN}")),
            ] {
                for text in [
                    format!("data:\n  token: {engine}\n"),
                    format!("Authorization: Basic {engine}"),
                    format!("{{\"auth\":\"{engine}\"}}"),
                    format!("KEY={engine}"),
                    format!("v1/{engine}"),
                ] {
                    let found = found(&text, false);
                    let [(place, one)] = found.as_slice() else { panic!("{text}: {found:?}") };
                    let start = text.find(&engine).expect("there") + before.len() * 4 / 3;
                    assert_eq!((one.as_str(), place.start), (TOKEN, start), "{text}");
                    assert!(place.end <= text.len());
                }
            }
        }
    }

    #[test]
    fn in_what_goes_on_it_is_found_as_well() {
        let text = STANDARD.encode(format!("{}{TOKEN}{}", "x".repeat(9000), "y".repeat(9000)));
        for cut in 8000..8004 {
            assert_eq!(found(&text[cut..], true).len(), 1, "{cut}");
        }
        assert_eq!(found(&text, false).len(), 1);
        assert!(found(&STANDARD.encode(&TOKEN[..TOKEN.len() - 1]), false).is_empty());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[A-Za-z0-9+/=_ -]{0,400}", goes_on in any::<bool>()) {
            for (place, _) in found(&text, goes_on) {
                prop_assert!(place.end <= text.len());
            }
        }
    }
}
