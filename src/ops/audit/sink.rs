//! Where records go besides the store.

use crate::domain::audit::event::Linked;

/// Gets every record after its commit. The change stands by then, so nothing here can fail:
/// an implementation tells the operator itself what it could not deliver, and ends in a time
/// of its own bound.
pub trait Sink {
    /// Records that are committed, in order, at least one.
    fn send(&mut self, records: &[Linked]);

    /// Records from number `first` on may or may not be committed.
    fn unsure(&mut self, first: u64);
}
