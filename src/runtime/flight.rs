//! One look-up for all who ask for the same at the same time.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
#[cfg(feature = "serve")]
use std::task::Poll;
use std::task::Waker;

/// The look-ups under way.
pub(crate) struct Flights<K, T, S> {
    flights: Mutex<HashMap<K, Arc<Flight<T>>, S>>,
}

struct Flight<T> {
    state: Mutex<State<T>>,
    landed: Condvar,
}

enum State<T> {
    /// Who waits without a thread of its own.
    UnderWay(Vec<Waker>),
    Landed(T),
    /// Whoever looked up panicked, or was not wanted any more.
    Lost,
}

/// What there is to do for an answer.
enum Turn<'f, K: Clone + Eq + Hash, T: Clone, S: BuildHasher> {
    LookUp(Landing<'f, K, T, S>),
    Wait(Arc<Flight<T>>),
}

impl<K: Clone + Eq + Hash, T: Clone, S: BuildHasher + Default> Flights<K, T, S> {
    pub(crate) fn new() -> Self {
        Self { flights: Mutex::new(HashMap::default()) }
    }

    /// Looks up, or waits for whoever does so already.
    pub(super) fn share(&self, key: K, look_up: impl FnOnce() -> T) -> T {
        match self.turn(key) {
            Turn::Wait(flight) => flight.wait().unwrap_or_else(look_up),
            Turn::LookUp(landing) => landing.with(look_up()),
        }
    }

    /// The same for who must not hold up a thread. Who looks up may be dropped meanwhile; then one of those who wait
    /// does it.
    #[cfg(feature = "serve")]
    pub(crate) async fn share_async(&self, key: K, look_up: impl AsyncFnOnce() -> T) -> T {
        loop {
            match self.turn(key.clone()) {
                Turn::LookUp(landing) => return landing.with(look_up().await),
                Turn::Wait(flight) => {
                    if let Some(answer) = flight.landing().await {
                        return answer;
                    }
                }
            }
        }
    }

    fn turn(&self, key: K) -> Turn<'_, K, T, S> {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&key) {
            return Turn::Wait(Arc::clone(flight));
        }
        let flight =
            Arc::new(Flight { state: Mutex::new(State::UnderWay(Vec::new())), landed: Condvar::new() });
        flights.insert(key.clone(), Arc::clone(&flight));
        Turn::LookUp(Landing { flights: self, key, flight, answer: None })
    }
}

impl<T: Clone> Flight<T> {
    fn wait(&self) -> Option<T> {
        let state = self.landed.wait_while(self.state(), |state| matches!(state, State::UnderWay(_)));
        match &*state.unwrap_or_else(PoisonError::into_inner) {
            State::Landed(answer) => Some(answer.clone()),
            State::UnderWay(_) | State::Lost => None,
        }
    }

    #[cfg(feature = "serve")]
    fn landing(&self) -> impl Future<Output = Option<T>> {
        std::future::poll_fn(|context| match &mut *self.state() {
            State::Landed(answer) => Poll::Ready(Some(answer.clone())),
            State::Lost => Poll::Ready(None),
            State::UnderWay(waiting) => {
                if !waiting.iter().any(|waker| waker.will_wake(context.waker())) {
                    waiting.push(context.waker().clone());
                }
                Poll::Pending
            }
        })
    }
}

impl<T> Flight<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells those who wait, also where the look-up panics.
struct Landing<'f, K: Clone + Eq + Hash, T: Clone, S: BuildHasher> {
    flights: &'f Flights<K, T, S>,
    key: K,
    flight: Arc<Flight<T>>,
    answer: Option<T>,
}

impl<K: Clone + Eq + Hash, T: Clone, S: BuildHasher> Landing<'_, K, T, S> {
    fn with(mut self, answer: T) -> T {
        self.answer = Some(answer.clone());
        answer
    }
}

impl<K: Clone + Eq + Hash, T: Clone, S: BuildHasher> Drop for Landing<'_, K, T, S> {
    fn drop(&mut self) {
        self.flights.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
        // Nobody can come to it any more, and waking nobody is a system call, too.
        if Arc::strong_count(&self.flight) == 1 {
            return;
        }
        let landed = self.answer.take().map_or(State::Lost, State::Landed);
        let before = std::mem::replace(&mut *self.flight.state(), landed);
        self.flight.landed.notify_all();
        if let State::UnderWay(waiting) = before {
            waiting.into_iter().for_each(Waker::wake);
        }
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

    #[cfg(feature = "serve")]
    #[test]
    fn who_looks_up_and_is_dropped_is_followed_by_one_of_those_who_wait() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let (flights, looks) = (Flights::<_, _, RandomState>::new(), AtomicUsize::new(0));
        let look_up = async || {
            let number = looks.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(100)).await;
            number
        };
        runtime.block_on(async {
            let impatient = tokio::time::timeout(Duration::from_millis(20), flights.share_async(1, look_up));
            let others = futures_util::future::join_all((0..8).map(|_| flights.share_async(1, look_up)));
            let (given_up, answers) = futures_util::future::join(impatient, others).await;
            assert!(given_up.is_err());
            assert_eq!(answers, [1; 8], "one for all of them");
            assert_eq!(flights.share_async(1, look_up).await, 2, "the next one looks anew");
        });
    }
}
