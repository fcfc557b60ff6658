//! Keys that their holders want dead: one thread ends them, one after the other, on a connection of its own. So no
//! worker waits for a change, and what waits is bounded.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::refusal::Refusal;
use crate::config::serve::serve_file::LogLevel;
use crate::ops::desk::Opening;
use crate::ops::keys::holder::{Ended, Ender, Unended};

/// Those that wait at most; more are told to come again.
const MOST_WAITING: usize = 64;

/// How long the connection is kept where nobody asks.
const IDLE: Duration = Duration::from_secs(10);

/// A token that is to die.
struct Wish {
    token: Zeroizing<String>,
    /// The store that is answered from.
    store: Uuid,
    reason: String,
    answer: oneshot::Sender<Result<Ended, Unended>>,
}

/// The way to the thread, which ends with the process.
pub(crate) struct Revocations(SyncSender<Wish>);

impl Revocations {
    pub(crate) fn start(opening: Opening, say: impl Fn(LogLevel, &str) + Send + 'static) -> io::Result<Self> {
        let (sender, wishes) = sync_channel(MOST_WAITING);
        let run = move || fulfil(&wishes, Ender::new(opening), say);
        thread::Builder::new().name("keyctl-revoke".to_owned()).spawn(run)?;
        Ok(Self(sender))
    }

    /// What became of a token, if that is known within this time.
    pub(super) async fn end(
        &self,
        token: &str,
        store: Uuid,
        reason: String,
        within: Duration,
    ) -> Result<Ended, Refusal> {
        let (answer, answered) = oneshot::channel();
        let wish = Wish { token: Zeroizing::new(token.to_owned()), store, reason, answer };
        match self.0.try_send(wish) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Refusal::Overloaded),
            Err(TrySendError::Disconnected(_)) => return Err(Refusal::NotRevoked(Unended::Failed.as_str())),
        }
        match timeout(within, answered).await {
            Ok(Ok(ended)) => ended.map_err(|why| Refusal::NotRevoked(why.as_str())),
            Ok(Err(_)) => Err(Refusal::NotRevoked(Unended::Failed.as_str())),
            Err(_) => Err(Refusal::NotRevoked(Unended::Unsure.as_str())),
        }
    }
}

fn fulfil(wishes: &Receiver<Wish>, mut ender: Ender, say: impl Fn(LogLevel, &str)) {
    loop {
        match wishes.recv_timeout(IDLE) {
            // Who asked was told meanwhile that it is not known, and asks again.
            Ok(wish) if wish.answer.is_closed() => {}
            Ok(wish) => {
                let done = ender.end(wish.store, &wish.token, &wish.reason).map_err(|(why, error)| {
                    say(LogLevel::Error, &failure(why, error.as_ref()));
                    why
                });
                let _ = wish.answer.send(done);
            }
            Err(RecvTimeoutError::Timeout) => ender.rest(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn failure(why: Unended, error: Option<&crate::ops::Error>) -> String {
    match error {
        Some(error) => format!("a key could not be revoked: {error}"),
        None if why == Unended::AnotherStore => {
            "a key could not be revoked: the changes store is another one than the store that is served"
                .to_owned()
        }
        None => "a key could not be revoked".to_owned(),
    }
}
