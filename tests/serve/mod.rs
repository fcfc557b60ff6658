//! `keyctl serve` as gateways and servers use it: the real ones, with the files of `contrib/`.

mod attributes;
mod backend;
pub mod before_mcp;
mod behind_gateways;
mod ci_issuer;
mod client;
mod draining;
mod examples;
mod exchanging;
mod framing;
mod gateway;
mod in_six_lines;
pub mod installed;
mod introspecting;
mod leasing;
mod leasing_refused;
mod limits;
mod listening;
mod mcp;
mod mcp_document;
mod metrics;
mod migrating;
mod offline;
mod pipelines;
pub mod process;
mod quotas;
pub mod raw;
mod refused;
mod resources;
mod revoking;
mod rotating;
mod served;
pub mod serving;
mod stacks;
mod under_load;
mod upstream_keys;
mod verifying;

use crate::support::cli::Sandbox;
use crate::support::store::Place;
use serving::Serving;

/// A store with keys, and serve over it.
pub struct Scene {
    pub sandbox: Sandbox,
    pub serving: Serving,
}

impl Scene {
    pub fn new() -> Self {
        let sandbox = Sandbox::with_store(Place::sqlite());
        let serving = Serving::start(&sandbox);
        Self { sandbox, serving }
    }

    /// A key's token.
    pub fn mint(&self, owner: &str, scope: &str, more: &[&str]) -> String {
        self.sandbox.ok(&[&["mint", owner, "--scope", scope], more].concat())
    }
}
