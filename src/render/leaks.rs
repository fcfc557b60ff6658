//! Tokens that were found where they should not be.

use serde::Serialize;

use super::key::{join, moment, unused};
use super::secret::BindingJson;
use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::keys::key::LastUse;
use crate::domain::keys::scope::Scopes;
use crate::domain::leaks::place::Place;
use crate::domain::owners::owner::{KeyName, Owner};
use crate::domain::time::Timestamp;
use crate::ops::leaks::judge::{Judged, Standing};

/// A token at one of the places where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FindingView<'f> {
    pub found: &'f Judged,
    pub place: &'f Place,
}

#[derive(Serialize)]
struct FindingJson<'f> {
    path: &'f str,
    member: Option<&'f str>,
    commit: Option<&'f str>,
    line: Option<u64>,
    column: Option<u64>,
    token_prefix: &'f str,
    state: &'static str,
    live: Option<bool>,
    key: Option<KeyId>,
    owner: Option<&'f Owner>,
    name: Option<&'f KeyName>,
    scopes: Option<&'f Scopes>,
    expires_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
    secrets_in_reach: Vec<BindingJson<'f>>,
    /// Places of this token that are not listed.
    more_places: u64,
    canary: Option<bool>,
}

impl View for FindingView<'_> {
    fn json(&self) -> impl Serialize {
        let (found, place, holder) = (self.found, self.place, self.found.holder.as_ref());
        FindingJson {
            path: &place.path,
            member: place.member.as_deref(),
            commit: place.commit.as_deref(),
            line: place.line,
            column: place.column,
            token_prefix: &found.public,
            state: found.standing.as_str(),
            live: is_live(found.standing),
            key: holder.map(|holder| holder.key),
            owner: holder.map(|holder| &holder.owner),
            name: holder.map(|holder| &holder.name),
            scopes: holder.map(|holder| &holder.scopes),
            expires_at: holder.and_then(|holder| holder.expires_at),
            last_used_at: holder.and_then(|holder| holder.last_used.at()),
            secrets_in_reach: holder
                .map(|holder| holder.secrets.iter().map(BindingJson::of).collect())
                .unwrap_or_default(),
            more_places: found.more,
            canary: holder.map(|holder| holder.is_canary),
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let (found, holder) = (self.found, self.found.holder.as_ref());
        let tone = match found.standing {
            _ if found.standing.is_live() => Tone::Bad,
            Standing::Unasked => Tone::Warn,
            _ => Tone::Dim,
        };
        let key = holder.map(|holder| format!("{}/{}", holder.owner, holder.name)).unwrap_or_default();
        let used = holder.map_or(LastUse::Unknown, |holder| holder.last_used);
        let state = match found.standing.as_str() {
            state if holder.is_some_and(|holder| holder.is_canary) => format!("{state} (canary)"),
            state => state.to_owned(),
        };
        let none = if holder.is_some() { unused(used) } else { "" };
        let scopes = holder.map(|holder| join(holder.scopes.iter())).unwrap_or_default();
        let secrets =
            holder.map(|holder| join(holder.secrets.iter().map(|found| &found.name))).unwrap_or_default();
        vec![
            Field::new("place", self.place.to_string()),
            Field::new("state", state).tone(tone).whole(),
            Field::new("token_prefix", found.public.as_str()).whole(),
            Field::new("key", key).whole(),
            Field::new("scopes", scopes),
            moment("last_used_at", used.at(), none, screen),
            Field::new("secrets_in_reach", secrets),
            moment("expires_at", holder.and_then(|holder| holder.expires_at), "", screen).extra(),
            Field::new("id", holder.map(|holder| holder.key.to_string()).unwrap_or_default()).extra(),
        ]
    }
}

/// Nobody knows where nobody was asked.
pub(super) fn is_live(standing: Standing) -> Option<bool> {
    (standing != Standing::Unasked).then(|| standing.is_live())
}
