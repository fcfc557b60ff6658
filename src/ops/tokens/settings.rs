//! What the whole store has: where tokens say that they are from, whom they may be for, and where the portal is.

use serde_json::json;

use crate::domain::audit::action::Action;
use crate::domain::audit::event::Event;
use crate::domain::portal::url::PortalUrl;
use crate::domain::time::Timestamp;
use crate::domain::tokens::audience::{Audience, Issuer};
use crate::ops::change::Done;
use crate::ops::env::Env;
use crate::ops::error::Result;
use crate::store::{Head, Store, Tx};

/// The settings of the store; nothing is issued without an issuer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TokenSettings {
    pub issuer: Option<Issuer>,
    /// Besides the issuer, sorted.
    pub audiences: Vec<Audience>,
    /// Where people get keys of their own.
    pub portal: Option<PortalUrl>,
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
    /// `None` takes it away.
    Portal(Option<PortalUrl>),
}

#[derive(Clone, Debug)]
pub(crate) struct Edited {
    pub settings: TokenSettings,
    pub before: TokenSettings,
    pub at: Timestamp,
}

pub(crate) fn read(store: &mut Store) -> Result<TokenSettings> {
    Ok(of(&store.head()?))
}

pub(in crate::ops) fn of(head: &Head) -> TokenSettings {
    TokenSettings {
        issuer: head.issuer.clone(),
        audiences: head.audiences.clone(),
        portal: head.portal.clone(),
    }
}

pub(crate) fn set(env: &mut Env, edit: &Edit) -> Result<Edited> {
    env.change(Action::StoreSet, |tx| Ok(set_in(tx, edit)))
}

pub(crate) fn set_in(tx: &mut Tx<'_>, edit: &Edit) -> Done<Edited> {
    let before = of(tx.head());
    let mut settings = before.clone();
    match edit {
        Edit::Issuer(issuer) => settings.issuer.clone_from(issuer),
        Edit::Audiences(audiences) => {
            settings.audiences.clone_from(audiences);
            settings.audiences.sort();
            settings.audiences.dedup();
        }
        Edit::Portal(portal) => settings.portal.clone_from(portal),
    }
    let at = tx.now();
    if settings == before {
        return Done::unchanged(Edited { settings, before, at });
    }
    // Where the portal is decides about no token, so no reader has to look again.
    if (&settings.issuer, &settings.audiences) != (&before.issuer, &before.audiences) {
        tx.set_token_settings(settings.issuer.as_ref(), &settings.audiences);
    }
    if settings.portal != before.portal {
        tx.set_portal(settings.portal.as_ref());
    }
    let details = json!({
        "issuer": [before.issuer, settings.issuer],
        "audiences": [before.audiences, settings.audiences],
        "portal": [before.portal, settings.portal],
    });
    Done::with(Edited { settings, before, at }, Event::done(Action::StoreSet, details))
}
