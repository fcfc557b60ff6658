//! What happened since it was written down last: summed up, so that it takes one row for each thing, however often it
//! was used.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::day::{Day, PeriodName};
use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenId;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::SecretId;
use crate::domain::time::Timestamp;

/// Whose quota something is spent of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spender {
    Key(KeyId),
    Owner(Owner),
}

impl Spender {
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "key",
            Self::Owner(_) => "owner",
        }
    }

    pub fn id(&self) -> String {
        match self {
            Self::Key(key) => key.to_string(),
            Self::Owner(owner) => owner.to_string(),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenUse {
    pub first: Timestamp,
    pub last: Timestamp,
    /// From where the last one came, as far as that is known.
    pub address: Option<IpAddr>,
}

/// Answers given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    pub allowed: u64,
    pub denied: u64,
}

/// What is handed out and written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handed {
    Secret {
        id: SecretId,
        version: i64,
    },
    /// A short-lived token of a key that has none of its own, for the one that a CI signed.
    Token,
}

/// What was handed out for which key, and the key whose token asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Disclosure {
    pub what: Handed,
    pub key: KeyId,
    pub asked_by: KeyId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disclosed {
    pub count: u64,
    pub first: Timestamp,
    pub last: Timestamp,
}

/// Uses, refusals, what was spent, what would have been denied, and secrets handed out. Everything is kept in one order,
/// in which it is written, too: two that write at once wait for each other and never in a circle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UseBatch {
    pub(crate) spent: BTreeMap<(Spender, PeriodName), u64>,
    pub(crate) keys: BTreeMap<KeyId, Timestamp>,
    pub(crate) tokens: BTreeMap<TokenId, TokenUse>,
    pub(crate) days: BTreeMap<(KeyId, Day), Answers>,
    pub(crate) would_deny: BTreeMap<(Day, String, String), u64>,
    pub(crate) disclosures: BTreeMap<Disclosure, Disclosed>,
}

/// Characters of a policy's name and of a reason that are kept.
const LONGEST: [usize; 2] = [200, 40];

impl UseBatch {
    /// A token that was let in.
    #[cfg(feature = "internals")]
    pub fn allowed(&mut self, key: KeyId, token: &TokenId, at: Timestamp, address: Option<IpAddr>) {
        self.add_key(key, at);
        self.add_token(token.clone(), TokenUse { first: at, last: at, address });
        self.add_answers((key, Day::of(at)), Answers { allowed: 1, denied: 0 });
    }

    /// A token of a key that is known, and was not let in. That is no use of it.
    #[cfg(feature = "internals")]
    pub fn denied(&mut self, key: KeyId, at: Timestamp) {
        self.add_answers((key, Day::of(at)), Answers { allowed: 0, denied: 1 });
    }

    /// So many answers of today about a token, and when those that let it in were.
    #[cfg(feature = "serve")]
    pub(crate) fn answered(
        &mut self,
        key: KeyId,
        token: &TokenId,
        answers: Answers,
        used: Option<TokenUse>,
        now: Timestamp,
    ) {
        if let Some(used) = used {
            self.add_key(key, used.last);
            self.add_token(token.clone(), used);
        }
        self.add_answers((key, Day::of(now)), answers);
    }

    /// Spends so much of a quota. 0 only asks how much of it is spent.
    pub fn spend(&mut self, whose: Spender, period: PeriodName, count: u64) {
        let spent = self.spent.entry((whose, period)).or_default();
        *spent = spent.saturating_add(count);
    }

    /// What a policy that only observes would have denied.
    #[cfg(feature = "internals")]
    pub fn would_deny(&mut self, policy: &str, reason: &str, at: Timestamp) {
        self.would_deny_so_often(policy, reason, 1, at);
    }

    pub(crate) fn would_deny_so_often(&mut self, policy: &str, reason: &str, count: u64, at: Timestamp) {
        let [policy, reason] = [(policy, LONGEST[0]), (reason, LONGEST[1])]
            .map(|(text, longest)| text.chars().filter(|c| *c != '\0').take(longest).collect::<String>());
        let sum = self.would_deny.entry((Day::of(at), policy, reason)).or_default();
        *sum = sum.saturating_add(count);
    }

    /// Something that was handed out.
    pub fn disclosed(&mut self, what: Disclosure, at: Timestamp) {
        self.add_disclosed(what, Disclosed { count: 1, first: at, last: at });
    }

    /// Adds what another one holds.
    pub fn merge(&mut self, other: Self) {
        let Self { spent, keys, tokens, days, would_deny, disclosures } = other;
        for ((whose, period), count) in spent {
            self.spend(whose, period, count);
        }
        for (key, at) in keys {
            self.add_key(key, at);
        }
        for (token, used) in tokens {
            self.add_token(token, used);
        }
        for (day, answers) in days {
            self.add_answers(day, answers);
        }
        for (what, count) in would_deny {
            let sum = self.would_deny.entry(what).or_default();
            *sum = sum.saturating_add(count);
        }
        for (what, disclosed) in disclosures {
            self.add_disclosed(what, disclosed);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many rows it takes.
    pub fn len(&self) -> usize {
        let use_of_keys = self.spent.len() + self.keys.len() + self.tokens.len() + self.days.len();
        use_of_keys + self.would_deny.len() + self.disclosures.len()
    }

    /// Takes out what fits into so many rows, what is spent first.
    #[must_use]
    pub fn take(&mut self, most: usize) -> Self {
        let mut left = most;
        let taken = Self {
            spent: split(&mut self.spent, &mut left),
            keys: split(&mut self.keys, &mut left),
            tokens: split(&mut self.tokens, &mut left),
            days: split(&mut self.days, &mut left),
            would_deny: split(&mut self.would_deny, &mut left),
            disclosures: split(&mut self.disclosures, &mut left),
        };
        debug_assert!(taken.len() + left == most || self.is_empty());
        taken
    }

    fn add_key(&mut self, key: KeyId, at: Timestamp) {
        let last = self.keys.entry(key).or_insert(at);
        *last = at.max(*last);
    }

    fn add_token(&mut self, token: TokenId, used: TokenUse) {
        let known = self.tokens.entry(token).or_insert(used);
        known.first = known.first.min(used.first);
        if used.last >= known.last {
            known.last = used.last;
            known.address = used.address.or(known.address);
        }
    }

    fn add_answers(&mut self, day: (KeyId, Day), answers: Answers) {
        let sum = self.days.entry(day).or_default();
        sum.allowed = sum.allowed.saturating_add(answers.allowed);
        sum.denied = sum.denied.saturating_add(answers.denied);
    }

    fn add_disclosed(&mut self, what: Disclosure, more: Disclosed) {
        let sum = self.disclosures.entry(what).or_insert(Disclosed { count: 0, ..more });
        sum.count = sum.count.saturating_add(more.count);
        sum.first = sum.first.min(more.first);
        sum.last = sum.last.max(more.last);
    }
}

/// Takes the first entries out.
fn split<K: Ord + Clone, V>(from: &mut BTreeMap<K, V>, left: &mut usize) -> BTreeMap<K, V> {
    let taken = if from.len() <= *left {
        std::mem::take(from)
    } else {
        match from.keys().nth(*left).cloned() {
            Some(next) => {
                let rest = from.split_off(&next);
                std::mem::replace(from, rest)
            }
            None => BTreeMap::new(),
        }
    };
    *left -= taken.len();
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(last: char) -> KeyId {
        format!("key_01h455vb4pex5vsknk084sn02{last}").parse().expect("an id")
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).expect("a time")
    }

    #[test]
    fn what_is_merged_is_what_one_batch_would_have() {
        let token: TokenId = "4fTq9ZkPw2Xa".parse().expect("an id");
        let address = Some(IpAddr::from([10, 0, 0, 1]));
        let (mut one, mut other, mut both) = (UseBatch::default(), UseBatch::default(), UseBatch::default());
        for (batch, time, from) in [(&mut one, 5, address), (&mut other, 9, None)] {
            for batch in [batch, &mut both] {
                batch.allowed(key('q'), &token, at(time), from);
                batch.denied(key('r'), at(time));
                batch.would_deny("@open", "scope", at(time));
                batch.spend(
                    Spender::Key(key('q')),
                    PeriodName::of(crate::domain::keys::limit::Period::Total, at(1)),
                    2,
                );
            }
        }
        one.merge(other);
        assert_eq!(one, both);
        assert_eq!(
            one.tokens[&token],
            TokenUse { first: at(5), last: at(9), address },
            "the last that is known"
        );
        assert_eq!(one.len(), 6);
    }

    #[test]
    fn a_batch_is_taken_apart_and_nothing_is_lost() {
        let mut batch = UseBatch::default();
        for last in ['q', 'r', 's', 't', 'v'] {
            batch.denied(key(last), at(1));
            batch.spend(
                Spender::Key(key(last)),
                PeriodName::of(crate::domain::keys::limit::Period::Total, at(1)),
                1,
            );
        }
        let (whole, mut again, mut parts) = (batch.clone(), UseBatch::default(), 0);
        while !batch.is_empty() {
            let part = batch.take(3);
            assert!((1..=3).contains(&part.len()));
            assert!(parts > 0 || part.spent.len() == 3, "what is spent comes first");
            again.merge(part);
            parts += 1;
        }
        assert_eq!((again, parts), (whole, 4));
    }
}
