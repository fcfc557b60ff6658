//! How often somebody who is signed in is refused something: of one session, and of all sessions of a person.
//!
//! What is refused stands in the audit log. A session that had too much of it waits, but to sign out; where all of a person had
//! too much together, those of them wait that had any: whoever came by one session keeps nobody from ending it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::domain::owners::owner::Owner;
use crate::domain::portal::secret::SessionSecret;
use crate::server::rate::seconds;

/// Seconds in which they are counted.
const SPAN: f64 = 60.0;

/// Refusals in that time.
const OF_SESSION: u32 = 20;
const OF_PERSON: u32 = 60;

/// Sessions and people that are remembered at most; then those of before are forgotten.
const MOST: usize = 10_000;

#[derive(Default)]
pub(super) struct Refusals {
    hasher: RandomState,
    /// By a hash that nobody outside can compute: when the first one was, and how many.
    counted: Mutex<HashMap<u64, (f64, u32)>>,
}

impl Refusals {
    fn session(&self, secret: &SessionSecret) -> u64 {
        self.hasher.hash_one(("session", secret.expose()))
    }

    fn person(&self, owner: &Owner) -> u64 {
        self.hasher.hash_one(("person", owner.as_str()))
    }

    fn counted(&self) -> MutexGuard<'_, HashMap<u64, (f64, u32)>> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seconds until a session may go on, if that is not now. `now` in seconds since the process began.
    pub(super) fn of_session(&self, secret: &SessionSecret, now: f64) -> Option<u64> {
        over(&self.counted(), self.session(secret), OF_SESSION, now)
    }

    /// The same for what all sessions of its person were refused.
    pub(super) fn of_person(&self, secret: &SessionSecret, owner: &Owner, now: f64) -> Option<u64> {
        let counted = self.counted();
        let had_any = over(&counted, self.session(secret), 1, now).is_some();
        over(&counted, self.person(owner), OF_PERSON, now).filter(|_| had_any)
    }

    /// One more was refused.
    pub(super) fn count(&self, secret: &SessionSecret, owner: &Owner, now: f64) {
        let mut counted = self.counted();
        for of in [self.session(secret), self.person(owner)] {
            if counted.len() >= MOST && !counted.contains_key(&of) {
                counted.retain(|_, (since, _)| now - *since < SPAN);
                if counted.len() >= MOST {
                    counted.clear();
                }
            }
            let (since, count) = counted.entry(of).or_insert((now, 0));
            if now - *since >= SPAN {
                (*since, *count) = (now, 0);
            }
            *count = count.saturating_add(1);
        }
    }
}

/// Seconds until what had `most` may have more.
fn over(counted: &HashMap<u64, (f64, u32)>, of: u64, most: u32, now: f64) -> Option<u64> {
    let (since, _) = counted.get(&of).filter(|(since, count)| now - since < SPAN && *count >= most)?;
    Some(seconds(since + SPAN - now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(letter: &str) -> SessionSecret {
        SessionSecret::parse(&letter.repeat(43)).expect("a secret")
    }

    #[test]
    fn a_session_that_is_refused_too_much_waits_for_the_rest_of_its_minute() {
        let (refusals, alice) = (Refusals::default(), "alice".parse().expect("an owner"));
        for number in 0..OF_SESSION {
            assert_eq!(refusals.of_session(&secret("A"), 1.0), None, "{number}");
            refusals.count(&secret("A"), &alice, 0.0);
        }
        assert_eq!(refusals.of_session(&secret("A"), 5.0), Some(55));
        assert_eq!(refusals.of_session(&secret("B"), 5.0), None);
        assert_eq!(refusals.of_session(&secret("A"), 60.0), None);
    }

    #[test]
    fn of_a_person_those_sessions_wait_that_were_refused_something() {
        let refusals = Refusals::default();
        let [alice, bob] = ["alice", "bob"].map(|name| name.parse().expect("an owner"));
        refusals.count(&secret("B"), &bob, 0.0);
        for letter in ["C", "D", "E", "F"] {
            (0..OF_SESSION - 5).for_each(|_| refusals.count(&secret(letter), &alice, 0.0));
        }
        assert_eq!(refusals.of_session(&secret("C"), 0.0), None);
        assert_eq!(refusals.of_person(&secret("C"), &alice, 0.0), Some(60));
        assert_eq!(refusals.of_person(&secret("G"), &alice, 0.0), None, "it was refused nothing");
        assert_eq!(refusals.of_person(&secret("B"), &bob, 0.0), None);
    }

    #[test]
    fn many_sessions_take_bounded_room() {
        let (refusals, alice) = (Refusals::default(), "alice".parse().expect("an owner"));
        for number in 0..20_000 {
            refusals.count(&SessionSecret::parse(&format!("{number:043}")).expect("a secret"), &alice, 0.0);
        }
        assert!(refusals.counted().len() <= MOST);
    }
}
