//! Where the pages are. No other place is ever linked or redirected to.

use crate::domain::id::KeyId;
use crate::domain::owners::owner::Owner;
use crate::domain::portal::ids::SessionId;

pub(super) const HOME: &str = "/";
pub(super) const SIGN_IN: &str = "/sign-in";
pub(super) const SIGN_OUT: &str = "/sign-out";
pub(super) const CLAIM: &str = "/claim";
pub(super) const OIDC: &str = "/oidc";
/// Where a provider sends browsers back to: known there, to the letter.
pub(super) const CALLBACK: &str = "/oidc/callback";
/// Where programs send browsers, and whoever is asked there answers.
pub(super) const AUTHORIZE: &str = "/oauth/authorize";
pub(super) const CONSENT: &str = "/oauth/consent";
/// Where programs bring codes and tokens.
pub(super) const CLIENT_TOKEN: &str = "/oauth/token";
pub(super) const CLIENT_REVOKE: &str = "/oauth/revoke";
/// Where programs begin that have no browser (RFC 8628), and whoever types their codes answers.
pub(super) const DEVICE_CODES: &str = "/oauth/device_authorization";
pub(super) const DEVICE: &str = "/device";
pub(super) const DEVICE_CONSENT: &str = "/device/consent";
/// What is said of the issuer (RFC 8414 §3), and its public keys.
pub(super) const ISSUER: &str = "/.well-known/oauth-authorization-server";
pub(super) const KEY_SET: &str = "/.well-known/jwks.json";
pub(super) const NEW: &str = "/keys/new";
pub(super) const TOKEN: &str = "/token";
pub(super) const KEPT: &str = "/token/kept";
pub(super) const ADMIN: &str = "/admin";
pub(super) const INVITE: &str = "/admin/invite";

/// Where somebody is signed out by who may see all.
pub(super) fn end_session(id: SessionId) -> String {
    format!("/admin/sessions/{id}/end")
}

/// What such a path says; `None` of every other.
pub(super) fn session_of(path: &str) -> Option<SessionId> {
    path.strip_prefix("/admin/sessions/")?.strip_suffix("/end")?.parse().ok()
}

/// All keys of an owner, and who is signed in.
pub(super) fn owner(owner: &Owner) -> String {
    format!("{ADMIN}?owner={owner}")
}

/// A link on top of each page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Keys,
    New,
    Admin,
    Invite,
}

impl Link {
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Keys => HOME,
            Self::New => NEW,
            Self::Admin => ADMIN,
            Self::Invite => INVITE,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Keys => "My keys",
            Self::New => "New key",
            Self::Admin => "All keys",
            Self::Invite => "Invite",
        }
    }
}

/// Whose page a key's is: the owner's own, or that of who may see all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Owner,
    Admin,
}

/// What is done with a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Show,
    Rotate,
    Suspend,
    Resume,
    Revoke,
}

impl Act {
    const ALL: [Self; 5] = [Self::Show, Self::Rotate, Self::Suspend, Self::Resume, Self::Revoke];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Show => "show",
            Self::Rotate => "rotate",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Revoke => "revoke",
        }
    }
}

/// The path of a key's page, or of what is done there.
pub(super) fn key(of: Of, id: KeyId, act: Act) -> String {
    let before = match of {
        Of::Owner => "/keys/",
        Of::Admin => "/admin/keys/",
    };
    match act {
        Act::Show => format!("{before}{id}"),
        act => format!("{before}{id}/{}", act.as_str()),
    }
}

/// What such a path says; `None` of every other.
pub(super) fn key_of(path: &str) -> Option<(Of, KeyId, Act)> {
    let (of, rest) = match path.strip_prefix("/admin/keys/") {
        Some(rest) => (Of::Admin, rest),
        None => (Of::Owner, path.strip_prefix("/keys/")?),
    };
    let (id, act) = match rest.split_once('/') {
        None => (rest, Act::Show),
        Some((id, word)) => (id, Act::ALL.into_iter().find(|act| *act != Act::Show && act.as_str() == word)?),
    };
    Some((of, id.parse().ok()?, act))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_key_reads_back() {
        let id: KeyId = "key_01h455vb4pex5vsknk084sn002".parse().expect("an id");
        for of in [Of::Owner, Of::Admin] {
            for act in Act::ALL {
                assert_eq!(key_of(&key(of, id, act)), Some((of, id, act)));
            }
        }
        let session: SessionId = "pss_01h455vb4pex5vsknk084sn002".parse().expect("an id");
        assert_eq!(session_of(&end_session(session)), Some(session));
        assert_eq!(session_of("/admin/sessions/pss_01h455vb4pex5vsknk084sn002"), None);
        for path in
            ["/keys/", "/keys/new", "/keys/x", "/keys/key_01h455vb4pex5vsknk084sn002/show", "/admin/keys"]
        {
            assert_eq!(key_of(path), None, "{path}");
        }
    }
}
