//! Stylesheet and script, from the program itself. What they hold is in their names, so they may be kept for ever.

use std::sync::LazyLock;

use bytes::Bytes;
use hyper::Response;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};

use crate::server::answers::Body;

pub(super) struct Asset {
    text: &'static str,
    kind: &'static str,
    path: LazyLock<String>,
}

pub(super) static STYLE: Asset = Asset {
    text: include_str!("portal.css"),
    kind: "text/css; charset=utf-8",
    path: LazyLock::new(|| format!("/assets/portal-{:016x}.css", STYLE.print())),
};

pub(super) static SCRIPT: Asset = Asset {
    text: include_str!("portal.js"),
    kind: "text/javascript; charset=utf-8",
    path: LazyLock::new(|| format!("/assets/portal-{:016x}.js", SCRIPT.print())),
};

impl Asset {
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// Tells versions of our own apart, and proves nothing: FNV-1a of 64 bits.
    fn print(&self) -> u64 {
        let mix = |print: u64, byte: u8| (print ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        self.text.bytes().fold(0xcbf2_9ce4_8422_2325, mix)
    }

    fn answer(&self) -> Response<Body> {
        let mut response = Response::new(Body::new(Bytes::from_static(self.text.as_bytes())));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        response
    }
}

/// The one at a path. A page of an older program may still ask for another version: it gets none, and works without.
pub(super) fn at(path: &str) -> Option<Response<Body>> {
    [&STYLE, &SCRIPT].into_iter().find(|asset| asset.path() == path).map(Asset::answer)
}
