//! What shows that a form came from a page of a session.

pub(crate) use crate::crypto::form_token::{is_of, of};
