//! Text of any origin: made safe to show, and looked through for secrets.

pub mod bare;
pub mod credentials;
pub mod leak;
pub mod misplaced;
pub mod text;
