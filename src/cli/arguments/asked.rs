//! What was not typed, asked for at the terminal.

use std::collections::BTreeSet;

use super::values::{self, NewName};
use crate::cli::context::Context;
use crate::cli::error::{CliError, Kind};
use crate::cli::inputs::input::{self, KeyArg};
use crate::cli::terminal::pick;
use crate::cli::terminal::prompt::{answer, given_up, unreadable};
use crate::cli::terminal::ui::{self, Ui};
use crate::domain::keys::key::{Key, State};
use crate::domain::keys::key_ref::KeyRef;
use crate::domain::keys::scope::{Scope, Scopes};
use crate::domain::time::Expiry;
use crate::ops::stores::store::DEFAULT_EXPIRY;
use crate::render::key::KeyView;
use crate::render::{Screen, pickable};
use crate::store::{Filter, Order, Page, Store};

/// Keys to pick from, and keys whose scopes are offered.
const KEYS: usize = 1000;

/// What a new key cannot do without, or seldom does.
#[derive(Clone, Debug)]
pub(in crate::cli) struct NewKey {
    pub(in crate::cli) called: NewName,
    pub(in crate::cli) scopes: Scopes,
    /// `None` for the store's default.
    pub(in crate::cli) expiry: Option<Expiry>,
}

/// Asks for the owner of a new key, and for the scopes and the expiry where none were given.
pub(in crate::cli) fn new_key(
    context: &Context,
    scopes: Scopes,
    expiry: Option<Expiry>,
) -> anyhow::Result<NewKey> {
    demand(context, "mint", "<OWNER>")?;
    let offer = Offer::read(context)?;
    let called = answer("owner: ", str::parse::<NewName>)?.ok_or_else(given_up)?;
    let scopes = if scopes.is_empty() { pick_scopes(&offer.scopes)? } else { scopes };
    let expiry = match expiry {
        None => answer(&format!("expires, as in 30d [{}]: ", offer.expiry), str::parse::<Expiry>)?,
        given => given,
    };
    context.keeps("owner", called.owner.as_str());
    called.name.iter().for_each(|name| context.keeps("name", name.as_str()));
    scopes.iter().for_each(|scope| context.keeps("scope", scope.as_str()));
    Ok(NewKey { called, scopes, expiry })
}

/// What the store has to offer for a new key, read before the first question: nobody knows
/// how long the answers take, and a connection would have to last as long.
struct Offer {
    scopes: BTreeSet<String>,
    /// How long a key lives where nobody says otherwise.
    expiry: String,
}

impl Offer {
    fn read(context: &Context) -> anyhow::Result<Self> {
        let (keys, expiry) = match context.open_to_ask()? {
            Some(mut store) => (live_keys(&mut store, &[])?, store.head()?.default_expiry),
            None => (Vec::new(), Some(DEFAULT_EXPIRY)),
        };
        let scopes = keys.iter().flat_map(|key| key.scopes.iter()).map(ToString::to_string).collect();
        Ok(Self { scopes, expiry: expiry.map_or("never".to_owned(), |span| span.to_string()) })
    }
}

/// The key that is picked for a command, where none was named.
pub(in crate::cli) fn key_to(context: &Context, command: &str, argument: &str) -> anyhow::Result<KeyRef> {
    Ok(KeyRef::Id(pick_key(context, command, argument, &[])?.id))
}

/// The same for a command that is about keys in one state.
pub(in crate::cli) fn key_in(
    context: &Context,
    command: &str,
    argument: &str,
    state: State,
) -> anyhow::Result<KeyRef> {
    Ok(KeyRef::Id(pick_key(context, command, argument, &[state])?.id))
}

/// The key that is named, or else picked.
pub(in crate::cli) fn key_or_picked(
    context: &Context,
    key: Option<&KeyArg>,
    command: &str,
) -> anyhow::Result<KeyRef> {
    match key {
        Some(key) => Ok(input::reference(&context.ui, key)?),
        None => key_to(context, command, "<KEY>"),
    }
}

/// Scopes for a key that was picked, out of all that are known.
pub(in crate::cli) fn scopes(context: &Context) -> anyhow::Result<Scopes> {
    let keys = context.open_to_ask()?.map(|mut store| live_keys(&mut store, &[])).transpose()?;
    let known = keys.iter().flatten().flat_map(|key| key.scopes.iter()).map(ToString::to_string).collect();
    Ok(pick_scopes(&known)?)
}

/// The key that is picked for `revoke`, and why: none was named. A revocation is final, so
/// it is confirmed.
pub(in crate::cli) fn key_to_revoke(
    context: &Context,
    reason: Option<String>,
    rehearse: bool,
) -> anyhow::Result<(KeyRef, Option<String>)> {
    let key = pick_key(context, "revoke", "<KEY>...", &[])?;
    let reason = match reason {
        None if !rehearse => answer("reason [none]: ", values::reason)?,
        given => given,
    };
    if let Some(reason) = &reason {
        context.keeps("reason", reason);
    }
    if !rehearse {
        context.confirm(&format!("revoke {}/{} for good?", key.owner, key.name))?;
    }
    Ok((KeyRef::Id(key.id), reason))
}

/// That there is somebody to ask for an argument, or else the error that it is missing.
fn demand(context: &Context, command: &str, argument: &str) -> Result<(), CliError> {
    if Ui::can_ask() && context.ui.can_draw() { Ok(()) } else { Err(missing(command, argument)) }
}

/// That an argument is missing.
pub(in crate::cli) fn missing(command: &str, argument: &str) -> CliError {
    CliError::invalid(
        format!("the following required arguments were not provided: {argument}"),
        format!("usage: keyctl {command} {argument}; see keyctl {command} --help"),
    )
}

fn pick_key(context: &Context, command: &str, argument: &str, states: &[State]) -> anyhow::Result<Key> {
    demand(context, command, argument)?;
    let none = || {
        let hint = match states {
            [] => "make one with: keyctl mint OWNER --scope SCOPE",
            _ => "keyctl list shows all live keys with their states",
        };
        CliError::new(Kind::NotFound, format!("there is no live key to {command}"), hint)
    };
    let mut store = context.open_to_ask()?.ok_or_else(none)?;
    let mut keys = live_keys(&mut store, states)?;
    if keys.is_empty() {
        return Err(none().into());
    }
    if keys.len() > KEYS {
        keys.truncate(KEYS);
        context
            .ui
            .note(&format!("only the first {KEYS} keys by name are shown; name another one as {argument}"));
    }
    let now = store.now()?;
    drop(store);
    let views: Vec<KeyView<'_>> = keys.iter().map(|key| KeyView { key, now }).collect();
    let screen = Screen { width: ui::columns_to_ask(2), color: false, now: Some(now) };
    let lines = pickable::lines(&views, &["key", "state", "expires_at", "scopes"], &screen);
    ui::ask(&format!("pick a key to {command}; typing filters\n"));
    let picked = pick::one(&lines).map_err(|error| unreadable(&error))?.ok_or_else(given_up)?;
    let key = keys.swap_remove(picked);
    ui::ask(&format!("{command}: {}/{}\n", key.owner, key.name));
    Ok(key)
}

/// One more than is shown tells whether there are more.
fn live_keys(store: &mut Store, states: &[State]) -> anyhow::Result<Vec<Key>> {
    let limit = u32::try_from(KEYS + 1).unwrap_or(u32::MAX);
    let filter = Filter { now: Some(store.now()?), states: states.to_vec(), ..Filter::default() };
    Ok(store.keys(&Page { order: Order::Name, limit, filter, ..Page::default() })?)
}

/// Scopes out of those that are known, and others that are typed.
fn pick_scopes(known: &BTreeSet<String>) -> Result<Scopes, CliError> {
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let marked = if known.is_empty() { vec![0] } else { pick_several(&known, "others, to be typed")? };
    let picked: Vec<&str> = marked.iter().filter_map(|index| known.get(*index).copied()).collect();
    let all = |typed: Option<&str>| Scopes::parse_lists(picked.iter().copied().chain(typed));
    let typed = if marked.contains(&known.len()) {
        answer("scopes, as in mail,files:read [none]: ", |text| all(Some(text)))?
    } else {
        None
    };
    let scopes = match typed {
        Some(scopes) => scopes,
        None => all(None).map_err(|error| CliError::invalid(error.to_string(), "mark fewer of them"))?,
    };
    let shown: Vec<&str> = scopes.iter().map(Scope::as_str).collect();
    ui::ask(&format!("scopes: {}\n", if shown.is_empty() { "none".to_owned() } else { shown.join(",") }));
    Ok(scopes)
}

/// The indices of what is marked among `items` and `last`.
fn pick_several(items: &[&str], last: &str) -> Result<Vec<usize>, CliError> {
    let width = ui::columns_to_ask("> [ ] ".len());
    let cut = |item: &&str| item.chars().take(width.map_or(usize::MAX, usize::from)).collect::<String>();
    let lines: Vec<String> = items.iter().chain([&last]).map(cut).collect();
    ui::ask("space marks several, Enter takes them\n");
    pick::several("scopes", &lines).map_err(|error| unreadable(&error))?.ok_or_else(given_up)
}
