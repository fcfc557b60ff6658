//! Of which keys somebody may be handed a token: of those that may do no more than what they signed in with.

use super::Refused;
use crate::domain::keys::key::Key;
use crate::domain::portal::session::Person;
use crate::domain::portal::wider::Wider;
use crate::domain::secrets::secret::Subject;
use crate::domain::time::Timestamp;
use crate::store::BindingLookup;

/// [`Refused::Beyond`] or [`Refused::Wider`] where the key may do more. What somebody signed in with is in their hands anyway.
pub(super) fn check(
    store: &mut impl BindingLookup,
    person: &Person,
    key: &Key,
    now: Timestamp,
) -> Result<(), Refused> {
    if person.own_key == Some(key.id) {
        return Ok(());
    }
    let beyond: Vec<_> = person.beyond(&key.effective_scopes).cloned().collect();
    if !beyond.is_empty() {
        return Err(Refused::Beyond(beyond));
    }
    if let Some(until) = person.latest_end(now)
        && key.lifetime().ends_at().is_none_or(|end| end > until)
    {
        return Err(Refused::Wider(Wider::End));
    }
    let own = person.own_key.map(|id| store.key_by_id(id)).transpose()?.flatten();
    if let Some(wider) = own.as_ref().and_then(|own| Wider::by_limits(key, own)) {
        return Err(Refused::Wider(wider));
    }
    let reached = match &own {
        Some(own) => store.bindings_in_reach(own.id, &own.owner)?,
        None => Vec::new(),
    };
    let leads_elsewhere = store.bindings_in_reach(key.id, &key.owner)?.into_iter().any(|bound| match &own {
        Some(_) => !reached.iter().any(|one| one.provider == bound.provider && one.secret == bound.secret),
        // Those of the owner are any key's that they make.
        None => matches!(bound.subject, Subject::Key(_)),
    });
    if leads_elsewhere { Err(Refused::Wider(Wider::Secrets)) } else { Ok(()) }
}
