//! Other tokens for many keys, page by page. What is interrupted is finished by a second run that says what is due: the tokens
//! of the first are young, and old ones are in their grace.

use std::collections::HashMap;

use super::mint::own_prefix;
use super::references::{MOST, check_count};
use super::renew::{Due, Left};
use super::rotate::{Fresh, Request, kept_prefix, rotate_in};
use super::select::{Selection, Stopped, page};
use super::{find, used};
use crate::domain::audit::action::Action;
use crate::domain::id::KeyId;
use crate::domain::keys::key::{IssuedToken, Key};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::token::{DisplayPrefix, Prefix, Token};
use crate::domain::time::{Grace, Span, Timestamp};
use crate::ops::change::Done;
use crate::ops::delivery::Deliver;
use crate::ops::env::Env;
use crate::ops::error::{Error, GOES_ON, Result};
use crate::ops::handover::Handover;
use crate::ops::owners::owner::check_known;
use crate::store::{BindingLookup as _, Cursor, Lookup as _, ProvisionLookup as _, Tx};

/// What is wanted of each key.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub grace: Grace,
    /// The new tokens' prefix; `None` keeps the old ones'.
    pub prefix: Option<Prefix>,
    pub due: Due,
    /// Keys of one transaction, [`MOST`] of them at most: fewer where their tokens take long to write.
    pub at_once: usize,
}

/// What became of the keys.
#[derive(Clone, Debug, Default)]
pub struct Many {
    /// As they are now, with what is got by them.
    pub rotated: Vec<Stopped>,
    /// Tokens that were in their grace, which this ended.
    pub superseded: HashMap<KeyId, IssuedToken>,
    /// The store's policy, where a renewal would have let one of them live longer than that.
    pub shortened: Option<Span>,
    pub left: Vec<(Key, Left)>,
    pub at: Option<Timestamp>,
}

/// What one page of keys came to.
struct Page {
    rotated: Vec<Stopped>,
    superseded: Vec<(KeyId, IssuedToken)>,
    shortened: Option<Span>,
    left: Vec<(Key, Left)>,
    at: Timestamp,
}

impl Page {
    fn at(at: Timestamp) -> Self {
        Self { rotated: Vec::new(), superseded: Vec::new(), shortened: None, left: Vec::new(), at }
    }
}

/// Rotates the keys meant that a rotation is due of, at most so many a transaction; `deliver` gets the tokens of each before
/// its commit. `tell` hears how many keys were looked at so far.
pub fn rotate_many(
    env: &mut Env,
    selection: &Selection,
    wanted: &Wanted,
    deliver: &mut dyn Deliver,
    tell: &mut dyn FnMut(u64),
) -> Result<Many> {
    let mut all = Many::default();
    let mut seen = 0;
    let mut each = |env: &mut Env, keys: Vec<Key>| -> Result<()> {
        seen += keys.len() as u64;
        let done = all.rotated.len() as u64;
        let page = match rotate_page(env, keys, wanted, deliver) {
            Err(error) if done > 0 && !env.rehearse => {
                // Who is not told by its age or end would be rotated again, and its old token with it.
                let is_told = wanted.due.issued_before.is_some() || wanted.due.ends_within.is_some();
                let then = if is_told {
                    GOES_ON
                } else {
                    "go on with the others: the same command with --older-than 1h"
                };
                return Err(Error::Partly { done, what: "key", then, error: Box::new(error) });
            }
            page => page?,
        };
        all.rotated.extend(page.rotated);
        all.superseded.extend(page.superseded);
        all.shortened = page.shortened.or(all.shortened);
        all.left.extend(page.left);
        all.at = Some(page.at);
        tell(seen);
        Ok(())
    };
    match selection {
        Selection::Named(references) => {
            check_count(references)?;
            let mut keys: Vec<Key> = Vec::with_capacity(references.len());
            for reference in references {
                let reference = find::ahead(&mut env.store, reference)?;
                let key = find::resolve(&mut env.store, &reference)?;
                if !keys.iter().any(|one| one.id == key.id) {
                    keys.push(key);
                }
            }
            each(env, keys)?;
        }
        Selection::Matching(owner, filter) => {
            if let Some(owner) = owner {
                env.store.snapshot(|store| check_known(store, owner))?;
            }
            let mut after = None;
            loop {
                let limit = u32::try_from(wanted.at_once.min(MOST)).unwrap_or(1);
                let next = crate::store::Page { limit, ..page(owner.as_ref(), filter, after) };
                let keys = env.store.keys(&next)?;
                after = keys.last().filter(|_| keys.len() == limit as usize).map(Cursor::from);
                each(env, keys)?;
                if after.is_none() {
                    break;
                }
            }
        }
    }
    used::fill(&mut env.store, all.rotated.iter_mut().map(|stopped| &mut stopped.key));
    Ok(all)
}

/// Tokens are drawn before the transaction, for those keys that one is due of by then: of others none is made.
fn rotate_page(env: &mut Env, keys: Vec<Key>, wanted: &Wanted, deliver: &mut dyn Deliver) -> Result<Page> {
    let (now, head) = (env.store.now()?, env.store.head()?);
    let deliveries = env.store.deliveries(&keys.iter().map(|key| key.id).collect::<Vec<_>>())?;
    let (mut drawn, mut left) = (Vec::new(), Vec::new());
    for key in keys {
        if let Some(why) = wanted.due.left(&key, now, wanted.grace, &deliveries) {
            left.push((key, why));
            continue;
        }
        let before = key.token_prefix().map(DisplayPrefix::token_prefix);
        let prefix = match &wanted.prefix {
            Some(prefix) => own_prefix(prefix)?,
            None => kept_prefix(before.as_ref(), &head.default_prefix, &head.rules),
        };
        drawn.push((key.id, Fresh::draw(&prefix, env.random.as_mut())?));
    }
    if drawn.is_empty() {
        return Ok(Page { left, ..Page::at(now) });
    }
    let mut handover = Handover::new(deliver);
    let changed = env.change_and_deliver(
        Action::Rotate,
        |tx| page_in(tx, wanted, &drawn),
        |(page, places)| {
            let tokens = places.iter().map(|place| drawn[*place].1.token());
            let pairs: Vec<(&Token, &Key)> =
                tokens.zip(page.rotated.iter().map(|stopped| &stopped.key)).collect();
            if pairs.is_empty() { Ok(()) } else { handover.deliver_all(&pairs) }
        },
    );
    let (mut page, _) = handover.settle(changed)?;
    page.left.splice(0..0, left);
    Ok(page)
}

/// With the places of those among the drawn ones that were rotated.
fn page_in(tx: &mut Tx<'_>, wanted: &Wanted, drawn: &[(KeyId, Fresh)]) -> Result<Done<(Page, Vec<usize>)>> {
    let mut page = Page::at(tx.now());
    let deliveries = tx.deliveries(&drawn.iter().map(|(id, _)| *id).collect::<Vec<_>>())?;
    let (mut places, mut events) = (Vec::new(), Vec::new());
    for (place, (id, fresh)) in drawn.iter().enumerate() {
        let Some(key) = tx.key_by_id(*id)? else { continue };
        if let Some(why) = wanted.due.left(&key, page.at, wanted.grace, &deliveries) {
            page.left.push((key, why));
            continue;
        }
        let (expiry, shortened) = wanted.due.expiry(&key, page.at, &tx.head().rules);
        page.shortened = shortened.or(page.shortened);
        let request = Request { key: KeyRef::Id(*id), grace: wanted.grace, expiry, prefix: None };
        let (key, superseded) = rotate_in(tx, &request, fresh)?.record_in(&mut events);
        page.superseded.extend(superseded.map(|old| (key.id, old)));
        let secrets = tx.bindings_in_reach(key.id, &key.owner)?;
        page.rotated.push(Stopped { key, already: false, children: Vec::new(), made: Vec::new(), secrets });
        places.push(place);
    }
    Ok(Done { result: (page, places), events })
}
