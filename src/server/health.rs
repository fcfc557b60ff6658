//! `/healthz` and `/readyz`.

use hyper::{Response, StatusCode};

use super::answers::{Body, plain};
use super::app::App;

/// The process lives.
pub(super) fn healthz() -> Response<Body> {
    plain(StatusCode::OK, "ok\n")
}

/// Whether requests should be sent here: not before the store was read, and not while the server ends. A
/// store that cannot be read any more is no reason: then no instance would be left to say so.
pub(super) fn readyz(app: &App) -> Response<Body> {
    match app.is_ready() {
        true => plain(StatusCode::OK, "ready\n"),
        false if app.is_draining() => plain(StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
        false => plain(StatusCode::SERVICE_UNAVAILABLE, "the store was not read yet\n"),
    }
}
