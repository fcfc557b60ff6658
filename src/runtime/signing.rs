//! What a server reads of the store for short-lived tokens: the table of public keys, the key of a token, the key that signs,
//! and what was taken away.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use zeroize::Zeroizing;

use super::cache::Known;
use super::caller::Caller;
use super::fault::{StoreFault, Unavailable};
use super::lookup::{self, Look};
use super::pool::Pool;
use super::serving::{Callers, Inner, Refused};
use super::short_lived::{Feed, KeySet, Raised, Signed, Signing, Table};
use super::{cells, off_the_runtime, secret};
use crate::crypto::envelope::OpenError;
use crate::crypto::es256::PrivateKey;
use crate::crypto::jws::Signer;
use crate::crypto::keyring::Keyring;
use crate::domain::id::KeyId;
use crate::domain::keys::foreign::HashAlg;
use crate::domain::keys::presented::Presented;
use crate::domain::keys::token::TokenHash;
use crate::domain::keys::verdict::Reason;
use crate::domain::secrets::sealed::{Envelope, Place};
use crate::domain::time::Timestamp;
use crate::domain::trusts::terms::{RequiredClaims, Terms, Trust, ttl_of};
use crate::store::{
    self, Bound, Columns, Location, MOST_RAISED, Sight, SignerCells, TrustCells, VersionCells, Views,
};

/// How often it is looked whether another key signs.
const EVERY: Duration = Duration::from_millis(250);

/// Connections where the key that signs is read, and whose tokens are taken for it.
const ISSUING: usize = 4;

/// For how long a version that was raised stands in the feed, in milliseconds: as long as a token lives, and a minute.
const FEED: i64 = 3_660_000;

impl Callers {
    /// The table as it was read last.
    pub(crate) fn table(&self) -> Arc<Table> {
        self.0.table()
    }

    /// The key set as verifiers fetch it; `None` before the store was read.
    pub(crate) fn key_set(&self) -> Option<KeySet> {
        let (table, now) = (self.0.table(), self.0.now());
        table.of?;
        Some(if now < table.document.until { table.document.clone() } else { KeySet::of(&table.keys, now) })
    }

    /// The store's time, as far as it is known without asking.
    pub(crate) fn now(&self) -> Option<Timestamp> {
        Timestamp::from_millis(self.0.now())
    }

    /// The key that signs now, once it was read.
    pub(crate) fn signer(&self) -> Option<Arc<Signer>> {
        self.0.signer()
    }

    /// A token with what issuing takes of its key, all of one state of the store. For a token that is known to be good:
    /// what is not at hand is read.
    pub(crate) async fn holder(&self, token: &str) -> Result<Caller, Refused> {
        if let Some(caller) = self.at_hand(token).filter(|caller| caller.issuing().is_some()) {
            return Ok(caller);
        }
        let (inner, token) = (Arc::clone(&self.0), Zeroizing::new(token.to_owned()));
        let read = move || inner.read_holder(&token);
        let is_file = matches!(self.0.shared().location, Location::Sqlite(_));
        Ok(if is_file { read()? } else { off_the_runtime(read).await?? })
    }

    /// The same of a key without a token, by its id: read anew each time.
    pub async fn holder_without_token(&self, key: KeyId) -> Result<Caller, Refused> {
        let inner = Arc::clone(&self.0);
        let read = move || inner.read_tokenless(key);
        let is_file = matches!(self.0.shared().location, Location::Sqlite(_));
        Ok(if is_file { read()? } else { off_the_runtime(read).await?? })
    }

    /// The trusts in tokens of an issuer, for whoever may issue. One that is damaged is the store's fault.
    pub(crate) async fn trusts_of(&self, issuer: &str) -> Result<Vec<Trust>, Refused> {
        let (inner, issuer) = (Arc::clone(&self.0), issuer.to_owned());
        let read = move || inner.read_trusts(&issuer);
        let is_file = matches!(self.0.shared().location, Location::Sqlite(_));
        Ok(if is_file { read()? } else { off_the_runtime(read).await?? })
    }

    /// What was taken away since a change, from the keys whose tokens may still live.
    pub(crate) async fn feed(&self, since: i64) -> Result<Feed, Refused> {
        let inner = Arc::clone(&self.0);
        let read = move || inner.read_feed(since);
        let is_file = matches!(self.0.shared().location, Location::Sqlite(_));
        Ok(if is_file { read()? } else { off_the_runtime(read).await?? })
    }

    /// Whether the key that signs can be had.
    pub(crate) fn try_to_sign(&self, signing: Signing) -> Result<(), String> {
        let (pool, keys) = self.0.opened(signing);
        self.0.read_signer(&pool, keys.as_ref())
    }

    /// Opens the key that signs from now on; `say` is told where it cannot be had.
    pub(crate) fn sign_with(
        &self,
        signing: Signing,
        say: impl Fn(&str) + Send + 'static,
    ) -> std::io::Result<()> {
        let (pool, keys) = self.0.opened(signing);
        let pool = Arc::new(pool);
        self.0.set_issuing(Arc::clone(&pool));
        let inner = Arc::downgrade(&self.0);
        let run = move || {
            let (mut last, mut said) = (None, None);
            while let Some(inner) = inner.upgrade() {
                let of = inner.shared().cache.forgotten();
                if last != Some(of) {
                    match inner.read_signer(&pool, keys.as_ref()) {
                        Ok(()) => (last, said) = (Some(of), None),
                        Err(why) if said.as_ref() != Some(&why) => {
                            say(&format!("the key that signs tokens cannot be had: {why}"));
                            said = Some(why);
                        }
                        Err(_) => {}
                    }
                }
                drop(inner);
                thread::sleep(EVERY);
            }
        };
        thread::Builder::new().name("keyctl-sign".to_owned()).spawn(run).map(drop)
    }
}

impl Inner {
    pub(super) fn table_is_current(&self) -> bool {
        self.table().of == Some(self.shared().cache.forgotten())
    }

    /// Reads the table anew if it may have changed. What fails is tried again with the mark.
    pub(super) fn read_table(&self) {
        let shared = self.shared();
        let of = shared.cache.forgotten();
        if self.table().of == Some(of) {
            return;
        }
        let Ok((_, (sight, cells))) = shared.pool.with(|views| Ok((views.mark()?, views.published()?)))
        else {
            return;
        };
        // Of a store in this one's place no key is published.
        if cells::trust(&sight, Some(shared.uuid), HashAlg::Sha256).is_err() {
            return;
        }
        self.note_time(sight.now);
        let table = Table::of(cells.unwrap_or_default(), self.own_url(), of, sight.now);
        self.set_table(table);
    }

    /// Of a token that we signed: whether what it says holds, and what its key is now.
    pub(super) fn read_signed(
        &self,
        print: super::Fingerprint,
        signed: &Signed,
    ) -> Result<Caller, Unavailable> {
        let (shared, Signed { claims, key, by: table }) = (self.shared(), signed);
        let key = key.to_string();
        // The version last: whatever was taken away before the row was read is seen, and what is taken away after it moves
        // the mark, by which the answer is kept.
        let (sight, (by, version), read) = shared.read_beside(|views| match views.token_of(&key)? {
            None => {
                let (sight, cells) = tokenless(views, &key)?;
                Ok((sight, (None, cells.map(|cells| cells.version))))
            }
            Some((hash, alg)) => {
                let sight = match TokenHash::parse(&hash) {
                    Some(hash) => views.token(&hash)?,
                    None => views.mark()?,
                };
                Ok((sight, (alg.parse::<HashAlg>().ok(), views.version_of(&key)?)))
            }
        })?;
        let look = shared.believed(sight, Bound::Nothing, &read, by.unwrap_or(HashAlg::Sha256))?;
        let known = judged(table, &look, claims, &key, version)?;
        // The one that the signature was verified by may know a key that was revoked since.
        let is_current = table.of == Some(shared.cache.forgotten());
        let of = is_current.then_some(look.of);
        Ok(Caller::of(shared.kept_if_it_may(print, known, of)))
    }

    fn read_holder(&self, token: &str) -> Result<Caller, Unavailable> {
        let shared = self.shared();
        let Some(print) = lookup::fingerprint(token).filter(|_| Presented::parse(token).is_some()) else {
            return Ok(Caller::MALFORMED);
        };
        let issuing = std::cell::Cell::new(None);
        let found = lookup::find(token, &print, |hash, by| {
            let (sight, cells, read) = shared.read_beside(|views| {
                // Before the row: see there.
                let cells = views.issuing_of(hash.as_str())?;
                Ok((views.token(hash)?, cells))
            })?;
            issuing.set(cells);
            shared.believed(sight, Bound::Nothing, &read, by)
        })?;
        let entry = shared.cache.entry(found.of, found.known);
        let _ = entry.issuing.set(issuing.get());
        let entry = Arc::new(entry);
        if let Some(of) = found.of {
            shared.cache.keep(print, Arc::clone(&entry), of.epoch);
        }
        Ok(Caller::of(entry))
    }

    fn read_tokenless(&self, key: KeyId) -> Result<Caller, Unavailable> {
        let (shared, key) = (self.shared(), key.to_string());
        let (sight, cells, read) = shared.read_beside(|views| tokenless(views, &key))?;
        let look = shared.believed(sight, Bound::Nothing, &read, HashAlg::Sha256)?;
        let known = match &look.sight.token {
            None => Known::Denied(Reason::Unknown),
            Some(token) => Known::Token(cells::Seen::read(&token.row(), look.of.now)?),
        };
        let entry = shared.cache.entry(Some(look.of), known);
        let _ = entry.issuing.set(cells);
        Ok(Caller::of(Arc::new(entry)))
    }

    fn read_trusts(&self, issuer: &str) -> Result<Vec<Trust>, Unavailable> {
        // Where the key that signs is read: others may not see whose tokens are taken.
        let pool = self.issuing().ok_or_else(|| StoreFault::Unreachable.because("nothing is issued here"))?;
        let (_, (sight, cells)) = pool.with(|views| Ok((views.mark()?, views.trusts_of(issuer)?)))?;
        cells::trust(&sight, Some(self.shared().uuid), HashAlg::Sha256)?;
        let damaged = || StoreFault::Row.because("a trust cannot be read");
        cells.iter().map(|cells| trust_of(cells).ok_or_else(damaged)).collect()
    }

    fn read_feed(&self, since: i64) -> Result<Feed, Unavailable> {
        let shared = self.shared();
        // The mark first: what is raised meanwhile is told again.
        let (sight, mut raised, read) = shared.read_beside(|views| {
            let sight = views.mark()?;
            let earliest = sight.now.saturating_sub(FEED);
            let found = views.raised(since, earliest)?;
            let counter = super::rollback::Mark::parse(&sight.mark).map_or(0, |mark| mark.counter);
            // Of another history, all is told.
            let found = if since > counter { views.raised(0, earliest)? } else { found };
            Ok((sight, found))
        })?;
        let counter = super::rollback::Mark::parse(&sight.mark).map_or(0, |mark| mark.counter);
        let at = sight.now;
        shared.believed(sight, Bound::Nothing, &read, HashAlg::Sha256)?;
        let has_more = raised.len() > MOST_RAISED;
        // What one change raised is told in one answer, or begins the next.
        if has_more && let Some(last) = raised.last().map(|last| last.seq) {
            let whole = raised.iter().filter(|one| one.seq < last).count();
            if whole > 0 {
                raised.truncate(whole);
            }
        }
        let next = match raised.last() {
            Some(last) if has_more => last.seq,
            _ => counter,
        };
        let raised = raised.into_iter().map(|one| Raised { key: one.key, version: one.version }).collect();
        Ok(Feed { next, is_gap: since > counter, has_more, at, raised })
    }

    fn opened(&self, signing: Signing) -> (Pool, Option<Keyring>) {
        let (shared, options) = (self.shared(), super::store_options());
        let pool = Pool::new(signing.location, None, options, Columns::Deciding, ISSUING, shared.clock);
        (pool, secret::keyring(shared.uuid, Some(signing.master_keys)))
    }

    fn read_signer(&self, pool: &Pool, keys: Option<&Keyring>) -> Result<(), String> {
        let shared = self.shared();
        let read = pool.with(|views| Ok((views.mark()?, views.signer()?)));
        let (_, (sight, cells)) = read.map_err(|error| error.to_string())?;
        cells::trust(&sight, Some(shared.uuid), HashAlg::Sha256).map_err(|error| error.to_string())?;
        let cells = cells.ok_or("the store has none: keyctl signing-key rotate")?;
        let signer = open(&cells, keys.ok_or("there is no master key")?)?;
        self.set_signer(Arc::new(signer));
        Ok(())
    }
}

/// A key without a token, and what issuing takes of it. The mark first: see [`Views::tokenless`].
fn tokenless(views: &mut Views, key: &str) -> store::Result<(Sight, Option<VersionCells>)> {
    let sight = views.mark()?;
    Ok(match views.tokenless(key)? {
        None => (sight, None),
        Some((token, cells)) => (Sight { token: Some(token), ..sight }, Some(cells)),
    })
}

/// A trust as the view has it. When it was made is of no account there.
fn trust_of(cells: &TrustCells) -> Option<Trust> {
    let terms = Terms {
        issuer: cells.issuer.parse().ok()?,
        audience: cells.audience.parse().ok()?,
        claims: RequiredClaims::from_json(&cells.claims)?,
        any_ref: cells.any_ref,
        ttl: ttl_of(cells.ttl_seconds)?,
        keys: cells.jwks.as_deref().map(str::parse).transpose().ok()?,
    };
    Some(Trust {
        name: cells.name.parse().ok()?,
        terms,
        key: cells.key_id.parse().ok()?,
        created_at: Timestamp::from_millis(0)?,
    })
}

fn open(cells: &SignerCells, keys: &Keyring) -> Result<Signer, String> {
    let kid = &cells.kid;
    let envelope = Envelope::from_bytes(cells.envelope.clone());
    let envelope = envelope.map_err(|_| format!("{kid} is sealed in an unknown way"))?;
    let place = Place { table: "signing_key", row: kid, column: "envelope", version: 1, provider: "" };
    let bytes = keys.open(&place, &envelope).map_err(|error| match error {
        OpenError::UnknownMasterKey(id) => {
            format!("{kid} is sealed under the master key {id}, which is not loaded")
        }
        OpenError::Unauthentic => format!("{kid} does not open"),
    })?;
    let private = PrivateKey::open(&bytes).map_err(|error| format!("{kid}: {error}"))?;
    let signer = Signer::new(private);
    if signer.kid().as_str() == kid {
        Ok(signer)
    } else {
        Err(format!("{kid} is another one than its id says"))
    }
}

/// What is known of a token that we signed.
fn judged(
    table: &Table,
    look: &Look,
    claims: &[u8],
    key: &str,
    version: Option<i64>,
) -> Result<Known, Unavailable> {
    let denied = |why| Ok(Known::Denied(Reason::Jwt(why)));
    let now = Timestamp::from_millis(look.of.now)
        .ok_or_else(|| StoreFault::Clock.because("its clock is no time"))?;
    let claims = match table.claims(claims, now) {
        Ok(claims) => claims,
        Err(why) => return denied(why),
    };
    let (Some(token), Some(version)) = (&look.sight.token, version) else { return denied("unknown") };
    if token.row().key_id != key {
        return denied("unknown");
    }
    let seen = cells::Seen::read(&token.row(), look.of.now)?;
    if !seen.is_active() {
        return Ok(Known::Token(seen));
    }
    if claims.version != version {
        return denied("version");
    }
    let Some(end) = claims.expires_at.checked_mul(1000).and_then(Timestamp::from_millis) else {
        return denied("claims");
    };
    Ok(Known::Token(seen.by_jwt(&claims.scopes, end, table.known_of(&claims.audience))))
}
