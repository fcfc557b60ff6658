//! Which keys Apollo is not shown, and why.

use super::{NAME, check_place};
use crate::domain::apollo::{Candidate, LeftOut};
use crate::domain::keys::scope::Scope;
use crate::ops::error::{Error, Result};
use crate::store::{self, ApolloLookup as _, LATEST_SCHEMA, Relation, Store};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Explained {
    pub scope: Scope,
    pub is_there: bool,
    pub is_of_view: bool,
    /// How many keys Apollo is, or would be, shown.
    pub shown: u64,
    /// How many it is not.
    pub left_out: u64,
}

/// Calls `each` for every key that the view leaves out, by owner and name. Without a scope, it is
/// the view's. No key is needed.
pub(crate) fn explain<E: From<Error> + From<store::Error>>(
    store: &mut Store,
    scope: Option<&Scope>,
    mut each: impl FnMut(&Candidate, LeftOut) -> Result<(), E>,
) -> Result<Explained, E> {
    check_place(store)?;
    if store.schema() < LATEST_SCHEMA {
        return Err(store::Error::Older { found: store.schema(), known: LATEST_SCHEMA }.into());
    }
    store.snapshot(|store| {
        let row = store.apollo()?;
        let is_there = row.is_some() && store.public_relation(NAME)? == Some(Relation::View);
        let of_view = row.as_ref().map(|row| row.scope.clone());
        let Some(scope) = scope.cloned().or(row.map(|row| row.scope)) else {
            return Err(no_view().into());
        };
        let is_of_view = of_view.as_ref() == Some(&scope);
        let mut found = Explained { scope, is_there, is_of_view, shown: 0, left_out: 0 };
        let mut after = None;
        loop {
            let keys = store.apollo_candidates(after.as_ref())?;
            for key in &keys {
                match key.left_out(&found.scope, is_there) {
                    None => found.shown += 1,
                    Some(why) => {
                        found.left_out += 1;
                        each(key, why)?;
                    }
                }
            }
            after = keys.into_iter().last();
            if after.is_none() {
                return Ok(found);
            }
        }
    })
}

fn no_view() -> Error {
    Error::NotFound {
        message: "there is no view for Apollo yet, so no scope is known".to_owned(),
        hint: "name the one that is meant: keyctl store compat apollo --explain --scope SCOPE".to_owned(),
    }
}
