//! `keyctl serve` beside what answers for less, and beside what others use for the same.
//!
//! The server's processor time is what is compared wherever one server is: a load generator is slower than either, so
//! requests a second would measure that. One worker each. Every answer is looked at: another status ends the bench.

mod cost;
mod lag;
mod load;
mod memory;
mod programs;
mod rates;
mod waits;

use super::pairs::Line;
use super::{Bench, fixture};

pub(crate) fn measure(bench: &Bench, lines: &mut Vec<Line>) -> anyhow::Result<()> {
    cost::measure(bench, lines)?;
    cost::peers(bench, lines)?;
    waits::measure(bench, lines)?;
    rates::measure(bench, lines)?;
    memory::measure(bench, lines)?;
    lag::measure(bench, lines)
}

const ALLOWED: &[u8] = b"HTTP/1.1 200";

/// The request of a gateway about the key of this number; of one that there is not, its token is well formed and
/// unknown.
fn asking(number: u64) -> Vec<u8> {
    request("/auth/nginx/memories:read", &format!("Bearer {}", fixture::token(number).expose()))
}

fn request(path: &str, authorization: &str) -> Vec<u8> {
    let gateway = "X-Original-URI: /v1/memories/alice\r\nX-Original-Method: GET\r\n";
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\n{gateway}\r\n")
        .into_bytes()
}
