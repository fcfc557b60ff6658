//! Who may have documents of clients fetched, and how many at once: each takes a thread and a connection for seconds.
//!
//! Whoever is signed in goes first: who is not has some of the slots and no others, and of those each network a share. So nobody
//! keeps anybody out by asking for documents whose servers are slow.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::mcp::address_group::AddressGroup;

/// Requests that wait for a document at once. Of these half at most are asked of servers (`providers::client_document`), so
/// strangers have fewer than that.
const MOST: usize = 32;
const OF_STRANGERS: usize = 8;
const OF_GROUP: usize = 2;

/// For whom a document is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server::portal) enum Fetcher {
    SignedIn,
    Stranger(AddressGroup),
}

#[derive(Default)]
pub(super) struct Slots(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    all: usize,
    by_strangers: HashMap<AddressGroup, usize>,
}

/// One that is taken, until it is dropped.
pub(super) struct Slot {
    slots: Arc<Slots>,
    fetcher: Fetcher,
}

impl Slots {
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `None` where all that this one may have are taken.
    pub(super) fn take(slots: &Arc<Self>, fetcher: Fetcher) -> Option<Slot> {
        let mut taken = slots.lock();
        if taken.all >= MOST {
            return None;
        }
        if let Fetcher::Stranger(group) = fetcher {
            let of_strangers: usize = taken.by_strangers.values().sum();
            let of_group = taken.by_strangers.get(&group).copied().unwrap_or_default();
            if of_strangers >= OF_STRANGERS || of_group >= OF_GROUP {
                return None;
            }
            taken.by_strangers.insert(group, of_group + 1);
        }
        taken.all += 1;
        Some(Slot { slots: Arc::clone(slots), fetcher })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.slots.lock();
        taken.all = taken.all.saturating_sub(1);
        if let Fetcher::Stranger(group) = self.fetcher
            && let Some(count) = taken.by_strangers.get_mut(&group)
        {
            *count -= 1;
            if *count == 0 {
                taken.by_strangers.remove(&group);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger(text: &str) -> Fetcher {
        Fetcher::Stranger(AddressGroup::of(Some(text.parse().expect("an address"))))
    }

    fn take(slots: &Arc<Slots>, fetcher: Fetcher, many: usize) -> Vec<Slot> {
        (0..many).filter_map(|_| Slots::take(slots, fetcher)).collect()
    }

    #[test]
    fn a_network_has_its_share_and_gets_it_back() {
        let slots = Arc::default();
        let held = take(&slots, stranger("2001:db8:1:1::1"), 10);
        assert_eq!(held.len(), OF_GROUP);
        assert!(take(&slots, stranger("2001:db8:1:2::1"), 1).is_empty(), "the same site");
        assert_eq!(take(&slots, stranger("2001:db8:2::1"), 1).len(), 1);
        drop(held);
        assert_eq!(take(&slots, stranger("2001:db8:1:1::1"), 1).len(), 1);
    }

    #[test]
    fn strangers_of_all_networks_leave_room_for_whoever_is_signed_in() {
        let slots = Arc::default();
        let held: Vec<Slot> =
            (0..100).flat_map(|number| take(&slots, stranger(&format!("192.0.{number}.1")), 10)).collect();
        assert_eq!(held.len(), OF_STRANGERS);
        assert_eq!(take(&slots, Fetcher::SignedIn, 100).len(), MOST - OF_STRANGERS);
    }
}
