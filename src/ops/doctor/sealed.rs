//! The master key and what is sealed under it, the keys that sign, credentials and their leases.

use super::finding::{Check, Finding, Level, of_few};
use crate::domain::time::{Span, Timestamp};
use crate::domain::tokens::signing_key::SigningState;
use crate::ops::error::{Error, Result};
use crate::ops::master_keys::status::{Known, status};
use crate::ops::master_keys::{Ring, check};
use crate::store::{SigningKeyLookup as _, Store};

/// The master key as this command found it.
pub(crate) enum AtHand {
    Nothing,
    /// Something is set, and is none: why, and what to do.
    Unusable {
        message: String,
        hint: String,
    },
    Ring(Ring),
}

/// A key that signs for longer is due.
const SIGNS_FOR: Span = Span::days(365);

/// What is not known after that was not heard of again.
const SETTLED_WITHIN: Span = Span::days(1);

/// So often a provider does not say no by chance.
const FAILURES: i64 = 3;

/// A refresh that waits longer for its users waits for one that forgot its lease.
const HELD_FOR: Span = Span::seconds(3600);

const NO_SECRET: &str = "without it no provider's secret can be had: services answer KEY_UNAVAILABLE (503)";

pub(super) fn master_key(
    store: &mut Store,
    at_hand: &AtHand,
    quick: bool,
    mut progress: impl FnMut(),
) -> Result<Vec<Finding>> {
    let problem = |what: String| Finding::new(Check::MasterKey, Level::Problem, what).why(NO_SECRET);
    let ring = match at_hand {
        AtHand::Ring(ring) => Some(ring),
        AtHand::Nothing => None,
        AtHand::Unusable { message, hint } => return Ok(vec![problem(message.clone()).advise(hint)]),
    };
    let known = match status(store, ring) {
        Ok(known) => known,
        Err(Error::KeyUnavailable { message, hint }) => return Ok(vec![problem(message).advise(hint)]),
        Err(error) => return Err(error),
    };
    let sealing: Vec<&Known> = known.iter().filter(|known| known.row.envelopes() > 0).collect();
    let Some(newest) = sealing.last() else { return Ok(Vec::new()) };
    let id = newest.row.id;
    let Some(ring) = ring else {
        let what = format!("the store has secrets sealed under the master key {id}, and none is set here");
        let hint = "set KEYCTL_MASTER_KEY_FILE (or KEYCTL_MASTER_KEY, KEYCTL_MASTER_KEY_CMD) here, or look where services \
                    run, in their environment";
        return Ok(vec![Finding::new(Check::MasterKey, Level::Warning, what).why(NO_SECRET).advise(hint)]);
    };
    if sealing.iter().all(|known| known.loaded.is_none()) {
        let what = format!("the master key that is set ({}) is not the store's ({id})", ring.current());
        return Ok(vec![problem(what).advise("set the right one; keyctl master status names it")]);
    }
    let mut findings = Vec::new();
    if sealing.len() > 1 {
        let what = "secrets are sealed under more than one master key: a rotation was not ended";
        findings.push(
            Finding::new(Check::MasterKey, Level::Warning, what)
                .why("all services need both keys until it is")
                .advise("keyctl master rotate --dry-run, then without it"),
        );
    }
    if !quick {
        findings.extend(unopened(store, ring, &mut progress)?);
    }
    Ok(findings)
}

fn unopened(store: &mut Store, ring: &Ring, progress: &mut impl FnMut()) -> Result<Option<Finding>> {
    let counts = check::check(store, ring, |_| {
        progress();
        Ok::<_, Error>(())
    })?;
    let closed = counts.all - counts.open;
    Ok((closed > 0).then(|| {
        let what = format!("{closed} of {} envelopes do not open", counts.all);
        Finding::new(Check::MasterKey, Level::Problem, what)
            .why("the secrets in them cannot be had")
            .advise("see which, and why: keyctl master check --failing")
    }))
}

pub(super) fn signing_keys(store: &mut Store, now: Timestamp) -> Result<Vec<Finding>> {
    let issuer = store.head()?.issuer;
    let keys = store.signing_keys()?;
    let signing = keys.iter().find(|key| key.state(now) == SigningState::Signing);
    let found = |level, what: String| Finding::new(Check::SigningKeys, level, what);
    let finding = match (issuer, signing) {
        (Some(issuer), None) => {
            found(Level::Warning, format!("short-lived tokens are to be from {issuer}, and no key signs"))
                .why("keyctl serve and keyctl jwt issue give none")
                .advise("keyctl signing-key rotate")
        }
        (_, Some(key)) if key.signs_from.is_some_and(|from| from < now.before(SIGNS_FOR)) => found(
            Level::Note,
            format!("the key {} signs short-lived tokens for more than a year", key.public.kid),
        )
        .why("who copied it unnoticed can sign as long as it is published")
        .advise("keyctl signing-key rotate"),
        _ => return Ok(Vec::new()),
    };
    Ok(vec![finding])
}

pub(super) fn credentials(store: &mut Store, now: Timestamp) -> Result<Vec<Finding>> {
    let refused = of_few(
        store.credentials_to_sign_in()?,
        Check::Credentials,
        Level::Problem,
        "credential in need of a new sign-in",
        |found| {
            found
                .why("its present token is the last one")
                .advise("keyctl oauth login NAME --replace; keyctl oauth list shows the state of all")
        },
    );
    let uncertain = of_few(
        store.credentials_uncertain_since(now.before(SETTLED_WITHIN))?,
        Check::Credentials,
        Level::Warning,
        "credential of whose last refresh nobody knows how it ended",
        |found| {
            found
                .why("a provider that turns refresh tokens may not take the one that is stored any more")
                .advise("keyctl oauth refresh NAME; if that fails, keyctl oauth login NAME --replace")
        },
    );
    let failing = of_few(
        store.credentials_failing(FAILURES)?,
        Check::Credentials,
        Level::Warning,
        "credential not refreshed in three attempts or more",
        |found| {
            found
                .why("when its present token ends, nobody gets one")
                .advise("see why: keyctl oauth show NAME")
        },
    );
    Ok([refused, uncertain, failing].concat())
}

pub(super) fn leases(store: &mut Store, now: Timestamp) -> Result<Vec<Finding>> {
    let few = store.credentials_held_since(now.before(HELD_FOR))?;
    Ok(of_few(
        few,
        Check::Leases,
        Level::Warning,
        "credential whose refresh waits for a lease of more than an hour",
        |found| {
            found
                .why("nobody else gets it meanwhile; its holder may have died without giving it back")
                .advise("see who has it: keyctl lease list NAME; end that: keyctl lease break LEASE")
        },
    ))
}
