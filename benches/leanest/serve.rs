//! The leanest server that does what `keyctl serve` has to do for a key whose token is good: the same HTTP library on
//! one thread, the SHA-256 of the token, the answer of a map or else of one select, five headers. It leaves out all
//! else: heads are not checked, no scope, rate, quota, network or change is looked at, nothing is counted, nothing ends.

use std::cell::RefCell;
use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::Empty;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::rt::ReadBufCursor;
use hyper::service::service_fn;
use hyper::{Request, Response};
use quick_cache::unsync::Cache;
use rusqlite::{Connection, Statement};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// What the contract of readers asks of one read, and the limits of the key.
const LOOK: &str = "SELECT (SELECT mark FROM keyctl_changes_v1 LIMIT 1), \
     CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER), hash_alg, state, networks, quota, token_id, key_id, \
     key_name, owner, subject, scopes, expires_at, rate, labels, not_before FROM keyctl_tokens_v1 WHERE token_hash = ?1";

type Identity = [HeaderValue; 3];

struct Keys<'c> {
    select: Statement<'c>,
    kept: Cache<[u8; 32], Identity>,
}

impl Keys<'_> {
    fn identity(&mut self, token: &str) -> anyhow::Result<Identity> {
        let print: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(identity) = self.kept.get(&print) {
            return Ok(identity.clone());
        }
        let hash = print.iter().fold(String::with_capacity(64), |mut hash, byte| {
            hash.extend(
                [byte >> 4, byte & 15].map(|half| char::from(b"0123456789abcdef"[usize::from(half)])),
            );
            hash
        });
        let mut rows = self.select.query([hash])?;
        let row = rows.next()?.context("unknown")?;
        anyhow::ensure!(row.get_ref(3)?.as_str()? == "active", "denied");
        let value = |column| anyhow::Ok(HeaderValue::from_str(row.get_ref(column)?.as_str()?)?);
        let scopes: Vec<String> = serde_json::from_str(row.get_ref(11)?.as_str()?)?;
        let identity = [value(10)?, value(7)?, HeaderValue::from_str(&scopes.join(" "))?];
        self.kept.insert(print, identity.clone());
        Ok(identity)
    }
}

/// Listens on a port of this machine until it is ended.
pub(super) fn serve(store: &'static Connection, port: u16) -> anyhow::Result<()> {
    store.execute_batch("PRAGMA cache_size = -2000; PRAGMA mmap_size = 1099511627776")?;
    let keys = Rc::new(RefCell::new(Keys { select: store.prepare(LOOK)?, kept: Cache::new(10_000) }));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let keys = Rc::clone(&keys);
            let service = service_fn(move |request| {
                let response = answer(&mut keys.borrow_mut(), &request);
                async { Ok::<_, Infallible>(response) }
            });
            let io = Plain { stream, buffer: vec![0; 4096].into() };
            let connection = hyper::server::conn::http1::Builder::new().serve_connection(io, service);
            tokio::task::spawn_local(async {
                let _ = connection.await;
            });
        }
    })
}

fn answer(keys: &mut Keys<'_>, request: &Request<hyper::body::Incoming>) -> Response<Empty<Bytes>> {
    let mut response = Response::new(Empty::new());
    let token =
        request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(Ok([owner, key, scopes])) = token.map(|token| keys.identity(token)) else {
        *response.status_mut() = hyper::StatusCode::UNAUTHORIZED;
        return response;
    };
    let headers = response.headers_mut();
    headers.reserve(5);
    headers.insert("x-keyctl-owner", owner);
    headers.insert("x-keyctl-key", key);
    headers.insert("x-keyctl-scopes", scopes);
    headers.insert("x-keyctl-type", HeaderValue::from_static("key"));
    headers.insert("x-keyctl-would-deny", HeaderValue::from_static(""));
    response
}

/// A stream as the library reads it.
struct Plain {
    stream: TcpStream,
    buffer: Box<[u8]>,
}

impl hyper::rt::Read for Plain {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut into: ReadBufCursor<'_>,
    ) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        let most = this.buffer.len().min(into.remaining());
        let mut buffer = ReadBuf::new(&mut this.buffer[..most]);
        ready!(Pin::new(&mut this.stream).poll_read(context, &mut buffer))?;
        into.put_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }
}

impl hyper::rt::Write for Plain {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}
