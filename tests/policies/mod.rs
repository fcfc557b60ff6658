//! Policies, as operators ask about them.

mod explain;
