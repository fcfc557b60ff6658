//! Replacing the master key without a stop.
//!
//! Every envelope is opened with the key before and sealed under the new one, a few at a time,
//! each in the transaction that found it as it was. Killed at any moment, the next run goes on:
//! whatever was done is done, and services that hold both keys open the one and the other.

use serde_json::json;

use super::Ring;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::credentials::credential::Part;
use crate::domain::random::Random;
use crate::domain::secrets::sealed::{Envelope, MasterKeyId};
use crate::domain::secrets::secret::{SecretId, SecretValue};
use crate::domain::texts::text::counted;
use crate::domain::time::Timestamp;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, GOES_ON, Result};
use crate::store::{
    CredentialLookup as _, FederationLookup as _, MasterKeyLookup as _, MasterKeyRow, PartLookup as _,
    SealedVersion, SecretLookup as _, SigningKeyLookup as _, Tx,
};

/// Versions sealed anew by one transaction: some milliseconds, for which others wait.
const BATCH: u32 = 100;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// The key before.
    pub from: MasterKeyId,
    /// The key from now on.
    pub to: MasterKeyId,
    /// Envelopes that were sealed anew by this run.
    pub resealed: u64,
    /// What did not open, as `NAME version N` or `signing key KID`; it stays as it is.
    pub failed: Vec<String>,
    /// When the key before was retired; `None` while something needs it.
    pub retired_at: Option<Timestamp>,
    /// When it ended, by the store's clock.
    pub at: Timestamp,
}

/// How many versions a rotation would seal anew.
pub fn pending(store: &mut crate::store::Store, ring: &Ring) -> Result<u64> {
    let rows = store.master_keys()?;
    let (from, _) = keys(&rows, ring)?;
    Ok(rows.iter().find(|row| row.id == from).map_or(0, MasterKeyRow::envelopes))
}

/// Seals everything under the current key that is sealed under the previous one, then retires
/// that. `progress` is called with the number of versions of each transaction.
pub fn rotate(env: &mut Env, ring: &Ring, progress: &mut dyn FnMut(u64)) -> Result<Rotated> {
    let (from, to) = begin(env, ring)?;
    let mut resealed = 0;
    // What others seal under the old key meanwhile is found by the next round.
    let mut failed = loop {
        let round = round(env, ring, from, &mut |versions| {
            resealed += versions;
            progress(versions);
        });
        let round = round.map_err(|error| partly(resealed, error))?;
        let parts = round_of_parts(env, ring, from, &mut |parts| {
            resealed += parts;
            progress(parts);
        });
        let parts = parts.map_err(|error| partly(resealed, error))?;
        if round.resealed + parts.resealed == 0 {
            break [round.failed, parts.failed].concat();
        }
    };
    let of_signing = env
        .change_sealing(Action::MasterReseal, |tx, random| reseal_signing_keys_in(tx, random, ring, from))
        .map_err(|error| partly(resealed, error))?;
    resealed += of_signing.resealed;
    progress(of_signing.resealed);
    failed.extend(of_signing.failed);
    let of_federations = env
        .change_sealing(Action::MasterReseal, |tx, random| reseal_federation_keys_in(tx, random, ring, from))
        .map_err(|error| partly(resealed, error))?;
    resealed += of_federations.resealed;
    progress(of_federations.resealed);
    failed.extend(of_federations.failed);
    let retired = env.change(Action::MasterRetire, |tx| retire_in(tx, from, to));
    let (retired_at, at) = retired.map_err(|error| partly(resealed, error))?;
    Ok(Rotated { from, to, resealed, failed, retired_at, at })
}

fn round(env: &mut Env, ring: &Ring, from: MasterKeyId, progress: &mut dyn FnMut(u64)) -> Result<Batch> {
    all_of(env, progress, |tx, random, after| reseal_in(tx, random, ring, from, after))
}

/// The same of what credentials are refreshed with.
fn round_of_parts(
    env: &mut Env,
    ring: &Ring,
    from: MasterKeyId,
    progress: &mut dyn FnMut(u64),
) -> Result<Batch<(SecretId, Part)>> {
    all_of(env, progress, |tx, random, after| reseal_parts_in(tx, random, ring, from, after))
}

fn all_of<P: Copy>(
    env: &mut Env,
    progress: &mut dyn FnMut(u64),
    mut work: impl FnMut(&mut Tx<'_>, &mut dyn Random, Option<P>) -> Result<Done<Batch<P>>>,
) -> Result<Batch<P>> {
    let mut all = Batch { resealed: 0, failed: Vec::new(), last: None };
    loop {
        let after = all.last;
        let batch = env.change_sealing(Action::MasterReseal, |tx, random| work(tx, random, after))?;
        progress(batch.resealed);
        all.resealed += batch.resealed;
        all.failed.extend(batch.failed);
        all.last = batch.last;
        if all.last.is_none() {
            return Ok(all);
        }
    }
}

/// The new key is admitted, whatever ended it.
fn partly(done: u64, error: Error) -> Error {
    Error::Partly { done, what: "envelope", then: GOES_ON, error: Box::new(error) }
}

/// The two keys, if they are what a rotation needs.
fn keys(rows: &[MasterKeyRow], ring: &Ring) -> Result<(MasterKeyId, MasterKeyId)> {
    let unavailable = |message: String, hint: &str| Error::KeyUnavailable { message, hint: hint.to_owned() };
    let Some(previous) = ring.keys().previous() else {
        return Err(unavailable(
            "a rotation needs two different master keys".to_owned(),
            "set the old one as KEYCTL_MASTER_KEY_PREVIOUS and a new one, from keyctl master init, as KEYCTL_MASTER_KEY",
        ));
    };
    let Some(from) = Ring::known(rows, previous)? else {
        let message =
            format!("nothing in this store was ever sealed under the previous master key ({})", previous.id);
        return Err(unavailable(message, "set the one that keyctl master status shows"));
    };
    let begun = ring.check_not_retired(rows)?;
    if let (Some(at), 0, false) = (from.retired_at, from.envelopes(), begun) {
        let message =
            format!("the previous master key {} was retired at {at}: nothing is sealed under it", from.id);
        return Err(unavailable(
            message,
            "set the one in use, see keyctl master status, as KEYCTL_MASTER_KEY_PREVIOUS",
        ));
    }
    check_no_other(rows, from.id, ring)?;
    Ok((previous.id, ring.current()))
}

/// Nobody with two keys could open what is sealed under a third.
pub(super) fn check_no_other(rows: &[MasterKeyRow], from: MasterKeyId, ring: &Ring) -> Result<()> {
    let other = |row: &&MasterKeyRow| {
        row.id != from && row.id != ring.current() && row.retired_at.is_none() && row.envelopes() > 0
    };
    let Some(row) = rows.iter().find(other) else { return Ok(()) };
    Err(Error::KeyUnavailable {
        message: format!(
            "{} are sealed under a third master key ({}); nothing was changed",
            counted(row.envelopes(), "envelope"),
            row.id
        ),
        hint: "end the rotation that was begun first: with that one as KEYCTL_MASTER_KEY or \
               KEYCTL_MASTER_KEY_PREVIOUS; see keyctl master status"
            .to_owned(),
    })
}

/// Admits the new key.
fn begin(env: &mut Env, ring: &Ring) -> Result<(MasterKeyId, MasterKeyId)> {
    env.change(Action::MasterRotate, |tx| begin_in(tx, ring))
}

fn begin_in(tx: &mut Tx<'_>, ring: &Ring) -> Result<Done<(MasterKeyId, MasterKeyId)>> {
    let rows = tx.master_keys()?;
    let (from, to) = keys(&rows, ring)?;
    let mut events = Vec::new();
    if !rows.iter().any(|row| row.id == to) {
        ring.register(tx);
        events.push(Event::done(Action::MasterRotate, json!({ "from": from, "to": to })));
    }
    Ok(Done { result: (from, to), events })
}

struct Batch<P = (SecretId, u64)> {
    resealed: u64,
    failed: Vec<String>,
    /// Where to go on; `None` at the end.
    last: Option<P>,
}

fn reseal_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    from: MasterKeyId,
    after: Option<(SecretId, u64)>,
) -> Result<Done<Batch>> {
    let versions = tx.sealed_under(from, after, BATCH)?;
    let last = versions.last().map(|version| (version.secret, version.version));
    let mut batch = Batch { resealed: 0, failed: Vec::new(), last };
    let mut renewed = Vec::with_capacity(versions.len());
    for version in &versions {
        match renew(random, ring, version)? {
            Some(envelope) => renewed.push((version, envelope)),
            None => batch.failed.push(format!("{} version {}", version.name, version.version)),
        }
    }
    batch.resealed = tx.reseal(&renewed)?;
    Ok(recorded(tx, ring, from, batch))
}

fn recorded<P>(tx: &mut Tx<'_>, ring: &Ring, from: MasterKeyId, batch: Batch<P>) -> Done<Batch<P>> {
    if batch.resealed == 0 {
        return Done::unchanged(batch);
    }
    tx.count_encryptions(ring.current(), batch.resealed);
    let details = json!({ "from": from, "to": ring.current(), "versions": batch.resealed });
    Done::with(batch, Event::done(Action::MasterReseal, details))
}

fn reseal_parts_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    from: MasterKeyId,
    after: Option<(SecretId, Part)>,
) -> Result<Done<Batch<(SecretId, Part)>>> {
    let parts = tx.parts_under(from, after, BATCH)?;
    let last = parts.last().map(|part| (part.secret, part.part));
    let mut batch = Batch { resealed: 0, failed: Vec::new(), last };
    for part in &parts {
        let endpoint = tx.credential_by_id(part.secret)?.map(|found| found.client.token_endpoint);
        let renewed =
            endpoint.map(|endpoint| ring.renew_part(part, &endpoint, random)).transpose()?.flatten();
        match renewed {
            Some(envelope) => {
                tx.put_part(part.secret, part.part, part.version, &envelope);
                batch.resealed += 1;
            }
            None => batch.failed.push(format!("{}, the {}", part.name, part.part.what())),
        }
    }
    Ok(recorded(tx, ring, from, batch))
}

/// The signing keys, which are two: one that does not open stays as it is, and the old master key with it.
fn reseal_signing_keys_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    from: MasterKeyId,
) -> Result<Done<Batch>> {
    let mut batch: Batch = Batch { resealed: 0, failed: Vec::new(), last: None };
    for key in tx.signing_keys()?.into_iter().filter(|key| key.master_key_id == Some(from)) {
        let kid = key.public.kid;
        let old = tx.sealed_signing_key(&kid)?;
        let opened = old.and_then(|old| ring.try_open_signing_key(&kid, &old).ok());
        let Some(value) = opened.and_then(|bytes| SecretValue::from_opened(&bytes).ok()) else {
            batch.failed.push(format!("signing key {kid}"));
            continue;
        };
        let new = ring.seal_signing_key(&kid, &value, random)?;
        let again = ring.try_open_signing_key(&kid, &new);
        if !again.is_ok_and(|again| *again == *value.expose().as_bytes()) {
            return Err(miscomputed(&format!("the signing key {kid}")));
        }
        tx.reseal_signing_key(&kid, &new);
        batch.resealed += 1;
    }
    Ok(recorded(tx, ring, from, batch))
}

/// The keys of federations, two of each at most.
fn reseal_federation_keys_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    from: MasterKeyId,
) -> Result<Done<Batch>> {
    let federations = tx.federations()?;
    let mut batch: Batch = Batch { resealed: 0, failed: Vec::new(), last: None };
    for key in tx.federation_keys()?.into_iter().filter(|key| key.master_key_id == Some(from)) {
        let kid = key.public.kid;
        let Some(federation) = federations.iter().find(|found| found.name == key.federation) else {
            continue;
        };
        let old = tx.sealed_federation_key(&kid)?;
        let opened = old.and_then(|old| ring.try_open_federation_key(federation, &kid, &old).ok());
        let Some(value) = opened.and_then(|bytes| SecretValue::from_opened(&bytes).ok()) else {
            batch.failed.push(format!("key {kid} of the federation {}", federation.name));
            continue;
        };
        let new = ring.seal_federation_key(federation, &kid, &value, random)?;
        let again = ring.try_open_federation_key(federation, &kid, &new);
        if !again.is_ok_and(|again| *again == *value.expose().as_bytes()) {
            return Err(miscomputed(&format!("the key {kid} of the federation {}", federation.name)));
        }
        tx.reseal_federation_key(&kid, &new);
        batch.resealed += 1;
    }
    Ok(recorded(tx, ring, from, batch))
}

/// Opens, seals, and opens again; `None` if it does not open.
fn renew(random: &mut dyn Random, ring: &Ring, version: &SealedVersion) -> Result<Option<Envelope>> {
    let Ok(bytes) = ring.try_open(version) else { return Ok(None) };
    let Ok(value) = SecretValue::from_opened(&bytes) else { return Ok(None) };
    let new = ring.seal_again(version, &value, random)?;
    if ring.try_open_envelope(version, &new).is_ok_and(|again| *again == *bytes) {
        return Ok(Some(new));
    }
    let SealedVersion { name, version, .. } = version;
    Err(miscomputed(&format!("version {version} of the secret {name}")))
}

fn miscomputed(what: &str) -> Error {
    Error::KeyUnavailable {
        message: format!("{what} did not open after it was sealed anew"),
        hint: "this machine computes wrongly; the old envelope was kept".to_owned(),
    }
}

/// When the key before was retired, if it was, and the time now.
type Retired = (Option<Timestamp>, Timestamp);

/// Retires the key before, if nothing needs it any more.
fn retire_in(tx: &mut Tx<'_>, from: MasterKeyId, to: MasterKeyId) -> Result<Done<Retired>> {
    let at = tx.now();
    let rows = tx.master_keys()?;
    let row = rows.iter().find(|row| row.id == from);
    if row.is_some_and(|row| row.envelopes() > 0) {
        return Ok(Done::unchanged((None, at)));
    }
    if let Some(before) = row.and_then(|row| row.retired_at) {
        return Ok(Done::unchanged((Some(before), at)));
    }
    tx.retire_master_key(from);
    let event = Event::done(Action::MasterRetire, json!({ "from": from, "to": to }));
    Ok(Done::with((Some(at), at), event))
}
