//! `keyctl portal` as people use it: over raw HTTP, and with a real browser.

mod admin;
mod browser;
mod devices;
mod flows;
mod guarded;
mod issuer;
mod kept;
mod life;
mod looks;
mod oidc;
mod oidc_refused;
mod others;
mod passing;
mod programs;
mod running;
pub mod scene;
mod weight;
