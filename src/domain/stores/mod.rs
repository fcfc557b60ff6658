//! Where a store is, in words, and who may read it.

pub mod address;
pub mod privileges;
pub mod store_text;
pub mod text_error;
