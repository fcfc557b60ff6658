//! Clients that an operator registers: those that cannot say themselves what they are.

use serde_json::{Value, json};

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::id::IdSeed;
use crate::domain::keys::key::Key;
use crate::domain::mcp::client::{ClientName, ClientRef, Registered};
use crate::domain::mcp::ids::RegisteredId;
use crate::domain::mcp::redirect_uri::RedirectUri;
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::{Error, Result};
use crate::ops::keys::family::revoke_family;
use crate::store::{ClientLookup as _, GrantLookup as _, Lookup as _, Store, Tx};

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub name: ClientName,
    pub redirect_uris: Vec<RedirectUri>,
    /// Whether it may show codes, for want of a browser.
    pub device: bool,
}

/// Registers a client, which gets an id and no secret.
pub(crate) fn add(env: &mut Env, request: &Request) -> Result<Registered> {
    let mut redirect_uris = request.redirect_uris.clone();
    redirect_uris.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    redirect_uris.dedup();
    if redirect_uris.is_empty() || redirect_uris.len() > Registered::MOST_URIS {
        return Err(Error::Invalid {
            message: format!("a client has 1 to {} redirect URIs", Registered::MOST_URIS),
            hint: "as in --redirect-uri http://127.0.0.1/callback, whose port may be any".to_owned(),
        });
    }
    let seed = IdSeed::draw(env.random.as_mut())?;
    env.change(Action::ClientAdd, |tx| {
        let now = tx.now();
        let client = Registered {
            id: RegisteredId::at(now, seed),
            name: request.name.clone(),
            redirect_uris: redirect_uris.clone(),
            device: request.device,
            created_at: now,
        };
        tx.insert_mcp_client(&client);
        let event = Event::done(Action::ClientAdd, details(&client));
        Ok(Done::with(client, event))
    })
}

/// All, the oldest first.
pub(crate) fn list(store: &mut Store) -> Result<Vec<Registered>> {
    Ok(store.mcp_clients()?)
}

#[derive(Debug)]
pub(crate) struct Deleted {
    pub client: Registered,
    /// The keys that stood for what it was let do, which ended with it.
    pub ended: Vec<Key>,
}

/// Forgets a client, and ends all that people let it do.
pub(crate) fn delete(env: &mut Env, id: RegisteredId) -> Result<Deleted> {
    env.change(Action::ClientDelete, |tx| delete_in(tx, id))
}

pub(in crate::ops) fn delete_in(tx: &mut Tx<'_>, id: RegisteredId) -> Result<Done<Deleted>> {
    let client = tx.mcp_client(id)?.ok_or_else(|| Error::NotFound {
        message: format!("there is no client {id}"),
        hint: "keyctl client list shows all".to_owned(),
    })?;
    let mut events = vec![Event::done(Action::ClientDelete, json!({ "client": id }))];
    let mut ended = Vec::new();
    for grant in tx.live_mcp_grants(&ClientRef::Registered(id))? {
        let Some(key) = tx.key_by_id(grant.key)? else { continue };
        let reason = format!("the client {} was deleted", client.name);
        revoke_family(tx, &key, Some(&reason))?.record_in(&mut events);
        ended.push(Key { revoked_at: Some(tx.now()), revoke_reason: Some(reason), ..key });
    }
    tx.delete_mcp_client(id);
    Ok(Done { result: Deleted { client, ended }, events })
}

/// What decides of a client, as records and `store check` spell it.
pub(in crate::ops) fn attributes(client: &Registered) -> [(&'static str, Value); 3] {
    [
        ("name", json!(client.name)),
        ("redirect_uris", json!(client.redirect_uris)),
        ("device", json!(client.device)),
    ]
}

fn details(client: &Registered) -> Value {
    let mut details: serde_json::Map<String, Value> =
        attributes(client).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    details.insert("client".to_owned(), json!(client.id));
    Value::Object(details)
}
