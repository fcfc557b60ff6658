//! Who asks, as far as this process can tell: all of it is claimed, none of it proven.

use super::environment::Environment;
use crate::domain::audit::event::Actor;
use crate::domain::texts::text::{FreeTextError, check_free_text};

const LONGEST: usize = 128;

/// Why nobody can be named as the one who asks. The name is not repeated: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("KEYCTL_ACTOR cannot be used: {0}")]
pub(crate) struct ActorError(#[from] FreeTextError);

/// The claimed actor. `KEYCTL_ACTOR` must be UTF-8 text of at most 128 bytes with nothing
/// hidden in it.
pub(crate) fn actor(environment: &Environment) -> Result<Actor, ActorError> {
    let claimed = environment.actor.as_ref().map(|name| name.to_string_lossy().into_owned());
    if let Some(name) = &claimed {
        check_free_text(name, LONGEST)?;
    }
    let system = rustix::system::uname();
    Ok(Actor {
        claimed,
        os_user: Some(os_user()),
        host: Some(system.nodename().to_string_lossy().into_owned()),
        session_user: None,
        client_address: None,
    })
}

/// The name that `/etc/passwd` has for this user, else `uid:1000`.
fn os_user() -> String {
    let uid = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let named = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid).then(|| name.to_owned())
    });
    named.unwrap_or_else(|| format!("uid:{uid}"))
}
