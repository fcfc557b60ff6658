//! What the audit log says of the view, beside what the store holds.

use serde_json::{Value, json};

use crate::ops::error::Result;
use crate::store::{ApolloLookup as _, Store};

/// What it is called in findings.
pub(in crate::ops) const CALLED: &str = "the view for Apollo";

/// What to do where it is not as the log says.
pub(in crate::ops) const HINT: &str = "set it again: keyctl store compat apollo";

/// The scope that the view is over after a record of this action; `None` if it is about something else.
pub(in crate::ops) fn scope_after(action: &str, details: &Value) -> Option<Value> {
    match action {
        "apollo.show" => details.get("scope").cloned(),
        "apollo.hide" => Some(Value::Null),
        _ => None,
    }
}

pub(in crate::ops) fn scope_now(store: &mut Store) -> Result<Value> {
    Ok(json!(store.apollo()?.map(|row| row.scope.to_string())))
}
