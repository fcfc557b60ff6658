//! The hash chain over the audit records.
//!
//! It proves order and completeness against an anchor kept elsewhere: whoever can write the
//! database can also write a new chain.

use sha2::{Digest, Sha256};

use crate::domain::audit::event::Record;

/// What stands before the first record.
pub const START: [u8; 32] = [0; 32];

const DOMAIN: &[u8] = b"keyctl/v1/audit";

/// SHA-256 of the domain, the store's uuid, the sequence number (big-endian), the previous
/// hash and the stored bytes of the body, in this order. All but the last have a fixed
/// length, so no two records share an input.
pub fn link(store: &uuid::Uuid, seq: u64, previous: &[u8; 32], body: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(store.as_bytes());
    hash.update(seq.to_be_bytes());
    hash.update(previous);
    hash.update(body.as_bytes());
    hash.finalize().into()
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// A sequence number is missing.
    #[error("audit record {expected} is missing: the next one is {found}")]
    Gap {
        /// The number that should follow.
        expected: u64,
        /// The number that does.
        found: u64,
    },
    /// A record does not follow from the one before.
    #[error("audit record {0} was altered, or the one before it")]
    Altered(u64),
    /// The head row names another end.
    #[error("the audit log ends at record {found}, the store's head says {expected}")]
    End {
        /// What the head row says.
        expected: u64,
        /// The last record there is.
        found: u64,
    },
}

/// Walks a chain record by record.
#[derive(Clone, Debug)]
pub struct Walk {
    store: uuid::Uuid,
    seq: u64,
    hash: [u8; 32],
}

impl Walk {
    /// At the start of a store's chain.
    pub fn new(store: uuid::Uuid) -> Self {
        Self { store, seq: 0, hash: START }
    }

    /// Behind a record of a store's chain that is taken as it stands.
    pub fn behind(store: uuid::Uuid, record: &Record) -> Self {
        Self { store, seq: record.seq, hash: record.hash }
    }

    /// Checks that `record` follows, and stands on it.
    pub fn step(&mut self, record: &Record) -> Result<(), Break> {
        let expected = self.seq + 1;
        if record.seq != expected {
            return Err(Break::Gap { expected, found: record.seq });
        }
        if link(&self.store, record.seq, &self.hash, &record.body) != record.hash {
            return Err(Break::Altered(record.seq));
        }
        self.seq = record.seq;
        self.hash = record.hash;
        Ok(())
    }

    /// Checks that the chain ends where the head row says it does.
    pub fn end(&self, seq: u64, hash: &[u8; 32]) -> Result<(), Break> {
        if self.seq != seq {
            return Err(Break::End { expected: seq, found: self.seq });
        }
        if self.hash == *hash { Ok(()) } else { Err(Break::Altered(seq)) }
    }

    /// How many records were walked.
    pub(crate) fn len(&self) -> u64 {
        self.seq
    }

    /// The hash stood on.
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORE: uuid::Uuid = uuid::Uuid::from_u128(7);

    fn chain(bodies: &[&str]) -> Vec<Record> {
        let mut previous = START;
        (1..)
            .zip(bodies)
            .map(|(seq, body)| {
                previous = link(&STORE, seq, &previous, body);
                Record { seq, body: (*body).to_owned(), hash: previous }
            })
            .collect()
    }

    fn walk(records: &[Record]) -> Result<Walk, Break> {
        let mut walk = Walk::new(STORE);
        records.iter().try_for_each(|record| walk.step(record)).map(|()| walk)
    }

    #[test]
    fn an_untouched_chain_walks_to_its_end() {
        let records = chain(&["a", "b", "c"]);
        let walk = walk(&records).expect("whole");
        assert_eq!(walk.end(3, &records[2].hash), Ok(()));
    }

    #[test]
    fn a_gap_a_change_a_swap_and_a_cut_tail_are_found() {
        let whole = chain(&["a", "b", "c"]);
        let gap = [whole[0].clone(), whole[2].clone()];
        assert_eq!(walk(&gap).map(|_| ()), Err(Break::Gap { expected: 2, found: 3 }));

        let mut altered = whole.clone();
        altered[1].body = "B".to_owned();
        assert_eq!(walk(&altered).map(|_| ()), Err(Break::Altered(2)));

        let mut swapped = whole.clone();
        swapped.swap(1, 2);
        assert_eq!(walk(&swapped).map(|_| ()), Err(Break::Gap { expected: 2, found: 3 }));

        let cut = walk(&whole[..2]).expect("whole so far");
        assert_eq!(cut.end(3, &whole[2].hash), Err(Break::End { expected: 3, found: 2 }));
    }

    #[test]
    fn a_chain_of_another_store_does_not_walk() {
        let mut other = Walk::new(uuid::Uuid::from_u128(8));
        assert_eq!(other.step(&chain(&["a"])[0]), Err(Break::Altered(1)));
    }
}
