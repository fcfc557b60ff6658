//! Where a browser is sent back to after a sign-in: a port of 127.0.0.1, open while it is waited for (RFC 8252 §7.3).
//!
//! Everybody on this machine, and every page in its browsers, can connect to it. So who asks here is nobody yet: one request
//! is passed on as it is, and whoever began the sign-in says whether it is the answer to it. All others are refused, and none
//! holds up another: connections that say nothing, as browsers open them ahead, stand beside the one that counts.

mod head;
mod talks;

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use zeroize::Zeroizing;

use self::head::Page;
use super::encoding;
use crate::domain::credentials::redirected::Redirected;
use crate::domain::outbound::endpoint::Endpoint;
use crate::ops::outbound::Form;

/// How long writing a page may take: it fits into what the system keeps for a connection.
const WRITTEN_WITHIN: Duration = Duration::from_secs(2);

/// The open port.
#[derive(Debug)]
pub(crate) struct Loopback {
    uri: String,
    shared: Arc<Shared>,
    arrived: Receiver<Arrived>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Nobody waits any more.
    closed: AtomicBool,
    /// The answer is there: another one is none.
    taken: AtomicBool,
}

/// A request that may be the answer. Its browser waits; dropped, it is refused.
#[derive(Debug)]
pub(crate) struct Arrived {
    stream: Option<TcpStream>,
    redirected: Option<Redirected>,
}

impl Loopback {
    /// Opens a port that the system chooses.
    pub(crate) fn open() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let shared = Arc::<Shared>::default();
        let (sender, arrived) = mpsc::channel();
        let of_thread = Arc::clone(&shared);
        let thread =
            thread::Builder::new().spawn(move || talks::serve(&listener, port, &of_thread, &sender))?;
        let uri = format!("http://127.0.0.1:{port}/callback");
        Ok(Self { uri, shared, arrived, thread: Some(thread) })
    }

    /// Where the browser is to be sent.
    pub(crate) fn uri(&self) -> &str {
        &self.uri
    }

    /// The next request that may be the answer, if one comes in this time. [`io::ErrorKind::BrokenPipe`]: none comes any
    /// more.
    pub(crate) fn next(&self, within: Duration) -> io::Result<Option<Arrived>> {
        match self.arrived.recv_timeout(within) {
            Ok(arrived) => Ok(Some(arrived)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }

    /// The answer is there. Whoever asks now is told that.
    pub(crate) fn take(&self) {
        self.shared.taken.store(true, Ordering::SeqCst);
    }
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.shared.closed.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Arrived {
    /// What it says. `None` after the first time.
    pub(crate) fn redirected(&mut self) -> Option<Redirected> {
        self.redirected.take()
    }

    /// Tells whoever sits there how it ended.
    pub(crate) fn tell(mut self, worked: bool) {
        self.answer(if worked { &Page::WORKED } else { &Page::FAILED });
    }

    fn answer(&mut self, page: &Page) {
        let Some(mut stream) = self.stream.take() else { return };
        // Whoever went away is told nothing.
        let _ = stream.write_all(page.text().as_bytes()).and_then(|()| stream.shutdown(Shutdown::Write));
    }
}

impl Drop for Arrived {
    fn drop(&mut self) {
        self.answer(&Page::STRANGER);
    }
}

/// An endpoint with these parameters in its query, for a browser.
pub(crate) fn address(endpoint: &Endpoint, form: &Form<'_>) -> Zeroizing<String> {
    let (endpoint, query) = (endpoint.as_str(), encoding::form(form));
    let mut address = Zeroizing::new(String::with_capacity(endpoint.len() + 1 + query.len()));
    address.push_str(endpoint);
    address.push(if endpoint.contains('?') { '&' } else { '?' });
    address.push_str(&query);
    address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_keeps_the_query_that_it_has() {
        let form = Form::default().with("a b", "c&d");
        for (endpoint, expected) in [
            ("https://a.example/auth", "https://a.example/auth?a+b=c%26d"),
            ("https://a.example/auth?tenant=7", "https://a.example/auth?tenant=7&a+b=c%26d"),
        ] {
            assert_eq!(*address(&endpoint.parse().expect("an endpoint"), &form), expected);
        }
    }
}
