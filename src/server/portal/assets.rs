//! Stylesheet and script, from the program itself. What they hold is in their names, so they may be kept for ever.
//!
//! They are compressed, and pages are not: in these the secret of a form stands beside names that others chose, and what a compressed
//! answer weighs would say how much of the one is in the other (BREACH). In a stylesheet nothing is anybody's.

use std::io::Write as _;
use std::sync::LazyLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY};
use hyper::{HeaderMap, Response};

use crate::server::answers::Body;

pub(super) struct Asset {
    text: &'static str,
    kind: &'static str,
    path: LazyLock<String>,
    gzip: LazyLock<Bytes>,
}

pub(super) static STYLE: Asset = Asset {
    text: include_str!("portal.css"),
    kind: "text/css; charset=utf-8",
    path: LazyLock::new(|| format!("/assets/portal-{:016x}.css", STYLE.print())),
    gzip: LazyLock::new(|| STYLE.compressed()),
};

pub(super) static SCRIPT: Asset = Asset {
    text: include_str!("portal.js"),
    kind: "text/javascript; charset=utf-8",
    path: LazyLock::new(|| format!("/assets/portal-{:016x}.js", SCRIPT.print())),
    gzip: LazyLock::new(|| SCRIPT.compressed()),
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

    /// Nothing where it cannot be.
    fn compressed(&self) -> Bytes {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let written = encoder.write_all(self.text.as_bytes()).and_then(|()| encoder.finish());
        written.map(Bytes::from).unwrap_or_default()
    }

    fn answer(&self, asked: &HeaderMap) -> Response<Body> {
        let is_compressed = takes_gzip(asked) && !self.gzip.is_empty();
        let bytes = if is_compressed { self.gzip.clone() } else { Bytes::from_static(self.text.as_bytes()) };
        let mut response = Response::new(Body::new(bytes));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.kind));
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if is_compressed {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
        response
    }
}

/// The one at a path. A page of an older program may still ask for another version: it gets none, and works without.
pub(super) fn at(path: &str, asked: &HeaderMap) -> Option<Response<Body>> {
    [&STYLE, &SCRIPT].into_iter().find(|asset| asset.path() == path).map(|asset| asset.answer(asked))
}

/// Whether whoever asks takes gzip (RFC 9110 §12.5.3), and says so by its name.
fn takes_gzip(asked: &HeaderMap) -> bool {
    let lines = asked.get_all(ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        // A weight of nothing is a no.
        let is_refused = parts.any(|part| {
            let weight = part.strip_prefix("q=").or_else(|| part.strip_prefix("Q="));
            weight.is_some_and(|weight| weight.parse::<f32>().is_ok_and(|weight| weight <= 0.0))
        });
        is_gzip && !is_refused
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_who_takes_it() {
        for (line, wanted) in [
            ("gzip, deflate, br, zstd", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("gzip; q=0.000", false),
            ("*", false),
            ("x-gzip", false),
            ("", false),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(ACCEPT_ENCODING, line.parse().expect("a value"));
            assert_eq!(takes_gzip(&asked), wanted, "{line}");
        }
        assert!(!takes_gzip(&HeaderMap::new()));
    }
}
