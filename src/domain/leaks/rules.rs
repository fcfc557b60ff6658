//! The rules by which other scanners find tokens and master keys, each in the form that its scanner reads.
//!
//! None of them has a word boundary before the prefix, since a token may stand right behind a letter, as in `\nsks_…`; and
//! none has an example, which would be found wherever the file of rules lies.

use std::fmt::Write as _;
use std::str::FromStr;

use crate::domain::keys::token::{CHECK_CHARS, ID_CHARS, Prefix, TAIL_CHARS};

/// A scanner that takes rules of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scanner {
    Gitleaks,
    Kingfisher,
    Trufflehog,
    DetectSecrets,
    GitHub,
}

impl Scanner {
    pub const ALL: [Self; 5] =
        [Self::Gitleaks, Self::Kingfisher, Self::Trufflehog, Self::DetectSecrets, Self::GitHub];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gitleaks => "gitleaks",
            Self::Kingfisher => "kingfisher",
            Self::Trufflehog => "trufflehog",
            Self::DetectSecrets => "detect-secrets",
            Self::GitHub => "github",
        }
    }

    /// Whether it asks an address of the user's whether a token is one.
    pub const fn asks_a_webhook(self) -> bool {
        matches!(self, Self::Trufflehog)
    }

    /// The file of rules for tokens with any of these prefixes, of which there is one. `webhook` is a URL.
    pub fn rules(self, prefixes: &[Prefix], webhook: Option<&str>) -> String {
        match self {
            Self::Gitleaks => gitleaks(prefixes),
            Self::Kingfisher => kingfisher(prefixes),
            Self::Trufflehog => trufflehog(prefixes, webhook),
            Self::DetectSecrets => detect_secrets(prefixes),
            Self::GitHub => github(prefixes),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a known scanner: one of gitleaks, kingfisher, trufflehog, detect-secrets, github")]
pub struct UnknownScanner;

impl FromStr for Scanner {
    type Err = UnknownScanner;

    fn from_str(text: &str) -> Result<Self, UnknownScanner> {
        Self::ALL.into_iter().find(|scanner| scanner.as_str() == text).ok_or(UnknownScanner)
    }
}

const ABOUT_TOKENS: &str = "Token of keyctl: whoever has it can do what its key may";
const ABOUT_MASTER_KEYS: &str = "Master key of keyctl: it opens the provider secrets of a store";

/// The setting that holds a master key, as an assignment, in JSON, YAML or a manifest of Kubernetes, and the key in either
/// spelling, which is the one group of it.
const MASTER_KEY: &str = concat!(
    r"KEYCTL_MASTER_KEY(?:_PREVIOUS)?[\s\x22\x27\\,]{0,40}(?:[:=]|value[\x22\x27\\]{0,4}:)[\s\x22\x27\\]{0,40}",
    "(hex:[0-9A-Fa-f]{64}|[0-9A-Za-z+/]{43}=)"
);

fn any_of(prefixes: &[Prefix]) -> String {
    let names: Vec<&str> = prefixes.iter().map(Prefix::as_str).collect();
    if let [one] = names.as_slice() { (*one).to_owned() } else { format!("(?:{})", names.join("|")) }
}

/// A token's form: understood alike by RE2, Hyperscan and Python.
fn token(prefixes: &[Prefix]) -> String {
    format!("{}_[0-9A-Za-z]{{{ID_CHARS}}}_[0-9A-Za-z]{{{TAIL_CHARS}}}", any_of(prefixes))
}

/// `"sks_", "acme_live_"`.
fn keywords(prefixes: &[Prefix]) -> String {
    let words: Vec<String> = prefixes.iter().map(|prefix| format!("\"{}_\"", prefix.as_str())).collect();
    words.join(", ")
}

fn gitleaks(prefixes: &[Prefix]) -> String {
    format!(
        "# Rules of keyctl for gitleaks: gitleaks dir --config FILE PATH. With its own rules, too: add [extend] and
# useDefault = true. It knows no checks: a token that was mistyped is found as well.
title = \"keyctl\"

[[rules]]
id = \"keyctl-token\"
description = \"{ABOUT_TOKENS}\"
regex = '''{token}'''
keywords = [{keywords}]

[[rules]]
id = \"keyctl-master-key\"
description = \"{ABOUT_MASTER_KEYS}\"
regex = '''{MASTER_KEY}'''
secretGroup = 1
keywords = [\"keyctl_master_key\"]
",
        token = token(prefixes),
        keywords = keywords(prefixes),
    )
}

fn kingfisher(prefixes: &[Prefix]) -> String {
    let body = TAIL_CHARS - CHECK_CHARS;
    format!(
        "# Rules of keyctl for kingfisher: kingfisher scan --rules-path FILE PATH. It computes the check of each token, and
# leaves out what has only the form of one.
rules:
  - name: keyctl token
    id: keyctl.token
    pattern: |
      (?x)
      (
        (?P<body>{prefix}_[0-9A-Za-z]{{{ID_CHARS}}}_[0-9A-Za-z]{{{body}}})
        (?P<checksum>[0-9A-Za-z]{{{CHECK_CHARS}}})
      )
    pattern_requirements:
      checksum:
        actual:
          template: \"{{{{ checksum }}}}\"
          requires_capture: checksum
        expected: \"{{{{ body | crc32 | base62: {CHECK_CHARS} }}}}\"
        skip_if_missing: false
    confidence: high
  - name: keyctl master key
    id: keyctl.master-key
    pattern: |
      (?x)
      {MASTER_KEY}
    confidence: high
",
        prefix = any_of(prefixes),
    )
}

fn trufflehog(prefixes: &[Prefix], webhook: Option<&str>) -> String {
    let mut text = format!(
        "# Rules of keyctl for TruffleHog: trufflehog filesystem --config FILE PATH. It knows no checks by itself: what answers
# at an address of yours says which are tokens (contrib/leaks/webhook.py), which --webhook URL puts here.
detectors:
  - name: keyctl-token
    keywords: [{keywords}]
    regex:
      token: '({token})'
",
        keywords = keywords(prefixes),
        token = token(prefixes),
    );
    if let Some(webhook) = webhook {
        let quoted = webhook.replace('\'', "''");
        let _ = writeln!(text, "    verify:\n      - endpoint: '{quoted}'");
        if webhook.starts_with("http://") {
            text.push_str("        unsafe: true\n");
        }
    }
    let _ = write!(
        text,
        "  - name: keyctl-master-key
    keywords: [\"KEYCTL_MASTER_KEY\"]
    regex:
      key: '{MASTER_KEY}'
"
    );
    text
}

fn detect_secrets(prefixes: &[Prefix]) -> String {
    format!(
        "\"\"\"Rules of keyctl for detect-secrets: detect-secrets scan --plugin FILE PATH.

The check of each token is computed, and what has only the form of one is left out.
\"\"\"
import re
import zlib

from detect_secrets.plugins.base import RegexBasedDetector

ALPHABET = \"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz\"


def check(body):
    rest, text = zlib.crc32(body.encode()), \"\"
    for _ in range({CHECK_CHARS}):
        rest, digit = divmod(rest, 62)
        text = ALPHABET[digit] + text
    return text


class KeyctlTokenDetector(RegexBasedDetector):
    \"\"\"{ABOUT_TOKENS}\"\"\"

    secret_type = \"keyctl token\"
    denylist = [re.compile(r\"{token}\")]

    def analyze_string(self, string):
        for found in super().analyze_string(string):
            if check(found[:-{CHECK_CHARS}]) == found[-{CHECK_CHARS}:]:
                yield found


class KeyctlMasterKeyDetector(RegexBasedDetector):
    \"\"\"{ABOUT_MASTER_KEYS}\"\"\"

    secret_type = \"keyctl master key\"
    denylist = [re.compile(r'''{MASTER_KEY}''')]
",
        token = token(prefixes),
    )
}

fn github(prefixes: &[Prefix]) -> String {
    format!(
        "# Custom patterns of keyctl for GitHub secret scanning: what to write into the form of a new pattern (Settings, Advanced
# Security, Custom patterns), field by field. GitHub knows no checks of others: a token that was mistyped is found as well.
- name: keyctl token
  secret_format: '{token}'
  before_secret: '\\A|[\\s\\S]'
  after_secret: '\\z|[\\s\\S]'
- name: keyctl master key
  secret_format: 'hex:[0-9A-Fa-f]{{64}}|[0-9A-Za-z+/]{{43}}='
  before_secret: '{before}'
  after_secret: '\\z|[^0-9A-Za-z+/=]'
",
        token = token(prefixes),
        before = MASTER_KEY.rsplit_once('(').map_or(MASTER_KEY, |(before, _)| before),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefixes() -> Vec<Prefix> {
        ["sks", "acme_live"].map(|prefix| prefix.parse().expect("a prefix")).to_vec()
    }

    #[test]
    fn the_form_that_is_looked_for_is_that_of_tokens() {
        let form = regex::Regex::new(&format!("^{}$", token(&prefixes()))).expect("a pattern");
        let token = "sks_000000000000_00000000000000000000000000000000000000000003ZqZmM";
        assert!(form.is_match(token) && form.is_match(&token.replacen("sks", "acme_live", 1)));
        assert!(!form.is_match(&token.replacen("sks", "other", 1)));
    }

    #[test]
    fn a_master_key_is_found_in_both_spellings_wherever_it_is_set() {
        let form = regex::Regex::new(MASTER_KEY).expect("a pattern");
        let base64 = "Eb/Nq2tSyyY3cYJQ0/G1x9DlJX5vBzNjT8m/fQv0RkA=".to_owned();
        let hex = format!("hex:{}", "0aF9".repeat(16));
        for key in [&base64, &hex] {
            for text in [
                format!("KEYCTL_MASTER_KEY={key}"),
                format!("export KEYCTL_MASTER_KEY='{key}'"),
                format!("KEYCTL_MASTER_KEY_PREVIOUS: \"{key}\""),
                format!("{{\"KEYCTL_MASTER_KEY\": \"{key}\"}}"),
                format!("\"{{\\\"KEYCTL_MASTER_KEY\\\":\\\"{key}\\\"}}\""),
                format!("- name: KEYCTL_MASTER_KEY\n  value: {key}"),
                format!("{{\"name\":\"KEYCTL_MASTER_KEY\",\"value\":\"{key}\"}}"),
            ] {
                let found = form.captures(&text).and_then(|found| found.get(1)).map(|found| found.as_str());
                assert_eq!(found, Some(key.as_str()), "{text}");
            }
        }
        assert!(!form.is_match("KEYCTL_MASTER_KEY_FILE=/run/secrets/master.key"));
    }

    #[test]
    fn every_file_names_every_prefix() {
        for scanner in Scanner::ALL {
            assert_eq!(scanner.as_str().parse(), Ok(scanner));
            let rules = scanner.rules(&prefixes(), Some("http://127.0.0.1:9"));
            assert!(rules.contains("sks|acme_live"), "{rules}");
            assert_eq!(rules.contains("127.0.0.1"), scanner.asks_a_webhook());
            assert_eq!(rules.contains("unsafe: true"), scanner.asks_a_webhook());
        }
    }
}
