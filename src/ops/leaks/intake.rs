//! A report of tokens that somebody found: which of them are ours, and what the policy has done about it. Each acts by its whole token
//! alone, by the use case of `keyctl leaks scan`, and a report acts once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::IpAddr;

use super::collect::Foreign;
use super::judge::{Standing, standing};
use super::stop::{Stop, stop};
use crate::crypto::digest;
use crate::domain::id::KeyId;
use crate::domain::keys::key::State;
use crate::domain::keys::token::{FOREIGN_PREFIX, TokenHash, TokenId};
use crate::domain::leaks::canary::Spot;
use crate::domain::leaks::place::{masked, public_part};
use crate::domain::leaks::policy::{Policy, Response};
use crate::domain::leaks::{report, tokens};
use crate::domain::owners::owner::Owner;
use crate::domain::time::{Span, Timestamp};
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::store::{FoundTokens as _, Lookup as _, ReportRow, SightingRow, Store};

/// Who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A webhook of GitHub's, about an alert of secret scanning.
    Alert,
    /// GitHub's secret scanning partner program.
    Partner,
    /// Whoever has this key.
    Key(KeyId),
}

impl Source {
    /// The word in the store and in logs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "github_alert",
            Self::Partner => "github_partner",
            Self::Key(_) => "report",
        }
    }

    fn said(self) -> String {
        match self {
            Self::Alert => "reported by a webhook of GitHub secret scanning".to_owned(),
            Self::Partner => "reported by GitHub secret scanning".to_owned(),
            Self::Key(key) => format!("reported by {key}"),
        }
    }
}

/// What came.
pub(crate) struct Report<'r> {
    pub source: Source,
    pub body: &'r [u8],
    /// Where more is to be seen.
    pub note: Option<&'r str>,
    /// From where it came, as far as that is known, and where to.
    pub from: (Option<IpAddr>, &'static str),
}

/// What was done about a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    Recorded,
    Suspended,
    Revoked,
    /// It was the old token of a rotation: that ended, and the new one stays.
    EndedGrace,
    /// It worked no more in any case.
    DeadBefore,
}

impl Deed {
    /// The word in the store, in logs and answers.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::EndedGrace => "ended_grace",
            Self::DeadBefore => "dead_before",
        }
    }
}

/// A token of ours in a report.
#[derive(Debug)]
pub(crate) struct Sighted {
    pub token: TokenId,
    pub key: KeyId,
    pub owner: Owner,
    pub standing: Standing,
    pub deed: Deed,
    /// Whether it is there to be found: outside of the store and its log, a revoked key like any other.
    pub is_canary: bool,
}

/// What became of a report.
#[derive(Debug)]
pub(crate) struct Taken {
    /// SHA-256 of its body: 64 hex digits.
    pub digest: String,
    pub received_at: Timestamp,
    /// From when on nobody who keeps answers as long as he may lets in what was stopped.
    pub in_force_by: Timestamp,
    /// When the same body was done before: then nothing was done now.
    pub repeated: Option<Timestamp>,
    pub sighted: Vec<Sighted>,
    /// How often a token stood there that is of no key of this store.
    pub unknown: u64,
    /// Tokens of ours beyond those that are handled at once.
    pub left_out: u64,
}

/// Why a report was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Untaken {
    #[error(transparent)]
    NoReport(#[from] report::ReportError),
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Tokens of ours that are handled of one report.
const MOST: usize = 10_000;
/// Looked up together.
const PAGE: usize = 1000;
/// A note, in bytes.
const LONGEST_NOTE: usize = 500;
/// How old an answer is that a reader keeps, at most.
const KEPT: Span = Span::seconds(5);

/// Finds the tokens in a report, and does with each of ours what the policy says.
pub(crate) fn take_in(env: &mut Env, report: &Report<'_>, policy: &Policy) -> Result<Taken, Untaken> {
    let digest = TokenHash::from_digest(&digest::fingerprint_of(report.body)).as_str().to_owned();
    let received_at = env.store.now().map_err(Error::from)?;
    let mut taken = Taken {
        digest,
        received_at,
        in_force_by: received_at,
        repeated: None,
        sighted: Vec::new(),
        unknown: 0,
        left_out: 0,
    };
    taken.repeated = env.store.report_done_at(&taken.digest).map_err(Error::from)?;
    if taken.repeated.is_some() {
        return Ok(taken);
    }
    let gathered = gather(&mut env.store, report.body)?;
    (taken.unknown, taken.left_out) = (gathered.unknown, gathered.left_out);
    let reason = format!("{}: {}, received {received_at}", report.source.said(), &taken.digest[..12]);
    taken.sighted = act(env, gathered, policy, &reason)?;
    note_canaries(&mut env.store, &mut taken.sighted, report.from)?;
    let now = env.store.now().map_err(Error::from)?;
    taken.in_force_by = now.after(KEPT).unwrap_or(now);
    put(&mut env.store, report, &taken)?;
    Ok(taken)
}

/// Writes down which of these are canaries, and where they came from.
fn note_canaries(
    store: &mut Store,
    sighted: &mut [Sighted],
    (address, path): (Option<IpAddr>, &str),
) -> Result<()> {
    let revoked = sighted.iter_mut().filter(|one| one.standing == Standing::Known(State::Revoked));
    let mut revoked: Vec<&mut Sighted> = revoked.collect();
    let canaries = store.canaries_among(&revoked.iter().map(|one| one.key).collect::<Vec<_>>());
    let mut seen = Vec::new();
    for one in revoked.iter_mut().filter(|one| canaries.contains(&one.key)) {
        one.is_canary = true;
        seen.push((one.key, one.token.clone()));
    }
    put_seen(store, seen, address, path)
}

fn put_seen(
    store: &mut Store,
    seen: Vec<(KeyId, TokenId)>,
    address: Option<IpAddr>,
    path: &str,
) -> Result<()> {
    let now = store.now()?;
    let spots = seen.into_iter().map(|(key, token)| Spot::new(key, token, now, address, path.as_bytes()));
    Ok(store.put_sightings(&spots.collect::<Vec<_>>(), now)?)
}

/// The same of tokens of revoked keys that came with a request, once it was answered. Which of them are canaries.
pub(crate) fn note_presented(
    store: &mut Store,
    revoked: Vec<(KeyId, TokenId)>,
    address: Option<IpAddr>,
    path: &str,
) -> Result<Vec<(KeyId, TokenId)>> {
    let canaries = store.canaries_among(&revoked.iter().map(|(key, _)| *key).collect::<Vec<_>>());
    let seen: Vec<_> = revoked.into_iter().filter(|(key, _)| canaries.contains(key)).collect();
    if !seen.is_empty() {
        put_seen(store, seen.clone(), address, path)?;
    }
    Ok(seen)
}

fn put(store: &mut Store, report: &Report<'_>, taken: &Taken) -> Result<()> {
    let note = report.note.map(masked);
    let note = note.as_deref().map(|note| &note[..note.floor_char_boundary(LONGEST_NOTE)]);
    let reporter = if let Source::Key(key) = report.source { Some(key) } else { None };
    let row = ReportRow {
        digest: &taken.digest,
        source: report.source.as_str(),
        reporter,
        note,
        known: taken.sighted.len() as u64,
        unknown: taken.unknown,
        left_out: taken.left_out,
        received_at: taken.received_at,
    };
    let sightings: Vec<SightingRow> = taken
        .sighted
        .iter()
        .map(|one| SightingRow { token: one.token.clone(), key: one.key, deed: one.deed.as_str() })
        .collect();
    Ok(store.put_report(&row, &sightings)?)
}

/// A token that is ours, before anything is done.
struct Ours {
    prefix: String,
    sighted: Sighted,
}

#[derive(Default)]
struct Gathered {
    ours: BTreeMap<[u8; 32], Ours>,
    unknown: u64,
    left_out: u64,
}

/// The tokens of a text, looked up a page at a time, so that memory is bounded however many are of others.
struct Gathering<'s> {
    store: &'s mut Store,
    foreign: Foreign,
    /// With their prefixes.
    page: HashMap<[u8; 32], String>,
    beyond: HashSet<[u8; 32]>,
    gathered: Gathered,
    failed: Option<Error>,
}

fn gather(store: &mut Store, body: &[u8]) -> Result<Gathered, Untaken> {
    let foreign = Foreign::of(store)?;
    let (page, gathered) = (HashMap::new(), Gathered::default());
    let mut gathering = Gathering { store, foreign, page, beyond: HashSet::new(), gathered, failed: None };
    let read = report::texts(body, &mut |text, is_secret| gathering.look(text, is_secret));
    gathering.look_up();
    if let Some(error) = gathering.failed {
        return Err(error.into());
    }
    read?;
    Ok(gathering.gathered)
}

impl Gathering<'_> {
    /// Whether to go on.
    fn look(&mut self, text: &str, is_secret: bool) -> bool {
        let mut found = Vec::new();
        tokens::find(text.as_bytes(), |place| found.push(place));
        for place in &found {
            let token = &text.as_bytes()[place.clone()];
            self.add(digest::fingerprint_of(token), || prefix_of(&public_part(token)).to_owned());
        }
        // A token that was made elsewhere has no form: it is the whole text, or nothing.
        if is_secret && found.is_empty() {
            let hash = digest::fingerprint(text.trim());
            if self.foreign.has(&hash) {
                self.add(hash, || FOREIGN_PREFIX.to_owned());
            }
        }
        self.failed.is_none()
    }

    fn add(&mut self, hash: [u8; 32], prefix: impl FnOnce() -> String) {
        if self.gathered.ours.contains_key(&hash) {
            return;
        }
        self.page.entry(hash).or_insert_with(prefix);
        if self.page.len() >= PAGE {
            self.look_up();
        }
    }

    fn look_up(&mut self) {
        let mut page = std::mem::take(&mut self.page);
        if self.failed.is_some() || page.is_empty() {
            return;
        }
        let hashes: Vec<TokenHash> = page.keys().map(TokenHash::from_digest).collect();
        match self.store.tokens_by_hash(&hashes) {
            Err(error) => self.failed = Some(error.into()),
            Ok((found, now)) => {
                for token in found {
                    let hash = token.hash.digest();
                    let (Some(prefix), Some(now)) = (page.remove(&hash), now) else { continue };
                    if self.gathered.ours.len() >= MOST {
                        if self.beyond.len() < MOST && self.beyond.insert(hash) {
                            self.gathered.left_out += 1;
                        }
                        continue;
                    }
                    let standing = standing(&token, now);
                    let known = token.known;
                    let sighted = Sighted {
                        token: known.token_id,
                        key: known.key_id,
                        owner: known.owner,
                        standing,
                        deed: Deed::DeadBefore,
                        is_canary: false,
                    };
                    self.gathered.ours.insert(hash, Ours { prefix, sighted });
                }
                self.gathered.unknown += page.len() as u64;
            }
        }
    }
}

/// What stands before `_` and the id.
fn prefix_of(public: &str) -> &str {
    public.rsplit_once('_').map_or(public, |(prefix, _)| prefix)
}

/// Has each stopped that is to be; a token that died meanwhile is left as it is.
fn act(env: &mut Env, gathered: Gathered, policy: &Policy, reason: &str) -> Result<Vec<Sighted>> {
    let (mut revoked, mut suspended) = (Vec::new(), Vec::new());
    let mut all = gathered.ours;
    for (hash, ours) in &mut all {
        if !ours.sighted.standing.is_live() {
            continue;
        }
        let Some(key) = env.store.key_by_id(ours.sighted.key)? else { continue };
        let hash = TokenHash::from_digest(hash);
        ours.sighted.deed = match policy.of(&ours.prefix, &key.labels) {
            Response::Record => Deed::Recorded,
            Response::Suspend => {
                suspended.push(hash);
                Deed::Suspended
            }
            Response::Revoke => {
                revoked.push(hash);
                Deed::Revoked
            }
        };
    }
    let mut cut = HashSet::new();
    for (hashes, how) in [(revoked, Stop::Revoke), (suspended, Stop::Suspend)] {
        if !hashes.is_empty() {
            let ended = stop(env, &hashes, how, reason)?;
            cut.extend(ended.cut.into_iter().map(|key| key.id));
        }
    }
    let mut all: Vec<Sighted> = all.into_values().map(|ours| ours.sighted).collect();
    for one in &mut all {
        if one.deed == Deed::Revoked && cut.contains(&one.key) {
            one.deed = Deed::EndedGrace;
        }
    }
    Ok(all)
}

/// Whether one of the tokens in a text of JSON works, or will again: of at most a page of them. And those of revoked keys.
pub(crate) fn is_live(store: &mut Store, body: &[u8]) -> Result<(bool, Vec<(KeyId, TokenId)>), Untaken> {
    let all: Vec<Sighted> = gather(store, body)?.ours.into_values().map(|ours| ours.sighted).collect();
    let is_live = all.iter().any(|one| one.standing.is_live());
    let revoked = all.into_iter().filter(|one| one.standing == Standing::Known(State::Revoked));
    Ok((is_live, revoked.map(|one| (one.key, one.token)).collect()))
}
