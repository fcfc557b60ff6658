//! The end of a server: what is under way is answered, and nothing new is begun.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Seen by all who have to know that the server ends.
#[derive(Clone, Default)]
pub(super) struct Drain(Arc<Inner>);

#[derive(Default)]
struct Inner {
    begun: AtomicBool,
    notify: Notify,
}

impl Drain {
    pub(super) fn begin(&self) {
        self.0.begun.store(true, Ordering::Release);
        self.0.notify.notify_waiters();
    }

    pub(super) fn has_begun(&self) -> bool {
        self.0.begun.load(Ordering::Acquire)
    }

    /// Ends when it begins, also if it has.
    pub(super) async fn begun(&self) {
        loop {
            let told = self.0.notify.notified();
            if self.has_begun() {
                return;
            }
            told.await;
        }
    }
}
