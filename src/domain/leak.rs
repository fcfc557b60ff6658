//! Texts that look like secrets and so must not be echoed.

use super::{misplaced, token};

/// What is known to start a provider's or another tool's secret.
pub(super) const KNOWN_STARTS: [&str; 20] = [
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
];

/// Shorter than this, a text with a known start is more likely a name.
const SHORTEST_KNOWN: usize = 16;
/// From this length on, one unbroken word of letters and digits is likely a secret.
const SHORTEST_RANDOM: usize = 32;

/// Whether a text is a secret by its form: a token of ours (right check or not), or a known
/// kind of provider key.
pub fn is_secret(text: &str) -> bool {
    let known = KNOWN_STARTS.iter().any(|start| text.starts_with(start));
    // A name of words alone may start as a provider's keys do.
    let numbered = text.bytes().any(|byte| byte.is_ascii_digit());
    token::public_part(text).is_some() || (known && numbered && text.len() >= SHORTEST_KNOWN)
}

/// The first secret by its form that a text is or has in it, as in `token=sks_…` or a quote.
pub fn secret_in(text: &str) -> Option<&str> {
    if is_secret(text) {
        return Some(text);
    }
    // A name may start as a provider's keys do; as a part of a text only what is random counts.
    let mixed = |word: &str| {
        let has = |kind: fn(&u8) -> bool| word.bytes().any(|byte| kind(&byte));
        has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase)
    };
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-".contains(c))).find(|word| {
        token::public_part(word).is_some() || (is_secret(word) && (mixed(word) || is_random_word(word)))
    })
}

/// Whether a text may be a secret: one by its form, or a long unbroken word of letters and
/// digits, as base64 and hex are.
///
/// Errs on the side of silence: it decides what a message shows, never who gets in.
pub fn looks_secret(text: &str) -> bool {
    let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/=_-".contains(c)));
    is_secret(text)
        || misplaced::has_credentials(text)
        || words.any(|word| is_random_word(word) || misplaced::is_master_key(word))
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
