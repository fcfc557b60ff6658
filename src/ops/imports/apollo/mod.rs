//! The clients of an `OpenFn` Apollo move in: its table `lightning_clients`, in one change.
//!
//! Hashes are taken as they are, so that clients keep their tokens; keys for the provider are
//! sealed and bound. The table is renamed in the same transaction, since the view that follows
//! it has its name.

mod rows;

use std::collections::{HashMap, HashSet};
use std::str::FromStr;

use serde_json::json;

use super::Source;
use crate::crypto::digest;
use crate::domain::apollo::PROVIDER;
use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::KeyId;
use crate::domain::keys::draft::Draft;
use crate::domain::keys::foreign::{self, HashAlg};
use crate::domain::keys::key::Key;
use crate::domain::keys::label::Labels;
use crate::domain::keys::scope::Scopes;
use crate::domain::owners::owner::{KeyName, NameError, Owner};
use crate::domain::random::Random;
use crate::domain::secrets::secret::{Provider, Secret, SecretId, SecretKind, SecretName, Subject};
use crate::domain::time::{Expiry, Timestamp};
use crate::ops::apollo::{NAME, check_place};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Conflict, Error, Result};
use crate::ops::keys::{allowed, mint};
use crate::ops::master_keys::Ring;
use crate::store::{self, ApolloLookup as _, Relation, SecretLookup as _, Tx};
use rows::{Reading, Ready};

/// What Apollo's table is called afterwards.
pub const KEPT_AS: &str = "lightning_clients_before_keyctl";

/// What the keys are called that are made of its rows.
const KEY_NAME: &str = "apollo";

/// What all keys of the table get.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command")]
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub scopes: Scopes,
    /// Whether `*` may be among the scopes.
    pub allow_all: bool,
    /// When they end; `None` takes the store's default.
    pub expiry: Option<Expiry>,
    /// Whether rows without a usable key for the provider are left out, instead of refused.
    pub skip_unusable: bool,
    /// Whether such a key may look as no key does.
    pub any_text: bool,
    /// Whether a client may become an owner that is there already.
    pub into_existing: bool,
}

/// What became of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The row's number in Apollo's table.
    pub row: i64,
    /// What the client was called there.
    pub name: Option<String>,
    /// Its key, and the secret that it is bound to; `None` where it was left out.
    pub made: Option<Made>,
    /// What is to be said of it: why it was left out, or that its name is another one.
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub key: KeyId,
    pub owner: Owner,
    pub name: KeyName,
    pub secret: SecretName,
    pub expires_at: Option<Timestamp>,
}

/// What came of it, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// In the order of the table.
    pub clients: Vec<Client>,
    /// How many secrets were made: equal values are one.
    pub secrets: u64,
    pub at: Timestamp,
}

impl Imported {
    pub fn made(&self) -> u64 {
        self.clients.iter().filter(|client| client.made.is_some()).count() as u64
    }

    pub fn skipped(&self) -> u64 {
        self.clients.len() as u64 - self.made()
    }
}

/// Moves all clients in, or none. The ring's key for Apollo opens what is encrypted.
pub fn import(env: &mut Env, ring: &Ring, request: &Request) -> Result<Imported> {
    check_place(&env.store)?;
    mint::check_everything(&request.scopes, request.allow_all)?;
    env.change_sealing(Action::Import, |tx, random| import_in(tx, random, ring, request))
}

fn import_in(
    tx: &mut Tx<'_>,
    random: &mut dyn Random,
    ring: &Ring,
    request: &Request,
) -> Result<Done<Imported>> {
    check_names(tx)?;
    let events = ring.check_sealing(tx)?;
    let rows = tx.lightning_clients()?;
    let (clients, drafts) = Reading::new(ring, request).read(tx, rows)?;
    let plan = Plan { tx, random, ring, request, events, secrets: HashMap::new() };
    let done = plan.write(clients, drafts)?;
    tx.set_lightning_clients_aside();
    Ok(done)
}

/// There must be a table, of Apollo's form, and its later name must be free.
fn check_names(tx: &mut Tx<'_>) -> Result<()> {
    let kept = tx.public_relation(KEPT_AS)?.is_some();
    match tx.public_relation(NAME)? {
        Some(Relation::Table) => {}
        None => {
            let message = format!("there is no table public.{NAME} in this database");
            let hint = if kept {
                format!(
                    "it was imported before and is kept as {KEPT_AS}; what is next: keyctl store compat apollo"
                )
            } else {
                "name the store in Apollo's own database; without clients, make the view at once: keyctl store compat apollo"
                    .to_owned()
            };
            return Err(Error::NotFound { message, hint });
        }
        Some(_) => {
            let hint = "if it is keyctl's view, the clients are in the store already: keyctl store compat apollo \
                        --explain";
            return Err(Conflict::new(format!("public.{NAME} is no table"), hint).into());
        }
    }
    if kept {
        return Err(Conflict::new(
            format!("there is a {KEPT_AS} already, from an import before"),
            "compare the two tables, and rename or drop that one",
        )
        .into());
    }
    if let Some((owner, role)) = tx.foreign_owner_of_lightning_clients()? {
        return Err(Error::Store(store::Error::Refused {
            what: format!(
                "the table public.{NAME} belongs to {owner}, and {role} may not read and rename it"
            )
            .into(),
            hint: format!(
                "have an administrator run: GRANT {owner} TO {role}; and after the import: REVOKE {owner} FROM {role}"
            ),
        }));
    }
    let lacking = tx.take_lightning_clients()?;
    if lacking.is_empty() {
        return Ok(());
    }
    let message = format!("the table public.{NAME} is not Apollo's: it has no column {}", lacking.join(", "));
    Err(Conflict::new(message, "keyctl knows the table of Apollo 3").into())
}

fn key_name() -> Result<KeyName> {
    named(KEY_NAME)
}

/// A name that keyctl makes itself.
fn named<T: FromStr<Err = NameError>>(text: &str) -> Result<T> {
    text.parse().map_err(|error| Error::Invalid {
        message: format!("nothing can be called {text}: {error}"),
        hint: String::new(),
    })
}

struct Plan<'p, 's> {
    tx: &'p mut Tx<'s>,
    random: &'p mut dyn Random,
    ring: &'p Ring,
    request: &'p Request,
    events: Vec<Event>,
    /// The secrets made so far, by the fingerprints of their values.
    secrets: HashMap<[u8; 32], Secret>,
}

impl Plan<'_, '_> {
    fn write(mut self, mut clients: Vec<Client>, ready: Vec<Ready>) -> Result<Done<Imported>> {
        let at = self.tx.now();
        let mut ids = (0..ready.len())
            .map(|_| KeyId::generate(at, self.random))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        ids.sort_unstable();
        let mut names = HashSet::new();
        for (row, id) in ready.into_iter().zip(ids) {
            let secret = self.secret(&row, &mut names)?;
            clients.push(self.client(&row, id, &secret)?);
        }
        clients.sort_by_key(|client| client.row);
        let secrets = self.secrets.len() as u64;
        self.tx.count_encryptions(self.ring.current(), secrets);
        Ok(Done { result: Imported { clients, secrets, at }, events: self.events })
    }

    /// The secret of this value: one that was made before, or a new one.
    fn secret(&mut self, row: &Ready, names: &mut HashSet<SecretName>) -> Result<Secret> {
        let print = digest::fingerprint(row.value.expose());
        if let Some(found) = self.secrets.get(&print) {
            return Ok(found.clone());
        }
        let at = self.tx.now();
        let secret = Secret {
            id: SecretId::generate(at, self.random)?,
            provider: named::<Provider>(PROVIDER)?,
            name: self.free_name(&row.owner, names)?,
            kind: SecretKind::Static,
            labels: Labels::default(),
            created_at: at,
            expires_at: None,
            deleted_at: None,
            version: 1,
            version_created_at: at,
            master_key_id: self.ring.current(),
            bindings: 0,
        };
        let envelope = self.ring.seal(&secret, &row.value, self.random)?;
        self.tx.insert_secret(&secret);
        self.tx.insert_secret_version(&secret, &envelope);
        let details = json!({ "secret": secret.id, "name": secret.name, "provider": secret.provider,
            "version": 1, "master_key": secret.master_key_id, "expires_at": null, "federation": null, "subject": null });
        self.record(Action::SecretSet, None, details);
        self.secrets.insert(print, secret.clone());
        Ok(secret)
    }

    /// `apollo-OWNER`, with a number behind it where that is taken.
    fn free_name(&mut self, owner: &Owner, names: &mut HashSet<SecretName>) -> Result<SecretName> {
        let slug: String = owner.as_str().replace(['@', '+'], "-").chars().take(50).collect();
        let mut number = 1_u32;
        loop {
            let text = if number == 1 { format!("apollo-{slug}") } else { format!("apollo-{slug}-{number}") };
            let name: SecretName = named(&text)?;
            if !names.contains(&name) && self.tx.secret(&name)?.is_none() {
                names.insert(name.clone());
                return Ok(name);
            }
            number += 1;
        }
    }

    fn client(&mut self, row: &Ready, id: KeyId, secret: &Secret) -> Result<Client> {
        let draft = Draft {
            id,
            owner: row.owner.clone(),
            subject: row.subject.clone(),
            name: key_name()?,
            scopes: self.request.scopes.clone(),
            roles: &[],
            labels: Labels::default(),
            not_before: None,
            expires_at: self.end()?,
            prefix: foreign::display_prefix(self.random)?,
            hash_alg: HashAlg::Sha256,
        };
        let key = draft.key(self.tx.now());
        let allowed = allowed::allow(self.tx, &key, None)?;
        self.tx.insert_key(allowed, &row.hash);
        self.tx.bind(&Subject::Key(key.id), secret);
        self.events.push(Event::done(Action::Import, details(row, &key, secret)).on(&key));
        let bound = json!({ "secret": secret.id, "name": secret.name, "provider": secret.provider,
            "subject": "key", "old_name": null });
        self.record(Action::SecretBind, Some(&key), bound);
        let made = Made {
            key: key.id,
            owner: key.owner,
            name: key.name,
            secret: secret.name.clone(),
            expires_at: key.expires_at,
        };
        Ok(Client { row: row.row, name: Some(row.name.clone()), made: Some(made), note: note(row) })
    }

    fn end(&self) -> Result<Option<Timestamp>> {
        let head = self.tx.head();
        let expiry = self.request.expiry.unwrap_or(head.rules.default_expiry(head.default_expiry));
        expiry.resolve(self.tx.now()).map_err(|error| Error::Invalid {
            message: error.to_string(),
            hint: "see keyctl import apollo --help".to_owned(),
        })
    }

    fn record(&mut self, action: Action, key: Option<&Key>, details: serde_json::Value) {
        let event = Event::done(action, details);
        self.events.push(match key {
            Some(key) => event.on(key),
            None => event,
        });
    }
}

/// What is to be said of the owner that a client became.
fn note(row: &Ready) -> Option<String> {
    let renamed = row.owner.as_str() != row.name;
    let renamed = renamed.then(|| {
        if row.subject.as_str() == row.name {
            format!("the owner is called {}, and services know it as {}", row.owner, row.subject)
        } else {
            format!("the name is no owner, so the owner is {}", row.owner)
        }
    });
    let joined = row.existing.then(|| format!("the owner {} was there before", row.owner));
    let notes: Vec<String> = renamed.into_iter().chain(joined).collect();
    (!notes.is_empty()).then(|| notes.join("; "))
}

fn details(row: &Ready, key: &Key, secret: &Secret) -> serde_json::Value {
    json!({
        "source": Source::Apollo.as_str(),
        "row": row.row,
        "client": row.name,
        "token": key.token_prefix(),
        "hash_alg": key.token.as_ref().map(|token| token.hash_alg),
        "scopes": key.scopes,
        "expires_at": key.expires_at,
        "secret": secret.id,
        "subject": key.subject,
    })
}
