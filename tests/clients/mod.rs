//! Programs that people let in at the portal: over raw HTTP, and with the SDKs that programs are made of.

mod across;
mod asking;
mod attempts;
mod beyond;
mod devices;
mod documents;
mod ends;
mod floods;
mod invited;
mod lives;
mod refused;
mod roles;
mod rows;
pub mod scene;
mod sdks;
