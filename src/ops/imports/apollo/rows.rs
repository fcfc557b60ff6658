//! The rows of Apollo's table as they are read: what can be imported, and what is at fault.

use std::collections::HashMap;
use std::fmt;

use super::{Client, Request, key_name};
use crate::domain::apollo::StoredForm;
use crate::domain::keys::token::TokenHash;
use crate::domain::owners::owner::Owner;
use crate::domain::owners::row::OwnerState;
use crate::domain::owners::subject::{OwnerSubject, name_of};
use crate::domain::secrets::secret::SecretValue;
use crate::domain::texts::{bare, leak};
use crate::ops::apollo::{ApolloKey, no_key};
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::imports::whose::Owners;
use crate::ops::keys::typed::hashes;
use crate::ops::master_keys::Ring;
use crate::store::{ApolloLookup as _, ClientRow, Lookup as _, Tx};

/// What is wrong with rows, by their numbers; never what stands in them.
#[derive(Debug, Default)]
struct RowFaults {
    found: Vec<(i64, String)>,
}

/// How many are told one by one.
const TOLD: usize = 100;

impl RowFaults {
    fn push(&mut self, row: i64, why: impl Into<String>) {
        self.found.push((row, why.into()));
    }
}

impl fmt::Display for RowFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.found.len();
        write!(f, "{count} fault{}:", if count == 1 { "" } else { "s" })?;
        for (row, why) in self.found.iter().take(TOLD) {
            write!(f, "\n  row {row}: {why}")?;
        }
        if count > TOLD { f.write_str("\n  …") } else { Ok(()) }
    }
}

pub(super) struct Ready {
    pub(super) row: i64,
    pub(super) name: String,
    pub(super) owner: Owner,
    /// The name itself where it can be that, else what the owner is called.
    pub(super) subject: OwnerSubject,
    pub(super) hash: TokenHash,
    pub(super) value: SecretValue,
    pub(super) existing: bool,
}

/// The rows as they are read: what can be imported, what is left out, what is at fault.
pub(super) struct Reading<'r> {
    ring: &'r Ring,
    request: &'r Request,
    faults: RowFaults,
}

impl<'r> Reading<'r> {
    pub(super) fn new(ring: &'r Ring, request: &'r Request) -> Self {
        Self { ring, request, faults: RowFaults::default() }
    }

    pub(super) fn read(mut self, tx: &mut Tx<'_>, rows: Vec<ClientRow>) -> Result<(Vec<Client>, Vec<Ready>)> {
        let (mut skipped, mut ready) = (Vec::new(), Vec::new());
        self.check_key(tx, &rows)?;
        for row in rows {
            match value_of(&row, self.ring.forms().apollo.as_ref(), self.request.any_text) {
                Ok(value) => ready.extend(self.ready(row, value)),
                Err(why) if self.request.skip_unusable => {
                    let note = Some(format!("anthropic_api_key: {why}; its token ends"));
                    skipped.push(Client { row: row.id, name: row.name, made: None, note });
                }
                Err(why) => self.faults.push(row.id, format!("anthropic_api_key: {why}")),
            }
        }
        self.check_distinct(&ready);
        self.check_store(tx, &mut ready)?;
        if self.faults.found.is_empty() {
            if ready.is_empty() && !skipped.is_empty() {
                let message = "nothing was imported: no row has a usable anthropic_api_key, so every client would be \
                               left out";
                let hint = "correct the rows in the table public.lightning_clients; what each lacks is said without \
                            --skip-unusable";
                return Err(Conflict::new(message, hint).into());
            }
            return Ok((skipped, ready));
        }
        self.faults.found.sort_by_key(|(row, _)| *row);
        let hint = "correct the rows named in the table public.lightning_clients; --skip-unusable leaves those out \
                    whose anthropic_api_key cannot be used, --into-existing-owners takes owners that exist already";
        Err(Conflict::new(format!("nothing was imported: {}", self.faults), hint).into())
    }

    /// A key that opens nothing is another table's: that must not look like rows to leave out.
    fn check_key(&self, tx: &mut Tx<'_>, rows: &[ClientRow]) -> Result<()> {
        let sealed = rows.iter().filter_map(|row| match row.key.as_ref()?.form() {
            StoredForm::Sealed(sealed) => Some(sealed),
            _ => None,
        });
        let mut sealed = sealed.peekable();
        let Some(key) = self.ring.forms().apollo.as_ref() else {
            return if sealed.peek().is_none() {
                Ok(())
            } else {
                Err(no_key("rows of the table are encrypted under Apollo's key"))
            };
        };
        let is_stores = tx.apollo()?.is_none_or(|row| key.is_of(self.ring.store(), &row.key_check));
        let opens = sealed.peek().is_none() || sealed.any(|text| key.open(&text).is_some());
        if is_stores && opens {
            return Ok(());
        }
        Err(Error::KeyUnavailable {
            message: "APOLLO_ENC_KEY is not the key of this table; nothing was imported".to_owned(),
            hint: "set the one that Apollo runs with".to_owned(),
        })
    }

    fn ready(&mut self, row: ClientRow, value: SecretValue) -> Option<Ready> {
        let name = row.name.unwrap_or_default();
        let owner = name_of(&name);
        if owner.is_none() {
            self.faults.push(row.id, "name: no owner can be made of it");
        }
        let hash = row.hash.as_deref().filter(|text| is_plain_hex(text)).and_then(TokenHash::parse);
        if hash.is_none() {
            self.faults.push(row.id, "auth_token_hash: it is not 64 lower-case hex digits");
        }
        // The name is kept in the audit log.
        if leak::secret_in(&name).is_some()
            || hashes(&name).iter().any(|(_, word)| Some(word) == hash.as_ref())
        {
            self.faults.push(row.id, "name: a word of it is a token");
        }
        let owner = owner?;
        let subject = name.parse().unwrap_or_else(|_| (&owner).into());
        Some(Ready { row: row.id, name, owner, subject, hash: hash?, value, existing: false })
    }

    fn check_distinct(&mut self, ready: &[Ready]) {
        let (mut owners, mut hashes) = (HashMap::new(), HashMap::new());
        for row in ready {
            if let Some(first) = owners.insert(&row.subject, row.row) {
                let why = format!("name: it gives the owner {}, as the name in row {first} does", row.owner);
                self.faults.push(row.row, why);
            }
            if let Some(first) = hashes.insert(row.hash.as_str(), row.row) {
                self.faults.push(row.row, format!("auth_token_hash: the same as in row {first}"));
            }
        }
    }

    fn check_store(&mut self, tx: &mut Tx<'_>, ready: &mut [Ready]) -> Result<()> {
        let ids: Vec<OwnerSubject> = ready.iter().map(|row| row.subject.clone()).collect();
        let mut owners = Owners::new(ids.iter());
        for row in ready {
            if let Some(key) = tx.key_by_hash(&row.hash)? {
                let why = format!("the token is in the store already, of {} ({})", key.path(), key.id);
                self.faults.push(row.row, why);
            }
            let words: Vec<TokenHash> = hashes(&row.name).into_iter().map(|(_, hash)| hash).collect();
            if tx.key_by_any_hash(&words)?.is_some() {
                self.faults.push(row.row, "name: a word of it is a token of this store");
            }
            let found = match owners.find(tx, &row.subject)? {
                Ok(found) => found,
                Err(why) => {
                    self.faults.push(row.row, format!("name: {why}"));
                    continue;
                }
            };
            row.owner = found.owner;
            if let Some(key) = tx.live_key_by_name(&row.owner, &key_name()?)? {
                self.faults.push(row.row, format!("{} exists already ({})", key.path(), key.id));
                continue;
            }
            if !found.known {
                continue;
            }
            if let Some(OwnerState::Disabled(at)) = found.state {
                self.faults.push(row.row, format!("the owner {} is disabled since {at}", row.owner));
                continue;
            }
            row.existing = true;
            // A client must not become somebody else by being called the same.
            if !self.request.into_existing {
                let why = format!("name: there is an owner {} already, who may be somebody else", row.owner);
                self.faults.push(row.row, why);
            }
        }
        Ok(())
    }
}

/// Apollo compares texts: in any other form, a token of that hash never worked.
fn is_plain_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The key for the provider in a row, or why there is none.
fn value_of(row: &ClientRow, apollo: Option<&ApolloKey>, any_text: bool) -> Result<SecretValue, String> {
    let Some(stored) = &row.key else { return Err("it is NULL".to_owned()) };
    let value = |bytes: &[u8]| {
        let value = SecretValue::from_bytes(bytes, false).map_err(|error| error.to_string())?;
        match bare::no_key(value.expose()).filter(|_| !any_text) {
            None => Ok(value),
            Some(wrong) => Err(format!("{wrong}; --any-text takes it as it is")),
        }
    };
    match stored.form() {
        StoredForm::Empty => Err("it is empty".to_owned()),
        StoredForm::Unknown => {
            Err("it begins with enc: and has another form than Apollo 3 writes".to_owned())
        }
        StoredForm::Clear => value(stored.expose().as_bytes()),
        StoredForm::Sealed(sealed) => match apollo.and_then(|key| key.open(&sealed)) {
            Some(bytes) => value(&bytes),
            None => Err("it does not open under APOLLO_ENC_KEY".to_owned()),
        },
    }
}
