//! Text of any origin: made safe to show, and looked through for secrets.

pub(crate) mod authority;
pub(crate) mod bare;
pub(crate) mod credentials;
pub(crate) mod leak;
pub(crate) mod misplaced;
pub(crate) mod near;
pub(crate) mod strict_json;
pub mod text;
