//! What is passed on, read by the library itself: wherever the bytes were cut, the same requests, and of each head
//! that passes exactly one, with the body that it announces.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const SIZES: Sizes = Sizes { head: 512, body: 64 };

/// A connection over which each piece comes by itself; what is written is kept.
struct Pieces {
    coming: VecDeque<Vec<u8>>,
    has_waited: bool,
    written: Rc<RefCell<Vec<u8>>>,
}

impl AsyncRead for Pieces {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !std::mem::replace(&mut this.has_waited, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        this.has_waited = false;
        if let Some(mut piece) = this.coming.pop_front() {
            let rest = piece.split_off(piece.len().min(into.remaining()));
            into.put_slice(&piece);
            if !rest.is_empty() {
                this.coming.push_front(rest);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.written.borrow_mut().extend(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// A request that the library understood.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Understood {
    line: String,
    fault: Option<Fault>,
    /// `None` if it was not as long as it was said.
    body: Option<usize>,
}

/// What the library makes of these pieces, and how often it answered by itself.
fn understood(pieces: Vec<Vec<u8>>) -> (Vec<Understood>, usize) {
    let written = Rc::new(RefCell::new(Vec::new()));
    let coming = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
    let stream = Pieces { coming, has_waited: false, written: Rc::clone(&written) };
    let (checked, watch) = Checked::new(stream, SIZES, now());
    let found = Rc::new(RefCell::new(Vec::new()));
    let service = service_fn(|request: Request<hyper::body::Incoming>| {
        let (found, fault) = (Rc::clone(&found), watch.unread.take().map(|unread| unread.fault));
        async move {
            let line = format!("{} {}", request.method(), request.uri());
            let body = request.into_body().collect().await.ok().map(|body| body.to_bytes().len());
            found.borrow_mut().push(Understood { line, fault, body });
            let mut response = Response::new(Full::new(Bytes::new()));
            *response.status_mut() = hyper::StatusCode::IM_A_TEAPOT;
            Ok::<_, Infallible>(response)
        }
    });
    let connection =
        http1::Builder::new().half_close(true).pipeline_flush(true).serve_connection(checked, service);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _ = runtime.block_on(connection);
    let written = String::from_utf8_lossy(&written.borrow()).replace("HTTP/1.1 100 Continue", "");
    let (all, ours) = (written.matches("HTTP/1.").count(), written.matches(" 418 ").count());
    let found = found.take();
    assert_eq!(ours, found.len(), "{written}");
    (found, all - ours)
}

fn fields() -> impl Strategy<Value = String> {
    let one = prop_oneof![
        8 => Just("Host: x"),
        4 => select(vec!["Content-Length: 0", "Content-Length: 5", "content-length:\t12 ", "Content-Length: 64"]),
        4 => select(vec!["Connection: close", "Connection: keep-alive", "Expect: 100-continue", "Accept: */*"]),
        2 => select(vec!["Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "Authorization: Bearer a b"]),
        1 => select(vec![
            "Content-Length: 65",
            "Content-Length: -1",
            "Content-Length: 0x5",
            "Content-Length: 5, 5",
            "Content-Length: 18446744073709551621",
            "Content-Length:",
            "Transfer-Encoding: chunked",
            "Transfer-Encoding : chunked",
            "Transfer-Encoding: identity",
            "Transfer-Encoding:\x0bchunked",
            "Host: y",
            " folded",
            "no colon",
            ": nameless",
            "A\u{e4}: b",
            "A: \u{e4}\t\u{7f}",
            "A: \0",
            "A: b\rContent-Length: 3",
            "A: b\nContent-Length: 3",
            "",
        ]),
    ];
    vec((one, end()), 0..5).prop_map(|lines| {
        lines.into_iter().flat_map(|(line, end)| [line.to_string(), end.to_string()]).collect::<String>()
    })
}

fn end() -> impl Strategy<Value = &'static str> {
    prop_oneof![40 => Just("\r\n"), 1 => select(vec!["\n", "\r", "\r\r\n", "\n\r\n"])]
}

fn head() -> impl Strategy<Value = Vec<u8>> {
    let method = prop_oneof![
        12 => select(vec!["GET", "POST", "HEAD", "OPTIONS", "BREW"]),
        1 => select(vec!["TRACE", "CONNECT", "PRI", "G(T", "G\0T", "", " GET", "\r\nGET", "\r\n\r\nPOST", "\nGET"]),
    ];
    let target = prop_oneof![
        12 => select(vec!["/", "/auth/nginx/a:b", "/a?b=c", "/%zz", "//x", "/{a}|^\"\\~", "/?a=`{}|^\\"]),
        1 => select(vec!["*", "http://x/", "x", "", "/a b", "/#a", "/?#", "/<", "/`", "/?\"", "/\u{7f}", "/\u{e4}", "?a"]),
    ];
    let version = prop_oneof![
        12 => select(vec!["HTTP/1.1", "HTTP/1.0"]),
        1 => select(vec!["HTTP/2.0", "HTTP/1.2", "http/1.1", "HTTP/1.1 ", "HTTP/0.9", ""]),
    ];
    let written = (method, target, version, end(), fields(), end())
        .prop_map(|(method, target, version, first, fields, last)| {
            format!("{method} {target} {version}{first}{fields}{last}").into_bytes()
        })
        .boxed();
    let changed = (written.clone(), any::<prop::sample::Index>(), any::<u8>(), any::<bool>());
    let changed = changed.prop_map(|(mut head, at, byte, is_new)| {
        let at = at.index(head.len());
        if is_new {
            head.insert(at, byte);
        } else {
            head[at] = byte;
        }
        head
    });
    prop_oneof![4 => written, 1 => changed]
}

fn cut(bytes: &[u8], at: &[prop::sample::Index]) -> Vec<Vec<u8>> {
    let mut cuts: Vec<usize> = at.iter().map(|at| at.index(bytes.len() + 1)).collect();
    cuts.extend([0, bytes.len()]);
    cuts.sort_unstable();
    cuts.windows(2).map(|pair| bytes[pair[0]..pair[1]].to_vec()).collect()
}

proptest! {
    #[test]
    fn wherever_it_is_cut_the_same_is_understood(
        heads in vec((head(), 0_usize..16), 1..4),
        at in vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let bytes: Vec<u8> = heads.iter().flat_map(|(head, body)| [head.clone(), vec![b'x'; *body]].concat()).collect();
        let whole = understood(vec![bytes.clone()]);
        prop_assert_eq!(&understood(cut(&bytes, &at)), &whole, "{:?}", String::from_utf8_lossy(&bytes));
        let each = bytes.iter().map(|byte| vec![*byte]).collect();
        prop_assert_eq!(&understood(each), &whole, "byte by byte {:?}", String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_head_that_passes_is_exactly_one_request_with_its_body(head in head()) {
        let begins = head.iter().position(|byte| !b"\r\n".contains(byte)).unwrap_or_default();
        prop_assume!(end_of_head(&head[begins..], 0) == Some(head.len() - begins));
        let length = check(&head[begins..]).ok().filter(|length| *length <= SIZES.body as u64);
        let body = usize::try_from(length.unwrap_or_default()).expect("a length");
        let bytes = [head, vec![b'x'; body]].concat();
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let (found, by_itself) = understood(vec![bytes]);
        prop_assert_eq!(by_itself, 0, "the library answered by itself: {:?}", shown);
        prop_assert_eq!(found.len(), 1, "{:?}: {:?}", shown, found);
        match (length, found[0].fault) {
            (Some(_), None) => prop_assert_eq!(found[0].body, Some(body), "{:?}", shown),
            (None, Some(_)) => {}
            // Line ends in front of it that are none.
            (Some(_), Some(fault)) => prop_assert!(begins > 0, "{:?}: {:?}", shown, fault),
            (None, None) => prop_assert!(false, "{:?} passed", shown),
        }
    }
}
