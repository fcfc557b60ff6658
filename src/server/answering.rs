//! Who answers what comes over connections: `keyctl serve`, or `keyctl portal`.

use hyper::body::Incoming;
use hyper::{Request, Response};

use super::answers::Body;
use super::bounds::{Sizes, Times};
use super::door::From;

/// Seen by all threads that take connections.
pub(super) trait Answering: Send + Sync + 'static {
    /// The beginning of its threads' names.
    const NAME: &'static str;

    fn sizes(&self) -> Sizes;

    fn times(&self) -> Times;

    /// Open connections at most.
    fn most_connections(&self) -> usize;

    /// One more connection; returns how many there were.
    fn connected(&self) -> usize;

    fn disconnected(&self);

    /// One was turned away, since there are too many.
    fn shed(&self);

    async fn answer(&self, from: From, request: Request<Incoming>) -> Response<Body>;
}
