//! Where keys were seen that are there to be found.

use serde::Serialize;

use super::key::moment;
use super::{Field, Screen, Tone, View};
use crate::domain::id::KeyId;
use crate::domain::keys::token::TokenId;
use crate::domain::time::Timestamp;
use crate::ops::usage::SightingsRow;

/// A canary at one of its places, in an hour.
pub(crate) struct SightingView<'s>(pub &'s SightingsRow);

#[derive(Serialize)]
struct SightingJson<'s> {
    id: KeyId,
    owner: Option<&'s str>,
    name: Option<&'s str>,
    token_id: &'s TokenId,
    address: Option<&'s str>,
    path: Option<&'s str>,
    count: u64,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
}

impl View for SightingView<'_> {
    fn json(&self) -> impl Serialize {
        let row = self.0;
        SightingJson {
            id: row.key,
            owner: row.named.as_ref().map(|(owner, _)| owner.as_str()),
            name: row.named.as_ref().map(|(_, name)| name.as_str()),
            token_id: &row.token,
            address: row.address.as_deref(),
            path: row.path.as_deref(),
            count: row.count,
            first_at: row.first,
            last_at: row.last,
        }
    }

    fn fields(&self, screen: &Screen) -> Vec<Field> {
        let row = self.0;
        let key =
            row.named.as_ref().map_or_else(|| row.key.to_string(), |(owner, name)| format!("{owner}/{name}"));
        vec![
            Field::new("key", key).whole(),
            Field::new("count", row.count.to_string()).tone(Tone::Bad),
            Field::new("address", row.address.as_deref().unwrap_or_default()),
            Field::new("path", row.path.as_deref().unwrap_or_default()),
            moment("first_at", row.first, "", screen),
            moment("last_at", row.last, "", screen),
            Field::new("token_id", row.token.as_str()).extra(),
            Field::new("id", row.key.to_string()).tone(Tone::Dim).extra(),
        ]
    }
}
