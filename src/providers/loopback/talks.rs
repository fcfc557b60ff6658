//! All connections to the open port, on one thread: none is waited for.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use zeroize::Zeroizing;

use super::head::{Head, LONGEST, Page, read};
use super::{Arrived, Shared, WRITTEN_WITHIN};
use crate::domain::credentials::redirected::Redirected;

/// More connections than this nobody needs: the oldest one goes.
const MOST: usize = 64;
/// How long one may take to say what it wants.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long one that was answered may take to go: closed sooner, with something of it unread, its answer would be lost.
const FAREWELL: Duration = Duration::from_secs(1);
/// How soon it is noticed that nobody waits any more.
const NOTICED: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

struct Talk {
    stream: TcpStream,
    head: Zeroizing<Vec<u8>>,
    until: Instant,
    answered: bool,
}

/// What became of one.
enum Next {
    Stays,
    Goes,
    /// It may be the answer.
    Arrives(Arrived),
}

#[expect(clippy::disallowed_methods, reason = "a connection is given up in monotonic time")]
fn now() -> Instant {
    Instant::now()
}

pub(super) fn serve(listener: &TcpListener, port: u16, shared: &Shared, arrived: &Sender<Arrived>) {
    let mut talks: Vec<Talk> = Vec::new();
    while !shared.closed.load(Ordering::SeqCst) {
        wait(listener, &talks);
        accept(listener, &mut talks);
        let taken = shared.taken.load(Ordering::SeqCst);
        let mut at = 0;
        while at < talks.len() {
            match go_on(&mut talks[at], port, taken) {
                Next::Stays => at += 1,
                Next::Goes => drop(talks.remove(at)),
                Next::Arrives(one) => {
                    talks.remove(at);
                    // Where nobody takes it, it is refused as it is dropped.
                    drop(arrived.send(one));
                }
            }
        }
    }
}

fn wait(listener: &TcpListener, talks: &[Talk]) {
    let mut watched: Vec<PollFd<'_>> = vec![PollFd::new(listener, PollFlags::IN)];
    watched.extend(talks.iter().map(|talk| PollFd::new(&talk.stream, PollFlags::IN)));
    // Interrupted, it has waited long enough.
    let _ = poll(&mut watched, Some(&NOTICED));
}

fn accept(listener: &TcpListener, talks: &mut Vec<Talk>) {
    // As many as there may be, in one go: who only connects holds up nobody.
    for _ in 0..MOST {
        let Ok((stream, _)) = listener.accept() else { return };
        if stream.set_nonblocking(true).is_err() {
            continue;
        }
        if talks.len() >= MOST {
            talks.remove(0);
        }
        // Nothing is left behind by growing.
        let head = Zeroizing::new(Vec::with_capacity(LONGEST));
        talks.push(Talk { stream, head, until: now() + PATIENCE, answered: false });
    }
}

fn go_on(talk: &mut Talk, port: u16, taken: bool) -> Next {
    if now() >= talk.until {
        return Next::Goes;
    }
    // Once in a turn: who sends without end holds up nobody.
    let mut bytes = Zeroizing::new([0; 4096]);
    let room = if talk.answered { bytes.len() } else { bytes.len().min(LONGEST - talk.head.len()) };
    match talk.stream.read(&mut bytes[..room]) {
        Ok(0) => return Next::Goes,
        Ok(_) if talk.answered => {}
        Ok(length) => {
            talk.head.extend_from_slice(&bytes[..length]);
            match read(&talk.head, port) {
                Head::Partial => {}
                Head::Callback(_) if taken => talk.answer(&Page::TAKEN),
                Head::Refused(page) => talk.answer(page),
                Head::Callback(redirected) => return arrive(talk, redirected),
            }
        }
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => {}
        Err(_) => return Next::Goes,
    }
    Next::Stays
}

fn arrive(talk: &Talk, redirected: Redirected) -> Next {
    let stream = talk.stream.try_clone().and_then(|stream| {
        stream.set_nonblocking(false)?;
        stream.set_write_timeout(Some(WRITTEN_WITHIN))?;
        Ok(stream)
    });
    match stream {
        Ok(stream) => Next::Arrives(Arrived { stream: Some(stream), redirected: Some(redirected) }),
        Err(_) => Next::Goes,
    }
}

impl Talk {
    /// A page is a few hundred bytes, which the system takes at once; from whoever takes less it is kept.
    fn answer(&mut self, page: &Page) {
        let _ = self.stream.write(page.text().as_bytes()).and_then(|_| self.stream.shutdown(Shutdown::Write));
        self.answered = true;
        self.until = now() + FAREWELL;
    }
}
