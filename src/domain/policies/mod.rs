//! What a request must be allowed to: which path and method of a server need which scope and owner.

pub(crate) mod escape;
pub(crate) mod method;
pub(crate) mod path;
pub(crate) mod pattern;
pub(crate) mod policy;
pub(crate) mod proxies;
pub(crate) mod request;
pub(crate) mod request_line;
pub(crate) mod requirement;
pub(crate) mod resource;
pub(crate) mod route;
pub(crate) mod upstream;
