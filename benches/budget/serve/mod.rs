//! `keyctl serve` beside what answers for less, and beside what others use for the same.
//!
//! The server's processor time is what is compared wherever one server is: a load generator is slower than either, so
//! requests a second would measure that. One worker each. Every answer is looked at: another status ends the bench.

pub(crate) mod cost;
pub(crate) mod jwts;
pub(crate) mod lag;
pub(crate) mod leases;
pub(crate) mod load;
pub(crate) mod memory;
pub(crate) mod programs;
pub(crate) mod rates;
pub(crate) mod waits;

use super::fixture;

pub(crate) const ALLOWED: &[u8] = b"HTTP/1.1 200";

/// The request of a gateway about the key of this number; of one that there is not, its token is well formed and
/// unknown.
pub(crate) fn asking(number: u64) -> Vec<u8> {
    request("/auth/nginx/memories:read", &format!("Bearer {}", fixture::token(number).expose()))
}

pub(crate) fn request(path: &str, authorization: &str) -> Vec<u8> {
    let gateway = "X-Original-URI: /v1/memories/alice\r\nX-Original-Method: GET\r\n";
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n{gateway}\r\n")
        .into_bytes()
}
