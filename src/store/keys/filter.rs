//! Which keys a list shows, as conditions of the query.

use super::used;
use crate::domain::id::KeyId;
use crate::domain::keys::key::State;
use crate::domain::keys::scope::Scope;
use crate::domain::owners::role::RoleName;
use crate::domain::time::Timestamp;
use crate::store::session::Value;

/// What must hold for a key; everything at once. `now` decides what depends on time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The store's time.
    pub now: Option<Timestamp>,
    pub role: Option<RoleName>,
    /// It may do all of this, as a verification would decide of a key in force.
    pub scopes: Vec<Scope>,
    /// It is in one of these states; empty for any.
    pub states: Vec<State>,
    /// It has these labels: a name, and a value unless any will do.
    pub labels: Vec<(String, Option<String>)>,
    /// It works now and ends at this moment or before.
    pub expiring_before: Option<Timestamp>,
    /// No service has seen it since this moment, before which it was made.
    pub unused_since: Option<Timestamp>,
    /// It was made at this moment or later.
    pub created_after: Option<Timestamp>,
    /// Its current token was made before this moment.
    pub issued_before: Option<Timestamp>,
    pub parent: Option<KeyId>,
    /// It is there to be found, and an alarm where it appears.
    pub canaries: bool,
    /// Its name or its owner's has this text in it.
    pub named: Option<String>,
}

/// What the token row `c` says of its key's state at `{now}`. The order is that of
/// [`crate::domain::keys::key::Lifetime::state`]; a test compares the two.
pub(in crate::store) const STATE: &str = "CASE
    WHEN c.revoked_at IS NOT NULL THEN 'revoked'
    WHEN c.expires_at <= {now} THEN 'expired'
    WHEN c.not_before > {now} THEN 'not_yet_valid'
    WHEN c.suspended_at IS NOT NULL AND (c.suspended_until IS NULL OR c.suspended_until > {now}) THEN 'suspended'
    WHEN c.owner_disabled_at IS NOT NULL THEN 'owner_disabled'
    WHEN c.parent_dead_at IS NOT NULL AND (c.parent_dead_until IS NULL OR c.parent_dead_until > {now})
        OR c.parent_expires_at <= {now} OR c.parent_not_before > {now}
        THEN 'parent_dead'
    ELSE 'active' END";

/// Numbers the values as they come.
struct Binder<'v> {
    values: &'v mut Vec<Value>,
}

impl Binder<'_> {
    fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// Whether a JSON text holds this piece. `LIKE` would take `%` and `_` as patterns, and
    /// means other things in the two databases.
    fn holds(&mut self, column: &str, piece: String) -> String {
        let piece = self.bind(piece);
        format!("replace({column}, {piece}, '') <> {column}")
    }
}

impl Filter {
    /// Adds the conditions on the key `k`, and their values.
    /// A list that reads the index of the label at `by_label` has met that one.
    pub(in crate::store) fn conditions(
        &self,
        by_label: Option<usize>,
        conditions: &mut Vec<String>,
        values: &mut Vec<Value>,
    ) {
        let mut binder = Binder { values };
        if let Some(role) = &self.role {
            let role = binder.bind(role.as_str());
            conditions
                .push(format!("k.id IN (SELECT r.key_id FROM keyctl.key_role r WHERE r.role = {role})"));
        }
        if self.canaries {
            conditions.push("k.id IN (SELECT n.key_id FROM keyctl.canary n)".to_owned());
        }
        if let Some(parent) = self.parent {
            let parent = binder.bind(parent.to_string());
            conditions.push(format!("k.parent = {parent}"));
        }
        if let Some(text) = &self.named {
            let (name, owner) = (binder.holds("k.name", text.clone()), binder.holds("k.owner", text.clone()));
            conditions.push(format!("({name} OR {owner})"));
        }
        if let Some(at) = self.created_after {
            let first = binder.bind(KeyId::first_at(at).to_string());
            conditions.push(format!("k.id >= {first}"));
        }
        if let Some(at) = self.unused_since {
            let at = binder.bind(at.as_millis());
            conditions.push(format!("k.created_at < {at} AND {}", used::not_since(&at)));
        }
        if let (Some(end), Some(now)) = (self.expiring_before, self.now) {
            let (end, now) = (binder.bind(end.as_millis()), binder.bind(now.as_millis()));
            conditions.push(format!("k.expires_sort <= {end} AND k.expires_sort > {now}"));
        }
        for (place, (name, value)) in self.labels.iter().enumerate() {
            if by_label == Some(place) {
                let name = binder.bind(name.as_str());
                conditions.push(format!("k.id = l.key_id AND l.name = {name}"));
                if let Some(value) = value {
                    let value = binder.bind(value.as_str());
                    conditions.push(format!("l.value = {value}"));
                }
                continue;
            }
            conditions.push(binder.holds("k.labels", label_piece(name, value.as_deref())));
        }
        let of_token = self.of_token(&mut binder);
        if !of_token.is_empty() {
            conditions.push(format!(
                "EXISTS (SELECT 1 FROM keyctl.token c WHERE c.key_id = k.id AND c.generation = k.generation AND {})",
                of_token.join(" AND ")
            ));
        }
    }

    /// What the current token's row tells.
    fn of_token(&self, binder: &mut Binder<'_>) -> Vec<String> {
        let mut conditions = Vec::new();
        if let Some(at) = self.issued_before {
            let at = binder.bind(at.as_millis());
            conditions.push(format!("c.created_at < {at}"));
        }
        // What does not work now is not about to stop.
        let works: &[State] = if self.expiring_before.is_some() { &[State::Active] } else { &[] };
        for states in [&self.states, works].into_iter().filter(|states| !states.is_empty()) {
            let Some(now) = self.now else { continue };
            let now = binder.bind(now.as_millis());
            let states: Vec<String> = states.iter().map(|state| binder.bind(state.as_str())).collect();
            conditions.push(format!("{} IN ({})", STATE.replace("{now}", &now), states.join(", ")));
        }
        for scope in &self.scopes {
            let covering = scope.coverers();
            let held = covering.iter().map(|held| binder.holds("c.scopes", format!("\"{held}\"")));
            conditions.push(format!("({})", held.collect::<Vec<_>>().join(" OR ")));
        }
        conditions
    }
}

/// How a label stands in the stored object. A quote inside a value is escaped there, so the
/// piece is never found inside another value.
fn label_piece(name: &str, value: Option<&str>) -> String {
    match value {
        None => format!("\"{name}\":\""),
        Some(value) => format!("\"{name}\":{}", serde_json::Value::from(value)),
    }
}
