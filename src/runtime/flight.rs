//! One look-up for all who ask for the same at the same time.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// The look-ups under way.
pub(super) struct Flights<K, T, S> {
    flights: Mutex<HashMap<K, Arc<Flight<T>>, S>>,
}

struct Flight<T> {
    state: Mutex<State<T>>,
    landed: Condvar,
}

#[derive(Clone)]
enum State<T> {
    UnderWay,
    Landed(T),
    /// Whoever looked up panicked.
    Lost,
}

impl<K: Copy + Eq + Hash, T: Clone, S: BuildHasher + Default> Flights<K, T, S> {
    pub(super) fn new() -> Self {
        Self { flights: Mutex::new(HashMap::default()) }
    }

    /// Looks up, or waits for whoever does so already.
    pub(super) fn share(&self, key: K, look_up: impl Fn() -> T) -> T {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key).cloned() {
            drop(flights);
            return flight.wait().unwrap_or_else(look_up);
        }
        let flight = Arc::new(Flight { state: Mutex::new(State::UnderWay), landed: Condvar::new() });
        flights.insert(key, Arc::clone(&flight));
        drop(flights);
        let mut landing = Landing { flights: self, key, flight, answer: None };
        let answer = look_up();
        landing.answer = Some(answer.clone());
        answer
    }
}

impl<T: Clone> Flight<T> {
    fn wait(&self) -> Option<T> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.landed.wait_while(state, |state| matches!(state, State::UnderWay));
        match state.unwrap_or_else(PoisonError::into_inner).clone() {
            State::Landed(answer) => Some(answer),
            State::UnderWay | State::Lost => None,
        }
    }
}

/// Tells those who wait, also where the look-up panics.
struct Landing<'f, K: Copy + Eq + Hash, T, S: BuildHasher> {
    flights: &'f Flights<K, T, S>,
    key: K,
    flight: Arc<Flight<T>>,
    answer: Option<T>,
}

impl<K: Copy + Eq + Hash, T, S: BuildHasher> Drop for Landing<'_, K, T, S> {
    fn drop(&mut self) {
        self.flights.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        // Nobody can come to it any more, and waking nobody is a system call, too.
        if Arc::strong_count(&self.flight) == 1 {
            return;
        }
        let landed = self.answer.take().map_or(State::Lost, State::Landed);
        *self.flight.state.lock().unwrap_or_else(PoisonError::into_inner) = landed;
        self.flight.landed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn many_who_ask_at_once_share_one_look_up() {
        let (flights, looks) = (Flights::<_, _, RandomState>::new(), AtomicUsize::new(0));
        let look_up = || {
            thread::sleep(Duration::from_millis(200));
            looks.fetch_add(1, Ordering::SeqCst)
        };
        thread::scope(|scope| {
            let asking: Vec<_> = (0..8).map(|_| scope.spawn(|| flights.share(1, look_up))).collect();
            assert!(asking.into_iter().all(|asked| asked.join().expect("answers") == 0));
        });
        assert_eq!(
            (flights.share(1, look_up), looks.load(Ordering::SeqCst)),
            (1, 2),
            "the next one looks anew"
        );
    }

    #[test]
    fn a_look_up_that_panics_leaves_nobody_waiting() {
        let flights: Flights<u8, u8, RandomState> = Flights::new();
        thread::scope(|scope| {
            let broken = scope.spawn(|| {
                flights.share(1, || {
                    thread::sleep(Duration::from_millis(200));
                    panic!("planted")
                })
            });
            thread::sleep(Duration::from_millis(50));
            assert_eq!(flights.share(1, || 7), 7);
            assert!(broken.join().is_err());
        });
    }
}
