//! What a request to the open port is, and what it is answered.

use httparse::{EMPTY_HEADER, Request, Status};
use zeroize::Zeroizing;

use crate::domain::credentials::redirected::Redirected;

/// Bytes of a request: a code and a state of a few thousand, and what a browser says of itself.
pub(super) const LONGEST: usize = 32 * 1024;
const MOST_HEADERS: usize = 100;

/// What is known of a request so far.
#[derive(Debug)]
pub(super) enum Head {
    Partial,
    /// It may be the answer.
    Callback(Redirected),
    Refused(&'static Page),
}

/// What is shown in a browser: nothing of what it sent.
#[derive(Debug)]
pub(super) struct Page {
    status: &'static str,
    body: &'static str,
}

impl Page {
    pub(super) const WORKED: Self = Self {
        status: "200 OK",
        body: "The sign-in worked, and keyctl has its tokens. You may close this page.",
    };
    pub(super) const FAILED: Self = Self {
        status: "200 OK",
        body: "The sign-in did not work: keyctl has no tokens. The terminal says why. You may close this page.",
    };
    pub(super) const STRANGER: Self =
        Self { status: "400 Bad Request", body: "This is not the answer that keyctl waits for." };
    pub(super) const TAKEN: Self =
        Self { status: "409 Conflict", body: "keyctl has its answer. You may close this page." };
    const MALFORMED: Self = Self { status: "400 Bad Request", body: "This is no request that keyctl reads." };
    const TOO_LONG: Self =
        Self { status: "431 Request Header Fields Too Large", body: "This is longer than keyctl reads." };
    const METHOD: Self = Self { status: "405 Method Not Allowed", body: "keyctl takes GET alone." };
    const HOST: Self = Self { status: "421 Misdirected Request", body: "keyctl is not that host." };
    const NOWHERE: Self = Self { status: "404 Not Found", body: "There is nothing here." };

    /// All that is sent. Nothing of the address, which holds the code, goes to another page, and no cache keeps anything.
    pub(super) fn text(&self) -> String {
        let Self { status, body } = self;
        let allow = if *status == Self::METHOD.status { "Allow: GET\r\n" } else { "" };
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n{allow}\
             Cache-Control: no-store\r\nContent-Security-Policy: default-src 'none'\r\nReferrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}\n",
            body.len() + 1
        )
    }
}

/// Reads what has come. Whoever sends a page here by another name (DNS rebinding) has it in `Host`.
pub(super) fn read(bytes: &[u8], port: u16) -> Head {
    let mut headers = [EMPTY_HEADER; MOST_HEADERS];
    let mut request = Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(Status::Complete(_)) => judge(&request, port),
        Ok(Status::Partial) if bytes.len() >= LONGEST => Head::Refused(&Page::TOO_LONG),
        Ok(Status::Partial) => Head::Partial,
        Err(httparse::Error::TooManyHeaders) => Head::Refused(&Page::TOO_LONG),
        Err(_) => Head::Refused(&Page::MALFORMED),
    }
}

fn judge(request: &Request<'_, '_>, port: u16) -> Head {
    let is_host = |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case("host");
    let hosts: Vec<&[u8]> = request.headers.iter().filter(is_host).map(|header| header.value).collect();
    let ours = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let [host] = hosts[..] else { return Head::Refused(&Page::HOST) };
    if !ours.iter().any(|own| host.eq_ignore_ascii_case(own.as_bytes())) {
        return Head::Refused(&Page::HOST);
    }
    let target = request.path.unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != "/callback" {
        return Head::Refused(&Page::NOWHERE);
    }
    if request.method != Some("GET") {
        return Head::Refused(&Page::METHOD);
    }
    let pairs = form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())));
    Redirected::read(pairs).map_or(Head::Refused(&Page::STRANGER), Head::Callback)
}
