//! Where tokens say that they are from, and whom they may be for.

use serde_json::json;

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::store::{Store, Tx};

/// The settings of the store; nothing is issued without an issuer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenSettings {
    pub issuer: Option<Issuer>,
    /// Besides the issuer, sorted.
    pub audiences: Vec<Audience>,
}

impl TokenSettings {
    /// Whether a token may be for this one.
    pub(crate) fn allow(&self, audience: &Audience) -> bool {
        self.issuer.as_ref().is_some_and(|issuer| issuer.as_str() == audience.as_str())
            || self.audiences.contains(audience)
    }
}

/// The setting that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edit {
    /// `None` takes it away.
    Issuer(Option<Issuer>),
    /// These in place of all.
    Audiences(Vec<Audience>),
}

#[derive(Clone, Debug)]
pub(crate) struct Edited {
    pub settings: TokenSettings,
    pub before: TokenSettings,
    pub at: Timestamp,
}

pub(crate) fn read(store: &mut Store) -> Result<TokenSettings> {
    let head = store.head()?;
    Ok(TokenSettings { issuer: head.issuer, audiences: head.audiences })
}

pub(crate) fn set(env: &mut Env, edit: &Edit) -> Result<Edited> {
    env.change(Action::StoreSet, |tx| Ok(set_in(tx, edit)))
}

pub(crate) fn set_in(tx: &mut Tx<'_>, edit: &Edit) -> Done<Edited> {
    let before = TokenSettings { issuer: tx.head().issuer.clone(), audiences: tx.head().audiences.clone() };
    let mut settings = before.clone();
    match edit {
        Edit::Issuer(issuer) => settings.issuer.clone_from(issuer),
        Edit::Audiences(audiences) => {
            settings.audiences.clone_from(audiences);
            settings.audiences.sort();
            settings.audiences.dedup();
        }
    }
    let at = tx.now();
    if settings == before {
        return Done::unchanged(Edited { settings, before, at });
    }
    tx.set_token_settings(settings.issuer.as_ref(), &settings.audiences);
    let details = json!({
        "issuer": [before.issuer, settings.issuer],
        "audiences": [before.audiences, settings.audiences],
    });
    Done::with(Edited { settings, before, at }, Event::done(Action::StoreSet, details))
}
