//! What asks: some connections, each of which has one request under way.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{bail, ensure};

pub(crate) struct Load {
    connections: Vec<TcpStream>,
    next: usize,
}

impl Load {
    pub(crate) fn new(to: SocketAddr, connections: usize) -> anyhow::Result<Self> {
        let connect = || {
            let stream = TcpStream::connect(to)?;
            stream.set_nodelay(true)?;
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            anyhow::Ok(stream)
        };
        Ok(Self { connections: (0..connections).map(|_| connect()).collect::<Result<_, _>>()?, next: 0 })
    }

    /// Sends so many requests, one after another of these, on all connections before the first answer is read; each
    /// must be answered so.
    pub(crate) fn send(&mut self, requests: &[Vec<u8>], count: u32, wanted: &[u8]) -> anyhow::Result<()> {
        for _ in 0..count as usize / self.connections.len() {
            for connection in &mut self.connections {
                connection.write_all(&requests[self.next % requests.len()])?;
                self.next += 1;
            }
            // The last one first: who waits for each in turn has to be woken by every answer of a server that is a
            // little slower than the asking, and by none of one that is a little faster.
            for connection in self.connections.iter_mut().rev() {
                answered(connection, wanted)?;
            }
        }
        Ok(())
    }

    /// Asks about each, and tells how long each waited for its answer. Where one is read, the next is sent: so as many
    /// are under way as there are connections.
    pub(crate) fn waits(&mut self, requests: &[Vec<u8>], wanted: &[u8]) -> anyhow::Result<Vec<Duration>> {
        let mut sent = Vec::with_capacity(self.connections.len());
        let mut rest = requests.iter();
        for (connection, request) in self.connections.iter_mut().zip(rest.by_ref()) {
            connection.write_all(request)?;
            sent.push(Instant::now());
        }
        let (mut waits, mut at) = (Vec::with_capacity(requests.len()), 0);
        while waits.len() < requests.len() {
            let connection = &mut self.connections[at];
            answered(connection, wanted)?;
            waits.push(sent[at].elapsed());
            if let Some(request) = rest.next() {
                connection.write_all(request)?;
                sent[at] = Instant::now();
            }
            at = (at + 1) % sent.len();
        }
        Ok(waits)
    }

    /// Asks about these over and over until it is over, whatever is answered.
    pub(crate) fn until(&mut self, requests: &[Vec<u8>], over: &AtomicBool) -> anyhow::Result<()> {
        while !over.load(Ordering::Relaxed) {
            self.send(requests, u32::try_from(self.connections.len())?, b"HTTP/1.1 ")?;
        }
        Ok(())
    }

    /// Asks on the first connection, and tells the status.
    pub(crate) fn status(&mut self, request: &[u8]) -> anyhow::Result<[u8; 3]> {
        self.connections[0].write_all(request)?;
        let mut answer = [0; 4096];
        head(&mut self.connections[0], &mut answer)?;
        Ok([answer[9], answer[10], answer[11]])
    }
}

fn answered(connection: &mut TcpStream, wanted: &[u8]) -> anyhow::Result<()> {
    let mut answer = [0; 4096];
    let end = head(connection, &mut answer)?;
    if !answer.starts_with(wanted) {
        bail!("{}", String::from_utf8_lossy(&answer[..end.min(300)]));
    }
    Ok(())
}

/// Reads an answer, which has no body or one that comes with its head; its bytes so far.
fn head(connection: &mut TcpStream, answer: &mut [u8]) -> anyhow::Result<usize> {
    let mut end = 0;
    while !answer[..end].windows(4).any(|four| four == b"\r\n\r\n") {
        let read = connection.read(&mut answer[end..])?;
        ensure!(read > 0, "the connection was closed");
        end += read;
    }
    Ok(end)
}
