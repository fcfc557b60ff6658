//! Whether the store went back behind what this reader saw: a standby that had not received
//! everything was promoted, an old primary came back, or an older file was put in its place.

use std::fmt;

use super::clock::Moment;
use super::fault::{StoreFault, Unavailable};

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

/// What the store says of an earlier change of its own.
pub(super) struct Earlier {
    pub(super) counter: i64,
    /// `None` where it keeps no such row, or an older keyctl wrote it.
    pub(super) nonce: Option<String>,
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
        let asked = |counter, nonce: Option<&str>| Earlier { counter, nonce: nonce.map(str::to_owned) };
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
    fn a_mark_is_a_decimal_number_and_a_nonce() {
        assert_eq!(Mark::parse("12-0f"), Some(Mark { counter: 12, nonce: "0f" }));
        for text in ["", "-", "12", "12-", "-0f", "+1-0f", "1 -0f", "x-0f", "99999999999999999999-0f"] {
            assert_eq!(Mark::parse(text), None, "{text}");
        }
    }
}
