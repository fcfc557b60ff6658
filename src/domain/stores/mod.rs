//! Where a store is, in words, and who may read it.

pub(crate) mod address;
pub(crate) mod privileges;
pub(crate) mod store_text;
pub(crate) mod text_error;
