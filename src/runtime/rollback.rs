//! Whether the store went back behind what this reader saw: a standby that had not received
//! everything was promoted, an old primary came back, or an older file was put in its place.

use std::collections::HashSet;
use std::fmt;

use super::clock::Moment;
use super::fault::{StoreFault, Unavailable};
use crate::domain::id::KeyId;
use crate::store::{self, Views};

/// What a reader does about a store that went back.
#[derive(Default)]
pub enum OnRollback {
    /// Nothing is verified and no secret handed out until the later state is back, or an operator
    /// has accepted the earlier one: `keyctl store accept-rollback`.
    #[default]
    Refuse,
    /// This is called once, and the reader goes on with the store as it is: what was revoked in
    /// the state that was lost works again.
    Warn(Box<dyn Fn(&Unavailable) + Send + Sync>),
}

impl fmt::Debug for OnRollback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refuse => "Refuse",
            Self::Warn(_) => "Warn(_)",
        })
    }
}

/// A change mark, `COUNTER-NONCE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Mark<'m> {
    pub(super) counter: i64,
    nonce: &'m str,
}

impl<'m> Mark<'m> {
    pub(super) fn parse(text: &'m str) -> Option<Self> {
        let (counter, nonce) = text.split_once('-')?;
        let is_decimal = counter.bytes().all(|byte| byte.is_ascii_digit());
        let counter = counter.parse().ok().filter(|_| is_decimal && !nonce.is_empty())?;
        Some(Self { counter, nonce })
    }
}

/// When a read was sent and answered, and what it asked besides.
pub(super) struct Read {
    pub(super) sent: Moment,
    pub(super) received: Moment,
    pub(super) earlier: Option<Earlier>,
}

/// What the store says of an earlier change of its own, and of those since.
#[derive(Clone)]
pub(super) struct Earlier {
    pub(super) counter: i64,
    /// `None` where it keeps no such row, or an older keyctl wrote it.
    pub(super) nonce: Option<String>,
    /// The keys that were changed since; `None` where that may be any.
    pub(super) changed: Option<HashSet<KeyId>>,
}

/// Another mark than the remembered one was found, with a higher counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    /// The counter of the remembered one.
    pub(super) known: i64,
    pub(super) found: i64,
}

impl Question {
    /// By the connection that found it, after that: so nothing lacks that was changed up to the mark.
    pub(super) fn ask(self, views: &mut Views) -> store::Result<Earlier> {
        let nonce = views.nonce_of(self.known)?;
        Ok(self.answered(nonce, views.changes_after(self.known)?))
    }

    pub(super) fn answered(self, nonce: Option<String>, rows: Option<Vec<(i64, String)>>) -> Earlier {
        let changed = rows.and_then(|rows| changed(self.known, self.found, &rows));
        Earlier { counter: self.known, nonce, changed }
    }
}

/// The keys named by the changes after `known` up to `found`, if the rows of all of them are there and each
/// names one key.
fn changed(known: i64, found: i64, rows: &[(i64, String)]) -> Option<HashSet<KeyId>> {
    let told: HashSet<i64> = rows.iter().map(|(seq, _)| *seq).collect();
    if !(known + 1..=found).all(|seq| told.contains(&seq)) {
        return None;
    }
    rows.iter().map(|(_, key)| key.parse().ok()).collect()
}

/// What another mark than the remembered one means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The same history went on.
    Later,
    /// Another history, or an earlier state of this one.
    WentBack,
    /// Nothing: another mark was accepted meanwhile than the one that was asked about.
    Open,
}

impl Mark<'_> {
    /// What it means that this mark is there where `known` was seen before.
    pub(super) fn after(self, known: Mark<'_>, earlier: Option<&Earlier>) -> Meaning {
        if self.counter <= known.counter {
            return Meaning::WentBack;
        }
        match earlier.filter(|earlier| earlier.counter == known.counter) {
            None => Meaning::Open,
            Some(Earlier { nonce: Some(nonce), .. }) if nonce != known.nonce => Meaning::WentBack,
            Some(_) => Meaning::Later,
        }
    }
}

pub(super) fn went_back(known: Mark<'_>, found: Mark<'_>) -> Unavailable {
    let (known, found) = (known.counter, found.counter);
    StoreFault::RolledBack.because(format!(
        "it went back: change {known} was seen, and now it shows change {found} of a state without that one. A \
         failover lost changes, or an older copy was put back, and what was revoked since works again; \
         keyctl store accept-rollback ends this, see docs/incidents.md"
    ))
}

pub(super) fn unknown_form() -> Unavailable {
    StoreFault::Row.because("keyctl_changes_v1.mark is not as keyctl writes it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_mark_that_counts_on_from_the_known_one_is_later() {
        let known = Mark::parse("7-ab").expect("a mark");
        let asked = |counter, nonce: Option<&str>| Earlier {
            counter,
            nonce: nonce.map(str::to_owned),
            changed: None,
        };
        for (found, earlier, meaning) in [
            ("8-cd", Some(asked(7, Some("ab"))), Meaning::Later),
            ("8-cd", Some(asked(7, None)), Meaning::Later),
            ("8-cd", Some(asked(7, Some("ac"))), Meaning::WentBack),
            ("8-cd", Some(asked(6, Some("ac"))), Meaning::Open),
            ("8-cd", None, Meaning::Open),
            ("7-cd", None, Meaning::WentBack),
            ("6-ab", None, Meaning::WentBack),
            ("0-ab", None, Meaning::WentBack),
        ] {
            let found_mark = Mark::parse(found).expect("a mark");
            assert_eq!(found_mark.after(known, earlier.as_ref()), meaning, "{found}");
        }
    }

    #[test]
    fn what_changed_is_known_where_no_change_is_missing_and_each_names_its_keys() {
        let (one, two) = ("key_01h455vb4pex5vsknk084sn02q", "key_01h455vb4pex5vsknk084sn02r");
        let known = |found, rows: &[(i64, &str)]| {
            let rows: Vec<_> = rows.iter().map(|(seq, key)| (*seq, (*key).to_owned())).collect();
            changed(7, found, &rows).map(|keys| keys.len())
        };
        assert_eq!(known(8, &[(8, one)]), Some(1));
        assert_eq!(known(9, &[(9, one), (8, two), (8, one)]), Some(2));
        assert_eq!(known(8, &[(8, one), (9, two)]), Some(2), "one that was made between the two reads");
        for (found, rows) in [
            (8, &[][..]),
            (9, &[(9, one)]),
            (9, &[(8, one)]),
            (8, &[(8, "*")]),
            (9, &[(8, one), (9, "*")]),
            (8, &[(8, one), (9, "*")]),
            (8, &[(8, "somebody")]),
            (i64::MAX, &[(8, one)]),
        ] {
            assert_eq!(known(found, rows), None, "{found} {rows:?}");
        }
    }

    #[test]
    fn a_mark_is_a_decimal_number_and_a_nonce() {
        assert_eq!(Mark::parse("12-0f"), Some(Mark { counter: 12, nonce: "0f" }));
        for text in ["", "-", "12", "12-", "-0f", "+1-0f", "1 -0f", "x-0f", "99999999999999999999-0f"] {
            assert_eq!(Mark::parse(text), None, "{text}");
        }
    }
}
