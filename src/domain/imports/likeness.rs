//! How much a text looks like a token, next to another that it may have been mixed up with.
//!
//! A list of keys with their owners, read the wrong way round, makes an owner of every live
//! secret: in clear, in a log that never forgets. Names and ids of people may be long and have
//! digits, too, so only two texts that stand for each other's place are compared.

use crate::domain::texts::leak;

/// Of one word of letters and digits: this many characters, with [`MARKS`] of each kind.
const RANDOM: usize = 16;
const MARKS: usize = 3;

/// As long as a random UUID with its dashes.
const UUID: usize = 36;

/// What people call a secret inside of one.
const CALLED: [&str; 12] =
    ["key", "apikey", "token", "secret", "password", "passwd", "pass", "pw", "sk", "pk", "pat", "bearer"];

/// What an id says that it is the id of.
const KINDS: [&str; 12] = [
    "user", "usr", "org", "account", "acct", "client", "customer", "cus", "tenant", "team", "member",
    "person",
];

/// How likely a text is a token; only good for comparing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// A name, an address, an id that says so.
    None,
    /// It has a digit in it, as most keys have, short ones too, and few names.
    Numbered,
    /// It has a word in it that secrets are called by.
    Called,
    /// It has a long word in it that nobody made up.
    Random,
    /// A secret by its form.
    Secret,
}

impl Likeness {
    pub(crate) fn of(text: &str) -> Self {
        if leak::is_secret(text) {
            return Self::Secret;
        }
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
        // `auth0|…`, `alice2@example.org`, `user_2abC…`: no key is made so.
        let named = text.contains(['|', '@']) || words.clone().next().is_some_and(|word| is(word, &KINDS));
        if named {
            Self::None
        } else if words.clone().any(is_random) || is_uuid(text) || is_mixed(text) {
            Self::Random
        } else if words.any(|word| is(word, &CALLED)) {
            Self::Called
        } else if text.bytes().any(|byte| byte.is_ascii_digit()) {
            Self::Numbered
        } else {
            Self::None
        }
    }
}

/// Whether a text looks like a token by itself: a secret by its form, or something random behind a word,
/// as in `ka-9f8e…`. Something random alone, as a UUID is, is how ids are made.
pub(crate) fn is_token_like(text: &str) -> bool {
    match Likeness::of(text) {
        Likeness::Secret => true,
        Likeness::Random => text.split_once(['-', '_']).is_some_and(|(word, rest)| {
            let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
            is_word && Likeness::of(rest) == Likeness::Random
        }),
        _ => false,
    }
}

fn is(word: &str, list: &[&str]) -> bool {
    list.iter().any(|other| word.eq_ignore_ascii_case(other))
}

fn count(text: &str, kind: fn(&u8) -> bool) -> usize {
    text.bytes().filter(kind).count()
}

fn is_random(word: &str) -> bool {
    word.len() >= RANDOM
        && count(word, u8::is_ascii_digit) >= MARKS
        && count(word, u8::is_ascii_alphabetic) >= MARKS
}

fn is_uuid(text: &str) -> bool {
    let groups = text.split('-').map(str::len);
    text.len() == UUID
        && groups.eq([8, 4, 4, 4, 12])
        && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Base64url, where dashes may stand anywhere.
fn is_mixed(text: &str) -> bool {
    text.len() >= RANDOM
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-+/=".contains(&byte))
        && [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase]
            .iter()
            .all(|kind| count(text, *kind) >= MARKS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_told_from_an_id_by_what_stands_before_it() {
        for text in [
            "ka-9f8e7d6c5b4a32100123456789abcdef",
            "ka_9f8e7d6c5b4a3210",
            "my-key-9f8e7d6c5b4a32100123456789abcdef",
            "memo-V1StGXR8Z5jdHi6BmyT0",
            "sk-alice-test-key-12345",
            "sks_4fTq9ZkPw2Xa_V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA",
        ] {
            assert!(is_token_like(text), "{text}");
        }
        for text in [
            "alice",
            "alice-test-key-1",
            "9f8e7d6c5b4a32100123456789abcdef",
            "5f7c1a2b3c4d5e6f7a8b9c0d",
            "550e8400-e29b-41d4-a716-446655440000",
            "V1StGXR8_Z5jdHi6B-myT",
            "01hzx3v9k8m7n6p5q4r3s2t1v0",
            "auth0|5f7c1a2b3c4d5e6f7a8b9c0d",
            "user_2abCdEfGh1jKlMn0pQrStUv",
            "svc-550e8400-e29b-41d4-a716-446655440000x",
            "ci-runner-2027-01-31-eu-west-1",
            "alice2@example.org",
        ] {
            assert!(!is_token_like(text), "{text}");
        }
    }

    #[test]
    fn tokens_look_more_like_tokens_than_what_owners_are_called() {
        for (likeness, texts) in [
            (Likeness::Secret, &["sk-alice-test-key-12345", "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"][..]),
            (
                Likeness::Random,
                &[
                    "ka-9f8e7d6c5b4a32100123456789abcdef",
                    "5f7c1a2b3c4d5e6f7a8b9c0d",
                    "550e8400-e29b-41d4-a716-446655440000",
                    "dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs",
                    "pR4-x9Lq_2Zt-W7s-K",
                ],
            ),
            (Likeness::Called, &["test-key-1", "agent_token", "my.secret"]),
            (
                Likeness::Numbered,
                &["hunter2", "f3a9c2d1e8b7", "letmein-sales-2024", "ci-runner-for-the-nightly-builds-2027"],
            ),
            (
                Likeness::None,
                &[
                    "alice",
                    "credit-agent",
                    "alice2027@mail2.example.org",
                    "auth0|5f7c1a2b3c4d5e6f7a8b9c0d",
                    "user_2abCdEfGh3jKlMn0pQrStUvWxYz",
                    "",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(Likeness::of(text), likeness, "{text}");
            }
        }
    }
}
