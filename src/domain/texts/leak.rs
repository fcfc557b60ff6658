//! Texts that look like secrets and so must not be echoed.

use super::credentials;
use crate::domain::keys::token;

/// What is known to start a provider's or another tool's secret.
pub(in crate::domain) const KNOWN_STARTS: [&str; 21] = [
    "sk-",
    "sk_live_",
    "sk_test_",
    "rk_live_",
    "pk_live_",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "AKIA",
    "AIza",
    "hf_",
    "eyJ",
    "gsk_",
    "agpt_",
    // Codes of invitations.
    "skc_",
];

/// Shorter than this, a text with a known start is more likely a name; every other form of a
/// secret is longer.
const SHORTEST_KNOWN: usize = 16;
/// From this length on, one unbroken word of letters and digits is likely a secret.
const SHORTEST_RANDOM: usize = 32;

/// As long as what a token of ours hides: its secret and its check.
pub(in crate::domain) const SECRET_PART: usize = 49;

/// More candidates than this are not made of one text: what holds so many marks is no sentence.
const MOST_CANDIDATES: usize = 4096;
/// Ends of words on the way from a candidate's beginning to its end.
const MOST_ENDS: usize = 24;
/// A part of a word that is shorter is no token.
const SHORTEST_PART: usize = 4;

/// Whether a text is a secret by its form: a token of ours (right check or not), or a known
/// kind of provider key.
pub(crate) fn is_secret(text: &str) -> bool {
    let known = KNOWN_STARTS.iter().any(|start| text.starts_with(start));
    // A name of words alone may start as a provider's keys do.
    let numbered = text.bytes().any(|byte| byte.is_ascii_digit());
    token::public_part(text).is_some() || (known && numbered && text.len() >= SHORTEST_KNOWN)
}

/// The first secret by its form that a text is or has in it, as in `token=sks_…` or a quote.
pub(crate) fn secret_in(text: &str) -> Option<&str> {
    // Names and labels are short, and an import looks through those of every row.
    if text.len() < SHORTEST_KNOWN {
        return None;
    }
    if is_secret(text) {
        return Some(text);
    }
    // A name may start as a provider's keys do; as a part of a text only what is random counts.
    let mixed = |word: &str| {
        let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
        has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase)
    };
    let words = || text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-')));
    let whole = words().find(|word| {
        token::public_part(word).is_some() || (is_secret(word) && (mixed(word) || is_random_word(word)))
    });
    let part = || words().flat_map(|word| word.split(['_', '-'])).find(|part| is_secret_part(part));
    whole.or_else(part).or_else(|| words().find(|word| holds_token(word)))
}

/// As long as a token's own id.
const ID_PART: usize = 12;

/// Whether a word is a token of ours, right check or not, or one with letters or digits grown onto it,
/// as a slip of the keyboard leaves them.
pub(in crate::domain) fn holds_token(word: &str) -> bool {
    token::public_part(word).is_some() || is_stretched(word)
}

/// Whether a word has an id, and behind it as much as a secret and its check, or more.
fn is_stretched(word: &str) -> bool {
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mut parts = word.split(['_', '-']).skip(1).peekable();
    std::iter::from_fn(|| parts.next().map(|part| (part, parts.peek().copied().unwrap_or_default())))
        .any(|(id, rest)| id.len() == ID_PART && rest.len() >= SECRET_PART && is_plain(id) && is_plain(rest))
}

/// What a token of ours hides, cut off from its public part.
fn is_secret_part(word: &str) -> bool {
    word.len() == SECRET_PART && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The token of ours, right check or not, that stands somewhere in a text, perhaps with more grown
/// onto it.
pub(crate) fn token_in(text: &str) -> Option<&str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).find(|word| holds_token(word))
}

/// What in a text may be a token that was made elsewhere, to be looked for by its hash: each word
/// between blanks, and each part of one between two marks (`key=…`, `https://u:…@h`, quotes, a
/// full stop behind it). The marks themselves may belong to it, as `-`, `_`, `.` and `=` do.
pub(crate) fn candidates(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for word in text.split(|c: char| !c.is_ascii_graphic()).filter(|word| !word.is_empty()) {
        found.push(word);
        let is_mark = |at: usize| word.as_bytes().get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let is_end = |at: &usize| *at == 0 || *at == word.len() || is_mark(*at) || is_mark(*at - 1);
        let ends: Vec<usize> = (0..=word.len()).filter(is_end).collect();
        for (index, start) in ends.iter().enumerate() {
            let behind = ends[index + 1..].iter().take(MOST_ENDS);
            found.extend(behind.map(|end| &word[*start..*end]).filter(|part| part.len() >= SHORTEST_PART));
        }
        if found.len() > MOST_CANDIDATES {
            break;
        }
    }
    found.truncate(MOST_CANDIDATES);
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a text may be a secret: one by its form, or a long unbroken word of letters and
/// digits, as base64 and hex are.
///
/// Errs on the side of silence: it decides what a message shows, never who gets in.
pub(crate) fn looks_secret(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-".contains(c)));
    is_secret(text)
        || credentials::has_credentials(text)
        || words.any(|word| is_random_word(word) || credentials::is_master_key(word))
}

fn is_random_word(word: &str) -> bool {
    let longest_run = word.split(['-', '_', '/']).map(str::len).max().unwrap_or_default();
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.bytes().filter(u8::is_ascii_alphabetic).count();
    longest_run >= SHORTEST_RANDOM && digits >= 3 && letters >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_inside_a_text_is_found() {
        let github = "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";
        for text in [
            github.to_owned(),
            format!("token={github}"),
            format!("memories,{github}"),
            format!("leaked: \"{github}\" in a log"),
        ] {
            assert_eq!(secret_in(&text), Some(github), "{text}");
        }
        for text in ["project=sk-learn-pipelines", "see ticket hf_2027-01-31-outage", "team=search"] {
            assert_eq!(secret_in(text), None, "{text}");
        }
    }

    #[test]
    fn the_secret_part_of_a_token_is_a_secret() {
        let part = "V24MWaMOt9xqkx6uRTOIOpVcS2MMOEFL2ACdhsHO2Kk4Qq3FA";
        for text in [
            part.to_owned(),
            format!("seen: '{part}'."),
            format!("4fTq9ZkPw2Xa_{part}"),
            format!("https://h/?t={part}&x=1"),
        ] {
            assert_eq!(secret_in(&text), Some(part), "{text}");
        }
        for text in [
            format!("sks_4fTq9ZkPw2Xa_{part}b"),
            format!("seesks_4fTq9ZkPw2Xa_{part}and"),
            format!("acme_live_4fTq9ZkPw2Xa_{part}00"),
        ] {
            assert_eq!(secret_in(&text), Some(text.as_str()), "{text}");
            assert_eq!(token_in(&text), Some(text.as_str()), "{text}");
        }
        for text in [&part[1..], &format!("{part}x"), "see https://h/1234567890/abc", "x".repeat(48).as_str()]
        {
            assert_eq!(secret_in(text), None, "{text}");
        }
    }

    #[test]
    fn a_token_with_something_around_it_is_among_the_candidates() {
        for token in ["sk-alice.test_key-12345", "YWJj-_9kZWY=", "-x7Hq_", "hunter2", "a:b/c+d=="] {
            for text in [
                token.to_owned(),
                format!("the token {token} was in a log"),
                format!("it was {token}."),
                format!("({token}), \"{token}\" or '{token}'"),
                format!("API_KEY={token}"),
                format!("Authorization: Bearer {token};"),
                format!("https://u:{token}@host/path?x=1"),
                format!("https://host/path?key={token}&x=1#top"),
                format!("{{\"key\":\"{token}\"}}"),
                format!("found\u{a0}{token}\u{201c}"),
            ] {
                assert!(candidates(&text).contains(&token), "{text}");
            }
        }
        assert!(candidates("").is_empty() && candidates(" \n").is_empty());
        assert!(candidates(&"-".repeat(4096)).len() <= MOST_CANDIDATES);
    }

    #[test]
    fn secrets_are_recognized_and_names_are_not() {
        for text in [
            "sks_000000000000_0000000000000000000000000000000000000000000ZZZZZZ",
            "sk-alice-test-key-12345",
            "sk-ant-api03-AAAAAAAAAAAAAAAA",
            "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",
            "9a8b6a55ffde571ba06d63175bf4dc108e869c5f0b7c5367fdd9750a39a5a18b",
            "--scope=dGVzdC10b2tlbi1jYW5vbmljYWwtYmFzZTY0dXJs",
            "Eb/Nq2tSyyY3cYJQ0/G1x9DlJX5vBzNjT8m/fQv0RkA=",
            "Eb/Nq2tSyyY3cYJQ0+G1x9DlJX5vBzNjT8mHfQv0RkA=",
            "postgres://app:pw@db.example.org/keys",
            "app:pw@db/keys",
            "host=db password=pw",
        ] {
            assert!(looks_secret(text), "{text}");
        }
        for text in [
            "alice",
            "sk-team",
            "sk-learn-pipeline-prod",
            "sks_4fTq9ZkPw2Xa",
            "key_01h455vb4pex5vsknk084sn02q",
            "alice/ci-runner-for-the-nightly-builds-2027",
            "memories:read,files:*",
            "alice@example.org/default",
            "postgres://app@db.example.org/keys",
            "/var/lib/a-long-directory-name-0001/another-long-directory-name/keys.db",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }
}
