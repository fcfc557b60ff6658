//! What stands behind a gateway: it answers every request alike and keeps what it received. It can stand in keyctl's
//! place, too, for answers that the real one gives only under load.

use std::io::{BufReader, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub method: String,
    /// Path and query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Received {
    /// All values of a header, by a name in which `-`, `_` and `.` are one, as they are to CGI and its heirs.
    pub fn values(&self, name: &str) -> Vec<&str> {
        let plain = |name: &str| name.to_lowercase().replace(['_', '.'], "-");
        self.headers
            .iter()
            .filter(|(found, _)| plain(found) == name)
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

pub struct Backend {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    is_over: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Backend {
    pub fn start() -> Self {
        Self::answering(0, "200 OK\r\nContent-Type: text/plain")
    }

    /// On this port, with this status and these headers.
    pub fn answering(port: u16, head: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("a port");
        let address = listener.local_addr().expect("an address");
        let (received, is_over) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (kept, ends) = (Arc::clone(&received), Arc::clone(&is_over));
        let accepting = thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), kept) = (stream, Arc::clone(&kept)) else { continue };
                thread::spawn(move || {
                    let _ = serve(stream, head, &kept);
                });
            }
        });
        Self { address, received, is_over, accepting: Some(accepting) }
    }

    /// What arrived since this was asked before.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut self.received.lock().unwrap())
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
        self.accepting.take().map(JoinHandle::join);
    }
}

/// One request a connection.
fn serve(mut stream: TcpStream, head: &str, kept: &Mutex<Vec<Received>>) -> Option<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let first = line(&mut reader)?;
    let mut words = first.split(' ').map(str::to_owned);
    let (method, target) = (words.next()?, words.next()?);
    let mut headers = Vec::new();
    loop {
        let line = line(&mut reader)?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let find = |name: &str| headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
    let body = if find("transfer-encoding").is_some() {
        chunks(&mut reader)?
    } else {
        let length = find("content-length").and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
        exactly(&mut reader, length)?
    };
    let text = if method == "HEAD" { "" } else { "of the backend" };
    kept.lock().unwrap().push(Received { method, target, headers, body });
    let answer = format!("HTTP/1.1 {head}\r\nContent-Length: 14\r\nConnection: close\r\n\r\n{text}");
    stream.write_all(answer.as_bytes()).ok()?;
    stream.shutdown(Shutdown::Write).ok()
}

fn line(reader: &mut impl std::io::BufRead) -> Option<String> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    Some(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn exactly(reader: &mut impl std::io::Read, length: usize) -> Option<Vec<u8>> {
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(body)
}

fn chunks(reader: &mut impl std::io::BufRead) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let length = usize::from_str_radix(&line(reader)?, 16).ok()?;
        body.extend(exactly(reader, length)?);
        line(reader)?;
        if length == 0 {
            return Some(body);
        }
    }
}
