//! Whole tokens in any text, whatever their prefix.
//!
//! Secret and check are 49 letters and digits in a row, so of the places that are 49 apart one is in them. Only these are
//! looked at, and what stands around one that is a letter or digit: a few bytes of each 49, and how many prefixes a store
//! has makes no difference. What then has the form of a token is one if its check says so, which covers the prefix, too;
//! so it is known where the token begins, also where letters stand right before it, as in `\nsks_…` of a notebook.

use std::ops::Range;

use crate::domain::keys::token::{ID_CHARS, Prefix, TAIL_CHARS, is_token};

/// Whether a byte is a letter or digit of ASCII, without a branch.
static PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "below 256")]
        let is_plain = (byte as u8).is_ascii_alphanumeric();
        plain[byte] = is_plain;
        byte += 1;
    }
    plain
};

fn is_plain(byte: u8) -> bool {
    PLAIN[usize::from(byte)]
}

/// Calls `each` with the place of every token in a text, in their order.
pub fn find(text: &[u8], mut each: impl FnMut(Range<usize>)) {
    // No secret part begins before it.
    let mut from = 0;
    let mut at = TAIL_CHARS - 1;
    while let Some(byte) = text.get(at) {
        if !is_plain(*byte) {
            (from, at) = (at + 1, at + TAIL_CHARS);
            continue;
        }
        let before = text[from..at].iter().rposition(|byte| !is_plain(*byte));
        let start = before.map_or(from, |before| from + before + 1);
        if !has_id_before(text, start) {
            (from, at) = (at + 1, at + TAIL_CHARS);
            continue;
        }
        let end = start + TAIL_CHARS;
        let rest = text.get(at + 1..end).unwrap_or_default();
        if end > text.len() {
            return;
        }
        if let Some(other) = rest.iter().rposition(|byte| !is_plain(*byte)) {
            from = at + 1 + other + 1;
            at = from + TAIL_CHARS - 1;
            continue;
        }
        if let Some(start) = beginning(text, start, end) {
            each(start..end);
        }
        (from, at) = (end, end + TAIL_CHARS - 1);
    }
}

/// Whether `_`, an id and `_` stand before this place.
fn has_id_before(text: &[u8], start: usize) -> bool {
    let Some(before) = start.checked_sub(ID_CHARS + 2).map(|from| &text[from..start]) else { return false };
    before[0] == b'_'
        && before[ID_CHARS + 1] == b'_'
        && before[1..=ID_CHARS].iter().all(|byte| is_plain(*byte))
}

/// Where the token begins whose secret part this is: of all prefixes that may stand there, one has the check.
fn beginning(text: &[u8], tail: usize, end: usize) -> Option<usize> {
    let id = tail - ID_CHARS - 2;
    (Prefix::SHORTEST..=Prefix::LONGEST)
        .map_while(|length| id.checked_sub(length))
        .find(|start| text.get(*start..end).and_then(|text| str::from_utf8(text).ok()).is_some_and(is_token))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::keys::token::Token;
    use crate::domain::random::{Random, RandomError};
    use proptest::prelude::*;

    struct Seeded(u64);
    impl Random for Seeded {
        fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
            for byte in bytes {
                self.0 ^= self.0 << 13;
                self.0 ^= self.0 >> 7;
                self.0 ^= self.0 << 17;
                *byte = self.0.to_be_bytes()[3];
            }
            Ok(())
        }
    }

    fn token(prefix: &str, seed: u64) -> String {
        let prefix = prefix.parse().expect("a prefix");
        Token::generate(&prefix, &mut Seeded(seed | 1)).expect("random").expose().to_owned()
    }

    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), |place| found.push(&text[place]));
        found
    }

    #[test]
    fn a_token_is_found_whatever_stands_around_it() {
        for prefix in ["sks", "acme_live", "zz", "a1_b2"] {
            let token = token(prefix, 7);
            for text in [
                token.clone(),
                format!("https://u:{token}@host/path?key={token}&x=1"),
                format!("{{\"key\":\"{token}\"}}"),
                format!("\"print(1)\\n{token}\\n\""),
                format!("Authorization%3A%20{token}%0A"),
                format!("{token}andmore"),
                format!("{}{token}", "A".repeat(500)),
                format!("{}_{token}", "x_".repeat(60)),
                format!("{token},{token}\n{token}"),
            ] {
                let count = text.matches(&token).count();
                assert_eq!(found(&text), vec![token.as_str(); count], "{text}");
            }
        }
    }

    #[test]
    fn what_has_only_the_form_is_not_found() {
        let token = token("sks", 3);
        let wrong = format!("{}{}", &token[..token.len() - 1], if token.ends_with('0') { '1' } else { '0' });
        for text in [
            wrong.as_str(),
            &token[..token.len() - 1],
            &token[1..],
            "d6cbc963dbc36ad1c08fc8cc59e65ea0b099b93caea1f306814a8b3880532050",
            "_000000000000_0000000000000000000000000000000000000000000000000",
        ] {
            assert!(found(text).is_empty(), "{text}");
        }
        // Its upper-case letters stand right behind the prefix's first one.
        assert!(found(&token.replacen("sks", "Sks", 1)).is_empty());
    }

    proptest! {
        #[test]
        fn a_token_is_found_at_every_place(
            before in "[ -~\\n_]{0,160}", after in "[ -~_]{0,160}", seed in any::<u64>(),
            prefix in "[a-z][a-z0-9]{1,3}(_[a-z0-9]{1,4})?",
        ) {
            let token = token(&prefix, seed);
            let text = format!("{before}{token}{after}");
            let mut places = Vec::new();
            find(text.as_bytes(), |place| places.push(place));
            prop_assert!(places.contains(&(before.len()..before.len() + token.len())), "{:?}", text);
        }

        #[test]
        fn no_text_makes_it_panic(text in prop::collection::vec(any::<u8>(), 0..400)) {
            find(&text, |place| assert!(place.end <= text.len()));
        }
    }
}
