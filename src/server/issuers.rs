//! The keys of CIs, as workers ask for them: each issuer is asked by one thread at a time, and whoever needs its keys waits
//! for that without holding up a worker.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use tokio::sync::Notify;

use crate::domain::tokens::audience::Issuer;
use crate::ops::outbound::{Outbound, Unanswered};
use crate::ops::tokens::issuer_keys::{Asked, Kept, Keys, Unfetched, fetch};

/// Clones share what is kept.
#[derive(Clone)]
pub(super) struct Issuers(Arc<Shared>);

struct Shared {
    /// Of issuers that a trust names, and of no others.
    known: Mutex<HashMap<String, Known>>,
    outbound: Box<dyn Outbound>,
    /// Told when an issuer cannot be asked.
    say: Box<dyn Fn(&str) + Send + Sync>,
    begun: Instant,
}

#[derive(Default)]
struct Known {
    kept: Kept,
    is_asked: bool,
    answered: Arc<Notify>,
}

impl Issuers {
    pub(super) fn new(outbound: Box<dyn Outbound>, say: impl Fn(&str) + Send + Sync + 'static) -> Self {
        #[expect(clippy::disallowed_methods, reason = "keys are kept for a while from here")]
        let begun = Instant::now();
        Self(Arc::new(Shared { known: Mutex::default(), outbound, say: Box::new(say), begun }))
    }

    /// The keys of an issuer, asked for where the one of this id is not among those that are kept and may be new.
    pub(super) async fn keys(&self, issuer: &Issuer, kid: Option<&str>) -> Result<Keys, Unfetched> {
        loop {
            let answered = {
                let mut known = self.known();
                let one = known.entry(issuer.as_str().to_owned()).or_default();
                match one.kept.ask(kid, self.0.begun.elapsed()) {
                    Asked::Keys(keys) => return Ok(keys),
                    Asked::Failed(why) => return Err(why),
                    Asked::Due => {}
                }
                if !one.is_asked {
                    self.start(issuer.clone())?;
                    one.is_asked = true;
                }
                // Made under the lock: the answer, which takes it, cannot be missed.
                Arc::clone(&one.answered).notified_owned()
            };
            answered.await;
        }
    }

    fn start(&self, issuer: Issuer) -> Result<(), Unfetched> {
        let own = self.clone();
        let ask = move || {
            let fetched = fetch(&*own.0.outbound, &issuer);
            if let Err(error) = &fetched {
                (own.0.say)(&format!("the keys of {issuer} cannot be had ({}): {error}", error.reason()));
            }
            let now = own.0.begun.elapsed();
            let mut known = own.known();
            let one = known.entry(issuer.as_str().to_owned()).or_default();
            one.kept.answered(fetched, now);
            one.is_asked = false;
            one.answered.notify_waiters();
        };
        let started = thread::Builder::new().name("keyctl-issuer".to_owned()).spawn(ask);
        // Nobody was asked.
        started.map(drop).map_err(|_| Unfetched::Unanswered(Unanswered::Unreachable))
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use zeroize::Zeroizing;

    use super::*;
    use crate::ops::outbound::{Answer, Request};

    /// Answers after a while, and counts how often it is asked.
    struct Slow(Arc<AtomicUsize>, Option<&'static str>);

    impl Outbound for Slow {
        fn exchange(&self, request: &Request<'_>) -> Result<Answer, Unanswered> {
            thread::sleep(Duration::from_millis(100));
            self.0.fetch_add(1, Ordering::Relaxed);
            let keys = self.1.ok_or(Unanswered::Timeout { sent: true })?;
            let body = if request.endpoint.as_str().ends_with("openid-configuration") {
                r#"{"issuer":"https://ci.example.com","jwks_uri":"https://ci.example.com/keys"}"#
            } else {
                keys
            };
            let body = Zeroizing::new(body.as_bytes().to_vec());
            Ok(Answer { status: 200, retry_after: None, max_age: None, is_json: true, body })
        }
    }

    fn ask_at_once(keys: Option<&'static str>, kids: &[&str]) -> (Vec<Option<bool>>, usize) {
        let asked = Arc::new(AtomicUsize::new(0));
        let issuers = Issuers::new(Box::new(Slow(Arc::clone(&asked), keys)), |_| {});
        let issuer: Issuer = "https://ci.example.com".parse().expect("an issuer");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let answers =
            runtime.block_on(futures_util::future::join_all(kids.iter().map(|kid| {
                let (issuers, issuer) = (&issuers, &issuer);
                async move {
                    issuers.keys(issuer, Some(kid)).await.ok().map(|keys| keys.find(Some(kid)).is_some())
                }
            })));
        (answers, asked.load(Ordering::Relaxed))
    }

    #[test]
    fn a_thousand_who_need_an_issuer_s_keys_ask_it_once() {
        let keys = r#"{"keys":[{"kty":"EC","crv":"P-256","kid":"a","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}"#;
        let (answers, asked) = ask_at_once(Some(keys), &["a"; 1000]);
        assert!(answers.iter().all(|answer| *answer == Some(true)) && asked == 2, "{asked}");
        let made_up: Vec<String> = (0..1000).map(|number| format!("made-up-{number}")).collect();
        let made_up: Vec<&str> = made_up.iter().map(String::as_str).collect();
        let (answers, asked) = ask_at_once(Some(keys), &made_up);
        assert!(answers.iter().all(|answer| *answer == Some(false)) && asked == 2, "{asked}");
        let (answers, asked) = ask_at_once(None, &["a"; 1000]);
        assert!(answers.iter().all(Option::is_none) && asked == 1, "{asked}");
    }
}
