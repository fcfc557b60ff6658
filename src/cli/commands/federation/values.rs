//! Values to be handed out: those that are kept, and the tokens that are got for secrets without one.

use crate::cli::commands::credentials::current::{self, Lacking};
use crate::cli::context::Context;
use crate::domain::credentials::next::is_due;
use crate::domain::federation::settings::Present;
use crate::domain::owners::owner::Owner;
use crate::domain::secrets::secret::{Secret, SecretKind, SecretValue};
use crate::domain::time::Timestamp;
use crate::ops::credentials::current::MIN_VALID;
use crate::ops::env::SystemRandom;
use crate::ops::federation::exchange::{Got, Order};
use crate::ops::secrets::nearest::Effective;
use crate::store::Store;

/// What somebody is handed.
#[derive(Debug)]
pub(in crate::cli) struct Handed {
    pub secret: Secret,
    pub value: SecretValue,
    /// How the provider is presented it, where that is said.
    pub present: Option<Present>,
    /// When it ends, where that is not the secret's end.
    pub expires_at: Option<Timestamp>,
}

/// Whether somebody elsewhere may have to be asked first, which takes seconds: what is handed out then may have been taken
/// away meanwhile.
pub(in crate::cli) fn takes_a_while(secret: &Secret, at: Timestamp) -> bool {
    match secret.kind {
        SecretKind::Static => false,
        SecretKind::OAuth => is_due(secret, MIN_VALID, at),
        SecretKind::Federated => true,
    }
}

/// Opens secrets that this owner gets, of a store that is closed before anybody is asked for a token.
pub(in crate::cli) fn values(
    context: &Context,
    mut store: Store,
    found: Vec<Effective>,
    owner: &Owner,
    at: Timestamp,
) -> anyhow::Result<Vec<Handed>> {
    let is_federated = |found: &Effective| found.secret.kind == SecretKind::Federated;
    let (federated, kept): (Vec<_>, Vec<_>) = found.into_iter().partition(is_federated);
    let orders = orders(context, &mut store, federated, owner)?;
    let kept = if kept.is_empty() {
        drop(store);
        Vec::new()
    } else {
        current::values(context, store, kept, at)?
    };
    let of_kept = |(secret, value)| Ok(Handed { secret, value, present: None, expires_at: None });
    let outbound = context.outbound();
    let got = |(secret, order): (Secret, Order)| {
        let got = order.send(&outbound, at, &mut SystemRandom)?;
        let got = got.map_err(|not| Lacking::of(&secret, order.failed(not.why)))?;
        let Got { value, expires_at, present } = got;
        Ok(Handed { secret, value, present: Some(present), expires_at })
    };
    kept.into_iter().map(of_kept).chain(orders.into_iter().map(got)).collect()
}

/// What is signed for each.
fn orders(
    context: &Context,
    store: &mut Store,
    federated: Vec<Effective>,
    owner: &Owner,
) -> anyhow::Result<Vec<(Secret, Order)>> {
    if federated.is_empty() {
        return Ok(Vec::new());
    }
    let ring = context.ring(store)?;
    let order = |found: Effective| {
        let order = found.order(store, &ring, owner).map_err(|error| Lacking::of(&found.secret, error))?;
        Ok((found.secret, order))
    };
    federated.into_iter().map(order).collect()
}
