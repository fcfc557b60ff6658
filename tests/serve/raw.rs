//! A client that sends exactly these bytes, and reads what comes back.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A machine may be loaded; whoever waits so long waits for nothing.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Without the date.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found =
            self.head.lines().filter_map(|line| line.split_once(": ")).filter(|(of, _)| *of == name);
        let value = found.next().map(|(_, value)| value);
        assert!(found.next().is_none(), "{name} twice: {}", self.head);
        value
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub fn connect(to: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(to).expect("connects");
    stream.set_nodelay(true).expect("no delay");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    stream
}

/// Reads one answer; `None` if the connection ends before it begins.
pub fn read(stream: &mut impl Read, is_head: bool) -> Option<Answer> {
    let mut bytes = Vec::new();
    let mut one = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read(&mut one) {
            Ok(0) if bytes.is_empty() => return None,
            Ok(0) => panic!("cut off: {:?}", String::from_utf8_lossy(&bytes)),
            Ok(_) => bytes.push(one[0]),
            Err(error) if bytes.is_empty() && error.kind() == io::ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("{error}: {:?}", String::from_utf8_lossy(&bytes)),
        }
    }
    let head = String::from_utf8(bytes).expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    let mut body = vec![0; if is_head || status < 200 { 0 } else { length.unwrap_or(0) }];
    stream.read_exact(&mut body).expect("the body");
    let head =
        head.lines().filter(|line| !line.starts_with("date: ")).map(|line| format!("{line}\n")).collect();
    Some(Answer { status, head, body: String::from_utf8(body).expect("text") })
}

/// All answers to these bytes, up to the end of the connection, which must come.
pub fn all(to: SocketAddr, bytes: &[u8]) -> Vec<Answer> {
    let mut stream = connect(to);
    // Whoever refuses may end it before all was taken.
    let _ = stream.write_all(bytes);
    std::iter::from_fn(|| read(&mut stream, false)).collect()
}

/// The one answer to a request, after which the connection ends.
pub fn one(to: SocketAddr, bytes: &[u8]) -> Answer {
    let mut answers = all(to, bytes);
    assert_eq!(
        answers.len(),
        1,
        "{answers:?} to {:?}",
        String::from_utf8_lossy(&bytes[..bytes.len().min(200)])
    );
    answers.remove(0)
}

/// A request with these header lines, each with its end.
pub fn get(target: &str, lines: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{lines}\r\n").into_bytes()
}

pub fn post(target: &str, lines: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}\r\n{lines}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// What Llama Stack sends for this token.
pub fn validate(token: &str) -> Vec<u8> {
    post("/validate", "", serde_json::json!({ "api_key": token }).to_string().as_bytes())
}
