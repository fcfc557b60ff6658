//! The first pass over rows: everything is checked, nothing is locked or changed.

use std::collections::{HashMap, HashSet};
use std::io;

use super::distinct::Distinct;
use super::families::{self, Children};
use super::fields::{End, Row};
use super::more::More;
use super::reader::{Import, Rows};
use super::spool::Spool;
use super::whose::{self, Names, Words};
use crate::crypto::digest;
use crate::domain::imports::faults::Faults;
use crate::domain::keys::foreign::ForeignToken;
use crate::domain::keys::key::Key;
use crate::domain::keys::rules::{Broken, Rules};
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::role::{Role, RoleName};
use crate::domain::time::Timestamp;
use crate::ops::error::{Error, Result};
use crate::ops::keys::typed::hashes;
use crate::store::{BulkLookup, LOOKED_UP, Lookup as _, RulesLookup as _, Store};

pub(super) struct Checked {
    /// Rows that are not in the store, children behind all others.
    pub(super) new: Spool,
    /// Those of them that are children.
    children: Children,
    /// What the owners are called who are new and have no name in the file.
    pub(super) names: Names,
    /// Rows that are there already, with the same content.
    pub(super) present: u64,
    pub(super) faults: Faults,
    /// Where the store stands against it.
    pub(super) conflicts: Faults,
    /// What the store's policy forbids.
    pub(super) broken: Faults,
    policy: Policy,
}

/// The store's policy, as of the first pass: the rows are held to it again as they are written.
struct Policy {
    rules: Rules,
    /// The end of keys that the file names none for.
    default: Option<Timestamp>,
    now: Timestamp,
    /// The live keys of each owner with those of the file so far, by its subject; only where a rule asks for that.
    live: HashMap<String, u64>,
}

impl Policy {
    fn of(store: &mut Store) -> Result<Self> {
        let (head, now) = (store.head()?, store.now()?);
        // A default that cannot be is told as the rows are written.
        let default = head.rules.default_expiry(head.default_expiry);
        let default = default.resolve(now).ok().flatten();
        Ok(Self { rules: head.rules, default, now, live: HashMap::new() })
    }

    fn check(&mut self, store: &mut Store, row: &Row, broken: &mut Faults) -> Result<()> {
        if self.rules == Rules::default() {
            return Ok(());
        }
        let end = match row.end {
            End::Default => self.default,
            End::Never => None,
            End::At(end) => Some(end),
        };
        let mut tell = |column, found: std::result::Result<(), Broken>| {
            if let Err(why) = found {
                broken.push(row.line, column, why.to_string());
            }
        };
        tell("expires_at", self.rules.check_end(end, self.now));
        if row.scopes.is_empty() && row.roles.is_empty() {
            tell("scopes", self.rules.check_scope("this key"));
        }
        let is_child = row.more.as_ref().is_some_and(|more| more.parent.is_some());
        if self.rules.max_live_keys.is_some() && !is_child && end.is_none_or(|end| end > self.now) {
            let before = match self.live.get(row.subject.as_str()) {
                Some(count) => *count,
                None => store.count_live_keys(&row.owner, self.now)?,
            };
            tell("owner", self.rules.check_number(row.owner.as_str(), before));
            self.live.insert(row.subject.to_string(), before + 1);
        }
        Ok(())
    }
}

/// Reads all rows and compares them with each other and with the store.
pub(super) fn check(
    store: &mut Store,
    import: &mut Import<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Checked> {
    let mut checked = Checked {
        new: Spool::new(import.temporary()?),
        children: Children::new(import.temporary()?),
        names: Names::default(),
        present: 0,
        faults: import.faults(),
        conflicts: import.faults(),
        broken: import.faults(),
        policy: Policy::of(store)?,
    };
    let unreadable = |error: io::Error| Error::Invalid {
        message: format!("nothing was imported: the file cannot be read: {error}"),
        hint: "give a file that can be read to its end".to_owned(),
    };
    let input = std::mem::replace(&mut import.input, Box::new(io::empty()));
    let rows = Rows::open(import.source, input, &mut checked.faults).map_err(unreadable)?;
    let Some(mut rows) = rows else { return Ok(checked) };
    let mut hashes = Distinct::new(import.temporary()?);
    let mut names = Distinct::new(import.temporary()?);
    let mut words = Words::new(import.temporary()?);
    let roles = store.roles()?.into_iter().map(|role| (role.name.clone(), role)).collect();
    let (mut chunk, mut read) = (Vec::with_capacity(LOOKED_UP), 0);
    while let Some((line, cells)) = rows.next(&mut checked.faults).map_err(unreadable)? {
        read += 1;
        progress(read);
        let row = cells.and_then(|cells| Row::parse(cells, line, import.let_in, &mut checked.faults));
        let Some(row) = row else { continue };
        hashes.push(&row.hash.digest(), line).map_err(Error::Scratch)?;
        if let Some(old) = row.more.as_ref().and_then(|more| more.previous.as_ref()) {
            hashes.push(&old.hash.digest(), line).map_err(Error::Scratch)?;
        }
        if let Some(name) = &row.name {
            // The key of the same owner, however that one is called.
            let path = digest::fingerprint(&format!("{}\n{name}", row.subject));
            names.push(&path, line).map_err(Error::Scratch)?;
        }
        words.push(&row).map_err(Error::Scratch)?;
        chunk.push(row);
        if chunk.len() == LOOKED_UP {
            checked.compare(store, &roles, &mut chunk, (&mut words, import.let_in.any_name))?;
        }
    }
    checked.compare(store, &roles, &mut chunk, (&mut words, import.let_in.any_name))?;
    if read == 0 && checked.faults.is_empty() {
        checked.faults.push(1, "", "there are no rows");
    }
    let faults = &mut checked.faults;
    let same = |column: &'static str| {
        move |faults: &mut Faults, first, line| {
            faults.push(line, column, format!("the same as in {} {first}", faults.unit()));
        }
    };
    let (of_hash, of_name) = (same("hash"), same("name"));
    hashes.repeated(|first, line| of_hash(faults, first, line)).map_err(Error::Scratch)?;
    names.repeated(|first, line| of_name(faults, first, line)).map_err(Error::Scratch)?;
    checked.names = words.finish(faults).map_err(Error::Scratch)?;
    let Checked { new, children, names, faults, conflicts, .. } = &mut checked;
    if faults.is_empty() && conflicts.is_empty() {
        children.join(new, names, conflicts).map_err(Error::Scratch)?;
    }
    Ok(checked)
}

impl Checked {
    /// Compares some rows with the store and keeps those that are new.
    fn compare(
        &mut self,
        store: &mut Store,
        roles: &HashMap<RoleName, Role>,
        rows: &mut Vec<Row>,
        (words, any_name): (&mut Words, bool),
    ) -> Result<()> {
        refuse_own_token(rows, &mut self.faults);
        for row in rows.iter() {
            for role in row.roles.iter().filter(|role| !roles.contains_key(role)) {
                self.conflicts.push(row.line, "roles", format!("there is no role {role}"));
            }
        }
        refuse_tokens(store, rows, &mut self.faults)?;
        self.present += sift(store, rows, any_name, &mut self.conflicts)?;
        for row in rows.iter() {
            self.policy.check(store, row, &mut self.broken)?;
        }
        rows.iter().try_for_each(|row| words.push_derived(row)).map_err(Error::Scratch)?;
        self.children.take(store, rows)?;
        if self.faults.is_empty() && self.conflicts.is_empty() && self.broken.is_empty() {
            rows.iter().try_for_each(|row| self.new.push(row)).map_err(Error::Scratch)?;
        }
        rows.clear();
        Ok(())
    }
}

/// Of a row, only words of at least this many characters with a digit are looked for among the
/// tokens: names and labels are short, and each look-up would cost a tenth of a row.
const SHORTEST_TOKEN: usize = 16;

/// Columns are mixed up in every row, and then a text is the row's token as a whole, however short:
/// so many rows of each [`LOOKED_UP`] tell.
const MIXED_UP: usize = 20;

/// Finds subjects that are the row's own token, as where columns were mixed up. Subjects are long, so
/// their parts are not looked for.
fn refuse_own_token(rows: &[Row], faults: &mut Faults) {
    for row in rows.iter().filter(|row| row.subject != row.owner) {
        if digest::fingerprint(row.subject.as_str()) == row.hash.digest() {
            faults.push(row.line, "subject", "it is a token");
        }
    }
}

/// Finds texts with a token in them, of the store or of the row itself.
fn refuse_tokens(store: &mut impl BulkLookup, rows: &[Row], faults: &mut Faults) -> Result<()> {
    let long = |text: &str| text.len() >= SHORTEST_TOKEN && text.bytes().any(|byte| byte.is_ascii_digit());
    let mut places = Vec::new();
    for row in rows.iter().take(MIXED_UP) {
        for (column, text) in row.texts().filter(|(_, text)| !long(text)) {
            let hash = ForeignToken::parse(text).map(|token| digest::hash_foreign(&token));
            places.extend(
                hash.ok().filter(|hash| *hash == row.hash).map(|hash| (hash, false, row.line, column)),
            );
        }
    }
    for row in rows {
        for (column, text) in row.texts().filter(|(_, text)| long(text)) {
            let hashes = hashes(text).into_iter();
            places.extend(hashes.map(|(word, hash)| (hash, long(word), row.line, column)));
        }
    }
    if places.is_empty() {
        return Ok(());
    }
    let mut tokens: HashSet<String> = HashSet::new();
    let looked_up: Vec<&TokenHash> =
        places.iter().filter(|(_, long, ..)| *long).map(|(hash, ..)| hash).collect();
    for hashes in looked_up.chunks(LOOKED_UP) {
        let known = store.known_tokens(hashes.iter().copied())?;
        tokens.extend(known.into_iter().map(|known| known.hash));
    }
    let own: HashSet<&str> = rows.iter().map(|row| row.hash.as_str()).collect();
    let mut last = None;
    for (hash, _, line, column) in places {
        let place = Some((line, column));
        let found = own.contains(hash.as_str()) || tokens.contains(hash.as_str());
        if found && last != place {
            faults.push(line, column, "a word of it is a token");
            last = place;
        }
    }
    Ok(())
}

/// Takes out the rows that are in the store with the same content, and counts them; says where
/// the store stands against one.
pub(super) fn sift(
    store: &mut impl BulkLookup,
    rows: &mut Vec<Row>,
    any_name: bool,
    conflicts: &mut Faults,
) -> Result<u64> {
    whose::settle(store, rows, conflicts)?;
    let mut present = HashMap::new();
    for known in store.known_tokens(rows.iter().map(|row| &row.hash))? {
        if let Some(key) = store.key_by_id(known.key)? {
            present.insert(known.hash, (key, known.generation));
        }
    }
    let before = rows.len();
    rows.retain(|row| match present.get(row.hash.as_str()) {
        None => true,
        Some((key, generation)) => {
            if let Some(why) = differences(row, key, *generation, any_name) {
                conflicts.push(row.line, "", why);
            }
            false
        }
    });
    families::refuse_known(store, rows, conflicts)?;
    let named = rows.iter().filter_map(|row| Some((&row.owner, row.name.as_ref()?)));
    for (owner, name, id) in store.taken_names(named)? {
        let of_name = rows.iter().filter(|row| row.owner == owner && row.name.as_ref() == Some(&name));
        for row in of_name {
            conflicts.push(row.line, "name", format!("{owner}/{name} exists already ({id})"));
        }
    }
    Ok((before - rows.len()) as u64)
}

/// Why a key that is there is not the one meant; `None` if it is.
fn differences(row: &Row, key: &Key, generation: i64, any_name: bool) -> Option<String> {
    let named = format!("the token is there already, of {} ({})", key.path(), key.id);
    if let Some(at) = key.revoked_at {
        return Some(format!("{named}; it was revoked at {at}"));
    }
    if key.generation != generation {
        return Some(format!("{named}; it was changed since"));
    }
    let end_differs = match row.end {
        End::Default => false,
        End::Never => key.expires_at.is_some(),
        End::At(end) => key.expires_at != Some(end),
    };
    let differing: Vec<&str> = [
        (row.owner != key.owner, "owner"),
        (!any_name && row.name.as_ref().is_some_and(|name| *name != key.name), "name"),
        (row.scopes != key.scopes, "scopes"),
        (row.roles != key.roles, "roles"),
        (row.not_before != key.not_before, "not_before"),
        (end_differs, "expires_at"),
        (row.labels != key.labels, "labels"),
    ]
    .into_iter()
    .filter_map(|(differs, what)| differs.then_some(what))
    .chain(row.more.as_deref().unwrap_or(&More::default()).differences(key))
    .collect();
    (!differing.is_empty()).then(|| format!("{named}; it differs in: {}", differing.join(", ")))
}
