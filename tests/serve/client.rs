//! A client that sends exactly the bytes it is told, from an address of this machine that it is told: libraries repair
//! paths and headers before they send them.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// Where clients come from: not where gateways do, as it is on no real network.
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

const PATIENCE: Duration = Duration::from_secs(20);

/// A request, but for `Host` and `Connection`.
#[derive(Clone, Debug)]
pub struct Request {
    pub method: &'static str,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub is_chunked: bool,
}

#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

pub fn get(target: &str) -> Request {
    Request {
        method: "GET",
        target: target.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
        is_chunked: false,
    }
}

impl Request {
    pub fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    pub fn chunked(mut self) -> Self {
        self.is_chunked = true;
        self
    }

    fn bytes(&self, to: SocketAddr) -> Vec<u8> {
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let mut bytes = Vec::new();
        if self.is_chunked {
            head += "Transfer-Encoding: chunked\r\n";
            for chunk in self.body.chunks(1000) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
                bytes.extend(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
        } else {
            if !self.body.is_empty() {
                head += &format!("Content-Length: {}\r\n", self.body.len());
            }
            bytes.extend(&self.body);
        }
        [head.into_bytes(), b"\r\n".to_vec(), bytes].concat()
    }

    /// Sends it from the client's address.
    pub fn send(&self, to: SocketAddr) -> Response {
        self.try_send(to).unwrap_or_else(|error| panic!("{to}: {error}: {self:?}"))
    }

    pub fn try_send(&self, to: SocketAddr) -> std::io::Result<Response> {
        let mut stream = connect(to)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        // Whoever refuses by the head alone may close before the body is written.
        let _ = stream.write_all(&self.bytes(to));
        let (mut answer, mut piece) = (Vec::new(), [0; 16 * 1024]);
        // Some close only seconds after they refused.
        while !is_whole(&answer, self.method) {
            match stream.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => answer.extend(&piece[..read]),
                // Closed before all was read, a connection is reset, and the answer may be there all the same.
                Err(error) => return response(&answer).ok_or(error),
            }
        }
        response(&answer).ok_or_else(|| std::io::ErrorKind::UnexpectedEof.into())
    }
}

fn connect(to: SocketAddr) -> std::io::Result<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind((CLIENT, 0).into())?;
        socket.connect(to).await
    })?;
    let stream = stream.into_std()?;
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// Whether an answer has all that it announced.
fn is_whole(bytes: &[u8], method: &str) -> bool {
    let Some(response) = response(bytes) else { return false };
    match response.header("content-length").and_then(|length| length.parse::<usize>().ok()) {
        _ if method == "HEAD" => true,
        Some(length) => response.body.len() >= length,
        None => response.header("transfer-encoding").is_some() && response.body.ends_with("0\r\n\r\n"),
    }
}

fn response(bytes: &[u8]) -> Option<Response> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into()));
    let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
    Some(Response { status, headers: headers.collect(), body })
}

impl Response {
    /// The value of a header that is there once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let (first, more) = (values.next(), values.next());
        assert!(more.is_none(), "{name} is there twice: {self:?}");
        first.map(|(_, value)| value.as_str())
    }
}
