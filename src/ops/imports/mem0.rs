//! Keys that stand as plain text in Mem0's environment.

use std::collections::HashMap;

use serde_json::json;

use super::whose::{Found, Owners};
use super::{Report, Source, forbidden, invalid};
use crate::crypto::{digest, legacy};
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::{IdSeed, KeyId};
use crate::domain::imports::faults::Faults;
use crate::domain::imports::mem0::Entry;
use crate::domain::keys::draft::Draft;
use crate::domain::keys::foreign::{self, HashAlg, WEAK_LONGEST};
use crate::domain::keys::key::Key;
use crate::domain::keys::label::Labels;
use crate::domain::keys::rules::Rules;
use crate::domain::keys::scope::Scopes;
use crate::domain::keys::token::{DisplayPrefix, Token, TokenHash};
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::owners::role::{Role, RoleName};
use crate::domain::owners::row::OwnerState;
use crate::domain::random::Random;
use crate::domain::time::{Expiry, Span, Timestamp};
use crate::ops::change::Done;
use crate::ops::delivery::Deliver;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::handover::Handover;
use crate::ops::keys::typed::{Typed, refuse_tokens};
use crate::ops::keys::{allowed, family, mint};
use crate::store::{Lookup as _, Tx};

/// How long a key lives that may be guessed, unless asked otherwise.
const WEAK_SPAN: Span = Span::days(30);

/// What all keys of the file get.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub scopes: Scopes,
    pub roles: Vec<RoleName>,
    /// Whether `*` may be among the scopes.
    pub allow_all: bool,
    pub labels: Labels,
    /// When they end; `None` takes the store's default, and 30 days for those that may be guessed.
    pub expiry: Option<Expiry>,
}

/// Keeps the keys of the file working as they are, all or none.
///
/// A key of the file that is in the store already, with the same owner and as asked for, stays
/// as it is. `progress` is told how many were hashed: that may be slow, and is done before the
/// write lock is taken.
pub(crate) fn keep(
    env: &mut Env,
    entries: &[Entry],
    request: &Request,
    progress: &mut dyn FnMut(u64),
) -> Result<Report> {
    mint::check_everything(&request.scopes, request.allow_all)?;
    check_distinct(entries)?;
    check_owners(env, entries)?;
    let (now, rules) = (env.store.now()?, env.store.head()?.rules);
    for entry in entries.iter().filter(|entry| !entry.token.is_strong()) {
        weak_end(request, entry, &rules, now)?;
    }
    let mut salt = env.store.foreign_salt()?;
    loop {
        let used = match salt {
            Some(salt) => salt,
            None => fresh_salt(env.random.as_mut())?,
        };
        let hashes = hash(entries, &used, progress)?;
        let fresh = fresh(entries, env.random.as_mut())?;
        let done = env.change(Action::Import, |tx| {
            // Another process gave the store its salt while these hashes were computed.
            if tx.head().foreign_salt.is_some_and(|salt| salt != used) {
                return Ok(Done::unchanged(None));
            }
            let Done { result: report, events } = Plan { tx, request }.keep(entries, &hashes, &fresh)?;
            if report.weak > 0 {
                tx.set_foreign_salt(used);
            }
            Ok(Done { result: Some(report), events })
        })?;
        match done {
            Some(report) => return Ok(report),
            None => salt = env.store.foreign_salt()?,
        }
    }
}

/// Gives the owners of the file's keys new tokens instead, all or none; the keys of the file
/// are not stored and do not work. `deliver` gets all new tokens before the commit.
pub(crate) fn remint(
    env: &mut Env,
    entries: &[Entry],
    request: &Request,
    deliver: &mut dyn Deliver,
) -> Result<Report> {
    mint::check_everything(&request.scopes, request.allow_all)?;
    check_distinct(entries)?;
    check_owners(env, entries)?;
    let prefix = env.store.default_prefix()?;
    let tokens = entries
        .iter()
        .map(|_| Token::generate(&prefix, env.random.as_mut()))
        .collect::<std::result::Result<Vec<_>, _>>()?;
    let fresh = fresh(entries, env.random.as_mut())?;
    let mut handover = Handover::new(deliver);
    let changed = env.change_and_deliver(
        Action::Import,
        |tx| Plan { tx, request }.remint(entries, &tokens, &fresh),
        |(_, keys)| handover.deliver_all(&tokens.iter().zip(keys).collect::<Vec<_>>()),
    );
    Ok(handover.settle(changed)?.0)
}

/// What is random in a key of the file.
struct Fresh {
    id: IdSeed,
    /// Where its owner has a key `default`.
    name: KeyName,
    /// What is shown of a token that is kept.
    prefix: DisplayPrefix,
}

fn fresh(entries: &[Entry], random: &mut dyn Random) -> Result<Vec<Fresh>> {
    let one = |_| {
        let (id, name) = (IdSeed::draw(random)?, KeyName::generate(random)?);
        Ok(Fresh { id, name, prefix: foreign::display_prefix(random)? })
    };
    entries.iter().map(one).collect()
}

fn fresh_salt(random: &mut dyn Random) -> Result<[u8; 16]> {
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    Ok(salt)
}

fn hash(entries: &[Entry], salt: &[u8; 16], progress: &mut dyn FnMut(u64)) -> Result<Vec<TokenHash>> {
    let mut hashes = Vec::with_capacity(entries.len());
    for entry in entries {
        hashes.push(match entry.token.hash_alg() {
            HashAlg::Sha256 => digest::hash_foreign(&entry.token),
            HashAlg::Argon2id => legacy::hash_weak(&entry.token, salt)?,
        });
        progress(hashes.len() as u64);
    }
    Ok(hashes)
}

/// No key stands in the file twice: it could belong to one owner only.
fn check_distinct(entries: &[Entry]) -> Result<()> {
    let mut faults = Faults::default();
    let mut seen = HashMap::new();
    for entry in entries {
        if let Some(first) = seen.insert(entry.token.expose(), entry.number) {
            faults.push(entry.line, entry.place(), format!("the same key as in entry {first}"));
        }
    }
    for entry in entries.iter().filter(|entry| seen.contains_key(entry.id.as_str())) {
        faults.push(entry.line, entry.place(), "its owner is called as a key of the file");
    }
    if faults.is_empty() { Ok(()) } else { Err(invalid(&faults)) }
}

/// The owners' names, which are kept and shown, are no tokens of the store either.
fn check_owners(env: &mut Env, entries: &[Entry]) -> Result<()> {
    let owners = entries.iter().map(|entry| Typed { what: "file's owners", text: entry.id.as_str() });
    refuse_tokens(&mut env.store, &owners.collect::<Vec<_>>())
}

/// When a key ends that may be guessed.
fn weak_end(request: &Request, entry: &Entry, rules: &Rules, now: Timestamp) -> Result<Timestamp> {
    let refuse = |why: String| Error::Invalid {
        message: format!(
            "nothing was imported: line {}: {}: the key may be guessed, so it must end within 365 days: {why}",
            entry.line,
            entry.place()
        ),
        hint: "give --expires 365d or less, or new tokens to all: --remint".to_owned(),
    };
    let expiry = request.expiry.unwrap_or(rules.default_expiry(Some(WEAK_SPAN)));
    match expiry.resolve(now).map_err(|error| refuse(error.to_string()))? {
        None => Err(refuse("it would never end".to_owned())),
        Some(end) if now.after(WEAK_LONGEST).is_some_and(|most| end > most) => {
            Err(refuse(format!("it would end {end}")))
        }
        Some(end) => Ok(end),
    }
}

/// What is decided under the write lock.
struct Plan<'p, 's> {
    tx: &'p mut Tx<'s>,
    request: &'p Request,
}

impl Plan<'_, '_> {
    fn keep(mut self, entries: &[Entry], hashes: &[TokenHash], fresh: &[Fresh]) -> Result<Done<Report>> {
        let now = self.tx.now();
        let roles = family::roles(self.tx, &self.request.roles)?;
        let mut report = Report { transactions: 1, ..Report::new(Source::Mem0, now) };
        let (mut faults, mut events) = (Faults::default(), Vec::new());
        let ids = self.ids(fresh);
        let mut owners = Owners::new(entries.iter().map(|entry| &entry.id));
        for (((entry, hash), fresh), id) in entries.iter().zip(hashes).zip(fresh).zip(ids) {
            if let Some(key) = self.tx.key_by_hash(hash)? {
                match self.differences(entry, &key) {
                    None => report.present += 1,
                    Some(why) => faults.push(entry.line, entry.place(), why),
                }
                continue;
            }
            let owner = match self.owner(&mut owners, entry)? {
                Ok(owner) => owner,
                Err(why) => {
                    faults.push(entry.line, entry.place(), why);
                    continue;
                }
            };
            let weak = !entry.token.is_strong();
            let expires_at = if weak {
                Some(weak_end(self.request, entry, &self.tx.head().rules, now)?)
            } else {
                self.default_end(now)?
            };
            let drawn = (id, &fresh.name, fresh.prefix.clone());
            let draft = self.draft((owner, entry), &roles, expires_at, drawn)?;
            let key = Draft { hash_alg: entry.token.hash_alg(), ..draft }.key(now);
            let allowed = allowed::allow(self.tx, &key, None)?;
            self.tx.insert_key(allowed, hash);
            events.push(Event::done(Action::Import, details(&key, entry, false)).on(&key));
            report.add(&key);
        }
        report.named = owners.named;
        if faults.is_empty() { Ok(Done { result: report, events }) } else { Err(forbidden(&faults)) }
    }

    fn remint(
        mut self,
        entries: &[Entry],
        tokens: &[Token],
        fresh: &[Fresh],
    ) -> Result<Done<(Report, Vec<Key>)>> {
        let now = self.tx.now();
        let roles = family::roles(self.tx, &self.request.roles)?;
        let expires_at = self.default_end(now)?;
        let mut report = Report { transactions: 1, ..Report::new(Source::Mem0, now) };
        let (mut faults, mut events, mut keys) = (Faults::default(), Vec::new(), Vec::new());
        let ids = self.ids(fresh);
        let mut owners = Owners::new(entries.iter().map(|entry| &entry.id));
        for (((entry, token), fresh), id) in entries.iter().zip(tokens).zip(fresh).zip(ids) {
            let owner = match self.owner(&mut owners, entry)? {
                Ok(owner) => owner,
                Err(why) => {
                    faults.push(entry.line, entry.place(), why);
                    continue;
                }
            };
            let drawn = (id, &fresh.name, token.display_prefix());
            let key = self.draft((owner, entry), &roles, expires_at, drawn)?.key(now);
            let allowed = allowed::allow(self.tx, &key, None)?;
            self.tx.insert_key(allowed, &digest::hash_token(token));
            events.push(Event::done(Action::Import, details(&key, entry, true)).on(&key));
            report.add(&key);
            keys.push(key);
        }
        report.named = owners.named;
        if faults.is_empty() { Ok(Done { result: (report, keys), events }) } else { Err(forbidden(&faults)) }
    }

    /// Ascending, so that the keys lie in the order of the file.
    fn ids(&self, fresh: &[Fresh]) -> Vec<KeyId> {
        let now = self.tx.now();
        let mut ids: Vec<KeyId> = fresh.iter().map(|fresh| KeyId::at(now, fresh.id)).collect();
        ids.sort_unstable();
        ids
    }

    fn draft<'d>(
        &mut self,
        (owner, entry): (Owner, &Entry),
        roles: &'d [Role],
        expires_at: Option<Timestamp>,
        (id, name, prefix): (KeyId, &KeyName, DisplayPrefix),
    ) -> Result<Draft<'d>> {
        let name = match self.tx.live_key_by_name(&owner, &KeyName::first())? {
            None => KeyName::first(),
            Some(_) => name.clone(),
        };
        Ok(Draft {
            id,
            owner,
            subject: entry.id.clone(),
            name,
            scopes: self.request.scopes.clone(),
            roles,
            labels: self.request.labels.clone(),
            not_before: None,
            expires_at,
            prefix,
            hash_alg: HashAlg::Sha256,
        })
    }

    fn default_end(&self, now: Timestamp) -> Result<Option<Timestamp>> {
        let head = self.tx.head();
        let expiry = self.request.expiry.unwrap_or(head.rules.default_expiry(head.default_expiry));
        expiry.resolve(now).map_err(|error| Error::Invalid {
            message: error.to_string(),
            hint: "see keyctl import mem0 --help".to_owned(),
        })
    }

    /// Whose the key becomes, or why it cannot be anybody's.
    fn owner(
        &mut self,
        owners: &mut Owners<'_>,
        entry: &Entry,
    ) -> Result<std::result::Result<Owner, String>> {
        Ok(owners.find(self.tx, &entry.id)?.and_then(|Found { owner, state, .. }| match state {
            Some(OwnerState::Disabled(at)) => Err(format!("the owner {owner} is disabled since {at}")),
            _ => Ok(owner),
        }))
    }

    /// Why a key that is there is not the one meant; `None` if it is.
    fn differences(&self, entry: &Entry, key: &Key) -> Option<String> {
        let named = format!("the key is there already, as {} ({})", key.path(), key.id);
        if let Some(at) = key.revoked_at {
            return Some(format!("{named}; it was revoked at {at}"));
        }
        if key.generation > 1 {
            return Some(format!("{named}; its token was replaced by keyctl rotate"));
        }
        let mut roles = self.request.roles.clone();
        roles.sort();
        roles.dedup();
        let expiry_differs = self.request.expiry.is_some_and(|expiry| !expiry.may_be(key.expires_at));
        let differing: Vec<&str> = [
            (entry.id != key.subject, "owner"),
            (self.request.scopes != key.scopes, "scopes"),
            (roles != key.roles, "roles"),
            (self.request.labels != key.labels, "labels"),
            (expiry_differs, "expiry"),
        ]
        .into_iter()
        .filter_map(|(differs, what)| differs.then_some(what))
        .collect();
        (!differing.is_empty()).then(|| format!("{named}; it differs in: {}", differing.join(", ")))
    }
}

fn details(key: &Key, entry: &Entry, reminted: bool) -> serde_json::Value {
    json!({
        "source": Source::Mem0.as_str(),
        "line": entry.line,
        "reminted": reminted,
        "token": key.token_prefix(),
        "hash_alg": key.token.as_ref().map(|token| token.hash_alg),
        "scopes": key.scopes,
        "roles": key.roles,
        "expires_at": key.expires_at,
        "labels": key.labels,
        "subject": key.subject,
    })
}
