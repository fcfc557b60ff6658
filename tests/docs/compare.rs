//! What a document shows, compared with what a terminal showed, but for what is different in
//! every run.

use std::sync::LazyLock;

use regex::Regex;

/// What differs from run to run, and what is written in its place. In this order: a token
/// holds a token's prefix.
const DIFFERING: [(&str, &str); 17] = [
    // How much is cut off depends on the width of the times before it.
    (r"(?m) (?:token|keys|parent|secret|name)=[^\n]*…$", " …"),
    (r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)?)_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\b", "${1}_<token>"),
    (r"\bkey_[0-9a-hjkmnp-tv-z]{26}\b", "<key id>"),
    (r"\bsec_[0-9a-hjkmnp-tv-z]{26}\b", "<secret id>"),
    (r"\b([a-z][a-z0-9]{1,8})_[0-9A-Za-z]{12}\b", "${1}_<token id>"),
    (r"(?m)^(token id +)[0-9A-Za-z]{12}$", "${1}<token id>"),
    (r"\bkey-[0-9a-z]{8}\b", "key-<random>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "<time>"),
    // Only moments ago: an expiry stays what it is, to the day.
    (r"\b(?:\d+[ms] ago|now)\b", "<just now>"),
    (r"\b[0-9a-f]{64}\b", "<hash>"),
    (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
    (r"\b(\d+)-[0-9a-f]{16}\b", "${1}-<nonce>"),
    (r"\b[0-9a-f]{16}\b", "<master key>"),
    (r"\b(SQLite|PostgreSQL) \d[^\n]*", "${1} <version>"),
    (r"(?m)^((?:wal )?bytes +)\d+$", "${1}<number>"),
    // Columns are as wide as their widest cell.
    (r" {2,}", "  "),
    (r"(?m) +$", ""),
];

fn normalized(text: &str) -> String {
    static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
        DIFFERING.iter().map(|(found, put)| (Regex::new(found).expect("a pattern"), *put)).collect()
    });
    RULES.iter().fold(text.to_owned(), |text, (found, put)| found.replace_all(&text, *put).into_owned())
}

/// The lines that remain on a terminal: what was erased was there for a moment only.
pub(super) fn as_seen(printed: &str) -> String {
    let erased = |line: &str| line.rsplit("\r\x1b[2K").next().unwrap_or_default().to_owned() + "\n";
    printed.replace("\r\n", "\n").lines().map(erased).collect()
}

/// The first line that is not as written, if there is one.
pub(super) fn difference(written: &str, seen: &str) -> Option<String> {
    let (written, seen) = (normalized(written), normalized(seen));
    let (mut written, mut seen) = (written.lines(), seen.lines());
    loop {
        match (written.next(), seen.next()) {
            (None, None) => return None,
            (written, seen) if written == seen => {}
            (written, seen) => {
                let end = "(nothing more)";
                return Some(format!(
                    "written: {}\nseen:    {}",
                    written.unwrap_or(end),
                    seen.unwrap_or(end)
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = "\
created the store /home/you/.local/share/keyctl/keys.db
sks_KJ7i36WmTHdf_EuAkGPqwVzTCsGUg6bNEobuyjwie46JQvPbJFTsQIDM1yw7lS
minted alice/default (key_01m83hdqe4f6qtyjpaadp37f4x), expires 2027-02-21T06:27:48.804Z
KEY            STATE   SCOPES    EXPIRES AT  TOKEN             CREATED AT
alice/default  active  memories  in 89d      sks_KJ7i36WmTHdf  3s ago
token id    bwTIferMmwN0
hash      94bc709794156d65c6218e6073a0ff12f35ac900147d35ae0916d81227048c33
change mark  5-f2c1ba754d2a5090
";

    #[test]
    fn what_differs_in_every_run_is_no_difference() {
        let seen = WRITTEN
            .replace("KJ7i36WmTHdf", "06EghU1T3ypi")
            .replace("_EuAk", "_XXXX")
            .replace("key_01m83hdqe4f6qtyjpaadp37f4x", "key_01m83hfxscfv1b6434ecbdr9ff")
            .replace("2027-02-21T06:27:48.804Z", "2031-01-01T00:00:00.000Z")
            .replace("  3s ago", "   12m ago")
            .replace("bwTIferMmwN0", "vinWETWcvEWp")
            .replace("94bc7097", "00000000")
            .replace("f2c1ba754d2a5090", "b15c44b06a02ca2e");
        assert_eq!(difference(WRITTEN, &seen), None);
    }

    #[test]
    fn a_planted_difference_is_found() {
        for (line, planted) in [
            ("memories", "memory"),
            ("in 89d", "in 29d"),
            ("active", "expired"),
            ("sks_KJ7i36WmTHdf", "acme_KJ7i36WmTHdf"),
            ("sks_KJ7i36WmTHdf_EuAkG", "sks_KJ7i36WmTHdf_EuAk"),
            ("/home/you/", "/root/"),
            ("change mark  5-", "change mark  6-"),
            ("minted", ""),
            ("hash  ", "hash\nhash  "),
            ("change mark  5-f2c1ba754d2a5090\n", ""),
        ] {
            assert!(WRITTEN.contains(line), "{line}");
            let seen = WRITTEN.replace(line, planted);
            assert!(difference(WRITTEN, &seen).is_some(), "{line:?} as {planted:?} went unnoticed");
            assert!(difference(&seen, WRITTEN).is_some(), "{planted:?} as {line:?} went unnoticed");
        }
    }

    #[test]
    fn what_was_erased_is_not_seen() {
        assert_eq!(as_seen("\r\x1b[2K500 rows\r\x1b[2Kwhole\r\nrecords  2\r\n"), "whole\nrecords  2\n");
    }
}
